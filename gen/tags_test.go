package gen_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// TestTags looks at the tags of some fields of requests: what a request takes,
// where its Go type does not say so.
func TestTags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		request                        any
		field, enum, minimum           string
		sensitive, alwaysSent, pointer bool
	}{
		// An enumeration that gateways and credentials share, and credentials do not take all of.
		{request: gen.SIPGatewayUpdate{}, field: "Encryption", pointer: true},
		{request: gen.SubscriberSIPCredentialUpdate{}, field: "Encryption", enum: "default,optional,required", pointer: true},
		{request: gen.SIPCredentialCreate{}, field: "Encryption", enum: "default,optional,required", alwaysSent: true},
		{request: gen.SIPProfileUpdate{}, field: "DefaultEncryption", enum: "optional,required", pointer: true},
		// One value, which the client sets.
		{request: gen.DialCommand{}, field: "Command", enum: "dial", alwaysSent: true},
		{request: gen.PlayAudioItem{}, field: "Type", enum: "audio", alwaysSent: true},
		// What creations and what is sent have to have.
		{request: gen.PhoneNumberPurchase{}, field: "Number", minimum: "1", alwaysSent: true},
		{request: gen.SIPGatewayCreate{}, field: "URI", minimum: "1", alwaysSent: true},
		{request: gen.WhatsAppTextMessage{}, field: "Body", minimum: "1", alwaysSent: true},
		{request: gen.SubscriberSIPCredentialCreate{}, field: "Password", minimum: "1", sensitive: true, alwaysSent: true},
		{request: gen.CXMLScriptCreate{}, field: "Contents", alwaysSent: true}, // may be empty
		{request: gen.E911AddressCreate{}, field: "PostalCode", alwaysSent: true},
		// What updates have to have.
		{request: gen.E911AddressUpdate{}, field: "PostalCode", pointer: true, alwaysSent: true},
		{request: gen.SubscriberUpdate{}, field: "Email", minimum: "1", pointer: true, alwaysSent: true},
		{request: gen.ShortCodeUpdate{}, field: "MessageHandler", enum: "laml_application,laml_webhooks,relay_context", pointer: true, alwaysSent: true},
	} {
		typ := reflect.TypeOf(test.request)
		field, ok := typ.FieldByName(test.field)
		require.True(t, ok, "%v.%s", typ, test.field)
		require.Equal(t, test.enum, field.Tag.Get("enum"), "%v.%s", typ, test.field)
		require.Equal(t, test.minimum, field.Tag.Get("minLength"), "%v.%s", typ, test.field)
		require.Equal(t, test.sensitive, field.Tag.Get("sensitive") == "true", "%v.%s", typ, test.field)
		require.Equal(t, test.pointer, field.Type.Kind() == reflect.Pointer, "%v.%s", typ, test.field)
		require.Equal(t, test.alwaysSent, !strings.Contains(field.Tag.Get("json"), ",omit"), "%v.%s", typ, test.field)
	}
}
