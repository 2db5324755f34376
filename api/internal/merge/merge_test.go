package merge_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		documents []string
		want      string
	}{
		{
			name: "the base path of each document becomes part of its paths, and the origin is the server",
			documents: []string{
				pipelinetest.HeadA + "paths:\n  /x: {get: {operationId: x}}\n  /: {get: {operationId: root}}\n",
				pipelinetest.HeadB + "paths:\n  /api/a/y: {get: {operationId: y}}\n",
			},
			want: `openapi: 3.1.0
info: {title: A, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  /api/a/x: {get: {operationId: x}}
  /api/a/: {get: {operationId: root}}
  /api/a/y: {get: {operationId: y}}
`,
		},
		{
			name: "a slash at the end of the base path is ignored, and extensions among the paths are no paths",
			documents: []string{
				"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://x.example/api/'}]\npaths: {x-note: 1, /x: {}}\n",
			},
			want: `openapi: 3.1.0
info: {title: A, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths: {x-note: 1, /api/x: {}}
`,
		},
		{
			name: "an origin with variables or percent-encoded braces is a text",
			documents: []string{
				"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://{space}.%7Bx%7D.example/api', variables: {space: {default: s}}}]\npaths: {/x: {}}\n",
				"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://{space}.%7Bx%7D.example/', variables: {space: {default: s}}}]\npaths: {/y: {}}\n",
			},
			want: `openapi: 3.1.0
info: {title: A, version: 1.0.0}
servers: [{url: 'https://{space}.%7Bx%7D.example', variables: {space: {default: s}}}]
paths: {/api/x: {}, /y: {}}
`,
		},
		{
			name: "the order is that of the first document, then what the others add, each in its place",
			documents: []string{
				pipelinetest.HeadB + `paths:
  /p2: {}
  /p1: {}
components:
  schemas:
    S2: {}
    S1: {}
`,
				pipelinetest.HeadB + `components:
  examples:
    P: {value: 1}
  schemas:
    S0: {}
    S1: {}
tags: [{name: t}]
paths:
  /p0: {}
  /p2: {}
x-note: text
`,
			},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  /p2: {}
  /p1: {}
  /p0: {}
components:
  schemas:
    S2: {}
    S1: {}
    S0: {}
  examples:
    P: {value: 1}
tags: [{name: t}]
x-note: text
`,
		},
		{
			name: "equal means equal content, whatever the style, the order of keys and the comments",
			documents: []string{
				pipelinetest.HeadB + `paths:
  /x: # comment
    get: {operationId: x, responses: {"200": {description: "one two", x-n: null, x-f: 1.50, x-b: true}}}
`,
				pipelinetest.HeadB + `paths:
  /x:
    get:
      responses:
        200:
          x-b: True
          x-f: 1.5
          x-n: ~
          description: >-
            one
            two
      # comment
      operationId: 'x'
`,
			},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  /x:
    get: {operationId: x, responses: {"200": {description: "one two", x-n: null, x-f: 1.50, x-b: true}}}
`,
		},
		{
			name: "methods of one path in two documents become one path item, each with the parameters of the path",
			documents: []string{
				pipelinetest.HeadB + "paths:\n  /x:\n    parameters: [{name: p, in: query, schema: {type: string}}]\n    get: {operationId: get}\n",
				pipelinetest.HeadB + "paths:\n  /x:\n    put: {operationId: put}\n    get: {operationId: get}\n    parameters: [{in: query, name: p}]\n",
			},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  /x:
    get: {operationId: get, parameters: [{name: p, in: query, schema: {type: string}}]}
    put: {operationId: put, parameters: [{in: query, name: p, schema: {type: string}}]}
`,
		},
		{
			name: "info is that of the first document",
			documents: []string{
				pipelinetest.HeadB + "paths: {}\n",
				"openapi: 3.1.0\ninfo: {title: C, version: 2.0.0, license: {name: MIT}}\nservers: [{url: 'https://x.example'}]\npaths: {}\n",
			},
			want: pipelinetest.HeadB + "paths: {}\n",
		},
		{
			name: "tags are united by name",
			documents: []string{
				pipelinetest.HeadB + "paths: {}\ntags:\n  - name: one\n    description: d\n  - name: two\n",
				pipelinetest.HeadB + "paths: {}\ntags:\n  - name: three\n  - {description: d, name: one}\n",
			},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths: {}
tags:
  - name: one
    description: d
  - name: two
  - name: three
`,
		},
		{
			name: "extensions, externalDocs and jsonSchemaDialect are kept if one document has them or all alike",
			documents: []string{
				pipelinetest.HeadB + "paths: {}\nx-a: [1]\nexternalDocs: {url: u}\n",
				pipelinetest.HeadB + "paths: {}\nx-a: [1]\njsonSchemaDialect: d\nx-b: {}\n",
			},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths: {}
x-a: [1]
externalDocs: {url: u}
jsonSchemaDialect: d
x-b: {}
`,
		},
		{
			name: "security that all documents share stays at the top",
			documents: []string{
				pipelinetest.HeadB + "security: [{basic: []}]\npaths: {/x: {get: {}}}\n",
				pipelinetest.HeadB + "security:\n  - basic: []\npaths: {/y: {get: {}}}\n",
			},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
security: [{basic: []}]
paths: {/x: {get: {}}, /y: {get: {}}}
`,
		},
		{
			name: "security that they do not share moves into the operations without their own",
			documents: []string{
				pipelinetest.HeadB + `security: [{basic: []}]
paths:
  /x:
    get: {operationId: x}
    put:
      security: []
    post:
      callbacks:
        done:
          '{$request.body#/url}':
            post:
              operationId: done
`,
				pipelinetest.HeadB + "paths:\n  /y:\n    get: {operationId: y}\n",
			},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  /x:
    get: {operationId: x, security: [{basic: []}]}
    put:
      security: []
    post:
      callbacks:
        done:
          '{$request.body#/url}':
            post:
              operationId: done
      security: [{basic: []}]
  /y:
    get: {operationId: y}
`,
		},
		{
			name: "data is no reference, and names are no keywords",
			documents: []string{pipelinetest.HeadB + `components:
  schemas:
    Target: {}
    S:
      default: {$ref: nowhere}
      example: {$ref: nowhere}
      examples: [{$ref: nowhere}]
      const: {$ref: nowhere}
      enum: [{$ref: nowhere}]
      properties:
        $ref: {type: string}
        servers: {$ref: '#/components/schemas/Target'}
        nested: {$ref: '#/components/schemas/S/properties/servers'}
        a~b/c: {$ref: '#/components/schemas/S/properties/a~0b~1c'}
        item: {$ref: '#/components/schemas/T/allOf/0'}
    T: {allOf: [{$ref: '#/components/schemas/Target'}, {}]}
`},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
components:
  schemas:
    Target: {}
    S:
      default: {$ref: nowhere}
      example: {$ref: nowhere}
      examples: [{$ref: nowhere}]
      const: {$ref: nowhere}
      enum: [{$ref: nowhere}]
      properties:
        $ref: {type: string}
        servers: {$ref: '#/components/schemas/Target'}
        nested: {$ref: '#/components/schemas/S/properties/servers'}
        a~b/c: {$ref: '#/components/schemas/S/properties/a~0b~1c'}
        item: {$ref: '#/components/schemas/T/allOf/0'}
    T: {allOf: [{$ref: '#/components/schemas/Target'}, {}]}
`,
		},
		{
			name:      "what readers of YAML take for different things is quoted",
			documents: []string{pipelinetest.HeadB + "paths:\n  /x:\n    get:\n      responses:\n        404: {}\n      x-date: 2026-03-18\n"},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  /x:
    get:
      responses:
        "404": {}
      x-date: "2026-03-18"
`,
		},
		{
			name:      "texts that the YAML library would write wrongly as a block",
			documents: []string{pipelinetest.HeadB + "paths: {}\nx-a: |\n\n  a\nx-b: >-\n  a\n   b\n  c\n\n  d\n"},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths: {}
x-a: "\na\n"
x-b: |-
  a
   b
  c
  d
`,
		},
		{
			name:      "folded lines that it would",
			documents: []string{"openapi: 3.1.0\ninfo:\n  title: >-\n    A\n\n     C\n  version: 1.0.0\nservers: [{url: 'https://x.example'}]\npaths: {}\n"},
			want: `openapi: 3.1.0
info:
  title: |-
    A

     C
  version: 1.0.0
servers: [{url: 'https://x.example'}]
paths: {}
`,
		},
		{
			name:      "nothing is null also where it comes into braces",
			documents: []string{pipelinetest.HeadB + "components: {}\n", pipelinetest.HeadB + "components:\n  x-a:\n  x-b: ~\n"},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
components: {x-a: null, x-b: null}
`,
		},
		{
			name:      "security of a single document, even without operations",
			documents: []string{pipelinetest.HeadB + "security: [{basic: []}]\ncomponents: {}\n"},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
security: [{basic: []}]
components: {}
`,
		},
		{
			name:      "what an extension says is no operation",
			documents: []string{pipelinetest.HeadB + "paths:\n  x-a: {get: {operationId: i}}\n  /x: {get: {operationId: i}}\n"},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  x-a: {get: {operationId: i}}
  /x: {get: {operationId: i}}
`,
		},
		{
			name:      "line endings become LF",
			documents: []string{strings.ReplaceAll(pipelinetest.HeadB+"paths:\n  /x:\n    description: |\n      one\n      two\n", "\n", "\r\n")},
			want: `openapi: 3.1.0
info: {title: B, version: 1.0.0}
servers: [{url: 'https://x.example'}]
paths:
  /x:
    description: |
      one
      two
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pipelinetest.RequireMerged(t, test.want, "", test.documents...)
		})
	}
}

