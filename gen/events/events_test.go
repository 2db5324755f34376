package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decoded is a payload of JSON.
func decoded[P any](t testing.TB, text string) *P {
	t.Helper()
	p := new(P)
	require.NoError(t, json.Unmarshal([]byte(text), p), text)
	return p
}

// TestAuthentic: a body that a real Space sent, with call and vars only, decodes.
func TestAuthentic(t *testing.T) {
	p := decoded[InboundCallPayload](t, `{"call":{"call_id":"c","direction":"inbound","type":"phone","from":"+15555550100","headers":[{"name":"A","value":"b"}]},"vars":{"big":12345678901234567890,"nested":{"x":[1.50]}}}`)
	assert.Equal(t, "c", p.Call.CallID)
	assert.Equal(t, DirectionInbound, p.Call.Direction)
	assert.Equal(t, []CallHeader{{Name: "A", Value: "b"}}, p.Call.Headers)
	assert.Equal(t, json.Number("12345678901234567890"), p.Vars["big"])
	assert.Nil(t, p.Envs)
	assert.Nil(t, p.Params)
	assert.Nil(t, p.Extra)
	encoded, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{"call":{"call_id":"c","direction":"inbound","type":"phone","from":"+15555550100","headers":[{"name":"A","value":"b"}]},"vars":{"big":12345678901234567890,"nested":{"x":[1.50]}}}`, string(encoded))
	assert.Contains(t, string(encoded), "12345678901234567890")
}

// TestNothingIsRefused but what is no object; nothing is lost of what is not known.
func TestNothingIsRefused(t *testing.T) {
	for _, text := range []string{
		`{}`, `null`,
		`{"status":"a newer one","id":"m"}`,
		`{"status":7,"id":["x"],"number_of_segments":"three","timestamp":"soon","custom_variables":{"a":1}}`,
		`{"ID":"not id","Status":"x","unknown":{"a":[null]},"":1}`,
		`{"timestamp":"2026-01-01T00:00:00Z","number_of_segments":1.5}`,
	} {
		p := decoded[MessageStatusPayload](t, text)
		encoded, err := json.Marshal(p)
		require.NoError(t, err)
		if text == `null` {
			text = `{}`
		}
		assert.JSONEq(t, text, string(encoded))
	}
	for _, text := range []string{`[]`, `7`, `"x"`, `{`, ``} {
		assert.Error(t, json.Unmarshal([]byte(text), new(MessageStatusPayload)), text)
	}
	p := decoded[MessageStatusPayload](t, `{"id":"m","error_code":null,"body":""}`)
	assert.Nil(t, p.Extra, "null is absent")
	p = &MessageStatusPayload{ID: "old", Extra: map[string]json.RawMessage{"x": json.RawMessage(`1`)}}
	require.NoError(t, json.Unmarshal([]byte(`{"status":"sent"}`), p))
	assert.Equal(t, &MessageStatusPayload{Status: MessageStateSent}, p, "nothing stays of an earlier event")
}

func TestKey(t *testing.T) {
	a := decoded[MessageStatusPayload](t, `{"id":"m-1","status":"sent","timestamp":"2026-01-01T00:00:00Z"}`)
	b := decoded[MessageStatusPayload](t, `{"timestamp":"2026-01-01T00:00:09Z", "status":"sent","id":"m-1","new":1}`)
	assert.Equal(t, "message_status_callback/m-1/sent", a.Key())
	assert.Equal(t, a.Key(), b.Key(), "repeated")
	assert.NotEqual(t, a.Key(), decoded[MessageStatusPayload](t, `{"id":"m-1","status":"delivered"}`).Key())
	assert.NotEqual(t, decoded[MessageStatusPayload](t, `{"id":"a/b","status":"c"}`).Key(), decoded[MessageStatusPayload](t, `{"id":"a","status":"b/c"}`).Key())
	assert.NotEqual(t, decoded[MessageStatusPayload](t, `{"x":1}`).Key(), decoded[MessageStatusPayload](t, `{"x":2}`).Key(), "by all of it, where it has no id")
	assert.Equal(t, decoded[AIFunctionPayload](t, `{"function":"f","call_id":"c","a":1,"b":2}`).Key(), decoded[AIFunctionPayload](t, `{"b":2,"a":1,"call_id":"c","function":"f"}`).Key())
	play := `{"event_type":"calling.call.play","timestamp":%s,"params":{"call_id":"c","control_id":"p","state":"paused"}}`
	assert.Equal(t, "call_event.calling.call.play/c/p/paused/1767225600.25", decoded[CallPlayPayload](t, fmt.Sprintf(play, "1767225600.25")).Key())
	assert.NotEqual(t, decoded[CallPlayPayload](t, fmt.Sprintf(play, "1")).Key(), decoded[CallPlayPayload](t, fmt.Sprintf(play, "2")).Key(), "paused twice")
	assert.NotEqual(t, decoded[StreamStatusPayload](t, fmt.Sprintf(play, "1")).Key(), decoded[StreamStatusPayload](t, fmt.Sprintf(play, "2")).Key(), "streamed twice")
	for _, pair := range [][2]string{{"1", "2"}, {`"1"`, `"2"`}} {
		assert.NotEqual(t, decoded[MessageStatusPayload](t, `{"id":`+pair[0]+`,"status":"sent"}`).Key(), decoded[MessageStatusPayload](t, `{"id":`+pair[1]+`,"status":"sent"}`).Key(), "ids of another type")
		assert.NotEqual(t, decoded[CallPlayPayload](t, fmt.Sprintf(play, pair[0])).Key(), decoded[CallPlayPayload](t, fmt.Sprintf(play, pair[1])).Key(), "times of another type")
		assert.NotEqual(t, decoded[CallPlayPayload](t, `{"params":{"call_id":"c","control_id":"p","state":"paused","x":`+pair[0]+`}}`).Key(), decoded[CallPlayPayload](t, `{"params":{"call_id":"c","control_id":"p","state":"paused","x":`+pair[1]+`}}`).Key(), "without a time")
	}
	// A document that calls itself with execute, and the action of a <Gather>, ask again
	// about the same call or message.
	for _, member := range []string{`"params":{"digit":"1"}`, `"vars":{"digit":"1"}`, `"newer":1`} {
		assert.NotEqual(t, decoded[InboundCallPayload](t, `{"call":{"call_id":"c","segment_id":"s","call_state":"answered"}}`).Key(), decoded[InboundCallPayload](t, `{"call":{"call_id":"c","segment_id":"s","call_state":"answered"},`+member+`}`).Key(), member)
		assert.NotEqual(t, decoded[InboundMessagePayload](t, `{"message":{"message_id":"m"}}`).Key(), decoded[InboundMessagePayload](t, `{"message":{"message_id":"m"},`+member+`}`).Key(), member)
	}
	assert.NotEqual(t, decoded[CXMLVoicePayload](t, `{"CallSid":"c","CallStatus":"in-progress","Digits":"1"}`).Key(), decoded[CXMLVoicePayload](t, `{"CallSid":"c","CallStatus":"in-progress","Digits":"2"}`).Key())
	const brand = `{"event_type":"brand_approved","brand_id":"b","event_at":%q}`
	assert.Equal(t, decoded[TenDLCStatusPayload](t, fmt.Sprintf(brand, "x")).Key(), decoded[TenDLCStatusPayload](t, fmt.Sprintf(brand, "x")).Key(), "repeated, with values that it never has")
}

// TestSecrets are sent and not shown.
func TestSecrets(t *testing.T) {
	p := decoded[PaymentConnectorPayload](t, `{"transaction_id":"1","cardnumber":"4111111111111111","cvv":"999"}`)
	shown := fmt.Sprintf("%v %+v %#v %s", p, p, p, p.Cardnumber)
	assert.NotContains(t, shown, "4111")
	assert.NotContains(t, shown, "999")
	pay := decoded[CallPayPayload](t, `{"params":{"call_id":"c","payment_card_number":"4111111111111111","security_code":"999","expiration_date":"1299"}}`)
	other := decoded[CallEventPayload](t, `{"event_type":"calling.call.newer","params":{"card_number":4111111111111111}}`)
	odd := decoded[PaymentConnectorPayload](t, `{"transaction_id":"1","cardnumber":4111111111111111,"cvv":999}`)
	call := decoded[InboundCallPayload](t, `{"call":{"call_id":"c"},"vars":{"api_token":"hunter22"}}`)
	for _, printed := range []any{pay, other, odd, call} {
		for _, v := range []any{printed, reflect.ValueOf(printed).Elem().Interface()} {
			shown := fmt.Sprintf("%v %+v %s", v, v, v)
			assert.NotRegexp(t, `4111|52 49 49|hunter22|1299|"999"`, shown)
			assert.Regexp(t, `^{".*":"[^ ]*} {.*} {.*}$`, shown)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "pointer", p, "value", *p, "secret", p.Cardnumber, "pay", pay, "other", other)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "pointer", p, "value", *p, "secret", p.Cardnumber, "pay", pay, "other", other)
	assert.NotContains(t, log.String(), "4111")
	assert.NotContains(t, log.String(), `999"`)
	assert.NotContains(t, log.String(), "1299")
	assert.Contains(t, log.String(), `"call_id":"c"`)
	encoded, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Contains(t, string(encoded), "4111111111111111")
	assert.Equal(t, "4111111111111111", string(p.Cardnumber))
}

// TestEveryPayload: each type of the package takes all of its members, and writes
// them as they were.
func TestEveryPayload(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "payloads.gen.go", nil, 0)
	require.NoError(t, err)
	structs := 0
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			if _, ok := g.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType); ok {
				structs++
			}
		}
	}
	seen := map[reflect.Type]bool{}
	for _, root := range bodies {
		p := reflect.New(reflect.TypeOf(root))
		fill(p.Elem(), seen)
		encoded, err := json.Marshal(p.Interface())
		require.NoError(t, err)
		back := reflect.New(reflect.TypeOf(root))
		require.NoError(t, json.Unmarshal(encoded, back.Interface()))
		assert.Equal(t, p.Interface(), back.Interface())
		if keyed, ok := p.Interface().(interface{ Key() string }); ok {
			assert.Equal(t, keyed.Key(), back.Interface().(interface{ Key() string }).Key())
		}
	}
	assert.Len(t, seen, structs, "types of the package that are in no payload")
}

