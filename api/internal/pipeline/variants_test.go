package pipeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// namesOf returns the lines of the lock of a client that is made of a document.
func namesOf(t *testing.T, locked []string, document string) []string {
	made, err := generateClient("../../..", Sources{
		Documents: []tree.File{{Name: "a.yaml", Data: []byte(document)}}, Published: true,
		Locked: lock.Read([]byte(strings.Join(locked, "\n"))), Generator: &names.Generator{},
	})
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(made.names.Write()), "\n"), "\n")
}

// The names of variants that are described in place, and of what is in them, stay, wherever the
// variants are in another version and whichever others it has.
func TestNamesOfVariants(t *testing.T) {
	withVariants := func(variants ...string) string {
		return "openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\npaths: {/thing: {get: {operationId: get_thing, responses: {'200': " +
			"{description: d, content: {application/json: {schema: {type: object, properties: {part: {oneOf: [" + strings.Join(variants, ", ") + "]}}}}}}}}}}\n" +
			"components: {schemas: {Nested: {type: array, items: {$ref: '#/components/schemas/Nested'}}}}\n"
	}
	first := []string{
		"{type: string}",
		"{type: string, format: uuid}",
		"{type: integer, enum: [1, 2]}",
		"{type: object, title: Box 1, properties: {inner: {type: object, properties: {x: {type: string, enum: [a]}}}}}",
		"{type: object, required: [kind], properties: {kind: {type: string, enum: [part.circle]}, size: {type: integer}}}",
		"{type: object, required: [kind], properties: {kind: {type: string, enum: [part.square]}, size: {type: integer}}}",
		"{type: object, required: [bolt], properties: {bolt: {type: string}, name: {type: string}}}",
		"{type: object, required: [name], properties: {name: {type: string}, nut: {type: string}}}",
		"{type: array, items: {type: object, properties: {y: {type: string}}}}",
		"{type: array, items: {type: string}}",
		"{$ref: '#/components/schemas/Nested'}",
	}
	added := []string{
		"{type: array, items: {type: integer}}",
		"{type: object, title: Box 2, properties: {inner: {type: object, properties: {z: {type: string}}}}}",
		"{type: object, required: [kind], properties: {kind: {type: string, enum: [part.oval]}, size: {type: integer}}}",
		"{type: object, required: [name], properties: {name: {type: string}, nail: {type: string}}}",
	}
	locked := namesOf(t, nil, withVariants(first...))
	for _, want := range []string{
		"string", "uuid.UUID", "GetThingResponsePartInteger", "GetThingResponsePartBox1", "GetThingResponsePartCircle", "GetThingResponsePartSquare",
		"GetThingResponsePartBolt", "GetThingResponsePartNut", "GetThingResponsePartObjectArray", "GetThingResponsePartStringArray",
	} {
		require.Contains(t, locked[slices.IndexFunc(locked, func(line string) bool { return strings.Contains(line, "union ") })], want)
	}
	require.Contains(t, locked, "field	GetThingResponsePartBox1.inner	Inner	*GetThingResponsePartBox1Inner")

	withoutUnions := func(lines []string) []string {
		return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
			return strings.Contains(line, "union ") || strings.HasPrefix(line, "schema\t")
		})
	}
	reversed := slices.Clone(first)
	slices.Reverse(reversed)
	require.Equal(t, withoutUnions(locked), withoutUnions(namesOf(t, locked, withVariants(reversed...))))
	more := namesOf(t, locked, withVariants(slices.Concat(added, first)...))
	require.Subset(t, more, withoutUnions(locked))
	require.Equal(t, locked, namesOf(t, more, withVariants(first...)), "without them again")
	for i := range first {
		fewer := withoutUnions(namesOf(t, locked, withVariants(slices.Delete(slices.Clone(first), i, i+1)...)))
		require.Subset(t, locked, fewer, "without %s", first[i])
		require.Equal(t, locked, namesOf(t, fewer, withVariants(first...)), "with %s again", first[i])
	}
}

// Each value of an enumeration has a constant of its own, which stays the same in another order.
func TestNamesOfValues(t *testing.T) {
	with := func(values ...string) string {
		return "openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: 'https://x.example'}]\npaths: {/thing: {get: {operationId: get_thing, responses: {'200': " +
			"{description: d, content: {application/json: {schema: {type: object, properties: {kind: {type: string, enum: ['" + strings.Join(values, "', '") + "']}}}}}}}}}}\n"
	}
	values := []string{"a", "A", "a1", "a-b", "a_b", "", " ", "日本", "1", "-1"}
	locked := namesOf(t, nil, with(values...))
	constants := map[string]bool{}
	for _, line := range locked {
		if columns := strings.Split(line, "\t"); columns[0] == "constant" {
			constants[columns[2]] = true
		}
	}
	require.Len(t, constants, len(values))
	slices.Reverse(values)
	require.Equal(t, locked, namesOf(t, locked, with(values...)))
	require.Subset(t, namesOf(t, locked, with(append([]string{"b", "B", "a 1"}, values...)...)), locked)
}
