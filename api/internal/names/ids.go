package names

import (
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// SettleIDs gives the operations of foreign documents unique ids, which become
// Go names. An operation that we ship keeps the id that it has there, whatever
// the documents call it now; of several others with one id, each gets one that
// ends in its path, so that it does not depend on the rest.
func (m *Namer) SettleIDs(root *yaml.Node) {
	known := m.locked.In(root)
	here := map[*lock.Operation]bool{}
	owned := map[string]bool{} // names in Go of locked operations that are here
	tree.EachPathOperation(root, func(method, path, _ *yaml.Node) {
		if o := known(method, path); o != nil {
			here[o], owned[m.goName(o.ID)], owned[o.Name] = true, true, true
		}
	})
	for _, place := range tree.SortedKeys(m.locked.Operations) {
		if o := m.locked.Operations[place]; !here[o] {
			m.report.Note(report.Missing, "`%s`, `%s`", place, o.ID)
		}
	}
	count := map[string]int{}
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		id := tree.Get(operation, "operationId")
		if id == nil || id.Value == "" {
			tree.Remove(operation, "operationId")
			id = m.Text(derivedID(method.Value, "", path.Value), method)
			operation.Content = append(operation.Content, m.Text("operationId", method), id)
			m.report.Note(report.Names, "%s (%s) has no operationId; it is called `%s`", tree.OperationName(method, path), m.At(method), id.Value)
		}
		if ours := known(method, path); ours == nil {
			count[m.goName(id.Value)]++
		} else if ours.ID != SnakeCase(id.Value) {
			m.report.Note(report.Names, "%s: the operationId is `%s` here (%s) and stays `%s`, as shipped", tree.OperationName(method, path), id.Value, m.At(id), ours.ID)
			id.Value = ours.ID
		}
	})
	others := func(visit func(method, path, id *yaml.Node)) {
		tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
			if known(method, path) == nil {
				visit(method, path, tree.Get(operation, "operationId"))
			}
		})
	}
	taken := func(name string) bool { return count[name] > 1 || owned[name] }
	derived := map[string]int{}
	others(func(method, path, id *yaml.Node) {
		if taken(m.goName(id.Value)) {
			derived[m.goName(derivedID(method.Value, id.Value, path.Value))]++
		}
	})
	others(func(method, path, id *yaml.Node) {
		if taken(m.goName(id.Value)) {
			fresh := derivedID(method.Value, id.Value, path.Value)
			if name := m.goName(fresh); derived[name] > 1 || count[name] > 0 || owned[name] {
				fresh = id.Value + "_" + derivedID(method.Value, "", path.Value)
			}
			m.report.Note(report.Settle, "%s: another operation is called `%s`, too (%s); this one is now `%s`:\n%s", tree.OperationName(method, path),
				id.Value, m.At(id), fresh, report.Fenced(overlayLines(method.Value, path.Value, "operationId", fresh)))
			id.Value = fresh
		}
		m.report.Note(report.New, "%s, `%s`", tree.OperationName(method, path), id.Value)
	})
}

// derivedID is an operationId that ends in the path. Without one to begin with
// it says the method and the path's parameters, too.
func derivedID(method, id, path string) string {
	words := []string{id}
	if id == "" {
		words[0] = method
	}
	for _, part := range strings.Split(path, "/") {
		switch {
		case strings.HasPrefix(part, "{") && id == "":
			words = append(words, "by_"+strings.Trim(part, "{}"))
		case part != "" && part != "api" && !strings.HasPrefix(part, "{"):
			words = append(words, part)
		}
	}
	return strings.Join(words, "_")
}

// overlayLines are the lines of an overlay that set a field of an operation.
func overlayLines(method, path, field, value string) string {
	return "  - target: $.paths['" + path + "']." + method + "\n" +
		"    description: Another operation has this name, too.\n" +
		"    update:\n      " + field + ": " + value
}

// SpellIDs writes into the operations whose ids are not in snake_case, as x-go-id,
// how callers see them in errors, logs and metrics: all ids in one spelling. It
// leaves alone what another operation is called.
func (m *Namer) SpellIDs(root *yaml.Node) {
	taken := map[string]bool{}
	tree.EachPathOperation(root, func(_, _, operation *yaml.Node) { taken[tree.IDOf(operation)] = true })
	tree.EachPathOperation(root, func(method, _, operation *yaml.Node) {
		if id := SnakeCase(tree.IDOf(operation)); !taken[id] {
			taken[id] = true
			operation.Content = append(operation.Content, m.Text("x-go-id", method), m.Text(id, method))
		}
	})
}

// SnakeCase spells a name in snake_case: update-sip-gateway, updateSIPGateway and
// update_sip_gateway are one.
func SnakeCase(id string) string {
	var b strings.Builder
	runes := []rune(id)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = '_'
		}
		if unicode.IsUpper(r) && i > 0 &&
			(unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) || unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// CheckOperationIDs refuses two operations of one id.
func (m *Namer) CheckOperationIDs(root *yaml.Node) {
	type use struct {
		where string
		id    *yaml.Node
	}
	seen := map[string]use{}
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		id := tree.Get(operation, "operationId")
		if id == nil {
			return
		}
		where := strings.ToUpper(method.Value) + " " + path.Value
		if first, twice := seen[id.Value]; twice {
			m.Errorf("operationId %q is used at %s (%s) and at %s (%s); rename one, for example in the overlay:\n%s", id.Value, m.At(first.id), first.where, m.At(id), where,
				overlayLines(method.Value, path.Value, "operationId", derivedID(method.Value, id.Value, path.Value)))
			return
		}
		seen[id.Value] = use{where, id}
	})
}
