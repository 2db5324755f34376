package goapi

import (
	"cmp"
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
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
// and goes with it.
func Compare(old, new API) (changes []Change) {
	without := func(a, b API, what string) {
		for symbol := range a {
			owner := symbol[:strings.LastIndexByte(symbol, '.')]
			if _, ok := b[symbol]; !ok && a[owner] == b[owner] {
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
		dir := filepath.Join(root, filepath.FromSlash(folder))
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		files, err := build.ImportDir(dir, 0)
		if err != nil {
			return nil, err
		}
		for _, name := range files.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			maps.Copy(api, exported(packageName(folder), file))
		}
	}
	return api, nil
}

// ReadClient returns the API of a generated client.
func ReadClient(client []byte) (API, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "signalwire.gen.go", client, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return exported("gen", file), nil
}

func packageName(folder string) string {
	if folder == "wrapper" {
		return "signalwire"
	}
	return path.Base(folder)
}

// exported returns what a file exports. Of methods and fields it returns those
// that are declared in it, not those of what is embedded.
func exported(pkg string, file *ast.File) API {
	api := API{}
	add := func(what string, names ...string) {
		for _, name := range names {
			if !ast.IsExported(name) {
				return
			}
		}
		api[pkg+"."+strings.Join(names, ".")] = what
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				add(typeString(decl.Type), decl.Name.Name)
			} else {
				receiver := types.ExprString(decl.Recv.List[0].Type)
				name, _, _ := strings.Cut(strings.TrimPrefix(receiver, "*"), "[")
				add(typeString(decl.Type), name, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					name := spec.Name.Name
					var members *ast.FieldList
					switch typ := spec.Type.(type) {
					case *ast.StructType:
						add("struct", name)
						members = typ.Fields
					case *ast.InterfaceType:
						add(interfaceKind(typ), name)
						members = typ.Methods
					default:
						add(map[bool]string{true: "= "}[spec.Assign != token.NoPos]+typeString(spec.Type), name)
						continue
					}
					for _, member := range members.List {
						what := typeString(member.Type)
						for _, id := range member.Names {
							add(what, name, id.Name)
						}
						if embedded := strings.TrimPrefix(what, "*"); len(member.Names) == 0 {
							add(what, name, embedded[strings.LastIndexByte(embedded, '.')+1:])
						}
					}
				case *ast.ValueSpec:
					for i, id := range spec.Names {
						var parts []string
						if spec.Type != nil {
							parts = append(parts, typeString(spec.Type))
						}
						if decl.Tok == token.CONST && i < len(spec.Values) {
							parts = append(parts, types.ExprString(spec.Values[i]))
						}
						add(strings.Join(parts, " "), id.Name)
					}
				}
			}
		}
	}
	return api
}

func interfaceKind(typ *ast.InterfaceType) string {
	for _, method := range typ.Methods.List {
		if len(method.Names) == 1 && !method.Names[0].IsExported() {
			return sealedInterface
		}
	}
	return openInterface
}

// typeString is a type as Go source, without the names of parameters, which
// matter to nobody.
func typeString(typ ast.Expr) string {
	f, ok := typ.(*ast.FuncType)
	if !ok {
		return types.ExprString(typ)
	}
	unnamed := func(list *ast.FieldList) *ast.FieldList {
		if list == nil {
			return nil
		}
		all := &ast.FieldList{}
		for _, field := range list.List {
			for range max(1, len(field.Names)) {
				all.List = append(all.List, &ast.Field{Type: field.Type})
			}
		}
		return all
	}
	return types.ExprString(&ast.FuncType{TypeParams: f.TypeParams, Params: unnamed(f.Params), Results: unnamed(f.Results)})
}

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
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, name, text, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		end := parsed.Name.End()
		if n := len(parsed.Decls); n > 0 {
			end = parsed.Decls[n-1].End()
		}
		client = append(client, text[files.Position(end).Offset:]...)
	}
	return client, nil
}
