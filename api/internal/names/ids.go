package names

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// SettleIDs gives the operations of published documents unique ids, which become
// Go names. An operation that we ship keeps the id that it has there, whatever
// the documents call it now; of several others with one id, each gets one that
// ends in its path, so that it does not depend on the rest.
func (m *Namer) SettleIDs() {
	known := m.locked.In(m.root)
	here := map[*lock.Operation]bool{}
	uses := map[string]int{} // of names in Go
	operations := m.operations()
	for _, o := range operations {
		id := tree.Get(o.node, "operationId")
		if tree.Value(o.node, "operationId") == "" {
			id = m.SetMember(o.node, "operationId", derivedID(o.method.Value, "", o.path.Value))
			m.report.Note(report.Names, "%s (%s) has no operationId; it is called `%s`", o.what, m.At(o.method), id.Value)
		}
		ours := known(o.method, o.path)
		if ours == nil {
			uses[GoName(id.Value)]++
			continue
		}
		here[ours] = true
		uses[GoName(ours.ID)], uses[ours.Name] = 2, 2
		if ours.ID != SnakeCase(id.Value) {
			m.report.Note(report.Names, "%s: the operationId is `%s` here (%s) and stays `%s`, as shipped", o.what, id.Value, m.At(id), ours.ID)
		}
		id.Value = ours.ID // The overlay finds operations by their ids, however they are spelled.
	}
	moved := map[string]*lock.Operation{} // those of paths that are gone
	for place, o := range m.locked.Operations {
		if !here[o] {
			moved[unversioned(place)] = o
		}
	}
	for _, o := range operations {
		if known(o.method, o.path) != nil {
			continue
		}
		id := tree.Get(o.node, "operationId")
		if ours := moved[unversioned(strings.ToUpper(o.method.Value)+" "+o.path.Value)]; ours != nil && uses[GoName(ours.ID)] == 0 {
			m.report.Note(report.Names, "%s stays `%s`, as only the version in its path is another", o.what, ours.ID)
			id.Value, here[ours] = ours.ID, true
			continue
		}
		if uses[GoName(id.Value)] > 1 {
			fresh := derivedID(o.method.Value, id.Value, o.path.Value)
			m.report.Note(report.Settle, "%s: another operation is called `%s`, too (%s); this one is now `%s`:\n%s", o.what,
				id.Value, m.At(id), fresh, report.Fenced(correction(pathTarget(o.method.Value, o.path.Value), "operationId", fresh)))
			id.Value = fresh
		}
		m.report.Note(report.New, "%s, `%s`", o.what, id.Value)
	}
	for _, place := range tree.SortedKeys(m.locked.Operations) {
		if o := m.locked.Operations[place]; !here[o] {
			m.report.Note(report.Missing, "`%s`, `%s`", place, o.ID)
		}
	}
}

var versionSegment = regexp.MustCompile(`/v\d+(/|$)`)

// unversioned is a path without the number of a version and the names of parameters.
func unversioned(path string) string {
	return versionSegment.ReplaceAllString(tree.Placeholder.ReplaceAllString(path, "{}"), "$1")
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

// SpellIDs writes into the operations whose ids are not in snake_case, as x-go-id,
// how callers see them in errors, logs and metrics: all ids in one spelling. It
// leaves alone what another operation is called.
func (m *Namer) SpellIDs() {
	operations := m.operations()
	taken := map[string]bool{}
	for _, o := range operations {
		taken[tree.OperationID(o.node)] = true
	}
	for _, o := range operations {
		if id := SnakeCase(tree.OperationID(o.node)); !taken[id] {
			taken[id] = true
			m.SetMember(o.node, "x-go-id", id)
		}
	}
}

// SnakeCase spells a name in snake_case: update-sip-gateway, updateSIPGateway and
// update_sip_gateway are one.
func SnakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
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
func (m *Namer) CheckOperationIDs() {
	seen := map[string]operation{}
	for _, o := range m.operations() {
		id := tree.OperationID(o.node)
		first, twice := seen[id]
		if !twice || id == "" {
			seen[id] = o
			continue
		}
		where := func(o operation) string {
			return m.At(tree.Get(o.node, "operationId")) + " (" + strings.Trim(o.what, "`") + ")"
		}
		m.Errorf("operationId %q is used at %s and at %s; rename one, for example in the overlay:\n%s", id, where(first), where(o),
			correction(pathTarget(o.method.Value, o.path.Value), "operationId", derivedID(o.method.Value, id, o.path.Value)))
	}
}
