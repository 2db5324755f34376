package names_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

// unionOf is a document whose operation sends a union of schemas, which follow as YAML. The
// first ones are a params object and two commands.
func unionOf(discriminator, schemas string) string {
	return pipelinetest.HeadB + "paths: {/calls: {post: {operationId: send, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Send'}}}}, " +
		pipelinetest.Returns("P") + "}}}\ncomponents:\n  schemas:\n" +
		"    P: {type: object, properties: {p: {type: string}}}\n" +
		"    StopCommand: {type: object, description: A command that stops., required: [do, id, params], properties: {do: {const: call.stop}, id: {type: string}, params: {$ref: '#/components/schemas/P'}}}\n" +
		"    PlayCommand: {type: object, required: [do, id, params], properties: {do: {const: call.play}, id: {type: string}, params: {$ref: '#/components/schemas/P'}, note: {type: string}}}\n" +
		schemas + "    Send: {" + discriminator + "oneOf: [{$ref: '#/components/schemas/StopCommand'}, {$ref: '#/components/schemas/PlayCommand'}, {$ref: '#/components/schemas/New'}]}\n"
}

// A new variant of a union takes nothing from the commands that are there: it becomes a
// method that is named after its constant, or none. A property that is not required, and a
// discriminator that is not declared, make no difference.
func TestCommands(t *testing.T) {
	const (
		stop = "{name: Stop, variant: StopCommand, command: call.stop, what: stops., constants: [], arguments: [{name: id, field: ID, type: string}, {name: params, field: Params, type: P}]}"
		play = "{name: Play, variant: PlayCommand, command: call.play, what: 'sends [PlayCommand].', constants: [], arguments: [{name: id, field: ID, type: string}, {name: params, field: Params, type: P}]}"
	)
	for _, test := range []struct{ name, discriminator, variant, want string }{
		{"another name", "discriminator: {propertyName: do}, ", "{type: object, required: [do, params], properties: {do: {const: call.hang_up}, params: {type: object, properties: {q: {type: string}}}}}",
			", {name: HangUp, variant: New, command: call.hang_up, what: 'sends [New].', constants: [], arguments: [{name: params, field: Params, type: NewParams}]}"},
		{"no discriminator", "", "{type: object, required: [do, params, kind], properties: {do: {const: call.hang_up}, kind: {const: x}, params: {$ref: '#/components/schemas/P'}}}",
			", {name: HangUp, variant: New, command: call.hang_up, what: 'sends [New].', constants: [{field: Kind, value: x}], arguments: [{name: params, field: Params, type: P}]}"},
		{"described in place", "", "{type: object, x-go-type-name: HangUpCommand, required: [do, params], properties: {do: {const: call.hang_up}, params: {$ref: '#/components/schemas/P'}}}",
			", {name: HangUp, variant: HangUpCommand, command: call.hang_up, what: 'sends [HangUpCommand].', constants: [], arguments: [{name: params, field: Params, type: P}]}"},
		{"described in place without a name", "", "{type: object, title: Hang up, required: [do, params], properties: {do: {const: call.hang_up}, params: {$ref: '#/components/schemas/P'}}}",
			", {name: HangUp, variant: SendHangUp, command: call.hang_up, what: 'sends [SendHangUp].', constants: [], arguments: [{name: params, field: Params, type: P}]}"},
		{"a number", "", "{type: object, required: [do, params, version], properties: {do: {const: call.hang_up}, version: {type: integer, const: 1}, params: {$ref: '#/components/schemas/P'}}}",
			", {name: HangUp, variant: New, command: call.hang_up, what: 'sends [New].', constants: [], arguments: [{name: version, field: Version, type: NewVersion}, {name: params, field: Params, type: P}]}"},
		{"no params", "", "{type: object, required: [do], properties: {do: {const: call.hang_up}}}", ""},
		{"optional params", "", "{type: object, required: [do], properties: {do: {const: call.hang_up}, params: {$ref: '#/components/schemas/P'}}}", ""},
		{"something without a type of its own", "", "{type: object, required: [do, params, other], properties: {do: {const: call.hang_up}, params: {$ref: '#/components/schemas/P'}, other: {}}}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := unionOf(test.discriminator, "    New: "+test.variant+"\n")
			if strings.HasPrefix(test.name, "described in place") {
				document = strings.Replace(unionOf(test.discriminator, ""), "{$ref: '#/components/schemas/New'}", test.variant, 1)
			}
			got := pipelinetest.Run(t, pipelinetest.Sources{
				Documents: pipelinetest.Texts(document),
				Config:    "package: gen\ngenerate: {models: true}\noutput-options: {name-normalizer: ToCamelCaseWithInitialisms}\n",
			})
			require.Empty(t, got.Err)
			_, commands, _ := strings.Cut(got.YAML, "x-go-commands: [")
			commands = regexp.MustCompile(`, method: \w+`).ReplaceAllString(commands, "") // of package groups
			require.True(t, strings.HasPrefix(commands, stop+", "+play+test.want+"]"), commands)
		})
	}
}

