// Package lock reads and writes api/names.lock, which keeps the names of package gen:
// when a new version of the API's description is imported, the identifiers that
// callers use stay the same, although schemas and operationIds may be renamed.
//
// A line has four columns, separated by tabs: the kind of the entry, its location in
// the description, its Go name, and a detail.
//
//	operation	GET /api/things	ListThings	list_things() ThingList
//	type	Kind	ThingKind	string
//	field	Thing.kind	Kind	*ThingKind
//
// The first line is an operation, found by its method and path. The client calls it
// ListThings, its operationId is list_things, it has no request body, and its response
// is a ThingList. The second line is the type ThingKind of the schema Kind. The third
// line is the field Kind of the struct Thing, which encodes the property kind.
//
// [Make] makes the entries from a generated client, [Read] reads the file.
package lock

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// header is the beginning of the file.
const header = `# The Go names of package gen. Written by api/cmd; see README.md.
# kind	location	Go name	detail
`

// Entry is a line of the file. The columns depend on the kind:
//
//	kind       location       Go name              detail
//	operation  GET /things    ListThings           operationId(body type) response type
//	method     GET /things    Things.List          the method that it calls, if it sends a command
//	type       Thing          Thing                "struct", "union A | B", or a type expression
//	schema     OtherThing     Thing                none: the schema has the type of another one
//	field      Thing.kind     Kind                 the type of the field
//	constant   ThingKind.big  ThingKindBig         none
//
// The location of a type is its schema, or "-" for one that is no schema of the description.
type Entry struct{ Kind, Location, GoName, Detail string }

func (e Entry) String() string {
	return strings.TrimSpace(strings.Join([]string{e.Kind, e.Location, e.GoName, e.Detail}, "\t"))
}

// Lock is the content of the file, as a list and indexed for lookups.
type Lock struct {
	Entries    []Entry
	Operations map[string]*Operation // by method and path, such as "GET /things"
	Types      map[string]*Type      // by Go name
	Schemas    map[string]string     // the Go types of schemas, by the names of the schemas
}

// Operation is an operation of the API and its methods in Go.
type Operation struct {
	ID           string   // the operationId
	Name         string   // a Go name, unique among all operations
	Methods      []string // such as Things.List; the first one calls the operation, the others are built on it
	Body, Result string   // Go types, or ""
}

// Type is a declared Go type.
type Type struct {
	Definition string            // "struct", "union A | B", or a type expression
	Fields     map[string]Field  // of a struct, by the names of the properties
	Values     map[string]string // the constants of an enumeration, by their values
}

// Variants returns the types that a union holds, or nil for other types.
func (t *Type) Variants() []string {
	if list, ok := strings.CutPrefix(t.Definition, "union "); ok {
		return strings.Split(list, " | ")
	}
	return nil
}

// Field is a field of a struct.
type Field struct{ Name, Type string }

// Field returns the field of a struct for a property, or an empty Field if there is none.
func (l *Lock) Field(goType, property string) Field {
	return cmp.Or(l.Types[goType], &Type{}).Fields[property]
}

var versionSegment = regexp.MustCompile(`/v\d+(/|$)`)

// Match returns the locked operations of the operations of a description, by their
// nodes. Paths that differ only in the names of their parameters are the same path. An
// operation that is not found by its path is one whose path differs only in the version, such
// as v2, if there is one.
func (l *Lock) Match(root *yaml.Node) map[*yaml.Node]*Operation {
	matched, isMatched := map[*yaml.Node]*Operation{}, map[*Operation]bool{}
	for _, version := range []string{"$0", "$1"} { // A segment with a version is kept first, and then removed.
		locked, described := map[string]*Operation{}, map[string]*yaml.Node{} // by method and path
		for _, location := range tree.SortedKeys(l.Operations) {
			if o := l.Operations[location]; !isMatched[o] {
				locked[versionSegment.ReplaceAllString(location, version)] = o
			}
		}
		tree.EachOperation(root, func(method, path, operation *yaml.Node) {
			location := versionSegment.ReplaceAllString(strings.ToUpper(method.Value)+" "+path.Value, version)
			if matched[operation] == nil && described[location] == nil {
				described[location] = operation
			}
		})
		for location, same := range tree.MatchPaths(locked, described) {
			matched[described[location]] = locked[same]
			isMatched[locked[same]] = true
		}
	}
	return matched
}

