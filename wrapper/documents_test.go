package signalwire_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// documents are the pages that people read, by their paths from the top of the
// repository.
func documents(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || name == "vendor") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".md" || name == "UPSTREAM.md" {
			return nil
		}
		text, err := os.ReadFile(path)
		pages[filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))] = string(text)
		return err
	}))
	require.Contains(t, pages, "README.md")
	return pages
}

// Links inside of the repository lead somewhere.
func TestDocumentsLink(t *testing.T) {
	t.Parallel()
	links := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code := regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	pages := documents(t)
	for page, text := range pages {
		for _, link := range links.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(target, ":") || page == "api/INDEX.md" {
				continue
			}
			in := page
			if target != "" {
				in = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
				_, err := os.Stat(filepath.Join("..", in))
				require.NoError(t, err, "%s links to %s", page, link[1])
			}
			if anchor != "" {
				require.Contains(t, anchors(pages[in]), anchor, "%s links to %s", page, link[1])
			}
		}
	}
}

// anchors are the names that GitHub gives headings.
func anchors(text string) []string {
	var names []string
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(text) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			names = append(names, strings.ReplaceAll(strings.ToLower(dropped.ReplaceAllString(strings.TrimSpace(heading), "")), " ", "-"))
		}
	}
	return names
}

// Methods and names in Go that documents mention exist. The changelog speaks of those
// that are gone.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	declared := map[string]map[string]bool{
		"gen": declarations(t, "../gen"), "signalwire": declarations(t, "."),
		"swml": declarations(t, "../gen/swml"), "signalwiretest": declarations(t, "signalwiretest"),
		"events": declarations(t, "../gen/events"), "webhook": declarations(t, "webhook"),
	}
	methods := regexp.MustCompile(`\bclient\.([A-Z]\w*)(?:\.([A-Z]\w*))?`)
	names := regexp.MustCompile(`\b(gen|signalwire|swml|signalwiretest|events|webhook)\.([A-Z]\w*)(…)?`)
	client := reflect.TypeFor[*signalwire.Client]()
	checked := 0
	for page, text := range documents(t) {
		if page == "CHANGELOG.md" {
			continue
		}
		for _, match := range methods.FindAllStringSubmatch(text, -1) {
			checked++
			if match[2] == "" {
				_, isMethod := client.MethodByName(match[1])
				_, isGroup := client.Elem().FieldByName(match[1])
				require.True(t, isMethod || isGroup, "%s: %s", page, match[0])
				continue
			}
			group, found := reflect.TypeFor[gen.Client]().FieldByName(match[1])
			require.True(t, found, "%s: %s", page, match[0])
			_, found = reflect.PointerTo(group.Type).MethodByName(match[2])
			require.True(t, found, "%s: %s", page, match[0])
		}
		for _, match := range names.FindAllStringSubmatch(text, -1) {
			if match[3] == "" && match[0] != "gen.Client.All…" {
				checked++
				require.True(t, declared[match[1]][match[2]], "%s: %s", page, match[0])
			}
		}
	}
	require.Greater(t, checked, 100)
}

// declarations are the exported names that the package in a folder declares.
func declarations(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					names[decl.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names[name.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// CONTRIBUTING.md has each gate of make ci, in that order.
func TestContributingNamesEveryGate(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	gates := regexp.MustCompile(`(?m)^GATES = (.*)$`).FindSubmatch(makefile)
	require.NotNil(t, gates)
	var listed []string
	for _, match := range regexp.MustCompile("(?m)^\\| `make (\\w+)`").FindAllStringSubmatch(documents(t)["CONTRIBUTING.md"], -1) {
		listed = append(listed, match[1])
	}
	require.Equal(t, strings.Fields(string(gates[1])), listed)
}

// README's table has every resource of groups.yaml once. Others are new, and named
// by rule.
func TestReadmeNamesEveryResource(t *testing.T) {
	t.Parallel()
	_, table, found := strings.Cut(documents(t)["README.md"], "## Resources\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	var listed, fields []string
	for _, match := range regexp.MustCompile("\\[`(\\w+)`\\]\\(api/INDEX\\.md#(\\w+)\\)").FindAllStringSubmatch(table, -1) {
		require.Equal(t, strings.ToLower(match[1]), match[2])
		listed = append(listed, match[1])
	}
	groups, err := os.ReadFile("../api/groups.yaml")
	require.NoError(t, err)
	client := reflect.TypeFor[gen.Client]()
	for i := range client.NumField() {
		field := client.Field(i)
		if field.IsExported() && bytes.Contains(groups, []byte("group: "+field.Name+",")) {
			fields = append(fields, field.Name)
		}
	}
	slices.Sort(listed)
	slices.Sort(fields)
	require.Equal(t, fields, listed)
}

// Dependabot looks at every module.
func TestDependabotKnowsEveryModule(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile("../.github/dependabot.yml")
	require.NoError(t, err)
	section, _, _ := strings.Cut(string(config), "package-ecosystem: npm")
	var listed, modules []string
	for _, match := range regexp.MustCompile(`(?m)^      - (/\S*)$`).FindAllStringSubmatch(section, -1) {
		listed = append(listed, match[1])
	}
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != ".." && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if err == nil && entry.Name() == "go.mod" {
			folder, err := filepath.Rel("..", filepath.Dir(path))
			modules = append(modules, strings.TrimSuffix("/"+filepath.ToSlash(folder), "."))
			return err
		}
		return err
	}))
	require.ElementsMatch(t, modules, listed)
}
