package gen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumbers checks that all integers are int64 and all other numbers float64.
func TestNumbers(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "signalwire.gen.go", nil, 0)
	require.NoError(t, err)
	count := map[string]int{}
	for _, decl := range file.Decls {
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
