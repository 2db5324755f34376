package names_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
	"github.com/stretchr/testify/require"
)

// An update that can be an edit comes to say how: found in the description,
// or said in the overlay where there is more than one way.
func TestEdits(t *testing.T) {
	const (
		object  = "{type: object, properties: {"
		secret  = "{type: string, x-oapi-codegen-extra-tags: {sensitive: 'true'}}"
		gateway = "    Gateway: " + object + "id: {type: string}, gateway: {$ref: '#/components/schemas/Settings'}}}\n"
		setting = "    Settings: " + object + "name: {type: string}, uri: {type: string}, password: {type: string}}}\n"
		change  = "    Change: " + object + "name: {type: string}, uri: {type: string}}}\n"
		patch   = "{target: \"$.paths['/things/{id}'].patch\", update: "
		put     = "{target: \"$.paths['/things/{id}'].put\", update: "
	)
	for _, test := range []struct {
		name, method string // of the update
		parameters   string // of the read
		schemas      string // Gateway, which both return unless updated is another, and Change, which is sent
		updated      string // the schema that the update returns, if it is not Gateway
		overlay      string
		want, err    string
	}{
		{name: "settings inside of an envelope", method: "patch", schemas: gateway + setting + change,
			want: "{name: EditThing, settings: gateway, full: false}"},
		{name: "PUT repeats what does not change", method: "put", schemas: gateway + setting + change,
			want: "{name: EditThing, settings: gateway, full: true}"},
		{name: "PUT that merges", method: "put", schemas: gateway + setting + change, overlay: put + "{x-put: merges}}",
			want: "{name: EditThing, settings: gateway, full: false}"},
		{name: "members of the response itself", method: "patch",
			schemas: "    Gateway: " + object + "id: {type: string}, name: {type: string}, uri: {type: string}}}\n" + change, want: "{name: EditThing, full: false}"},
		{name: "members of an allOf", method: "patch",
			schemas: "    Gateway: {allOf: [{$ref: '#/components/schemas/Settings'}]}\n" + setting + change, want: "{name: EditThing, full: false}"},
		{name: "secrets and what is never read", method: "patch", schemas: gateway + setting +
			"    Change: " + object + "name: {type: string}, password: " + secret + ", auto: {type: boolean}}}\n",
			want: "{name: EditThing, settings: gateway, writeOnly: [auto, password], full: false}"},
		{name: "another name", method: "patch", overlay: patch + "{x-go-edit: {names: {label: name}}}}",
			schemas: gateway + setting + "    Change: " + object + "label: {type: string}}}\n",
			want:    "{name: EditThing, settings: gateway, names: {label: name}, full: false}"},
		{name: "two objects, one of which has all", method: "patch", schemas: setting + change +
			"    Gateway: " + object + "name: {type: string}, gateway: {$ref: '#/components/schemas/Settings'}}}\n",
			want: "{name: EditThing, settings: gateway, full: false}"},
		{name: "two objects, one of which is said", method: "patch", overlay: patch + "{x-go-edit: {settings: gateway}}}", schemas: setting + change +
			"    Gateway: " + object + "gateway: {$ref: '#/components/schemas/Settings'}, old: {$ref: '#/components/schemas/Settings'}}}\n",
			want: "{name: EditThing, settings: gateway, full: false}"},
		{name: "a read with parameters", method: "patch", parameters: "parameters: [{name: q, in: query, schema: {type: string}}], ", schemas: gateway + setting + change,
			want: "{name: EditThing, settings: gateway, full: false}"},
		{name: "a read that requires a parameter", method: "patch", parameters: "parameters: [{name: q, in: query, required: true, schema: {type: string}}], ", schemas: gateway + setting + change},
		{name: "a read of another type", method: "patch", updated: "Settings", schemas: gateway + setting + change},
		{name: "no update", method: "post", schemas: gateway + setting + change},
		{name: "nothing that the response has", method: "patch", schemas: gateway + setting + "    Change: " + object + "other: {type: string}}}\n",
			want: "{name: EditThing, writeOnly: [other], full: false}"},
		{name: "a body of several kinds", method: "patch", schemas: gateway + setting + "    Change: {oneOf: [{$ref: '#/components/schemas/Settings'}, {$ref: '#/components/schemas/Gateway'}]}\n"},

		{name: "two objects that could be it", method: "patch", schemas: setting + change +
			"    Gateway: " + object + "gateway: {$ref: '#/components/schemas/Settings'}, old: {$ref: '#/components/schemas/Settings'}}}\n",
			err: "more than one object of the response could hold the settings of `PATCH /things/{id}`; name it in the overlay"},
		{name: "no such settings", method: "patch", overlay: patch + "{x-go-edit: {settings: none}}}", schemas: gateway + setting + change,
			err: "the response has no object none"},
		{name: "no such field", method: "patch", overlay: patch + "{x-go-edit: {names: {none: name}}}}", schemas: gateway + setting + change,
			err: "`PATCH /things/{id}` has no field none, or its response no name"},
		{name: "no such member", method: "patch", overlay: patch + "{x-go-edit: {names: {name: none}}}}", schemas: gateway + setting + change,
			err: "`PATCH /things/{id}` has no field name, or its response no none"},
		{name: "a word that is none", method: "put", overlay: put + "{x-put: merge}}", schemas: gateway + setting + change,
			err: "expected x-put of a PUT to be replaces, merges or unknown"},
		{name: "not of a PUT", method: "patch", overlay: patch + "{x-put: merges}}", schemas: gateway + setting + change,
			err: "expected x-put of a PUT"},
		{name: "a rule for what is no edit", method: "patch", overlay: patch + "{x-go-edit: {settings: gateway}}}",
			schemas: gateway + setting + "    Change: {oneOf: [{$ref: '#/components/schemas/Settings'}, {$ref: '#/components/schemas/Gateway'}]}\n",
			err:     "x-go-edit of `PATCH /things/{id}`: the operation is not an update of an object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			overlay := pipelinetest.NoChange
			if test.overlay != "" {
				overlay = strings.Replace(pipelinetest.NoChange, "actions: [", "actions: ["+test.overlay+", ", 1)
			}
			document := pipelinetest.HeadB + "paths:\n  /things/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n" +
				"    get: {operationId: get_thing, " + test.parameters + pipelinetest.Returns("Gateway") + "}\n" +
				"    " + test.method + ": {operationId: update_thing, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Change'}}}}, " + pipelinetest.Returns(cmp.Or(test.updated, "Gateway")) + "}\n" +
				"components:\n  schemas:\n" + test.schemas
			sources := pipelinetest.Sources{Documents: pipelinetest.Texts(document), Overlay: overlay, Config: "package: gen\ngenerate: {models: true}\n"}
			got := pipelinetest.Run(t, sources)
			if test.err != "" {
				if strings.Contains(test.overlay, "x-go-edit") { // A new version may lack what the overlay is for.
					require.Empty(t, got.Err)
					require.Contains(t, got.Report, test.err)
					_, rule, _ := strings.Cut(got.YAML, "x-go-edit: ")
					require.NotContains(t, rule, "none")
				} else {
					require.Contains(t, got.Err, test.err)
				}
				return
			}
			require.Empty(t, got.Err)
			_, after, found := strings.Cut(got.YAML, "x-go-edit: ")
			if test.want == "" {
				require.False(t, found, got.YAML)
				return
			}
			require.True(t, found, got.YAML)
			require.Equal(t, test.want, after[:strings.Index(after, "}\n")+1][:len(test.want)])
		})
	}
}
