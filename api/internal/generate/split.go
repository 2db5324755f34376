package generate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The files for what belongs to no group alone.
const (
	clientFile = "client.gen.go" // the client itself
	sharedFile = "shared.gen.go" // what several groups use
)

// unit is what belongs together: a type with its methods, its constants and what
// makes it, or another declaration.
type unit struct {
	parts []*part
	uses  map[string]bool // the units that it names
	files map[string]bool // of the groups that use it
}

type part struct {
	text  string
	at    int
	first bool // a group and its operations stand before their types
}

// Split divides a client into a file for each group, with its methods and its
// types, and those for the client and for what several groups use.
func Split(client []byte) (map[string][]byte, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "", client, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("the client: %w", err)
	}
	groups := groupTypes(parsed)
	units := map[string]*unit{}
	for _, decl := range parsed.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
			continue
		}
		name := unitOf(decl)
		u := units[name]
		if u == nil {
			u = &unit{uses: map[string]bool{}, files: map[string]bool{}}
			units[name] = u
		}
		begin := decl.Pos()
		if doc := docOf(decl); doc != nil {
			begin = doc.Pos()
		}
		u.parts = append(u.parts, &part{
			text:  string(client[files.Position(begin).Offset:files.Position(decl.End()).Offset]),
			at:    int(begin),
			first: slices.Contains(groups, name) || isOperation(name),
		})
		ast.Inspect(decl, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				u.uses[id.Name] = true
			}
			return true
		})
	}
	for _, name := range groups {
		mark(units, groups, name, fileName(strings.TrimSuffix(name, "Service")), true)
	}
	contents := map[string][]*part{}
	for name, u := range units {
		file := sharedFile
		switch {
		case name == "Client" || name == "EditRuleOf" || name == "Operations":
			file = clientFile
		case len(u.files) == 1:
			for only := range u.files {
				file = only
			}
		}
		contents[file] = append(contents[file], u.parts...)
	}
	header, _, _ := bytes.Cut(client, []byte("\nimport"))
	out := map[string][]byte{}
	for file, parts := range contents {
		slices.SortFunc(parts, func(a, b *part) int {
			if a.first != b.first {
				if a.first {
					return -1
				}
				return 1
			}
			return a.at - b.at
		})
		text, err := source(string(header), parsed.Imports, parts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out[file] = text
	}
	return out, nil
}

// mark records that the units which one names belong to a file, but for groups
// and their operations.
func mark(units map[string]*unit, groups []string, name, file string, isGroup bool) {
	u := units[name]
	if u == nil || u.files[file] || !isGroup && slices.Contains(groups, name) {
		return
	}
	u.files[file] = true
	for used := range u.uses {
		if isGroup || !isOperation(used) {
			mark(units, groups, used, file, false)
		}
	}
}

// isOperation reports whether a name is that of the descriptor of an operation.
func isOperation(name string) bool {
	rest, ok := strings.CutPrefix(name, "op")
	return ok && ast.IsExported(rest)
}

// groupTypes are the types of the fields of the client.
func groupTypes(file *ast.File) (names []string) {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		spec := gen.Specs[0].(*ast.TypeSpec)
		structure, ok := spec.Type.(*ast.StructType)
		if !ok || spec.Name.Name != "Client" {
			continue
		}
		for _, field := range structure.Fields.List {
			if id, ok := field.Type.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

func docOf(decl ast.Decl) *ast.CommentGroup {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		return decl.Doc
	case *ast.GenDecl:
		return decl.Doc
	}
	return nil
}

// unitOf returns the name of the unit that a declaration is part of: the type of
// a method or constant, the type that a function makes, or else its own name.
func unitOf(decl ast.Decl) string {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv != nil {
			return baseName(decl.Recv.List[0].Type)
		}
		if strings.HasPrefix(decl.Name.Name, "New") && decl.Type.Results != nil {
			return baseName(decl.Type.Results.List[0].Type)
		}
		return decl.Name.Name
	case *ast.GenDecl:
		switch spec := decl.Specs[0].(type) {
		case *ast.TypeSpec:
			if variant, ok := strings.CutSuffix(spec.Name.Name, "Variant"); ok && isInterface(spec.Type) {
				return variant
			}
			return spec.Name.Name
		case *ast.ValueSpec:
			if spec.Type != nil {
				if name := baseName(spec.Type); name != "" && ast.IsExported(name) {
					return name
				}
			}
			for _, prefix := range []string{"valuesOf", "values", "variantsOf"} {
				if rest, ok := strings.CutPrefix(spec.Names[0].Name, prefix); ok && ast.IsExported(rest) {
					return rest
				}
			}
			return spec.Names[0].Name
		}
	}
	return ""
}

func isInterface(e ast.Expr) bool {
	_, ok := e.(*ast.InterfaceType)
	return ok
}

func baseName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.IndexExpr:
		return baseName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// source returns a Go file of declarations, with those imports that they need.
func source(header string, imports []*ast.ImportSpec, parts []*part) ([]byte, error) {
	var body strings.Builder
	for _, p := range parts {
		body.WriteString("\n" + p.text + "\n")
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+body.String(), 0)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{}
	for _, id := range parsed.Unresolved {
		needed[id.Name] = true
	}
	var b strings.Builder
	b.WriteString(header + "\nimport (\n")
	others := false
	for _, spec := range imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if !needed[path.Base(name)] {
			continue
		}
		if strings.Contains(name, ".") && !others {
			others = true
			b.WriteString("\n")
		}
		b.WriteString("\t" + spec.Path.Value + "\n")
	}
	b.WriteString(")\n" + body.String())
	return format.Source([]byte(b.String()))
}

// fileName returns the name of the file of a group: sip_gateways.gen.go.
func fileName(group string) string {
	var b strings.Builder
	runes := []rune(group)
	for i, r := range runes {
		begins := i > 0 && unicode.IsUpper(r) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && string(runes[i:]) != "Ds")
		if begins {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String() + ".gen.go"
}
