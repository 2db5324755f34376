package lock

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// reader collects the entries of a generated client.
type reader struct {
	entries    []Entry
	types      map[string]string     // the definitions of the types, by name
	operations map[string]*operation // by the variables that describe them, and by their methods
}

// operation is a variable of the client that describes an operation, such as
//
//	var opListThings = Operation{ID: "list_things", Method: "GET", Path: "/things"}
type operation struct {
	name, id, location string
	hasMethod          bool // whether the method that calls it was read, which comes first in the client
}

// Make makes the entries of a generated client. schemas are the Go types of the
// description's schemas by name; the client does not tell which schema a type is from.
// Make fails if the client is not valid Go or has no operations.
func Make(client []byte, schemas map[string]string) (*Lock, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "signalwire.gen.go", client, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	r := &reader{types: map[string]string{}, operations: map[string]*operation{}}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			r.readType(n.Name.Name, n.Type)
		case *ast.ValueSpec:
			r.readValue(n)
		case *ast.FuncDecl:
			r.readFunc(n)
			return false // What a function declares is no name of the package.
		}
		return true
	})
	if len(r.operations) == 0 {
		return nil, errors.New("the client has no methods of operations")
	}
	isOfSchema := map[string]bool{}
	for schema, name := range schemas {
		isOfSchema[name] = true
		if definition, declared := r.types[name]; declared {
			r.add("type", schema, name, definition)
		} else {
			r.add("schema", schema, name, "")
		}
	}
	for name, definition := range r.types {
		if !isOfSchema[name] {
			r.add("type", "-", name, definition)
		}
	}
	slices.SortFunc(r.entries, func(a, b Entry) int { return cmp.Compare(a.String(), b.String()) })
	return index(r.entries), nil
}

func (r *reader) add(kind, location, goName, detail string) {
	r.entries = append(r.entries, Entry{kind, location, goName, detail})
}

// readType reads the declaration of a type, and its fields.
func (r *reader) readType(name string, typ ast.Expr) {
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
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
		if property, _, _ := strings.Cut(tag, ","); property != "" {
			r.add("field", name+"."+property, f.Names[0].Name, types.ExprString(f.Type))
		}
	}
}

// readValue reads a constant of an enumeration, or the variable of an operation.
func (r *reader) readValue(spec *ast.ValueSpec) {
	if len(spec.Values) != 1 {
		return
	}
	name := spec.Names[0].Name
	if literal, ok := spec.Values[0].(*ast.CompositeLit); ok && types.ExprString(literal.Type) == "Operation" {
		field := func(i int) string { return literalValue(literal.Elts[i].(*ast.KeyValueExpr).Value) }
		id, method, path := field(0), field(1), field(2)
		r.operations[name] = &operation{name: strings.TrimPrefix(name, "op"), id: id, location: method + " " + path}
	}
	if typ, ok := spec.Type.(*ast.Ident); ok && typ.IsExported() {
		r.add("constant", typ.Name+"."+literalValue(spec.Values[0]), name, "")
	}
}

// literalValue returns the value of a string, or the source text of another literal.
func literalValue(literal ast.Expr) string {
	source := types.ExprString(literal)
	if value, err := strconv.Unquote(source); err == nil {
		return value
	}
	return source
}

// readFunc reads the constructor of a union, or a method of an operation. The first
// method of an operation has its request and response types.
func (r *reader) readFunc(f *ast.FuncDecl) {
	if union, ok := strings.CutPrefix(f.Name.Name, "New"); ok && f.Type.TypeParams != nil {
		r.types[union] = "union " + types.ExprString(f.Type.TypeParams.List[0].Type)
	}
	if f.Recv == nil || len(f.Recv.List[0].Names) == 0 {
		return
	}
	receiver := f.Recv.List[0]
	group := strings.TrimPrefix(types.ExprString(receiver.Type), "*") + "."
	o, calls := r.operationOf(f.Body, receiver.Names[0].Name, group)
	if o == nil {
		return
	}
	result := ""
	if results := f.Type.Results; results != nil && len(results.List) > 1 {
		result = strings.TrimPrefix(types.ExprString(results.List[0].Type), "*")
	} else {
		calls = "" // an iterator, which is no command
	}
	r.add("method", o.location, group+f.Name.Name, calls)
	r.operations[group+f.Name.Name] = o
	if o.hasMethod {
		return
	}
	o.hasMethod = true
	body := ""
	for _, p := range f.Type.Params.List {
		switch goType := types.ExprString(p.Type); p.Names[0].Name {
		case "body":
			body = goType
		case "variant":
			body = strings.TrimSuffix(goType, "Variant")
		}
	}
	r.add("operation", o.location, o.name, strings.TrimSpace(o.id+"("+body+") "+result))
}

// operationOf returns the operation that the body of a method uses: the last variable
// of an operation in it, or the operation of another method of the same receiver,
// whose name is then returned, too.
func (r *reader) operationOf(body *ast.BlockStmt, receiver, group string) (o *operation, calls string) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr: // An edit has the operation that reads before the one that updates.
			o = cmp.Or(r.operations[types.ExprString(n.X)], o)
		case *ast.SelectorExpr:
			if called := r.operations[group+n.Sel.Name]; called != nil && types.ExprString(n.X) == receiver {
				o, calls = called, group+n.Sel.Name
			}
		}
		return true
	})
	return o, calls
}

// BaseType returns the type of package gen that a type expression is built of, such
// as Thing for []*Thing, map[string]Thing and nullable.Nullable[Thing], or "" if there is none.
func BaseType(typ string) string {
	typ = strings.TrimRight(typ, "]")
	typ = typ[strings.LastIndexAny(typ, "*[]")+1:]
	if !ast.IsExported(typ) {
		return ""
	}
	return typ
}
