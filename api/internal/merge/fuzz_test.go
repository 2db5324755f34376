package merge_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"gopkg.in/yaml.v3"
)

// Whatever the documents are, there is an error, or a description that reads back
// from YAML and JSON alike and that merging again leaves as it is.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(pipelinetest.HeadA+"paths: {/x: {get: {operationId: x, responses: {200: {}}}}}\n"), []byte(pipelinetest.HeadB+"paths: {/x: {}}\ntags: [{name: t}]\n"))
	f.Add([]byte(pipelinetest.HeadA+"security: [{b: []}]\npaths: {/x: {get: {}}}\n"), []byte(pipelinetest.HeadB+"webhooks: {w: {post: {callbacks: {c: {'{$url}': {get: {}}}}}}}\n"))
	f.Add([]byte(pipelinetest.HeadB+"components: {schemas: {a/b: {$ref: '#/components/schemas/a~1b'}}}\n"), []byte(pipelinetest.HeadB+"components: {schemas: {S: {default: {$ref: x}}}}\n"))
	f.Add([]byte(pipelinetest.HeadB+"paths: {}\nx-a: [~, True, 2026-03-18, -1.50, 'yes', \"\\t\\u2028\", {}]\n"), []byte(pipelinetest.HeadB+"paths: {}\nx-b: |2\n    a\n   b\n\nx-c: >-\n  a\n   b\n  c\n"))
	f.Add([]byte("openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\npaths: {}\n"),
		[]byte("openapi: 3.1.0\ninfo:\n  title: >-\n    B\n\n     C\n  version: |+\n    2\n\nservers:\n  - url: https://x.example/b\npaths:\n  ? /x\n  : get:\n"))
	f.Add([]byte("a: &a [*a, *a]\n"), []byte("? {a: b}\n: <<\n"))
	f.Add([]byte(pipelinetest.HeadB+"paths: {/x/{a}: {parameters: [{$ref: '#/components/parameters/P'}], get: {responses: {200: {$ref: '#/components/responses/R'}}}}}\ncomponents: {parameters: {P: {name: a, in: path}}, responses: {R: {content: {j: {schema: {allOf: [{$ref: '#/components/schemas/S'}], items: {}}}}}}, schemas: {S: {enum: [a]}}}\n"),
		[]byte(pipelinetest.HeadB+"paths: {/x/{b}: {servers: [{url: 'https://x.example/deep'}], put: {parameters: [{name: b, in: path}], responses: {200: {content: {j: {schema: {$ref: '#/components/schemas/S'}}}}}}}}\ncomponents: {schemas: {S: {enum: [b]}, SWMLObject: {$ref: '#/components/schemas/T'}, T: {}}}\n"))
	f.Add([]byte("--- !!map {}\n---\n"), []byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > 1<<16 {
			t.Skip()
		}
		documents := pipelinetest.Texts(string(a), string(b))
		_ = pipelinetest.Run(t, pipelinetest.Sources{Documents: documents, Published: true})
		first, ok := fuzzMerge(t, string(a), string(b))
		if !ok {
			return
		}
		if again, ok := fuzzMerge(t, string(a), string(b)); !ok || first != again {
			t.Errorf("not deterministic:\n%s\n%s", first, again)
		}
		if again, ok := fuzzMerge(t, first); !ok || first != again {
			t.Errorf("not idempotent:\n%s\n%s", first, again)
		}
	})
}

func fuzzMerge(t *testing.T, documents ...string) (string, bool) {
	r := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(documents...)})
	if r.Err != "" {
		return "", false
	}
	var value any
	var fromYAML, fromJSON yaml.Node
	if err := errors.Join(json.Unmarshal([]byte(r.JSON), &value), yaml.Unmarshal([]byte(r.JSON), &fromJSON), yaml.Unmarshal([]byte(r.YAML), &fromYAML)); err != nil {
		t.Fatalf("%v in %s", err, r.JSON)
	}
	if d := tree.Difference(fromYAML.Content[0], fromJSON.Content[0]); d != "" {
		t.Fatalf("the JSON %s differs at %s", r.JSON, d)
	}
	_, body, _ := strings.Cut(r.YAML, "\n")
	return body, true
}
