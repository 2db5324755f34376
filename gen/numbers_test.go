package gen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// generated are the declarations in the generated files.
func generated(t *testing.T) (all []ast.Decl) {
	t.Helper()
	names, err := filepath.Glob("*.gen.go")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		all = append(all, file.Decls...)
	}
	return all
}

// TestNumbers checks that all integers are int64 and all other numbers float64.
func TestNumbers(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, decl := range generated(t) {
		if decl, ok := decl.(*ast.GenDecl); ok && decl.Tok == token.TYPE {
			ast.Inspect(decl, func(n ast.Node) bool {
				if field, ok := n.(*ast.Field); ok {
					n = field.Type // and not its name
				}
				if name, ok := n.(*ast.Ident); ok {
					count[name.Name]++
				}
				return true
			})
		}
	}
	require.NotZero(t, count["int64"])
	require.NotZero(t, count["float64"])
	for _, name := range []string{"int", "int8", "int16", "int32", "uint", "uint8", "uint16", "uint32", "uint64", "float32"} {
		require.Zero(t, count[name], name)
	}
}
