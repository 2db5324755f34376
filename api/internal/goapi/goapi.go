// Package goapi compares the exported Go API of two states of this module. It also
// finds the git revision to compare with, and reads its files.
//
// It parses the source files and needs no type checker: an API maps each exported
// symbol to its declaration as Go source. For
//
//	type Queue struct{ Size *int64 }
//	func (q Queues) Get(ctx context.Context, id uuid.UUID) (*Queue, error)
//
// in package gen this is
//
//	gen.Queue       struct
//	gen.Queue.Size  *int64
//	gen.Queues.Get  func(context.Context, uuid.UUID) (*Queue, error)
package goapi

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// API maps each exported symbol, written as in a program that imports its package, to
// its declaration: the type of a field, function, method or variable, the type and
// value of a constant, and the kind or underlying type of a type.
type API map[string]string

// Change is a change of one exported symbol.
type Change struct {
	Symbol      string // such as gen.SIPGateway.Name
	Description string // Removed, Added, or "changed from string to *string"
	Breaks      bool   // whether programs that use the symbol may not compile any more
}

// The kinds of interfaces. A sealed interface has an unexported method, so that no other
// program can implement it.
const (
	openInterface   = "interface"
	sealedInterface = "interface with unexported methods"
)

// Descriptions of changes.
const (
	Removed = "removed"
	Added   = "added"
)

// Compare returns the changes from one API to another, sorted by symbol. The fields,
// methods and constants of a type that was added, removed or changed its kind are
// left out, because the change of the type implies them. Symbols that were removed or
// changed break callers. So does a method added to an interface that is not sealed, which
// the implementations in other programs lack.
func Compare(old, new API) (changes []Change) {
	missing := func(from, in API, description string) { // adds the symbols of from that are missing in in.
		for symbol, declaration := range from {
			owner := symbol[:strings.LastIndexByte(symbol, '.')] // a type, or the package
			typ, _, isConstant := strings.Cut(owner+"."+declaration, " ")
			implied := from[owner] != in[owner] || isConstant && from[typ] != in[typ]
			if _, found := in[symbol]; !found && !implied {
				changes = append(changes, Change{symbol, description, description == Removed || in[owner] == openInterface})
			}
		}
	}
	missing(old, new, Removed)
	missing(new, old, Added)
	for symbol, before := range old {
		if now, found := new[symbol]; found && before != now && before != sealedInterface {
			changes = append(changes, Change{symbol, "changed from " + before + " to " + now, true})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Symbol, b.Symbol) })
	return changes
}

// Read returns the API in the Go files that match patterns such as gen/*.go, relative
// to a folder. It leaves out tests. A pattern that matches nothing has no API, as in a
// revision that did not have the package yet.
func Read(root string, patterns ...string) (API, error) {
	api := API{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			if err := api.addFile(name, nil); err != nil {
				return nil, err
			}
		}
	}
	return api, nil
}

// ReadClient returns the API of a generated client, given as the source of one file.
func ReadClient(client []byte) (API, error) {
	api := API{}
	return api, api.addFile("signalwire.gen.go", client)
}

// addFile adds the exported declarations of a file, which is read if source is nil.
// Fields and methods that a type has because of what it embeds are left out.
func (api API) addFile(name string, source any) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.FileExports(file) // It removes what is not exported.
	pkg := file.Name.Name + "."
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil {
				receiver, _, _ := strings.Cut(types.ExprString(decl.Recv.List[0].Type), "[")
				if receiver = strings.TrimPrefix(receiver, "*"); !ast.IsExported(receiver) {
					continue
				}
				name = receiver + "." + name
			}
			api[pkg+name] = typeString(decl.Type)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					api.addType(pkg+spec.Name.Name, spec)
				case *ast.ValueSpec:
					api.addValues(pkg, spec, decl.Tok == token.CONST)
				}
			}
		}
	}
	return nil
}

// addValues adds the variables or constants of one specification.
func (api API) addValues(pkg string, spec *ast.ValueSpec, constants bool) {
	for i, id := range spec.Names {
		var declaration []string
		if spec.Type != nil {
			declaration = append(declaration, typeString(spec.Type))
		}
		if constants && i < len(spec.Values) {
			declaration = append(declaration, types.ExprString(spec.Values[i]))
		}
		api[pkg+id.Name] = strings.Join(declaration, " ")
	}
}

// addType adds a type, and the fields of a struct or the methods of an interface.
func (api API) addType(name string, spec *ast.TypeSpec) {
	members := &ast.FieldList{}
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		api[name], members = "struct", typ.Fields
	case *ast.InterfaceType:
		api[name], members = openInterface, typ.Methods
		if typ.Incomplete { // FileExports removed methods.
			api[name] = sealedInterface
		}
	default:
		api[name] = typeString(spec.Type)
		if spec.Assign.IsValid() {
			api[name] = "= " + api[name] // an alias
		}
	}
	for _, member := range members.List {
		declaration := typeString(member.Type)
		for _, id := range member.Names {
			api[name+"."+id.Name] = declaration
		}
		if len(member.Names) == 0 {
			embedded := strings.TrimPrefix(declaration, "*")
			api[name+"."+embedded[strings.LastIndexByte(embedded, '.')+1:]] = declaration
		}
	}
}

// typeString returns a type as Go source. It leaves out the names of a function's
// parameters and results, which callers do not depend on.
func typeString(typ ast.Expr) string {
	if f, ok := typ.(*ast.FuncType); ok {
		removeNames(f.Params)
		removeNames(f.Results)
	}
	return strings.ReplaceAll(types.ExprString(typ), "interface{}", "any")
}

// removeNames replaces fields such as "a, b int" by "int, int".
func removeNames(list *ast.FieldList) {
	if list == nil {
		return
	}
	var unnamed []*ast.Field
	for _, field := range list.List {
		for range max(1, len(field.Names)) {
			unnamed = append(unnamed, &ast.Field{Type: field.Type})
		}
	}
	list.List = unnamed
}