// A head has what all variants require in types that one Go type can hold, and what it has in
// the lock.
func TestHeadFields(t *testing.T) {
	const (
		list   = "    Thing: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}\n"
		a      = "    A: {type: object, required: [id, size, name, key, at, kind], properties: {id: {type: string}, size: {type: integer}, name: {type: string}, key: {type: string, format: uuid}, at: {type: string, format: date-time}, kind: {type: string, enum: [a, c]}}}\n"
		b      = "    B: {type: object, required: [id, size, key, at, kind], properties: {id: {type: string}, size: {type: integer}, name: {type: string}, key: {type: string}, at: {type: string}, kind: {type: string, enum: [b, c]}}}\n"
		locked = "type\t-\tThingHead\tstruct\nfield\tThingHead.name\tName\tstring\n"
		all    = "{name: ID, member: id, type: string}, {name: Kind, member: kind, type: string}"
	)
	for lock, want := range map[string]string{
		"":     "{type: ThingHead, fields: [" + all + ", {name: Size, member: size, type: int64}]}",
		locked: "{type: ThingHead, fields: [" + all + ", {name: Name, member: name, type: string}, {name: Size, member: size, type: int64}]}",
	} {
		got := pipelinetest.Run(t, pipelinetest.Sources{
			Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths: {/things: {get: {operationId: get_thing, " + pipelinetest.Returns("Thing") + "}}}\ncomponents:\n  schemas:\n" + list + a + b),
			Config:    "package: gen\ngenerate: {models: true}\noutput-options: {name-normalizer: ToCamelCaseWithInitialisms}\n", Locked: lock,
		})
		require.Empty(t, got.Err)
		require.Contains(t, got.YAML, "x-go-head: "+want)
	}
}

// A field of a head is described as in the variants. Where they differ, as the values of the
// property tell them apart, that is said; otherwise the first description counts.
func TestHeadDescriptions(t *testing.T) {
	thing := func(name, id, kind, kindWhat, size string) string {
		return "    " + name + ": {type: object, required: [id, kind, size, color], properties: {id: {type: string" + id + "}, " +
			"kind: {type: string, enum: [" + kind + "], description: " + kindWhat + "}, size: {type: integer" + size + "}, color: {$ref: '#/components/schemas/Color'}}}\n"
	}
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths: {/things: {get: {operationId: get_thing, " + pipelinetest.Returns("Thing") + "}}}\ncomponents:\n  schemas:\n" +
			"    Thing: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}\n" +
			"    Color: {type: string, enum: [red, blue], description: A color.}\n" +
			thing("A", "", "a, b", "Always a or b.", ", description: Meters.") +
			thing("B", ", description: The thing.", "c", "Always c.", ", description: Feet.")),
		Config: "package: gen\ngenerate: {models: true}\noutput-options: {name-normalizer: ToCamelCaseWithInitialisms}\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "{name: ID, member: id, type: string, what: The thing.}")
	require.Contains(t, got.YAML, "{name: Kind, member: kind, type: string, what: Which of the variants it is.}")
	require.Contains(t, got.YAML, "{name: Size, member: size, type: int64, what: Meters.}")
	require.Regexp(t, `\{name: Color, member: color, type: \w+, what: A color.\}`, got.YAML)
}

