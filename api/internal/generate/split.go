package generate

import (
	"bytes"
	"cmp"
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

// The files for declarations that are not used by one group alone.
const (
	clientFile = "client.gen.go" // the type Client, and tables of all operations
	sharedFile = "shared.gen.go" // types that several groups use
)

// unit is a set of declarations that stay in one file: a type with its methods, its
// constants and its constructor, or a single other declaration.
type unit struct {
	name    string
	isGroup bool            // whether it is the type of a group of operations
	uses    map[string]bool // the identifiers in its declarations
	files   map[string]bool // the files of the groups that use it
}

// Split divides a client into files by name. The file of a group has the type of the
// group, its operations, and the types that no other group uses:
//
//  1. Sort the declarations into units.
//  2. From each group, mark the units that it uses, directly or not, with its file.
//  3. Write each declaration to the file of its unit, with the imports that it needs.
func Split(client []byte) (map[string][]byte, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "", client, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("the client: %w", err)
	}
	offset := func(pos token.Pos) int { return set.Position(pos).Offset }
	header := client[:offset(parsed.Decls[0].End())] // with the imports
	units := map[string]*unit{}
	var unitsOfDecls []*unit
	for _, decl := range parsed.Decls[1:] {
		name, isGroup := unitOf(decl)
		u := units[name]
		if u == nil {
			u = &unit{name: name, uses: map[string]bool{}, files: map[string]bool{}}
			units[name] = u
		}
		unitsOfDecls = append(unitsOfDecls, u)
		u.isGroup = u.isGroup || isGroup
		for n := range ast.Preorder(decl) {
			if id, ok := n.(*ast.Ident); ok && (isGroup || !isOperation(id.Name)) {
				u.uses[id.Name] = true
			}
		}
	}
	for name, u := range units {
		if u.isGroup {
			u.mark(units, fileName(name))
		}
	}
	contents := map[string][]byte{}
	for _, operations := range []bool{true, false} { // Groups and operations come before types.
		start := len(header)
		for i, decl := range parsed.Decls[1:] {
			text := client[start:offset(decl.End())] // with the comment before it
			start = offset(decl.End())
			if u := unitsOfDecls[i]; operations == (u.isGroup || isOperation(u.name)) {
				contents[u.file()] = append(contents[u.file()], text...)
			}
		}
	}
	for file, text := range contents {
		if contents[file], err = withoutUnusedImports(slices.Concat(header, text)); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

// withoutUnusedImports returns a formatted Go file without the imports that it does not
// use. Package imports of golang.org/x/tools would do the same, but it first searches all
// modules of the machine for identifiers that other files declare.
func withoutUnusedImports(text []byte) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, spec := range slices.Clone(file.Imports) {
		path, _ := strconv.Unquote(spec.Path.Value)
		if name := cmp.Or(spec.Name, &ast.Ident{}).Name; !astutil.UsesImport(file, path) {
			astutil.DeleteNamedImport(set, file, name, path)
		}
	}
	var formatted bytes.Buffer
	err = format.Node(&formatted, set, file)
	return formatted.Bytes(), err
}

// file returns the name of the file of a unit.
func (u *unit) file() string {
	if u.name == "Client" || u.name == "EditRuleOf" || u.name == "Operations" {
		return clientFile
	}
	if files := slices.Collect(maps.Keys(u.files)); len(files) == 1 {
		return files[0]
	}
	return sharedFile
}

// mark adds a file to a unit and to all units that it uses, but not to other groups
// and to what those use.
func (u *unit) mark(units map[string]*unit, file string) {
	u.files[file] = true
	for name := range u.uses {
		if used := units[name]; used != nil && !used.isGroup && !used.files[file] {
			used.mark(units, file)
		}
	}
}

// isOperation reports whether a name is that of the variable of an operation, such as
// opListQueues.
func isOperation(name string) bool {
	rest, ok := strings.CutPrefix(name, "op")
	return ok && ast.IsExported(rest)
}

// unitOf returns the name of the unit of a declaration: for a method or a constant,
// the name of its type; for a constructor, that of the type that it returns; else the
// name that it declares. isGroup reports whether it is a method of a group: the
// receiver of those is called s.
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

// baseName returns the name of a type or, for a pointer, of what it points to.
func baseName(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// anyPlatform is a build context that excludes every file whose name ends in a GOOS or
// a GOARCH. It reads the same content for all files.
var anyPlatform = build.Context{GOOS: "any", GOARCH: "any", OpenFile: func(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("package gen")), nil
}}

// fileName returns the name of the file of a group, such as sip_gateways.gen.go. A group
// with the name of another type is called SIPProfileService; its file is
// sip_profile.gen.go. A name that would be compiled only on one platform gets "_group":
// apps_android_group.gen.go.
func fileName(group string) string {
	group = strings.TrimSuffix(group, "Service")
	name := names.SnakeCase(strings.Replace(group, "IDs", "Ids", 1))
	if everywhere, err := anyPlatform.MatchFile("", name+".gen.go"); err == nil && !everywhere {
		name += "_group"
	}
	return name + ".gen.go"
}
