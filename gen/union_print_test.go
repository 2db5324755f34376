package gen_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// A union prints as the JSON of what it holds, and not its secrets: what the
// description marks as one, and what is called like one.
func TestUnionsPrint(t *testing.T) {
	t.Parallel()
	params := gen.NewDialParams(gen.DialURLParams{From: "+15550001", To: ptr("sip:a@example.com"), Password: ptr("hunter2")})
	var newer gen.Resource
	require.NoError(t, json.Unmarshal([]byte(`{"id":"r1","type":"newer","newer":{"password":"hunter2"}}`), &newer))
	for _, test := range []struct {
		union fmt.Stringer
		want  string
	}{
		{params, `{"from":"+15550001","password":"[redacted]","to":"sip:a@example.com","url":""}`},
		{gen.NewCallCommand(gen.DialCommand{Params: params}), `{"command":"dial","params":{"from":"+15550001","password":"[redacted]","to":"sip:a@example.com","url":""}}`},
		{gen.NewResource(gen.AIAgentResource{AIAgent: gen.AIAgent{PostPromptURL: ptr("https://example.com/hunter2")}}), ""},
		{newer, `{"id":"r1","type":"newer","newer":{"password":"[redacted]"}}`},
		{gen.Resource{}, "null"},
	} {
		text := test.union.String()
		require.NotContains(t, text, "hunter2")
		if test.want != "" {
			require.JSONEq(t, test.want, text)
		}
		require.Equal(t, text, fmt.Sprintf("%v", test.union))
		require.Equal(t, text, fmt.Sprintf("%+v", test.union))
		require.Equal(t, "[{"+text+"}]", fmt.Sprintf("%v", []struct{ U any }{{test.union}}))
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "union", test.union)
		require.NotContains(t, b.String(), "hunter2")
		require.Contains(t, b.String(), fmt.Sprintf("%q", text)[1:len(fmt.Sprintf("%q", text))-1])
		require.JSONEq(t, text, logged(t, test.union))
		require.Equal(t, text, fmt.Sprintf("%+v", slog.AnyValue(test.union).Resolve().Any()), "for handlers of others")
	}
}

// logged returns the JSON that a slog.JSONHandler writes for a value.
func logged(t *testing.T, value any) string {
	t.Helper()
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "value", value)
	var line struct{ Value json.RawMessage }
	require.NoError(t, json.Unmarshal(b.Bytes(), &line))
	return string(line.Value)
}

// What all variants have can be read of each, of one that is newer too.
func TestHead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	id := uuid.MustParse("11111111-2222-3333-4444-555555555555")
	made := gen.NewResource(gen.SIPGatewayResource{ID: id, DisplayName: "edge", CreatedAt: at, Type: gen.SIPGatewayResourceTypeSIPGateway})
	require.Equal(t, gen.ResourceHead{ID: id, DisplayName: "edge", CreatedAt: at, Type: "sip_gateway"}, made.Head())

	var newer gen.Resource
	require.NoError(t, json.Unmarshal([]byte(`{"id":"`+id.String()+`","type":"newer","display_name":7,"created_at":"2026-01-02T03:04:05Z"}`), &newer))
	require.IsType(t, json.RawMessage{}, newer.Value())
	require.Equal(t, gen.ResourceHead{ID: id, CreatedAt: at, Type: "newer"}, newer.Head())

	require.Zero(t, gen.Resource{}.Head())
	var number gen.Resource
	require.NoError(t, json.Unmarshal([]byte(`7`), &number))
	require.Zero(t, number.Head())
}
