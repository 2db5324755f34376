package names

import (
	"go/token"
	"regexp"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// SettleIDs gives the operations of published documents unique operationIds, which become
// Go names, and reports which operations are new and which are gone. An operation that is
// in the lock keeps its operationId there. Of the new ones, those whose operationId is not
// unique get one that ends in their path, so that it does not depend on the others.
func (m *Namer) SettleIDs() {
	known := m.locked.Match(m.root)
	present := map[*lock.Operation]bool{}
	uses := map[string]int{} // the number of operations with a Go name
	var added []operation
	for _, o := range m.operations() {
		id, locked := tree.Get(o.node, "operationId"), known[o.node]
		if name := tree.OperationID(o.node); name == "" || name[0] == '_' || !token.IsExported(GoName(name)) {
			id = m.SetMember(o.node, "operationId", derivedID(o, ""))
			m.report.Note(report.Names, "%s (%s) has no operationId of which a Go name can be made; it is called `%s`", o.label, m.At(o.method), id.Value)
		}
		if locked == nil {
			uses[GoName(id.Value)]++
			added = append(added, o)
			continue
		}
		present[locked] = true
		uses[GoName(locked.ID)], uses[locked.Name] = 2, 2 // so that a new operation gets another name
		if locked.ID != SnakeCase(id.Value) {
			m.report.Note(report.Names, "%s: the operationId is `%s` here (%s) and stays `%s`, as shipped", o.label, id.Value, m.At(id), locked.ID)
		}
		id.Value = locked.ID
	}
	for _, o := range added {
		id := tree.Get(o.node, "operationId")
		if uses[GoName(id.Value)] > 1 {
			unique := derivedID(o, id.Value)
			m.report.Note(report.Settle, "%s: another operation is called `%s`, too (%s); this one is now `%s`:\n%s", o.label,
				id.Value, m.At(id), unique, report.Fenced(overlayAction(o.target(), "operationId", unique)))
			id.Value = unique
		}
		m.report.Note(report.New, "%s, `%s`", o.label, id.Value)
	}
	for _, location := range tree.SortedKeys(m.locked.Operations) {
		if locked := m.locked.Operations[location]; !present[locked] {
			m.report.Note(report.Missing, "`%s`, `%s`", location, locked.ID)
		}
	}
}

// derivedID returns an operationId that consists of id and the path of the operation. If
// id is "", it consists of the method and the path with its parameters.
func derivedID(o operation, id string) string {
	words := []string{id}
	if id == "" {
		words[0] = o.method.Value
	}
	for _, segment := range strings.Split(o.path.Value, "/") {
		switch {
		case strings.HasPrefix(segment, "{") && id == "":
			words = append(words, "by_"+strings.NewReplacer("{", "", "}", "").Replace(segment))
		case segment != "" && segment != "api" && !strings.HasPrefix(segment, "{"):
			words = append(words, segment)
		}
	}
	return strings.Join(words, "_")
}

// The boundaries of words in a name, and what no word has.
var (
	afterAcronym = regexp.MustCompile(`(\p{Lu})(\p{Lu}\p{Ll})`)
	afterWord    = regexp.MustCompile(`([\p{Ll}\p{Nd}])(\p{Lu})`)
	separator    = regexp.MustCompile(`[^\p{L}\p{Nd}]`)
)

// SnakeCase spells a name in snake_case: updateSIPGateway and update-sip-gateway become
// update_sip_gateway.
func SnakeCase(name string) string {
	name = afterAcronym.ReplaceAllString(name, "${1}_$2")
	name = afterWord.ReplaceAllString(name, "${1}_$2")
	return strings.ToLower(separator.ReplaceAllString(name, "_"))
}

// CheckOperationIDs spells the operationIds in snake_case, as errors, logs and metrics have
// them, and adds an error for each operation with the operationId of another one.
func (m *Namer) CheckOperationIDs() {
	seen := map[string]operation{}
	position := func(o operation) string {
		return m.At(tree.Get(o.node, "operationId")) + " (" + strings.Trim(o.label, "`") + ")"
	}
	for _, o := range m.operations() {
		id := tree.NonNil(tree.Get(o.node, "operationId"))
		id.Value = SnakeCase(id.Value)
		if first, isUsed := seen[id.Value]; isUsed && id.Value != "" {
			m.Errorf("operationId %q is used at %s and at %s; rename one, for example in the overlay:\n%s", id.Value, position(first), position(o),
				overlayAction(o.target(), "operationId", derivedID(o, id.Value)))
		} else {
			seen[id.Value] = o
		}
	}
}
