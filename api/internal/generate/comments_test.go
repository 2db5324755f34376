package generate_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eachFile calls each for every generated file of package gen and of the packages below it.
func eachFile(t *testing.T, each func(name string, text []byte, parsed *ast.File)) {
	t.Helper()
	names, err := filepath.Glob("../../../gen/*.gen.go")
	require.NoError(t, err)
	deeper, err := filepath.Glob("../../../gen/*/*.gen.go")
	require.NoError(t, err)
	require.NotEmpty(t, deeper)
	names = append(names, deeper...)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		require.NoError(t, err)
		each(filepath.Base(name), text, parsed)
	}
}

func TestFilesAreNotTooLong(t *testing.T) {
	t.Parallel()
	tooWide := regexp.MustCompile(`(?m)^\t*// [^:\n]{100,}$`)
	eachFile(t, func(name string, text []byte, _ *ast.File) {
		require.LessOrEqual(t, bytes.Count(text, []byte("\n")), 4000, name)
		require.Empty(t, string(tooWide.Find(text)), name)
	})
}

// The comment of a type is a sentence that begins with its name. The comment of a field
// does not begin with the name of the field before another sentence.
func TestCommentsAreSentences(t *testing.T) {
	t.Parallel()
	eachFile(t, func(file string, _ []byte, parsed *ast.File) {
		for _, decl := range parsed.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			spec := gen.Specs[0].(*ast.TypeSpec)
			name := spec.Name.Name
			text := gen.Doc.Text()
			require.Regexp(t, `^`+name+` [a-z]`, text, "%s", file)
			require.NotContains(t, text, "in the API's description", "%s: %s", file, name)
			assert.False(t, echoes(name, strings.TrimPrefix(text, name+" is ")), "%s: %s", file, text)
			structure, ok := spec.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, field := range structure.Fields.List {
				if len(field.Names) == 1 && field.Doc != nil {
					assert.NotRegexp(t, `^`+field.Names[0].Name+` [A-Z]`, field.Doc.Text(), "%s: %s", file, name)
					assert.False(t, echoes(field.Names[0].Name, field.Doc.Text()), "%s: %s.%s: %s", file, name, field.Names[0].Name, field.Doc.Text())
				}
			}
		}
	})
}

// Each field has a comment, or else its type is only there for it and has a comment that
// names it.
func TestFieldsHaveComments(t *testing.T) {
	t.Parallel()
	comments := map[string]string{}
	structures := map[string]*ast.StructType{}
	eachFile(t, func(_ string, _ []byte, parsed *ast.File) {
		for _, decl := range parsed.Decls {
			if declaration, ok := decl.(*ast.GenDecl); ok && declaration.Tok == token.TYPE {
				spec := declaration.Specs[0].(*ast.TypeSpec)
				comments[spec.Name.Name] = declaration.Doc.Text()
				if structure, ok := spec.Type.(*ast.StructType); ok {
					structures[spec.Name.Name] = structure
				}
			}
		}
	})
	commented := 0
	for name, structure := range structures {
		for _, field := range structure.Fields.List {
			if field.Doc != nil || field.Comment != nil {
				commented++
				continue
			}
			for _, ident := range field.Names {
				comment := comments[strings.TrimPrefix(types.ExprString(field.Type), "*")]
				isNamed := strings.Contains(comment, "["+name+"."+ident.Name+"]") || strings.Contains(comment, " has the parameters of ["+name+"]")
				assert.True(t, isNamed || !ident.IsExported(), "%s.%s has no comment", name, ident.Name)
			}
		}
	}
	require.Greater(t, commented, 2000)
}

// echoes reports whether a comment only repeats a name.
func echoes(name, comment string) bool {
	letters := func(text string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, text)
	}
	comment = strings.TrimSpace(comment)
	for _, article := range []string{"A ", "An ", "The ", "a ", "an ", "the "} {
		comment = strings.TrimPrefix(comment, article)
	}
	return letters(name) == letters(comment)
}

func TestEchoes(t *testing.T) {
	t.Parallel()
	require.True(t, echoes("SIPGateway", "a SIP gateway.\n"))
	require.True(t, echoes("Name", "The name.\n"))
	require.False(t, echoes("Name", "The name that people see.\n"))
}

// Each method of an operation has a link to its documentation page, if groups.yaml has
// the page. A method that is made from another one, such as All from List, has a link to
// that method instead.
func TestMethodsLinkTheirPages(t *testing.T) {
	t.Parallel()
	page := regexp.MustCompile(`\nDocumentation: https://\S+\n`)
	table, err := os.ReadFile("../../groups.yaml")
	require.NoError(t, err)
	linked, derived := 0, 0
	eachFile(t, func(_ string, _ []byte, parsed *ast.File) {
		for _, decl := range parsed.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil || len(f.Recv.List[0].Names) == 0 || f.Recv.List[0].Names[0].Name != "s" {
				continue
			}
			group := strings.TrimSuffix(strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*"), "Service")
			switch {
			case page.MatchString(f.Doc.Text()):
				linked++
			case strings.Contains(f.Doc.Text(), "["+group):
				derived++
			default:
				require.NotContains(t, string(table), "group: "+group+", page: ", "%s.%s has no link", group, f.Name.Name)
			}
		}
	})
	require.Greater(t, linked, 200)
	require.Greater(t, derived, 200)
}

// "Deprecated: " begins a paragraph, as tools expect.
func TestDeprecationsAreParagraphs(t *testing.T) {
	t.Parallel()
	found := 0
	eachFile(t, func(file string, _ []byte, parsed *ast.File) {
		for _, comment := range parsed.Comments {
			for paragraph := range strings.SplitSeq(comment.Text(), "\n\n") {
				if strings.Contains(paragraph, "Deprecated: ") {
					found++
					require.True(t, strings.HasPrefix(paragraph, "Deprecated: "), "%s: %s", file, paragraph)
				}
			}
		}
	})
	require.Positive(t, found)
}
