package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"gopkg.in/yaml.v3"
)

// Whatever the documents are, there is an error, or a description that reads back
// from YAML and JSON alike and that merging again leaves as it is.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(headA+"paths: {/x: {get: {operationId: x, responses: {200: {}}}}}\n"), []byte(headB+"paths: {/x: {}}\ntags: [{name: t}]\n"))
	f.Add([]byte(headA+"security: [{b: []}]\npaths: {/x: {get: {}}}\n"), []byte(headB+"webhooks: {w: {post: {callbacks: {c: {'{$url}': {get: {}}}}}}}\n"))
	f.Add([]byte(headB+"components: {schemas: {a/b: {$ref: '#/components/schemas/a~1b'}}}\n"), []byte(headB+"components: {schemas: {S: {default: {$ref: x}}}}\n"))
	f.Add([]byte(headB+"paths: {}\nx-a: [~, True, 2026-03-18, -1.50, 'yes', \"\\t\\u2028\", {}]\n"), []byte(headB+"paths: {}\nx-b: |2\n    a\n   b\n\nx-c: >-\n  a\n   b\n  c\n"))
	f.Add([]byte("openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\npaths: {}\n"),
		[]byte("openapi: 3.1.0\ninfo:\n  title: >-\n    B\n\n     C\n  version: |+\n    2\n\nservers:\n  - url: https://x.example/b\npaths:\n  ? /x\n  : get:\n"))
	f.Add([]byte("a: &a [*a, *a]\n"), []byte("? {a: b}\n: <<\n"))
	f.Add([]byte(headB+"paths: {/x/{a}: {parameters: [{$ref: '#/components/parameters/P'}], get: {responses: {200: {$ref: '#/components/responses/R'}}}}}\ncomponents: {parameters: {P: {name: a, in: path}}, responses: {R: {content: {j: {schema: {allOf: [{$ref: '#/components/schemas/S'}], items: {}}}}}}, schemas: {S: {enum: [a]}}}\n"),
		[]byte(headB+"paths: {/x/{b}: {servers: [{url: 'https://x.example/deep'}], put: {parameters: [{name: b, in: path}], responses: {200: {content: {j: {schema: {$ref: '#/components/schemas/S'}}}}}}}}\ncomponents: {schemas: {S: {enum: [b]}, SWMLObject: {$ref: '#/components/schemas/T'}, T: {}}}\n"))
	f.Add([]byte("--- !!map {}\n---\n"), []byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > 1<<16 {
			t.Skip()
		}
		foreign := merger{intake: &intake{}}
		if root, err := foreign.merge([]file{{"a.yaml", a}, {"b.yaml", b}}, nil); err == nil {
			_, _ = foreign.encodeYAML("", root, "out.yaml")
		}
		first, ok := fuzzMerge(t, file{"a.yaml", a}, file{"b.yaml", b})
		if !ok {
			return
		}
		if again, ok := fuzzMerge(t, file{"a.yaml", a}, file{"b.yaml", b}); !ok || !bytes.Equal(first, again) {
			t.Errorf("not deterministic:\n%s\n%s", first, again)
		}
		if again, ok := fuzzMerge(t, file{"out.yaml", first}); !ok || !bytes.Equal(first, again) {
			t.Errorf("not idempotent:\n%s\n%s", first, again)
		}
	})
}

func fuzzMerge(t *testing.T, documents ...file) ([]byte, bool) {
	var m merger
	root, err := m.merge(documents, nil)
	if err != nil {
		return nil, false
	}
	text, err := m.encodeYAML("", root, "out.yaml")
	if err != nil {
		t.Fatal(err) // What was merged can be written.
	}
	var fromJSON any
	var fromYAML yaml.Node
	if err := json.Unmarshal(encodeJSON(root), &fromJSON); err != nil {
		t.Fatalf("%v in %s", err, encodeJSON(root))
	}
	if err := yaml.Unmarshal(encodeJSON(root), &fromYAML); err != nil {
		t.Fatalf("%v in %s", err, encodeJSON(root))
	}
	if d := difference(root, fromYAML.Content[0]); d != "" {
		t.Fatalf("the JSON %s differs at %s", encodeJSON(root), d)
	}
	return text, true
}