// fill sets all fields of a value.
func fill(v reflect.Value, seen map[reflect.Type]bool) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
		return
	case map[string]json.RawMessage:
		v.Set(reflect.ValueOf(map[string]json.RawMessage{"unknown": json.RawMessage(`[1]`)}))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		seen[v.Type()] = true
		for i := range v.NumField() {
			fill(v.Field(i), seen)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), seen)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), seen)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value, seen)
		v.SetMapIndex(reflect.ValueOf("a"), value)
	case reflect.String:
		v.SetString("text")
	case reflect.Int64:
		v.SetInt(1 << 60)
	case reflect.Float64:
		v.SetFloat(1767225600.25)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Interface:
		v.Set(reflect.ValueOf("anything"))
	}
}

// TestDescriptors say of each kind how it is signed, where a source does.
func TestDescriptors(t *testing.T) {
	for kind, want := range map[*Kind]Kind{
		&InboundCall.Kind:    {Signing: SigningSHA256, Credentials: CredentialsStripped},
		&InboundMessage.Kind: {Signing: SigningSHA1, Credentials: CredentialsKept},
		&SWAIGSignature.Kind: {Signing: SigningSHA1},
		&AIFunction.Kind:     {Signing: SigningNone},
		&AIPostPrompt.Kind:   {Signing: SigningNone},
		&MessageStatus.Kind:  {Signing: SigningUnknown},
		&CXMLVoice.Kind:      {Signing: SigningForm, Form: true},
	} {
		assert.Equal(t, want.Signing, kind.Signing, kind.ID)
		assert.Equal(t, want.Credentials, kind.Credentials, kind.ID)
		assert.Equal(t, want.Form, kind.Form, kind.ID)
		assert.NotEmpty(t, kind.SetBy, kind.ID)
	}
	assert.Equal(t, "calling.call.state", strings.Join(CallState.EventTypes, " "))
	assert.False(t, SigningUnknown.Signed() || SigningNone.Signed())
	assert.True(t, SigningForm.Signed())
}
