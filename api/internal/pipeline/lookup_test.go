package pipeline_test

import (
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
	"github.com/stretchr/testify/require"
)

// A published version gets the Go names in names.lock: they are found by where a schema
// is used and by its properties, whatever its name is.
func TestNamesAreLookedUp(t *testing.T) {
	const locked = "constant\tThingKind.big\tThingKindBig\n" +
		"constant\tThingKind.small\tThingKindTiny\n" +
		"field\tListThingsParams.kind\tOnlyKind\t*ThingKind\n" +
		"field\tPages.first\tFirst\t*string\n" +
		"field\tPages.next\tNext\tstring\n" +
		"field\tThing.id\tID\tstring\n" +
		"field\tThing.kind\tSort\t*ThingKind\n" +
		"field\tThing.shape\tShape\t*Shape\n" +
		"field\tThingList.data\tData\t[]Thing\n" +
		"field\tThingList.links\tLinks\tPages\n" +
		"field\tCircle.radius\tRadius\tint64\n" +
		"field\tSquare.side\tSide\tint64\n" +
		"operation\tGET /api/things\tListThings\tlist_things() ThingList\n" +
		"operation\tGET /api/things/{id}\tReadThing\tget_thing() Thing\n" +
		"type\tCircle\tCircle\tstruct\n" +
		"type\tPages\tPages\tstruct\n" +
		"type\tSquare\tSquare\tstruct\n" +
		"type\tThing\tThing\tstruct\n" +
		"type\tThing/kind\tThingKind\tstring\n" +
		"type\tThing/shape\tShape\tunion Circle | Square\n" +
		"type\tThingList\tThingList\tstruct\n"
	const document = `paths:
  /api/things:
    get:
      operationId: things
      parameters: [{name: kind, in: query, schema: {type: string, enum: [big, small]}}]
      responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}}}
  /api/things/{thing_id}:
    get:
      operationId: thing
      parameters: [{name: thing_id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}}
  /api/others:
    get:
      operationId: others
      responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}}
components:
  schemas:
    Page: {type: object, required: [data, links], properties: {data: {type: array, items: {$ref: '#/components/schemas/Item'}}, links: {$ref: '#/components/schemas/ItemLinks'}}}
    Item: {type: object, required: [id], properties: {id: {type: string}, kind: {type: string, enum: [huge, small, big]}, shape: {oneOf: [{$ref: '#/components/schemas/Box'}, {$ref: '#/components/schemas/Round'}]}}}
    ItemLinks: {type: object, required: [next], properties: {next: {type: string}, first: {type: 'null'}}}
    Box: {type: object, required: [side], properties: {side: {type: integer}}}
    Round: {type: object, required: [radius], properties: {radius: {type: integer}}}
    Other: {type: object, properties: {pages: {$ref: '#/components/schemas/Pages'}, thing: {$ref: '#/components/schemas/Thing'}}}
    Pages: {type: object, required: [next], properties: {next: {type: string, format: uri}, first: {type: string}}}
    Thing: {type: object, properties: {id: {type: integer}}}
`
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: [][2]string{{"a.yaml", headR + document}}, Config: configText, Published: true, Locked: locked,
	})
	require.Empty(t, got.Err)
	for what, want := range map[string]string{
		"the id of an operation":                        "operationId: list_things",
		"an operation whose path has another parameter": "operationId: get_thing",
		"an operation with a name of its own":           "x-go-name: ReadThing",
		"a parameter":                                   "{name: kind, in: query, schema: {type: string, enum: [big, small], x-go-type: ThingKind}, x-go-name: OnlyKind}",
		"a schema with another name":                    "    ThingList: {type: object, required: [data, links], properties: {data: {type: array, items: {$ref: '#/components/schemas/Item'}}, links:",
		"what is described in place, with a new value":  "    ThingKind: {type: string, enum: [huge, small, big], x-enum-varnames: [huge, Tiny, Big]}",
		"a property that is described in place":         "kind: {$ref: '#/components/schemas/ThingKind', x-go-name: Sort}",
		"a variant, by what it says":                    "    Square: {type: object, required: [side]",
		"another variant":                               "    Circle: {type: object, required: [radius]",
		"a union":                                       "    Shape: {oneOf: [",
		"two schemas of one type":                       "title: Pages, x-go-type: Pages}",
		"a property that is null in one of the two":     "properties: {next: {type: string}, first: {type: string}}, title: ItemLinks, x-go-name: Pages}",
	} {
		require.Contains(t, got.YAML, want, what)
	}
	// What has the name of another thing and contradicts it gets a name of its own.
	require.Contains(t, got.YAML, "title: Item, x-go-name: Thing}")
	require.Contains(t, got.YAML, "    Thing: {type: object, properties: {id: {type: integer}}, title: Thing, x-go-name: ThingSchema}")
	require.Contains(t, got.Report, "is not `Thing` as a.yaml:22 is: id is `int64` in place of `string`")
	require.Contains(t, got.Report, "schema `Page` (a.yaml:21) is `ThingList` in our own description, which stands in the same place")
}

// A Go name that the overlay sets is used in place of the one in names.lock, of whatever it is
// the name.
func TestNamesOfTheOverlay(t *testing.T) {
	const locked = "field\tListThingsParams.kind\tKind\t*string\n" +
		"field\tThing.id\tID\tstring\n" +
		"operation\tGET /api/things\tListThings\tlist_things() Thing\n" +
		"type\tThing\tThing\tstruct\n"
	const document = `paths:
  /api/things:
    get:
      operationId: list_things
      parameters: [{name: kind, in: query, schema: {type: string}}]
      responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: string}}}
`
	const overlay = `overlay: 1.1.0
info: {title: O, version: 1.0.0}
actions:
- {target: "$.paths['/api/things'].get", update: {x-go-name: ReadThing}}
- {target: "$.paths['/api/things'].get.parameters[0]", update: {x-go-name: Sort}}
- {target: $.components.schemas.Thing, update: {x-go-name: Item, properties: {id: {x-go-name: Number}}}}
`
	got := pipelinetest.Run(t, pipelinetest.Sources{
		Documents: [][2]string{{"a.yaml", headR + document}}, Overlay: overlay, Config: configText, Locked: locked,
	})
	require.Empty(t, got.Err)
	for _, name := range []string{"ReadThing", "Sort", "Item", "Number"} {
		require.Contains(t, got.YAML, "x-go-name: "+name)
	}
}