// Variants that are described in place move to the components, also if there are none yet. The
// union has an interface, unless the name of that is taken.
func TestVariantsInPlace(t *testing.T) {
	const variant = "{type: object, x-go-type-name: A, required: [k], properties: {k: {const: a}}}"
	for name, hasInterface := range map[string]bool{"B": true, "SendBodyVariant": false} {
		got := pipelinetest.Run(t, pipelinetest.Sources{
			Documents: pipelinetest.Texts(pipelinetest.HeadB + "paths: {/things: {post: {operationId: send, requestBody: {content: {application/json: {schema: {oneOf: [" +
				variant + ", " + strings.ReplaceAll(variant, "A, ", name+", ") + "]}}}}, responses: {'204': {description: d}}}}}\n"),
			Config: "package: gen\ngenerate: {models: true}\n",
		})
		require.Empty(t, got.Err)
		require.Contains(t, got.YAML, "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/"+name+"'}]")
		require.Equal(t, hasInterface, strings.Contains(got.YAML, "x-go-variants: true"), name)
	}
}

// A discriminator beside a variant that is described in place is one that the generator takes.
func TestDiscriminatorInPlace(t *testing.T) {
	document := strings.Replace(unionOf("discriminator: {propertyName: do, mapping: {call.stop: '#/components/schemas/StopCommand'}}, ", ""),
		"{$ref: '#/components/schemas/New'}", "{type: object, required: [do], properties: {do: {enum: [call.hang_up, call.end]}}}", 1)
	got := pipelinetest.Run(t, pipelinetest.Sources{Documents: pipelinetest.Texts(document), Config: "package: gen\ngenerate: {models: true}\n"})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "x-go-discriminator: do")
	require.NotContains(t, got.YAML, "{discriminator: ")
}

// A union of which two variants have one Go type has no type of its own, so what would have it
// has another one, too.
func TestAmbiguousUnions(t *testing.T) {
	document := func(variants string) [2]string {
		return [2]string{"b.yaml", pipelinetest.HeadB + "paths:\n  /a: {get: {operationId: a, responses: {'200': {description: d, content: {application/json: {schema: {anyOf: [" + variants + "]}}}}}}}\n" +
			"  /b: {get: {operationId: b, " + pipelinetest.Returns("Union") + "}}\ncomponents:\n  schemas:\n    Union: {anyOf: [" + variants + "]}\n" +
			"    A: {type: object, properties: {p: {type: string}}}\n    B: {type: object, properties: {p: {type: string}}}\n    C: {type: object, properties: {q: {type: string}}}\n"}
	}
	const a, b, c = "{$ref: '#/components/schemas/A'}", "{$ref: '#/components/schemas/B'}", "{$ref: '#/components/schemas/C'}"
	for variants, want := range map[string]string{a + ", " + b: "A", a + ", " + b + ", " + c: "json.RawMessage"} {
		got := pipelinetest.Run(t, pipelinetest.Sources{
			Documents: [][2]string{document(variants)}, Config: "package: gen\ngenerate: {models: true}\n",
			Overlay: "overlay: 1.1.0\ninfo: {title: O, version: 1.0.0}\nactions:\n- {target: $.components.schemas.B, update: {x-go-type: A}}\n" +
				"- {target: \"$.paths['/a'].get.responses['200'].content['application/json'].schema\", update: {x-go-type: Union}}\n",
		})
		require.Empty(t, got.Err)
		require.NotContains(t, got.YAML, "x-go-type: Union")
		require.Regexp(t, `/a: .*anyOf: .*\], x-go-type: `+want+`\}`, got.YAML)
		require.Regexp(t, `Union: .*x-go-type: `+want+`\}`, got.YAML)
	}
}
