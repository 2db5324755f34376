// Package lock reads and writes api/names.lock: the names that package gen has,
// by where each stands and what it says. A version of the description that is
// imported looks its names up there, so that callers keep theirs.
package lock

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"gopkg.in/yaml.v3"
)

// header explains the columns of the file, which are separated by tabs.
const header = `# The names in package gen. Written by api/cmd; see README.md.
# kind	where it stands	name in Go	what it says
`

// Name is a line of the file.
type Name struct {
	Kind  string // method, type, field or constant; or operation or schema, which declare no name
	Place string // GET /things, the schema or Type/member, Type.member, Type.value
	Go    string
	Says  string // the operationId and types of an operation, the Go type of a type or field, what a method that sends a command goes through
}

func (n Name) String() string {
	return strings.TrimSpace(strings.Join([]string{n.Kind, n.Place, n.Go, n.Says}, "\t"))
}

// key is what a caller depends on, wherever it stands now.
func (n Name) key() string {
	if owner, _, member := strings.Cut(n.Place, "."); member && (n.Kind == "field" || n.Kind == "constant") {
		return n.Kind + " " + owner + "." + n.Go
	}
	return n.Kind + " " + n.Go
}

// Lock is the content of the file.
type Lock struct {
	Names      []Name
	Operations map[string]*Operation // by Place
	Types      map[string]*Type      // by their name in Go
	Schemas    map[string]string     // the Go types, by the names of their schemas
}

// Operation is what methods of the client carry out.
type Operation struct {
	ID           string
	Name         string   // that no other operation has
	Methods      []string // such as Things.List, its own method first
	Body, Result string   // Go types, or ""
}

// Type is a declared type.
type Type struct {
	Says   string           // "struct", "union A | B", or a Go type
	Fields map[string]Field // of a struct, by member
	Values map[string]string
}

// Variants are the types that a union holds.
func (t *Type) Variants() []string {
	if list, ok := strings.CutPrefix(t.Says, "union "); ok {
		return strings.Split(list, " | ")
	}
	return nil
}

// Field is a field of a struct.
type Field struct{ Name, Type string }

// In returns what finds an operation of a description in the lock. The names of a
// path's parameters make no difference, where only one path differs by them.
func (l *Lock) In(root *yaml.Node) func(method, path *yaml.Node) *Operation {
	paths := &yaml.Node{Kind: yaml.MappingNode}
	seen := map[string]bool{}
	for place := range l.Operations {
		if _, path, _ := strings.Cut(place, " "); !seen[path] {
			seen[path] = true
			paths.Content = append(paths.Content, &yaml.Node{Value: path}, &yaml.Node{})
		}
	}
	same := tree.MatchPaths(paths, tree.Get(root, "paths"))
	return func(method, path *yaml.Node) *Operation {
		return l.Operations[strings.ToUpper(method.Value)+" "+same[path.Value]]
	}
}

// Group returns the group of the operation with a name in Go, wherever its path was,
// or "". A nil Lock has none.
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

var operationSays = regexp.MustCompile(`^(\S+)\((.*)\) ?(.*)$`)

// Read reads the file.
func Read(text []byte) *Lock {
	var names []Name
	for line := range strings.Lines(string(text)) {
		columns := append(strings.Split(strings.TrimSuffix(line, "\n"), "\t"), "", "", "")
		if !strings.HasPrefix(line, "#") && columns[2] != "" {
			names = append(names, Name{columns[0], columns[1], columns[2], columns[3]})
		}
	}
	return index(names)
}

func index(names []Name) *Lock {
	l := &Lock{Names: names, Operations: map[string]*Operation{}, Types: map[string]*Type{}, Schemas: map[string]string{}}
	typ := func(name string) *Type {
		if l.Types[name] == nil {
			l.Types[name] = &Type{Fields: map[string]Field{}, Values: map[string]string{}}
		}
		return l.Types[name]
	}
	operation := func(place string) *Operation {
		if l.Operations[place] == nil {
			l.Operations[place] = &Operation{}
		}
		return l.Operations[place]
	}
	ranks := map[string]int{} // of methods
	for _, n := range names {
		owner, member, _ := strings.Cut(n.Place, ".")
		switch n.Kind {
		case "operation":
			if says := operationSays.FindStringSubmatch(n.Says); says != nil {
				o := operation(n.Place)
				o.Name, o.ID, o.Body, o.Result = n.Go, says[1], says[2], says[3]
			}
		case "method":
			o := operation(n.Place)
			o.Methods = append(o.Methods, n.Go)
			ranks[n.Go] = rank(n)
		case "type":
			typ(n.Go).Says = n.Says
			l.Schemas[n.Place] = n.Go
		case "schema":
			l.Schemas[n.Place] = n.Go
		case "field":
			typ(owner).Fields[member] = Field{n.Go, n.Says}
		case "constant":
			typ(owner).Values[member] = n.Go
		}
	}
	for _, o := range l.Operations {
		slices.SortFunc(o.Methods, func(a, b string) int { return cmp.Or(ranks[a]-ranks[b], cmp.Compare(a, b)) })
	}
	return l
}

// rank sorts the method of an operation itself before those made from it.
func rank(method Name) int {
	_, name, _ := strings.Cut(method.Go, ".")
	switch {
	case method.Says != "":
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

// IsSchema reports whether a type stands among the schemas, and not in an
// operation or in a field alone.
func IsSchema(place string) bool { return place != "-" && !strings.Contains(place, "/") }

// Write returns the file.
func (l *Lock) Write() []byte {
	var b strings.Builder
	b.WriteString(header)
	for _, name := range l.Names {
		fmt.Fprintln(&b, name)
	}
	return []byte(b.String())
}

// Without returns the names that l has and other has not.
func (l *Lock) Without(other *Lock) (names []string) {
	has := map[string]bool{}
	for _, name := range other.Names {
		has[name.key()] = true
	}
	for _, name := range l.Names {
		if key := name.key(); !has[key] && name.Kind != "schema" && name.Kind != "operation" {
			has[key] = true
			names = append(names, fmt.Sprintf("%s (%s)", key, name.Place))
		}
	}
	return names
}
