package gen_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

func TestPhoneNumberCapabilities(t *testing.T) {
	t.Parallel()
	both := gen.PhoneNumberCapabilities{gen.PhoneNumberCapabilitySMS, gen.PhoneNumberCapabilityVoice}
	for text, want := range map[string]gen.PhoneNumberCapabilities{
		`["sms","voice"]`:                         both,
		`{"voice":true,"sms":true,"fax":false}`:   both,
		`{"newer":true,"voice":false,"fax":null}`: {"newer"},
		`[]`:   {},
		`{}`:   nil,
		`null`: nil,
	} {
		number := gen.AvailablePhoneNumber{Capabilities: gen.PhoneNumberCapabilities{"before"}}
		require.NoError(t, json.Unmarshal([]byte(`{"capabilities":`+text+`}`), &number), text)
		require.Equal(t, want, number.Capabilities, text)
	}
	for _, text := range []string{`"voice"`, `{"voice":"yes"}`, `[1]`} {
		require.Error(t, json.Unmarshal([]byte(text), new(gen.PhoneNumberCapabilities)), text)
	}
}