// A description is written the same every time and, merged again, stays as it is.
func TestMergeIsDeterministicAndIdempotent(t *testing.T) {
	t.Parallel()
	var paths, schemas strings.Builder
	for i := range 50 {
		name := string(rune('a'+i%26)) + strings.Repeat("x", i)
		paths.WriteString("  /" + name + ":\n    get: {operationId: " + name + "}\n")
		schemas.WriteString("    " + name + ":\n      $ref: '#/components/schemas/a'\n")
	}
	a := pipelinetest.HeadA + "paths:\n" + paths.String() + "components:\n  schemas:\n" + schemas.String()
	b := pipelinetest.HeadB + "tags: [{name: t}]\ncomponents:\n  schemas:\n" + schemas.String()
	first, second := run(t, a, b), run(t, a, b)
	require.Equal(t, "", first.Err)
	require.Equal(t, first.YAML, second.YAML)
	require.Equal(t, first.JSON, second.JSON)

	again := run(t, first.YAML)
	require.Equal(t, "# Code generated by api/cmd from a.yaml. DO NOT EDIT.", strings.Split(again.YAML, "\n")[0])
	require.Equal(t, strings.SplitN(first.YAML, "\n", 2)[1], strings.SplitN(again.YAML, "\n", 2)[1])
}

