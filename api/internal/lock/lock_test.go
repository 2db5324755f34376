package lock

import (
	"testing"

	"github.com/stretchr/testify/require"
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
