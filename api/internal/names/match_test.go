package names_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

// A new variant of a union does not get the type of a variant that is gone, although the two
// have the same properties: the value of one of these distinguishes it.
func TestNewVariantIsNoOldVariant(t *testing.T) {
	const locked = "constant\tCircleKind.circle\tCircleKindCircle\n" +
		"constant\tSquareKind.square\tSquareKindSquare\n" +
		"field\tCircle.kind\tKind\tCircleKind\n" +
		"field\tCircle.size\tSize\tint64\n" +
		"field\tSquare.kind\tKind\tSquareKind\n" +
		"field\tSquare.size\tSize\tint64\n" +
		"operation\tGET /shape\tGetShape\tget_shape() Shape\n" +
		"type\tCircle\tCircle\tstruct\n" +
		"type\tCircle/kind\tCircleKind\tstring\n" +
		"type\tShape\tShape\tunion Circle | Square\n" +
		"type\tSquare\tSquare\tstruct\n" +
		"type\tSquare/kind\tSquareKind\tstring\n"
	document := pipelinetest.HeadB + "paths: {/shape: {get: {operationId: get_shape, " + pipelinetest.Returns("Any") + `}}}
components:
  schemas:
    Any: {oneOf: [{$ref: '#/components/schemas/Round'}, {$ref: '#/components/schemas/Triangle'}]}
    Round: {type: object, required: [kind, size], properties: {kind: {type: string, enum: [circle]}, size: {type: integer}}}
    Triangle: {type: object, required: [kind, size], properties: {kind: {type: string, enum: [triangle]}, size: {type: integer}}}
`
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: pipelinetest.Texts(document), Published: true, Locked: locked, Config: "package: gen\ngenerate: {models: true}\n",
	})
	require.Empty(t, got.Err)
	require.Contains(t, got.YAML, "    Circle: {type: object, ")
	require.Contains(t, got.YAML, "    Triangle: {type: object, ")
}
