package overlay_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

const headO = "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n"

func TestOverlay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		overlay, body string // after headO and pipelinetest.HeadB
		want          string // after pipelinetest.HeadB
	}{
		{
			name: "an update merges mappings, appends to lists and replaces scalars",
			overlay: `  - target: $.paths['/x'].get
    update:
      summary: new
      deprecated: true
      tags: [b]
      x-map: {b: 2}
`,
			body: "paths:\n  /x:\n    get:\n      summary: old\n      tags: [a]\n      x-map: {a: 1}\n",
			want: "paths:\n  /x:\n    get:\n      summary: new\n      tags: [a, b]\n      x-map: {a: 1, b: 2}\n      deprecated: true\n",
		},
		{
			name:    "what is in a list already is not appended again",
			overlay: "  - target: $.paths['/x'].get.tags\n    update: b\n  - target: $.paths['/x'].get.tags\n    update: [a, b, c]\n",
			body:    "paths:\n  /x:\n    get:\n      tags: [a]\n",
			want:    "paths:\n  /x:\n    get:\n      tags: [a, b, c]\n",
		},
		{
			name:    "a scalar takes the type and the style of its update",
			overlay: "  - target: $.paths\n    update: {x-a: text, x-b: 5, x-c: 'true', x-d: null}\n",
			body:    "paths:\n  x-a: 5\n  x-b: '5'\n  x-c: true\n  x-d: |\n    a\n    b\n",
			want:    "paths:\n  x-a: text\n  x-b: 5\n  x-c: 'true'\n  x-d: null\n",
		},
		{
			name:    "remove takes whatever matches an RFC 9535 filter",
			overlay: "  - target: $.paths.*.*.parameters[?@.in == 'header' && @.name == 'Authorization']\n    remove: true\n",
			body:    "paths:\n  /x:\n    get:\n      parameters: [{name: id, in: path}, {name: Authorization, in: header}]\n    put:\n      parameters: [{name: Authorization, in: header}, {name: Authorization, in: query}]\n",
			want:    "paths:\n  /x:\n    get:\n      parameters: [{name: id, in: path, schema: {type: string}}]\n    put:\n      parameters: [{name: Authorization, in: query, schema: {type: string}}]\n",
		},
		{
			name:    "each action sees what the ones before it did",
			overlay: "  - target: $.paths['/x']\n    remove: true\n  - target: $\n    update: {paths: {/y: {}}}\n  - target: $.paths['/y']\n    update: {get: {}}\n",
			body:    "paths:\n  /x: {}\n",
			want:    "paths:\n  /y: {get: {}}\n",
		},
		{
			name:    "copy",
			overlay: "  - target: $.paths['/y']\n    copy: $.paths['/x']\n",
			body:    "paths:\n  /x: {get: {summary: s}}\n  /y: {put: {}}\n",
			want:    "paths:\n  /x: {get: {summary: s}}\n  /y: {put: {}, get: {summary: s}}\n",
		},
		{
			name:    "several targets do not share what they get",
			overlay: "  - target: $.paths.*\n    update: {x-a: {b: [1]}}\n  - target: $.paths['/x']['x-a'].b\n    update: 2\n  - target: $.paths['/x']['x-a']~\n    update: x-c\n",
			body:    "paths:\n  /x: {}\n  /y: {}\n",
			want:    "paths:\n  /x: {x-c: {b: [1, 2]}}\n  /y: {x-a: {b: [1]}}\n",
		},
		{
			name:    "an operationId that occurs twice can be renamed",
			overlay: "  - target: $.paths['/y'].get\n    update: {operationId: other}\n",
			body:    "paths:\n  /x: {get: {operationId: same}}\n  /y: {get: {operationId: same}}\n",
			want:    "paths:\n  /x: {get: {operationId: same}}\n  /y: {get: {operationId: other}}\n",
		},
		{
			name:    "extensions and an update of one target of two are fine",
			overlay: "  - target: $.paths.*\n    description: d\n    x-why: because\n    update: {summary: s}\n",
			body:    "paths:\n  /x: {summary: s}\n  /y: {}\n  /z: {summary: s}\n",
			want:    "paths:\n  /x: {summary: s}\n  /y: {summary: s}\n  /z: {summary: s}\n",
		},
		{
			name:    "one change is enough",
			overlay: "  - target: $.paths['/x']\n    update: {summary: new, description: d}\n",
			body:    "paths:\n  /x: {summary: old, description: d}\n",
			want:    "paths:\n  /x: {summary: new, description: d}\n",
		},
		{
			name:    "several targets get the same copy, even inside what is copied",
			overlay: "  - target: $['x-a'].*\n    copy: $['x-a']\n",
			body:    "paths: {}\nx-a: {b: {}, c: {}}\n",
			want:    "paths: {}\nx-a: {b: {b: {}, c: {}}, c: {b: {}, c: {}}}\n",
		},
		{
			name:    "several lists do not share what is appended",
			overlay: "  - target: $['x-a'].*\n    update: [{d: 1}]\n  - target: $['x-a'].b[0]\n    update: {d: 2}\n",
			body:    "paths: {}\nx-a: {b: [], c: []}\n",
			want:    "paths: {}\nx-a: {b: [{d: 2}], c: [{d: 1}]}\n",
		},
		{
			name:    "what it writes is normalized, too",
			overlay: "  - target: $.components.schemas\n    update: {A: {properties: {b: {allOf: [{$ref: '#/components/schemas/B'}], description: Text.}}}}\n",
			body:    "paths: {}\ncomponents: {schemas: {B: {type: object}}}\n",
			want:    "paths: {}\ncomponents: {schemas: {B: {type: object}, A: {properties: {b: {$ref: '#/components/schemas/B', description: Text.}}}}}\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pipelinetest.RequireMerged(t, pipelinetest.HeadB+test.want, headO+test.overlay, pipelinetest.HeadB+test.body)
		})
	}
}

