package lock

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// generated is what a client that was generated has its names for.
type generated struct {
	own        map[string]string            // names that no other operation has, by operation id
	methods    map[string][]string          // by operation id
	commands   map[string]string            // the methods that those which send a command go through
	places     map[string]string            // the method and path of operations, by id
	signatures map[string]string            // of methods, without what is in paths and queries
	types      map[string]string            // what each is, by its name
	fields     map[string]map[string]Field  // by type and member
	values     map[string]map[string]string // the constants, by type and value
}

// readClient reads a generated client.
func readClient(client []byte) (*generated, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "signalwire.gen.go", client, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	g := &generated{own: map[string]string{}, methods: map[string][]string{}, commands: map[string]string{}, places: map[string]string{}, signatures: map[string]string{}, types: map[string]string{}, fields: map[string]map[string]Field{}, values: map[string]map[string]string{}}
	ids := map[string]string{} // of operations, by their variables and methods
	for _, decl := range parsed.Decls {
		if d, ok := decl.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					g.typ(spec)
				case *ast.ValueSpec:
					g.value(d.Tok, spec, ids)
				}
			}
		}
	}
	for _, decl := range parsed.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			g.function(f, ids)
		}
	}
	if len(g.methods) == 0 {
		return nil, errors.New("the client has no methods of operations")
	}
	return g, nil
}

func (g *generated) typ(spec *ast.TypeSpec) {
	name := spec.Name.Name
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		g.types[name] = types.ExprString(spec.Type)
		return
	}
	g.types[name], g.fields[name] = "struct", map[string]Field{}
	for _, f := range structure.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		_, tag, _ = strings.Cut(tag, `json:"`)
		tag, _, _ = strings.Cut(tag, `"`)
		if member, _, _ := strings.Cut(tag, ","); member != "" {
			g.fields[name][member] = Field{f.Names[0].Name, types.ExprString(f.Type)}
		}
	}
}

// value reads a constant of a type, or the description of an operation.
func (g *generated) value(tok token.Token, spec *ast.ValueSpec, ids map[string]string) {
	if len(spec.Values) != 1 {
		return
	}
	if literal, ok := spec.Values[0].(*ast.CompositeLit); ok && member(literal, "ID") != "" {
		id := member(literal, "ID")
		ids[spec.Names[0].Name] = id
		g.own[id] = strings.TrimPrefix(spec.Names[0].Name, "op")
		g.places[id] = member(literal, "Method") + " " + member(literal, "Path")
	}
	if typ, ok := spec.Type.(*ast.Ident); ok && tok == token.CONST && typ.IsExported() {
		if g.values[typ.Name] == nil {
			g.values[typ.Name] = map[string]string{}
		}
		value := types.ExprString(spec.Values[0])
		if text, err := strconv.Unquote(value); err == nil {
			value = text
		}
		g.values[typ.Name][value] = spec.Names[0].Name
	}
}

// member is the string that a literal has as a member, or "".
func member(literal *ast.CompositeLit, name string) string {
	for _, element := range literal.Elts {
		if kv, ok := element.(*ast.KeyValueExpr); ok && types.ExprString(kv.Key) == name {
			value, _ := strconv.Unquote(types.ExprString(kv.Value))
			return value
		}
	}
	return ""
}

// function reads a method of the client, or what makes a union.
func (g *generated) function(f *ast.FuncDecl, ids map[string]string) {
	if union, ok := strings.CutPrefix(f.Name.Name, "New"); ok && f.Type.TypeParams != nil {
		g.types[union] = "union " + types.ExprString(f.Type.TypeParams.List[0].Type)
	}
	if f.Recv == nil || f.Body == nil {
		return
	}
	body, result := "", ""
	for _, p := range f.Type.Params.List {
		if len(p.Names) == 1 && (p.Names[0].Name == "body" || p.Names[0].Name == "variant") {
			body = types.ExprString(p.Type)
		}
		if len(p.Names) == 1 && p.Names[0].Name == "variant" {
			body = strings.TrimSuffix(body, "Variant")
		}
	}
	if results := f.Type.Results; results != nil && len(results.List) > 1 {
		result = " " + strings.TrimPrefix(types.ExprString(results.List[0].Type), "*")
	}
	receiver := types.ExprString(f.Recv.List[0].Type) + "."
	g.signatures[receiver+f.Name.Name] = "(" + body + ")" + result
	id := ""
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if name, ok := n.X.(*ast.Ident); ok && n.Op == token.AND && ids[name.Name] != "" {
				id = ids[name.Name] // of an edit the update, which comes last
			}
		case *ast.SelectorExpr:
			if ids[receiver+n.Sel.Name] != "" {
				id = ids[receiver+n.Sel.Name] // All… goes through …Pages, which stands before it
			}
		}
		return true
	})
	if through := calledMethod(f.Body); id != "" && ids[receiver+through] == id {
		g.commands[receiver+f.Name.Name] = receiver + through
	}
	if id != "" {
		ids[receiver+f.Name.Name] = id
		g.methods[id] = append(g.methods[id], receiver+f.Name.Name)
	}
}

// calledMethod is the method of its receiver whose result a function returns, or "".
func calledMethod(body *ast.BlockStmt) string {
	if len(body.List) == 0 {
		return ""
	}
	if last, ok := body.List[len(body.List)-1].(*ast.ReturnStmt); ok && len(last.Results) == 1 {
		if call, ok := last.Results[0].(*ast.CallExpr); ok {
			if method, ok := call.Fun.(*ast.SelectorExpr); ok && types.ExprString(method.X) == "s" {
				return method.Sel.Name
			}
		}
	}
	return ""
}

// byRank sorts the method of an operation itself before those made from it.
func byRank(methods []string, commands map[string]string) {
	rank := func(name string) int {
		if commands[name] != "" {
			return 4
		}
		_, name, _ = strings.Cut(name, ".")
		switch {
		case strings.HasPrefix(name, "Edit"):
			return 1
		case strings.HasPrefix(name, "All"):
			return 2
		case strings.HasSuffix(name, "Pages"):
			return 3
		}
		return 0
	}
	slices.SortFunc(methods, func(a, b string) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b)) })
}

// BaseType is the name of the type of package gen that another is, points to, is an
// array or a map of, or makes nullable, or "".
func BaseType(typ string) string {
	typ = strings.TrimRight(typ, "]")
	typ = typ[strings.LastIndexAny(typ, "*[]")+1:]
	if !ast.IsExported(typ) {
		return ""
	}
	return typ
}
