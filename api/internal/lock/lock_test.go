package lock

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

const client = `package gen

type Codec string

const CodecPCMU Codec = "PCMU"

type Thing struct {
	Name *string ` + "`json:\"name,omitempty\"`" + `
	Codecs []Codec ` + "`json:\"codecs\"`" + `
}

type ThingList struct{ union }

func NewThingList[T Thing | Codec](v T) ThingList {}

type ThingListVariant interface{ asThingList() ThingList }

var opListThings = Operation{ID: "list_things", Method: "GET", Path: "/things/{id}"}

func (s Things) List(variant ThingListVariant) (*ThingList, error) { call(&opListThings) }

func (s Things) All() { items(&opListThings) }
`

const file = header +
	"constant\tCodec.PCMU\tCodecPCMU\n" +
	"field\tThing.codecs\tCodecs\t[]Codec\n" +
	"field\tThing.name\tName\t*string\n" +
	"method\tGET /things/{id}\tThings.All\n" +
	"method\tGET /things/{id}\tThings.List\n" +
	"operation\tGET /things/{id}\tListThings\tlist_things(ThingList) ThingList\n" +
	"schema\tPart\tThingPart\n" +
	"type\t-\tCodec\tstring\n" +
	"type\t-\tThingList\tunion Thing | Codec\n" +
	"type\t-\tThingListVariant\tinterface{asThingList() ThingList}\n" +
	"type\tThings.Thing\tThing\tstruct\n"

func TestLock(t *testing.T) {
	t.Parallel()
	made, err := Make([]byte(client), map[string]string{"Things.Thing": "Thing", "Part": "ThingPart"})
	require.NoError(t, err)
	require.Equal(t, file, string(made.Write()))
	read := Read([]byte(file))
	require.Equal(t, made, read)
	require.Equal(t, &Operation{ID: "list_things", Name: "ListThings", Methods: []string{"Things.List", "Things.All"}, Body: "ThingList", Result: "ThingList"}, read.Operations["GET /things/{id}"])
	require.Equal(t, []string{"Thing", "Codec"}, read.Types["ThingList"].Variants())
	require.Equal(t, Field{"Codecs", "[]Codec"}, read.Types["Thing"].Fields["codecs"])
	require.Equal(t, "Thing", read.Schemas["Things.Thing"])
	_, err = Make([]byte("no Go"), nil)
	require.Error(t, err)
}

// The methods of an operation are in the order of the index, whatever their names are.
func TestOrderOfMethods(t *testing.T) {
	t.Parallel()
	var lines string
	for _, method := range []string{"Calls.Add\tCalls.Send", "Calls.AddressPages", "Calls.AllAddresses", "Calls.EditAddress", "Calls.Send"} {
		lines += "method\tGET /calls\t" + method + "\n"
	}
	require.Equal(t, []string{"Calls.Send", "Calls.EditAddress", "Calls.AllAddresses", "Calls.AddressPages", "Calls.Add"},
		Read([]byte(lines)).Operations["GET /calls"].Methods)
}

// An operation is found by its method and path, whatever its parameters are called, or else by
// that without the version.
func TestMatch(t *testing.T) {
	t.Parallel()
	locked := Read([]byte("operation\tGET /v1/a/{id}\tGetA\tget_a()\noperation\tGET /v1/b\tGetOldB\tget_old_b()\noperation\tGET /v2/b\tGetB\tget_b()\n"))
	var description yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte("paths: {'/v2/a/{a_id}': {get: {}, put: {}}, /v2/b: {get: {}}, /v3/b: {get: {}}, /v4/b: {get: {}}}"), &description))
	matched := locked.Match(description.Content[0])
	want := map[string]string{"GET /v2/a/{a_id}": "GetA", "GET /v2/b": "GetB", "GET /v3/b": "GetOldB"}
	got := map[string]string{}
	tree.EachOperation(description.Content[0], func(method, path, operation *yaml.Node) {
		if o := matched[operation]; o != nil {
			got[strings.ToUpper(method.Value)+" "+path.Value] = o.Name
		}
	})
	require.Equal(t, want, got)
}
