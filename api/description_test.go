package api

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// pages.txt states what SignalWire's two documentation pages say, one fact a
// line: the document, where in it, and the value there. Descriptions are left
// out, as they are ours.
func pageFacts(t *testing.T) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(read(t, "testdata/pages.txt")), "\n")
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// facts flattens a document into such lines.
func facts(t *testing.T, file string) map[string]bool {
	t.Helper()
	var doc any
	require.NoError(t, yaml.Unmarshal([]byte(read(t, file)), &doc))
	lines := map[string]bool{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if _, isText := inner.(string); key == "description" && isText {
					continue
				}
				walk(at+" "+strings.ReplaceAll(key, " ", "_"), inner)
			}
		case []any:
			if len(v) == 0 {
				lines[strings.TrimSpace(at)+" = []"] = true
			}
			for i, inner := range v {
				walk(fmt.Sprintf("%s [%d]", at, i), inner)
			}
		default:
			lines[fmt.Sprintf("%s = %v", strings.TrimSpace(at), v)] = true
		}
	}
	walk("", doc)
	return lines
}

func TestSourcesStateThePages(t *testing.T) {
	t.Parallel()
	sources := map[string]map[string]bool{
		"fabric":          facts(t, "fabric.yaml"),
		"signalwire-rest": facts(t, "signalwire-rest.yaml"),
	}
	for _, fact := range pageFacts(t) {
		document, line, _ := strings.Cut(fact, " ")
		require.True(t, sources[document][line], "%s.yaml does not say: %s", document, line)
	}
}

// The merged description keeps all of that, but for what the merge and the
// overlay are for: base paths are folded into the paths, the two documents
// become one, operationIds are in snake_case, and the Authorization parameter and the server
// are corrected.
func TestMergedDescriptionKeepsThePages(t *testing.T) {
	t.Parallel()
	merged := facts(t, "openapi.yaml")
	corrected := regexp.MustCompile(`^(info title|servers \[0\] url) = |^paths \S+ patch parameters \[(\d+)\] `)
	dropped := 0
	for _, fact := range pageFacts(t) {
		document, line, _ := strings.Cut(fact, " ")
		if document == "fabric" {
			line = strings.Replace(line, "paths /", "paths /api/fabric/", 1)
		}
		if path, id, ok := strings.Cut(line, " operationId = "); ok {
			line = path + " operationId = " + strings.ReplaceAll(id, "-", "_")
		}
		if m := corrected.FindStringSubmatch(line); m != nil && !merged[line] {
			dropped++
			continue
		}
		require.True(t, merged[line], "openapi.yaml does not say: %s", line)
	}
	// Of each document its title and its server, and the four facts about the
	// Authorization parameter: name, in, required, schema type.
	require.Equal(t, 2*(2+4), dropped)
	require.True(t, merged["servers [0] url = https://{space_name}.signalwire.com"])
	require.True(t, merged["security [0] SignalWireBasicAuth = []"])
}

// What was new in the last version that was imported has words of ours.
func TestWordsAreWritten(t *testing.T) {
	t.Parallel()
	words, err := os.ReadFile("words.yaml")
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	require.NotContains(t, string(words), "''", "fill in words.yaml, as README.md says")
}

func TestJSONSaysWhatTheYAMLSays(t *testing.T) {
	t.Parallel()
	fromYAML, fromJSON := facts(t, "openapi.yaml"), facts(t, "openapi.json") // JSON is YAML
	require.Equal(t, slices.Sorted(maps.Keys(fromYAML)), slices.Sorted(maps.Keys(fromJSON)))
	require.JSONEq(t, read(t, "openapi.json"), string(OpenAPI))
}
