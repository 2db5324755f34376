package generate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
)

// The files for what belongs to no group alone.
const (
	clientFile = "client.gen.go" // the client itself
	sharedFile = "shared.gen.go" // what several groups use
)

// unit is what belongs together: a type with its methods, its constants and what
// makes it, or another declaration.
type unit struct {
	name    string
	isGroup bool
	uses    map[string]bool // the units that it names; only a group uses operations
	files   map[string]bool // of the groups that use it
}

// Split divides a client into a file for each group, with its methods and its
// types, and those for the client and for what several groups use.
func Split(client []byte) (map[string][]byte, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "", client, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("the client: %w", err)
	}
	imported := parsed.Decls[0].End()
	units := map[string]*unit{}
	var of []*unit // each declaration
	for _, decl := range parsed.Decls[1:] {
		name, isGroup := unitOf(decl)
		u := units[name]
		if u == nil {
			u = &unit{name: name, uses: map[string]bool{}, files: map[string]bool{}}
			units[name] = u
		}
		of = append(of, u)
		u.isGroup = u.isGroup || isGroup
		for n := range ast.Preorder(decl) {
			if id, ok := n.(*ast.Ident); ok && (isGroup || !isOperation(id.Name)) {
				u.uses[id.Name] = true
			}
		}
	}
	for name, u := range units {
		if u.isGroup {
			u.spread(units, fileName(name))
		}
	}
	contents := map[string][]byte{}
	for _, leads := range []bool{true, false} { // a group and its operations stand before their types
		end := imported
		for i, decl := range parsed.Decls[1:] {
			text := client[set.Position(end).Offset:set.Position(decl.End()).Offset] // with the comment
			end = decl.End()
			if u := of[i]; leads == (u.isGroup || isOperation(u.name)) {
				contents[u.file()] = append(contents[u.file()], text...)
			}
		}
	}
	for file, text := range contents {
		text = slices.Concat(client[:set.Position(imported).Offset], text)
		if contents[file], err = withoutUnusedImports(text); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

// withoutUnusedImports returns a formatted Go file without the imports that it does not
// use. Package imports of golang.org/x/tools would do the same, but it looks for the
// variables of other files among all modules of the machine first.
func withoutUnusedImports(text []byte) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, spec := range slices.Clone(file.Imports) {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if !astutil.UsesImport(file, path) {
			name := ""
			if spec.Name != nil {
				name = spec.Name.Name
			}
			astutil.DeleteNamedImport(set, file, name, path)
		}
	}
	var formatted bytes.Buffer
	err = format.Node(&formatted, set, file)
	return formatted.Bytes(), err
}

// file is the file that a unit is in.
func (u *unit) file() string {
	if u.name == "Client" || u.name == "EditRuleOf" || u.name == "Operations" {
		return clientFile
	}
	if files := slices.Collect(maps.Keys(u.files)); len(files) == 1 {
		return files[0]
	}
	return sharedFile
}

// spread records that a unit and what it names belong to a file, but for other groups.
func (u *unit) spread(units map[string]*unit, file string) {
	u.files[file] = true
	for name := range u.uses {
		if used := units[name]; used != nil && !used.isGroup && !used.files[file] {
			used.spread(units, file)
		}
	}
}

// isOperation reports whether a name is that of the descriptor of an operation.
func isOperation(name string) bool {
	rest, ok := strings.CutPrefix(name, "op")
	return ok && ast.IsExported(rest)
}

// unitOf returns the name of the unit that a declaration is part of: the type of
// a method or constant, the type that a function makes, or else its own name. Of a
// method it reports whether it is one of a group.
func unitOf(decl ast.Decl) (name string, isGroup bool) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv != nil {
			receiver := decl.Recv.List[0]
			return baseName(receiver.Type), len(receiver.Names) == 1 && receiver.Names[0].Name == "s"
		}
		if strings.HasPrefix(decl.Name.Name, "New") {
			return baseName(decl.Type.Results.List[0].Type), false
		}
		return decl.Name.Name, false
	case *ast.GenDecl:
		switch spec := decl.Specs[0].(type) {
		case *ast.TypeSpec:
			return spec.Name.Name, false
		case *ast.ValueSpec:
			if name := baseName(spec.Type); ast.IsExported(name) {
				return name, false
			}
			return spec.Names[0].Name, false
		}
	}
	return "", false
}

// baseName returns the name of a type, or of what it points to.
func baseName(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// anywhere is a build context of no known system and architecture. It matches all files
// but those whose names end in one, which Go compiles there alone.
var anywhere = build.Context{GOOS: "any", GOARCH: "any", OpenFile: func(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("package gen")), nil
}}

// fileName returns the name of the file of a group: sip_gateways.gen.go. One that
// would be compiled on one system only, as apps_android.gen.go, gets a longer name.
func fileName(group string) string {
	group = strings.Replace(strings.TrimSuffix(group, "Service"), "IDs", "Ids", 1)
	name := names.SnakeCase(group)
	if everywhere, err := anywhere.MatchFile("", name+".gen.go"); err == nil && !everywhere {
		name += "_group"
	}
	return name + ".gen.go"
}
