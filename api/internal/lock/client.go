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

// reader reads a generated client.
type reader struct {
	names      []Name
	types      map[string]string     // what each is, by its name
	places     map[string][]string   // where the types stand
	operations map[string]*operation // by their variables and methods
}

type operation struct {
	name, id, place string
	signed          bool // its own method was read, which stands before those made from it
}

// Make reads the names of a generated client. The Go types of schemas are given by
// the names of those.
func Make(client []byte, schemas map[string]string) (*Lock, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "signalwire.gen.go", client, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	r := &reader{types: map[string]string{}, places: map[string][]string{}, operations: map[string]*operation{}}
	for _, decl := range parsed.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					r.typ(spec.Name.Name, spec.Type)
				case *ast.ValueSpec:
					r.value(spec)
				}
			}
		case *ast.FuncDecl:
			r.function(decl)
		}
	}
	if len(r.operations) == 0 {
		return nil, errors.New("the client has no methods of operations")
	}
	for schema, name := range schemas {
		if _, declared := r.types[name]; declared {
			r.stands(name, schema)
		} else {
			r.add("schema", schema, name, "")
		}
	}
	for name, says := range r.types {
		places := r.places[name]
		slices.SortFunc(places, func(a, b string) int { // schemas first
			return cmp.Or(strings.Count(a, "/")-strings.Count(b, "/"), cmp.Compare(a, b))
		})
		for i, place := range append(places, "-") {
			if i == 0 || IsSchema(place) {
				r.add("type", place, name, says)
			}
		}
	}
	slices.SortFunc(r.names, func(a, b Name) int { return cmp.Compare(a.String(), b.String()) })
	return index(r.names), nil
}

func (r *reader) add(kind, place, name, says string) {
	r.names = append(r.names, Name{kind, place, name, says})
}

// stands notes where a type stands.
func (r *reader) stands(typ, place string) { r.places[typ] = append(r.places[typ], place) }

// typ reads what a type is, and its fields.
func (r *reader) typ(name string, typ ast.Expr) {
	structure, ok := typ.(*ast.StructType)
	if !ok {
		r.types[name] = types.ExprString(typ)
		return
	}
	r.types[name] = "struct"
	for _, f := range structure.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		_, tag, _ := strings.Cut(f.Tag.Value, `json:"`)
		tag, _, _ = strings.Cut(tag, `"`)
		if member, _, _ := strings.Cut(tag, ","); member != "" {
			goType := types.ExprString(f.Type)
			r.add("field", name+"."+member, f.Names[0].Name, goType)
			r.stands(BaseType(goType), name+"/"+member)
		}
	}
}

// value reads a constant of a type, or the description of an operation.
func (r *reader) value(spec *ast.ValueSpec) {
	if len(spec.Values) != 1 {
		return
	}
	name := spec.Names[0].Name
	if literal, ok := spec.Values[0].(*ast.CompositeLit); ok && types.ExprString(literal.Type) == "Operation" {
		says := func(i int) string { return unquoted(literal.Elts[i].(*ast.KeyValueExpr).Value) } // ID, Method, Path and others
		r.operations[name] = &operation{name: strings.TrimPrefix(name, "op"), id: says(0), place: says(1) + " " + says(2)}
	}
	if typ, ok := spec.Type.(*ast.Ident); ok && typ.IsExported() {
		r.add("constant", typ.Name+"."+unquoted(spec.Values[0]), name, "")
	}
}

// unquoted is the value of a literal.
func unquoted(literal ast.Expr) string {
	source := types.ExprString(literal)
	if value, err := strconv.Unquote(source); err == nil {
		return value
	}
	return source
}

// function reads a method of the client, or what makes a union.
func (r *reader) function(f *ast.FuncDecl) {
	if union, ok := strings.CutPrefix(f.Name.Name, "New"); ok && f.Type.TypeParams != nil {
		r.types[union] = "union " + types.ExprString(f.Type.TypeParams.List[0].Type)
	}
	if f.Recv == nil || len(f.Recv.List[0].Names) == 0 {
		return
	}
	self, receiver := f.Recv.List[0].Names[0].Name, strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*")+"."
	var o *operation
	through := "" // the method that it calls
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr: // of an edit the update comes last
			o = cmp.Or(r.operations[types.ExprString(n.X)], o)
		case *ast.SelectorExpr:
			if called := r.operations[receiver+n.Sel.Name]; called != nil && types.ExprString(n.X) == self {
				o, through = called, receiver+n.Sel.Name
			}
		}
		return true
	})
	if o == nil {
		return
	}
	results := f.Type.Results
	if results == nil || len(results.List) < 2 {
		through = "" // an iterator, which sends nothing of its own
	}
	r.add("method", o.place, receiver+f.Name.Name, through)
	r.operations[receiver+f.Name.Name] = o
	if o.signed {
		return
	}
	o.signed = true
	body, result := "", ""
	for _, p := range f.Type.Params.List {
		switch p.Names[0].Name {
		case "body":
			body = types.ExprString(p.Type)
		case "variant":
			body = strings.TrimSuffix(types.ExprString(p.Type), "Variant")
		}
	}
	if results != nil && len(results.List) > 1 {
		result = strings.TrimPrefix(types.ExprString(results.List[0].Type), "*")
	}
	r.add("operation", o.place, o.name, strings.TrimSpace(o.id+"("+body+") "+result))
	r.stands(body, o.place)
	r.stands(result, o.place)
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
