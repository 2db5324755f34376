package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// A description that says the same as the last published one in other ways becomes the
// same client: no name is lost or new, and no type is another one.
func TestOtherSpellings(t *testing.T) {
	if testing.Short() || RaceEnabled {
		t.Skip("generates clients of the whole description")
	}
	text, err := os.ReadFile("../../upstream.json")
	require.NoError(t, err)
	own, err := ownSources("../../..")
	require.NoError(t, err)
	for name, respell := range map[string]func(doc map[string]any){
		"schemas": func(doc map[string]any) {
			doc["components"].(map[string]any)["schemas"] = respelled(doc["components"].(map[string]any)["schemas"])
			doc["paths"] = respelled(doc["paths"])
		},
		"names": func(doc map[string]any) {
			paths := map[string]any{}
			for path, item := range doc["paths"].(map[string]any) {
				paths[regexp.MustCompile(`\{(\w+)\}`).ReplaceAllString(path, "{the_$1}")] = item
				for method := range tree.Methods {
					if operation, ok := item.(map[string]any)[method].(map[string]any); ok {
						renameOperation(operation)
					}
				}
			}
			doc["paths"] = paths
		},
	} {
		t.Run(name, func(t *testing.T) {
			var doc map[string]any
			require.NoError(t, json.Unmarshal(text, &doc))
			doc["info"] = map[string]any{"title": "Published", "version": "1"}
			respell(doc)
			respelled, err := json.MarshalIndent(doc, "", " ")
			require.NoError(t, err)
			require.NotEqual(t, text, respelled)
			file := filepath.Join(t.TempDir(), "published.json")
			require.NoError(t, os.WriteFile(file, respelled, 0o600))

			sources, err := readSources("../../..", Sources{Published: true}, file)
			require.NoError(t, err)
			made, err := generateClient("../../..", sources)
			require.NoError(t, err)
			ours, err := goapi.Read("../../../gen", "*.gen.go")
			require.NoError(t, err)
			theirs, err := goapi.ReadClient(made.code)
			require.NoError(t, err)
			require.Empty(t, goapi.Compare(ours, theirs))
			committed, err := generateClient("../../..", own)
			require.NoError(t, err)
			require.Equal(t, fieldsOf(committed.code), fieldsOf(made.code))
		})
	}
}

// fieldsOf returns the fields of the structs of a client, with their tags, sorted.
func fieldsOf(code []byte) []string {
	fields := regexp.MustCompile("(?m)^\t.*`json:.*$").FindAllString(string(code), -1)
	for i, field := range fields {
		fields[i] = strings.Join(strings.Fields(field), " ") // without the alignment
	}
	slices.Sort(fields)
	return fields
}

// renameOperation spells the id of an operation in camelCase, and gives its path parameters
// other names.
func renameOperation(operation map[string]any) {
	words := regexp.MustCompile(`[_-]`).Split(operation["operationId"].(string), -1)
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	operation["operationId"] = strings.Join(words, "")
	for _, p := range asList(operation["parameters"]) {
		if parameter := p.(map[string]any); parameter["in"] == "path" {
			parameter["name"] = "the_" + parameter["name"].(string)
		}
	}
}

// respelled returns a value in which each schema says the same in another way.
func respelled(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = respelled(v[i])
		}
	case map[string]any:
		for key := range v {
			if key != "enum" && key != "const" && key != "required" {
				v[key] = respelled(v[key])
			}
		}
		return respelledSchema(v)
	}
	return v
}

func respelledSchema(v map[string]any) map[string]any {
	for _, key := range []string{"required", "enum", "oneOf", "anyOf"} {
		slices.Reverse(asList(v[key]))
	}
	if choice := asList(v["oneOf"]); choice != nil {
		delete(v, "oneOf")
		v["anyOf"] = choice
	} else if choice := asList(v["anyOf"]); choice != nil {
		delete(v, "anyOf")
		v["oneOf"] = choice
	}
	if values := asList(v["enum"]); len(values) == 1 {
		delete(v, "enum")
		v["const"] = values[0]
	}
	if v["additionalProperties"] == false {
		delete(v, "additionalProperties")
		v["unevaluatedProperties"] = map[string]any{"not": map[string]any{}}
	}
	if ref, ok := v["$ref"].(string); ok && len(v) == 1 {
		return map[string]any{"allOf": []any{map[string]any{"$ref": ref}}}
	}
	types := asList(v["type"])
	if len(types) != 2 || !slices.Contains(types, "null") {
		return v
	}
	isNull := func(value any) bool { return value == "null" || value == nil }
	v["type"] = slices.DeleteFunc(types, isNull)[0]
	if values := asList(v["enum"]); values != nil {
		v["enum"] = slices.DeleteFunc(values, isNull)
	}
	return map[string]any{"anyOf": []any{map[string]any{"type": "null"}, v}}
}

// asList returns v if it is an array. Otherwise it returns nil.
func asList(v any) []any {
	list, _ := v.([]any)
	return list
}
