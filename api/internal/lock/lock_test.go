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
}

var opListThings = Operation{ID: "list_things", Method: "GET", Path: "/things"}

func (c *Client) ListThings() { call(&opListThings) }

func (c *Client) AllThings() { items(&opListThings) }
`

func TestNames(t *testing.T) {
	t.Parallel()
	names, err := Names([]byte(client))
	require.NoError(t, err)
	require.Equal(t, []string{
		"constant Codec.PCMU CodecPCMU", "field Thing.name Name", "operation GET /things AllThings", "operation GET /things ListThings", "type Codec", "type Thing",
	}, names)
	file := Write(names)
	require.Empty(t, Lost(file, names))
	require.Equal(t, []string{"field Thing.name Name"}, Lost(file, append([]string{names[0]}, names[2:]...)))
	require.Empty(t, Lost(nil, names))
	_, err = Names([]byte("no Go"))
	require.Error(t, err)
}