func TestOverlayChangesSecurityOfOneOperation(t *testing.T) {
	t.Parallel()
	pipelinetest.RequireMerged(t, pipelinetest.HeadB+"paths:\n  /x: {get: {security: [{basic: [], token: []}]}, put: {security: [{basic: []}]}}\n  /y: {get: {}}\n",
		headO+"  - target: $.paths['/x'].get.security[0]\n    update: {token: []}\n",
		pipelinetest.HeadB+"security: [{basic: []}]\npaths:\n  /x: {get: {}, put: {}}\n", pipelinetest.HeadB+"paths:\n  /y: {get: {}}\n")
}

func TestOverlayNamesItselfInTheOutput(t *testing.T) {
	t.Parallel()
	r := pipelinetest.Run(t, pipelinetest.Sources{Overlay: headO + "  - target: $.paths['/x']\n    remove: true\n", Documents: pipelinetest.Texts(pipelinetest.HeadA+"paths: {/y: {}}\n", pipelinetest.HeadB+"paths: {/x: {}}\n")})
	want := "# Code generated by api/cmd from a.yaml, b.yaml and o.yaml. DO NOT EDIT.\n"
	if len(r.YAML) < len(want) || r.YAML[:len(want)] != want {
		t.Errorf("got %q, want it to begin with %q; errors: %s", r.YAML, want, r.Err)
	}
}

const body = "paths:\n  /x:\n    get: {operationId: x, tags: [a], x-n: 5}\n"

func TestOverlayErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		overlay string
		want    []string
	}{
		{"empty", "\n", []string{`api: o.yaml: the file is empty`}},
		{"version 1.0.0", "overlay: 1.0.0\ninfo: {title: O, version: 1.0.0}\nactions: []\n", []string{
			`api: o.yaml: expected overlay: 1.1.0, found "1.0.0"; before 1.1.0 targets are not RFC 9535 JSONPath, and their filters match other things`,
		}},
		{"no overlay", pipelinetest.HeadB + body, []string{
			`api: o.yaml: expected overlay: 1.1.0, found nothing; before 1.1.0 targets are not RFC 9535 JSONPath, and their filters match other things`,
		}},
		{"unknown fields", headO + "  - target: $.paths\n    remvoe: true\nactoins: []\n", []string{
			`api: o.yaml:6: unknown field "actoins" in an overlay`,
			`api: o.yaml:5: unknown field "remvoe" in an action`,
		}},
		{"no actions", "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\n", []string{`api: o.yaml: overlay must define at least one action`}},
		{"no info", "overlay: 1.1.0\nactions:\n  - remove: true\n", []string{
			`api: o.yaml: overlay info version must be defined; overlay info title must be defined; overlay action at index 0 target must be defined`,
		}},
		{"actions of another kind", "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n  a: b\n", []string{
			"api: o.yaml: yaml: unmarshal errors:;   line 4: cannot unmarshal !!map into []overlay.Action",
		}},
		{"duplicate key and alias", headO + "  - target: $\n    update: {x-a: &a 1, x-b: 2, x-b: 3}\n", []string{
			`api: o.yaml:5: YAML anchors and aliases are not supported; write the value out`,
			`api: o.yaml:5: the key "x-b" occurs twice; the first is at o.yaml:5`,
		}},
		{"actions that say too little, too much or nonsense", headO + `  - target: $.paths
  - target: $.paths
    remove: true
    copy: $.paths
  - target: $.paths
    remove: false
  - target: $
    remove: true
  - target: $.paths[
    remove: true
  - target: $.paths
    copy: $.paths..*
  - target: $.paths
    copy: paths
`, []string{
			`api: o.yaml:4: action 1 (target $.paths, description ""): expected one of update, copy and remove: true`,
			`api: o.yaml:5: action 2 (target $.paths, description ""): expected one of update, copy and remove: true`,
			`api: o.yaml:8: action 3 (target $.paths, description ""): expected one of update, copy and remove: true`,
			`api: o.yaml:10: action 4 (target $, description ""): this would remove the whole description`,
			`api: o.yaml:12: action 5 (target $.paths[, description ""): $.paths[ is no JSONPath: Error at line 1, column 8: unexpected token`,
			`api: o.yaml:14: action 6 (target $.paths, description ""): copy has to match one value, $.paths..* matches 6`,
			`api: o.yaml:16: action 7 (target $.paths, description ""): paths is no JSONPath: Error at line 1, column 0: expected '$'`,
		}},
		{"what is checked afterwards, with places in the overlay", headO + `  - target: $.paths['/x']
    update:
      put:
        operationId: x
        requestBody: {$ref: '#/components/requestBodies/R'}
      parameters:
        - $ref: '#/components/parameters/P'
`, []string{
			`api: operationId "x" is used at a.yaml:6 (GET /x) and at o.yaml:7 (PUT /x); rename one, for example in the overlay:`,
			"  - target: $.paths['/x'].put", "    description: Something else has this name, too.", "    update:", "      operationId: x_x",
			`api: o.yaml:10: $ref "#/components/parameters/P" points at nothing in the document`,
			`api: o.yaml:8: $ref "#/components/requestBodies/R" points at nothing in the document`,
		}},
		{"what is changed has its place in the overlay, too", headO + "  - target: $.paths['/x'].get\n    update: {operationId: y}\n  - target: $.paths['/x']\n    update: {put: {operationId: y}}\n", []string{
			`api: operationId "y" is used at o.yaml:5 (GET /x) and at o.yaml:7 (PUT /x); rename one, for example in the overlay:`,
			"  - target: $.paths['/x'].put", "    description: Something else has this name, too.", "    update:", "      operationId: y_x",
		}},
		{"a key renamed to one that is there", headO + "  - target: $.paths['/x'].get\n    update: {x-a: 1, x-b: 2}\n  - target: $.paths['/x'].get['x-a']~\n    update: x-b\n", []string{
			`api: openapi.yaml:7: the key "x-b" occurs twice; the first is at openapi.yaml:7`,
		}},
		{"a reference to what is removed", headO + "  - target: $.paths['/x']\n    update: {put: {$ref: '#/paths/~1x/get'}}\n  - target: $.paths['/x'].get\n    remove: true\n", []string{
			`api: o.yaml:5: $ref "#/paths/~1x/get" is no component of the document; it has to begin with #/components/`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pipelinetest.RequireErrors(t, test.want, test.overlay, pipelinetest.HeadB+body)
		})
	}
}

