package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

const listed = `[
	{"name": "east", "uri": "sip:east.example.com", "encryption": "required", "ciphers": ["AES_CM_128_HMAC_SHA1_80"], "codecs": ["OPUS", "PCMU"]},
	{"name": "south", "uri": "sip:south.example.com", "encryption": "optional", "ciphers": [], "codecs": ["PCMU"]},
	{"name": "west", "uri": "sip:west.example.com", "encryption": "optional", "ciphers": [], "codecs": ["PCMU"]}
]`

// file reads a file with that text.
func file(t *testing.T, text string) ([]gen.SIPGatewayCreate, error) {
	name := filepath.Join(t.TempDir(), "gateways.json")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return read(name)
}

// space has the gateways east, which is another one than listed, north, which is not
// listed, and west, which is as it should be.
func space(t *testing.T) *signalwiretest.Space {
	s := signalwiretest.New(t)
	for _, g := range []gen.SIPGateway{
		{Name: "east", URI: "sip:east.example.com", Encryption: gen.EncryptionRequired, Ciphers: []gen.Cipher{"AES_CM_128_HMAC_SHA1_80"}, Codecs: []gen.Codec{gen.CodecPCMU}},
		{Name: "north", URI: "sip:north.example.com", Encryption: gen.EncryptionOptional, Ciphers: []gen.Cipher{}, Codecs: []gen.Codec{gen.CodecPCMU}},
		{Name: "west", URI: "sip:west.example.com", Encryption: gen.EncryptionOptional, Ciphers: []gen.Cipher{}, Codecs: []gen.Codec{gen.CodecPCMU}},
	} {
		s.Put(gen.SIPGatewayResource{SIPGateway: g})
	}
	return s
}

// printer is where the program prints. It calls then after each line.
type printer struct {
	strings.Builder
	then func()
}

func (p *printer) Write(line []byte) (int, error) {
	if p.then != nil {
		p.then()
	}
	return p.Builder.Write(line)
}

func TestSync(t *testing.T) {
	t.Parallel()
	wanted, err := file(t, listed)
	require.NoError(t, err)
	s := space(t)
	out := &printer{}
	require.NoError(t, run(t.Context(), s.Client(), out, wanted, true, false))
	require.Equal(t, `update east {"codecs":["OPUS","PCMU"]}
create south
delete north
3 to do; -apply does it
`, out.String())

	// Interrupted after the first of them.
	ctx, cancel := context.WithCancel(t.Context())
	err = run(ctx, s.Client(), &printer{then: cancel}, wanted, true, true)
	require.EqualError(t, err, "syncgateways: interrupted: 1 of 3 are done. Run it again to do the rest")

	out = &printer{}
	require.NoError(t, run(t.Context(), s.Client(), out, wanted, true, true))
	require.Equal(t, "1 of 2: create south\n2 of 2: delete north\n2 of 2 are done, 0 failed\n", out.String())

	out = &printer{}
	require.NoError(t, run(t.Context(), s.Client(), out, wanted, true, true))
	require.Equal(t, "0 of 0 are done, 0 failed\n", out.String())
}

func TestFailures(t *testing.T) {
	t.Parallel()
	wanted, err := file(t, listed)
	require.NoError(t, err)
	s := space(t)
	s.Inject(signalwiretest.Fault{Operation: "update_sip_gateway", Kind: signalwiretest.EmptyBody(422)})
	out := &printer{}
	require.ErrorContains(t, run(t.Context(), s.Client(), out, wanted, false, true), "1 failed")
	require.Contains(t, out.String(), "1 of 2: update east")
	require.Contains(t, out.String(), "2 of 2: create south\n1 of 2 are done, 1 failed\n")

	require.NoError(t, run(t.Context(), s.Client(), out, wanted, false, true))
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	_, err := file(t, `[{"nmae": "east"}]`)
	require.ErrorContains(t, err, "nmae")
	s := space(t)
	err = run(t.Context(), s.Client(), &printer{}, []gen.SIPGatewayCreate{{Name: "a"}, {Name: "a"}}, false, true)
	require.ErrorContains(t, err, `the file has two gateways with the name "a"`)
	s.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "east"}})
	err = run(t.Context(), s.Client(), &printer{}, nil, false, true)
	require.ErrorContains(t, err, `two gateways with the name "east"`)
	require.Zero(t, s.Effects("create_sip_gateway"))
}