func TestJSONIsTheYAML(t *testing.T) {
	t.Parallel()
	r := run(t, pipelinetest.HeadA+`paths:
  /x:
    get:
      description: "a <b> & \"c\" \u2028 \t\n end"
      x-z: [1, -2.50, 1e3, true, False, null, ~, '', "null", "1", 2026-03-18]
      x-a: {}
      responses: {404: {}, default: {}}
`)
	require.Equal(t, "", r.Err)
	var fromYAML, fromJSON any
	require.NoError(t, yaml.Unmarshal([]byte(r.YAML), &fromYAML))
	encoded, err := json.Marshal(fromYAML)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(r.JSON), &fromJSON))
	require.JSONEq(t, string(encoded), r.JSON)
	require.Equal(t, `{"openapi":"3.1.0","info":{"title":"A","version":"1.0.0"},"servers":[{"url":"https://x.example"}],`+
		`"paths":{"/api/a/x":{"get":{"description":"a \u003cb\u003e \u0026 \"c\" \u2028 \t\n end",`+
		`"x-z":[1,-2.50,1e3,true,false,null,null,"","null","1","2026-03-18"],"x-a":{},"responses":{"404":{},"default":{}}}}}}`+"\n", r.JSON)
}

func run(t *testing.T, documents ...string) pipelinetest.Result {
	t.Helper()
	return pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(documents...)})
}