// What does nothing is reported, and the rest applies.
func TestWithoutEffect(t *testing.T) {
	t.Parallel()
	const (
		nothing = "`: the target matches nothing"
		useless = "`: it changes nothing"
	)
	for _, test := range []struct {
		name    string
		overlay string
		want    []string
	}{
		{"a name for what is not there", headO + "  - target: $.paths\n    update:\n      /x: {x-go-name: X}\n      /y:\n        x-go-name: Y\n", []string{
			"- 1 members that an action describes or names are not here: `/y` (o.yaml:7)",
		}},
		{"all failing actions, each with its number, line, target and description", headO + `  - target: $.paths['/y']
    description: gone
    remove: true
  - target: $.paths['/x']
    update: {summary: fine}
  - target: $..parameters[?@.name == 'id']
    update: {x-a: 1}
  - target: $.paths['/x'].get
    description: done
    update: {operationId: 'x', tags: [], summary: added}
  - target: $.paths['/x'].get
    update: {summary: added, operationId: "x"}
`, []string{
			"- o.yaml:4 `$.paths['/y']" + nothing,
			"- o.yaml:9 `$..parameters[?@.name == 'id']" + nothing,
			"- o.yaml:14 `$.paths['/x'].get" + useless,
		}},
		{"nothing changed", headO + `  - target: $.paths['/x'].get.operationId
    update: x
  - target: $.paths['/x'].get.tags
    update: []
  - target: $.paths['/x'].get
    update: {}
  - target: $.paths['/x'].get
    update: {tags: [], x-n: 5}
  - target: $.paths['/x']
    copy: $.paths['/x'].get
  - target: $.paths['/x'].tags
    copy: $.paths['/x']['x-n']
  - target: $.paths['/x']['x-n']
    copy: $.paths['/x'].get['x-n']
`, []string{
			"- o.yaml:4 `$.paths['/x'].get.operationId" + useless,
			"- o.yaml:6 `$.paths['/x'].get.tags" + useless,
			"- o.yaml:8 `$.paths['/x'].get" + useless,
			"- o.yaml:10 `$.paths['/x'].get" + useless,
			"- o.yaml:16 `$.paths['/x']['x-n']" + useless,
		}},
		{"kinds that do not go together", headO + `  - target: $.paths['/x'].get
    update: [1]
  - target: $.paths['/x'].get
    update: {tags: b}
  - target: $.paths['/x'].get
    update: {operationId: {a: b}}
  - target: $.paths['/x'].get.*
    update: 1
`, []string{
			"- o.yaml:5: an object (a.yaml:6) cannot be updated with an array", "- o.yaml:4 `$.paths['/x'].get" + useless,
			"- o.yaml:7: an array (a.yaml:6) cannot be updated with \"b\"", "- o.yaml:6 `$.paths['/x'].get" + useless,
			"- o.yaml:9: \"x\" (a.yaml:6) cannot be updated with an object", "- o.yaml:8 `$.paths['/x'].get" + useless,
			"- o.yaml:10 `$.paths['/x'].get.*`: the target matches values of different kinds",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := pipelinetest.Run(t, pipelinetest.Sources{Overlay: test.overlay, Documents: pipelinetest.Texts(pipelinetest.HeadB + body)})
			require.Empty(t, r.Err)
			_, notes, _ := strings.Cut(r.Report, "name what is not here.\n\n")
			require.Equal(t, test.want, strings.Split(strings.TrimSuffix(notes, "\n"), "\n"))
		})
	}
}
