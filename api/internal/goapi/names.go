package goapi

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// Methods returns the methods of a generated client, by the id of
// the operation that they call, the operation's own method first.
func Methods(client []byte) (map[string][]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "signalwire.gen.go", client, 0)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{} // by variable, and by method
	methods := map[string][]string{}
	for _, decl := range parsed.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				v := spec.(*ast.ValueSpec)
				if len(v.Values) == 1 {
					if literal, ok := v.Values[0].(*ast.CompositeLit); ok {
						ids[v.Names[0].Name] = member(literal, "ID")
					}
				}
			}
		}
	}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Body == nil {
			continue
		}
		id := ""
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.AND {
				if name, ok := u.X.(*ast.Ident); ok && ids[name.Name] != "" {
					id = ids[name.Name] // of an edit the update, which comes last
				}
			}
			if call, ok := n.(*ast.SelectorExpr); ok && ids[call.Sel.Name] != "" {
				id = ids[call.Sel.Name] // All… goes through PagesOf…, which stands before it
			}
			return true
		})
		if id != "" {
			ids[f.Name.Name] = id
			methods[id] = append(methods[id], f.Name.Name)
		}
	}
	if len(methods) == 0 {
		return nil, errors.New("the client has no methods of operations")
	}
	for _, names := range methods {
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b)) })
	}
	return methods, nil
}

// rank puts the method of the operation itself before those made from it.
func rank(name string) int {
	for i, prefix := range []string{"Edit", "All", "PagesOf"} {
		if strings.HasPrefix(name, prefix) {
			return i + 1
		}
	}
	return 0
}

// member is the string that a literal has as a member.
func member(literal *ast.CompositeLit, name string) string {
	for _, element := range literal.Elts {
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				if value, ok := kv.Value.(*ast.BasicLit); ok {
					id, _ := strconv.Unquote(value.Value)
					return id
				}
			}
		}
	}
	return ""
}

// Names are what a generated file calls the parts of a description.
type Names struct {
	Methods map[string][]string          // by operation id
	Paths   map[string]string            // the method and path, by operation id
	Types   map[string]string            // by Fold of their name
	Fields  map[string]map[string]Field  // by type and JSON name
	Values  map[string]map[string]string // the constants, by type and value
}

// Field is a field of a struct.
type Field struct {
	Name string
	Type string // the type's name, without what it is a list, map or pointer of
}

// Fold makes one of names that differ in case and punctuation only, which is
// what the generator changes.
func Fold(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune("._- ", r) {
			return -1
		}
		return r
	}, name))
}

// ReadNames reads a generated client.
func ReadNames(client []byte) (*Names, error) {
	methods, err := Methods(client)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), "signalwire.gen.go", client, 0)
	if err != nil {
		return nil, err
	}
	names := &Names{Methods: methods, Paths: map[string]string{}, Types: map[string]string{}, Fields: map[string]map[string]Field{}, Values: map[string]map[string]string{}}
	for _, decl := range parsed.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names.Types[Fold(spec.Name.Name)] = spec.Name.Name
				if s, ok := spec.Type.(*ast.StructType); ok {
					names.Fields[spec.Name.Name] = fields(s)
				}
			case *ast.ValueSpec:
				typ := typeName(spec.Type)
				if len(spec.Values) == 1 {
					if literal, ok := spec.Values[0].(*ast.CompositeLit); ok && member(literal, "ID") != "" {
						names.Paths[member(literal, "ID")] = member(literal, "Method") + " " + member(literal, "Path")
					}
				}
				if d.Tok != token.CONST || typ == "" || len(spec.Values) != 1 {
					continue
				}
				value := literal(spec.Values[0])
				if names.Values[typ] == nil {
					names.Values[typ] = map[string]string{}
				}
				names.Values[typ][value] = spec.Names[0].Name
			}
		}
	}
	return names, nil
}

func fields(s *ast.StructType) map[string]Field {
	fields := map[string]Field{}
	for _, f := range s.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		_, tag, _ = strings.Cut(tag, `json:"`)
		tag, _, _ = strings.Cut(tag, `"`)
		if name, _, _ := strings.Cut(tag, ","); name != "" {
			fields[name] = Field{Name: f.Names[0].Name, Type: typeName(f.Type)}
		}
	}
	return fields
}

// typeName is the name of a type of this package that expr is, points to, is a
// list or map of, or makes nullable.
func typeName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.Ident:
		if e.IsExported() {
			return e.Name
		}
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ArrayType:
		return typeName(e.Elt)
	case *ast.MapType:
		return typeName(e.Value)
	case *ast.IndexExpr:
		return typeName(e.Index)
	}
	return ""
}

// literal is a constant's value as a description prints it.
func literal(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
		return e.Value
	case *ast.UnaryExpr:
		return e.Op.String() + literal(e.X)
	}
	return ""
}
