package goapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// genericChanges returns the changes that apidiff does not see: of a generic
// type of another package, such as an iterator, it compares the name alone, not
// what the type is made for.
func genericChanges(p, oldDir, newDir string) ([]Change, error) {
	before, err := genericTypes(oldDir, p)
	if err != nil {
		return nil, err
	}
	after, err := genericTypes(newDir, p)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, symbol := range slices.Sorted(maps.Keys(before)) {
		if now, ok := after[symbol]; ok && now != before[symbol] {
			changes = append(changes, Change{Symbol: symbol, What: "changed from " + before[symbol] + " to " + now, Breaks: true})
		}
	}
	return changes, nil
}

// genericTypes returns the types of the exported functions, methods and fields
// of a package which have generic types of other packages in them.
func genericTypes(dir, p string) (map[string]string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), p)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	note := func(symbol string, typ ast.Expr) {
		generic := false
		ast.Inspect(typ, func(n ast.Node) bool {
			var of ast.Expr
			switch n := n.(type) {
			case *ast.IndexExpr:
				of = n.X
			case *ast.IndexListExpr:
				of = n.X
			}
			_, other := of.(*ast.SelectorExpr)
			generic = generic || other
			return true
		})
		if generic {
			found[packageName(p)+"."+symbol] = types.ExprString(withoutNames(typ))
		}
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		text, err := fs.ReadFile(root.FS(), p+"/"+entry.Name())
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				symbol := decl.Name.Name
				if decl.Recv != nil && len(decl.Recv.List) == 1 {
					receiver := strings.TrimPrefix(types.ExprString(decl.Recv.List[0].Type), "*")
					if !ast.IsExported(receiver) {
						continue
					}
					symbol = receiver + "." + symbol
				}
				if decl.Name.IsExported() {
					note(symbol, decl.Type)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					spec, ok := spec.(*ast.TypeSpec)
					if !ok || !spec.Name.IsExported() {
						continue
					}
					structure, ok := spec.Type.(*ast.StructType)
					if !ok {
						note(spec.Name.Name, spec.Type)
						continue
					}
					for _, field := range structure.Fields.List {
						for _, name := range field.Names {
							if name.IsExported() {
								note(spec.Name.Name+"."+name.Name, field.Type)
							}
						}
					}
				}
			}
		}
	}
	return found, nil
}

// withoutNames is a type without the names of parameters, which matter to nobody.
func withoutNames(typ ast.Expr) ast.Expr {
	f, ok := typ.(*ast.FuncType)
	if !ok {
		return typ
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
	return &ast.FuncType{Params: unnamed(f.Params), Results: unnamed(f.Results)}
}
