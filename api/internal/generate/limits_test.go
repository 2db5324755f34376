package generate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
)

// The comment of a parameter, and of a field of a request, has its limits and its default,
// and says if the client sets it. A change has no defaults. A type that a property refers to,
// and a field of a response, are not changed. A field without a description has that of its
// type, or its only value.
func TestCommentsHaveLimits(t *testing.T) {
	config, err := generate.ReadConfig("../../../oapi-config.yaml")
	require.NoError(t, err)
	const body = "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/"
	const response = "'}}}}, responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Response'}}}}}"
	client, err := generate.Client(config, []byte(`
openapi: 3.1.0
info: {title: T, version: 1.0.0}
paths:
  /a:
    get:
      operationId: list
      x-go-group: {type: Things, method: List}
      description: lists.
      parameters: [{name: size, in: query, description: Items., schema: {type: integer, minimum: 1, maximum: 10000000, default: 50}}]
      responses: {'204': {description: d}}
    post: {operationId: create, x-go-group: {type: Things, method: Create}, description: creates., `+body+"Create"+response+`}
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    patch: {operationId: update, x-go-group: {type: Things, method: Update}, description: updates., `+body+"Update"+response+`}
components:
  schemas:
    Create:
      type: object
      description: A thing.
      required: [kind, flag]
      properties:
        text: {type: string, description: Text., minLength: 3, maxLength: 64, default: a b}
        exact: {type: string, minLength: 43, maxLength: 43}
        long: {type: string, minLength: 40}
        map: {type: object, maxProperties: 20, additionalProperties: {type: string}}
        some: {type: array, maxItems: 256, items: {type: string}, default: [a, b]}
        one: {type: string, minLength: 1, default: ''}
        method: {$ref: '#/components/schemas/Method', description: How., default: POST}
        plain: {$ref: '#/components/schemas/Method'}
        part: {$ref: '#/components/schemas/Part', description: A part.}
        format: {$ref: '#/components/schemas/Format', description: The format., default: mp3}
        kind: {type: string, enum: [page]}
        flag: {type: boolean, enum: [true]}
        region: {type: string, enum: [us-central]}
        nested: {type: object, properties: {volume: {type: number, description: Loudness., exclusiveMinimum: -40, exclusiveMaximum: 20, default: 0.5}}}
    Update:
      type: object
      description: A change.
      properties: {text: {type: string, description: New text., maxLength: 64, default: a}, part: {$ref: '#/components/schemas/Part'}}
    Part: {type: object, properties: {unit: {type: string, description: Unit., default: px}}}
    Response:
      type: object
      description: A result.
      properties:
        text: {type: string, description: Old text., maxLength: 64}
        format: {type: string, enum: [mp3, wav], x-go-type: Format}
        fixed: {type: string, enum: [call]}
    Format: {type: string, description: The format., enum: [mp3, wav]}
    Method: {type: string, description: A method., enum: [GET, POST], default: GET}
`), func(string) string { return "" })
	require.NoError(t, err)
	text := string(client)
	for _, want := range []string{
		"\t// Items. The minimum is 1, the maximum 10000000, the default 50.\n\tSize ",
		"\t// Text. The number of characters is 3 to 64. The default is \"a b\".\n\tText ",
		"\t// The number of characters is 43.\n\tExact ",
		"\t// The number of characters is at least 40.\n\tLong ",
		"\t// The number of members is at most 20.\n\tMap ",
		"\t// The number of elements is at most 256. The default is \"a\", \"b\".\n\tSome ",
		"\t// How. The default is \"POST\".\n\tMethod ",
		"\t// A method. The default is \"GET\".\n\tPlain ",
		"\t// The format. The default is \"mp3\".\n\tFormat ",
		"\t// The client sets it to \"page\".\n\tKind ",
		"\t// The only value is true.\n\tFlag ",
		"\t// The only value is \"us-central\".\n\tRegion ",
		"\t\t// Loudness. The exclusive minimum is -40, the exclusive maximum 20, the default 0.5.\n\t\tVolume ",
		"\t// New text. The number of characters is at most 64.\n\tText ",
		"\t// Old text.\n\tText ",
		"\t// The format.\n\tFormat ",
		"\t// Always call.\n\tFixed ",
		"\t// Unit.\n\tUnit ", // A change has it, too.
		"\n// Format is the format.\ntype Format ",
		"\n// Method is a method.\ntype Method ",
	} {
		require.Contains(t, text, want)
	}
	require.Contains(t, text, "\tOne ")
	require.NotRegexp(t, `//.*\n\tOne `, text)
	require.NotContains(t, text, "\n\t// \n")
	require.False(t, strings.ContainsRune(text, '\x1f'))
}