// Group returns the group of the operation with a Go name, such as Things, or "". A
// nil Lock has no groups.
func (l *Lock) Group(name string) string {
	if l == nil {
		return ""
	}
	for _, o := range l.Operations {
		if o.Name == name && len(o.Methods) > 0 {
			group, _, _ := strings.Cut(o.Methods[0], ".")
			return strings.TrimSuffix(group, "Service")
		}
	}
	return ""
}

// Read parses the file. It ignores comments and lines with fewer than three columns.
func Read(text []byte) *Lock {
	var entries []Entry
	for line := range strings.Lines(string(text)) {
		columns := append(strings.Split(strings.TrimSuffix(line, "\n"), "\t"), "", "", "")
		if !strings.HasPrefix(line, "#") && columns[2] != "" {
			entries = append(entries, Entry{columns[0], columns[1], columns[2], columns[3]})
		}
	}
	return index(entries)
}

// signature is the detail of an operation.
var signature = regexp.MustCompile(`^(\S+)\((.*)\) ?(.*)$`)

// index makes the maps of a Lock.
func index(entries []Entry) *Lock {
	l := &Lock{Entries: entries, Operations: map[string]*Operation{}, Types: map[string]*Type{}, Schemas: map[string]string{}}
	typeOf := func(name string) *Type {
		if l.Types[name] == nil {
			l.Types[name] = &Type{Fields: map[string]Field{}, Values: map[string]string{}}
		}
		return l.Types[name]
	}
	operation := func(location string) *Operation {
		if l.Operations[location] == nil {
			l.Operations[location] = &Operation{}
		}
		return l.Operations[location]
	}
	ranks := map[string]int{} // of methods
	for _, e := range entries {
		owner, member, _ := strings.Cut(e.Location, ".")
		switch e.Kind {
		case "operation":
			if parts := signature.FindStringSubmatch(e.Detail); parts != nil {
				o := operation(e.Location)
				o.Name, o.ID, o.Body, o.Result = e.GoName, parts[1], parts[2], parts[3]
			}
		case "method":
			o := operation(e.Location)
			o.Methods = append(o.Methods, e.GoName)
			ranks[e.GoName] = methodRank(e)
		case "type":
			typeOf(e.GoName).Definition = e.Detail
			if e.Location != "-" && !strings.Contains(e.Location, "/") { // Older files have other locations, too.
				l.Schemas[e.Location] = e.GoName
			}
		case "schema":
			l.Schemas[e.Location] = e.GoName
		case "field":
			typeOf(owner).Fields[member] = Field{e.GoName, e.Detail}
		case "constant":
			typeOf(owner).Values[member] = e.GoName
		}
	}
	for _, o := range l.Operations {
		slices.SortFunc(o.Methods, func(a, b string) int { return cmp.Or(ranks[a]-ranks[b], cmp.Compare(a, b)) })
	}
	return l
}

// methodRank orders the methods of an operation: first the method that calls it, then
// Edit, All and Pages, then the methods that send commands.
func methodRank(e Entry) int {
	_, name, _ := strings.Cut(e.GoName, ".")
	switch {
	case e.Detail != "":
		return 4
	case strings.HasPrefix(name, "Edit"):
		return 1
	case strings.HasPrefix(name, "All"):
		return 2
	case strings.HasSuffix(name, "Pages"):
		return 3
	}
	return 0
}

// Write returns the text of the file.
func (l *Lock) Write() []byte {
	var b strings.Builder
	b.WriteString(header)
	for _, entry := range l.Entries {
		fmt.Fprintln(&b, entry)
	}
	return []byte(b.String())
}
