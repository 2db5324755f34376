package goapi

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// API is what a package exports: what each symbol is, as Go source. A symbol is
// as a caller writes it: gen.SIPGateway.Name, gen.Client.UpdateSIPGateway.
type API map[string]string

// Change is a change of one exported symbol.
type Change struct {
	Symbol string
	What   string // Removed, Added, or "changed from string to *string"
	Breaks bool
}

// What can become of a symbol.
const (
	Removed = "removed"
	Added   = "added"
)

// What interfaces are: without methods of their own, others can implement them
// or cannot, as a method is not exported.
const (
	openInterface   = "interface"
	sealedInterface = "interface with methods that are not exported"
)

// Compare returns the changes between two APIs, by symbol. What a type has comes
// and goes with it, and so do the constants of it.
func Compare(old, new API) (changes []Change) {
	without := func(a, b API, what string) {
		for symbol, is := range a {
			owner := symbol[:strings.LastIndexByte(symbol, '.')]
			typ, _, isConstant := strings.Cut(owner+"."+is, " ")
			if _, ok := b[symbol]; !ok && a[owner] == b[owner] && (!isConstant || a[typ] == b[typ]) {
				implemented := b[owner] == openInterface // by others, who lack it
				changes = append(changes, Change{symbol, what, what == Removed || implemented})
			}
		}
	}
	without(old, new, Removed)
	without(new, old, Added)
	for symbol, was := range old {
		if is, ok := new[symbol]; ok && was != is && was != sealedInterface {
			changes = append(changes, Change{symbol, "changed from " + was + " to " + is, true})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Symbol, b.Symbol) })
	return changes
}

// ReadAPI reads the API of packages, by their folders in that of the module. A
// folder that is not there has none.
func ReadAPI(root string, folders ...string) (API, error) {
	api := API{}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			if err := api.add(name, nil); err != nil {
				return nil, err
			}
		}
	}
	return api, nil
}

// ReadClient returns the API of a generated client.
func ReadClient(client []byte) (API, error) {
	api := API{}
	return api, api.add("signalwire.gen.go", client)
}

// add adds what a file exports. Of methods and fields these are those that are
// declared in it, not those of what is embedded.
func (api API) add(name string, text any) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.FileExports(file) // Nothing else is left.
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
					for i, id := range spec.Names {
						what := ""
						if spec.Type != nil {
							what = typeString(spec.Type)
						}
						if decl.Tok == token.CONST && i < len(spec.Values) {
							what = strings.TrimSpace(what + " " + types.ExprString(spec.Values[i]))
						}
						api[pkg+id.Name] = what
					}
				}
			}
		}
	}
	return nil
}

// addType adds a type with its fields or the methods of the interface.
func (api API) addType(name string, spec *ast.TypeSpec) {
	members := &ast.FieldList{}
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		api[name], members = "struct", typ.Fields
	case *ast.InterfaceType:
		api[name], members = openInterface, typ.Methods
		if typ.Incomplete {
			api[name] = sealedInterface
		}
	default:
		api[name] = map[bool]string{true: "= "}[spec.Assign.IsValid()] + typeString(spec.Type)
	}
	for _, member := range members.List {
		what := typeString(member.Type)
		for _, id := range member.Names {
			api[name+"."+id.Name] = what
		}
		if len(member.Names) == 0 {
			embedded := strings.TrimPrefix(what, "*")
			api[name+"."+embedded[strings.LastIndexByte(embedded, '.')+1:]] = what
		}
	}
}

// typeString is a type as Go source, without the names of parameters, which
// matter to nobody.
func typeString(typ ast.Expr) string {
	unnamed := func(list *ast.FieldList) {
		var all []*ast.Field
		for _, field := range list.List {
			for range max(1, len(field.Names)) {
				all = append(all, &ast.Field{Type: field.Type})
			}
		}
		list.List = all
	}
	if f, ok := typ.(*ast.FuncType); ok {
		unnamed(f.Params)
		if f.Results != nil {
			unnamed(f.Results)
		}
	}
	return types.ExprString(typ)
}

// fileHead is what stands before the declarations of a generated file.
var fileHead = regexp.MustCompile(`(?s)\A.*?\npackage gen\n(\nimport \(.*?\n\)\n)?`)

// ReadGenerated returns the generated client in a folder as one file without
// imports.
func ReadGenerated(dir string) ([]byte, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.gen.go"))
	if err != nil || len(names) == 0 {
		return nil, errors.Join(err, fs.ErrNotExist)
	}
	client := []byte("package gen\n")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		client = append(client, fileHead.ReplaceAll(text, nil)...)
	}
	return client, nil
}
