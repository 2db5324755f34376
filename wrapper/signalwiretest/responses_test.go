package signalwiretest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// TestAIChat: each method has a result of its own, about the conversation that was
// named, and the response has the id of the request.
func TestAIChat(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	conversation := object{"id": "c-1"}
	for method, c := range map[string]struct{ params, result object }{
		"create_conversation": {object{"id": "c-1", "config_url": "https://example.com/agent"}, object{"id": "c-1", "status": "created"}},
		"chat":                {object{"id": "c-1", "message": "hello"}, object{"response": "response"}},
		"end_conversation":    {conversation, object{"id": "c-1", "status": "ended"}},
		"delete":              {conversation, object{"id": "c-1", "status": "deleted"}},
		"chat_log":            {conversation, object{"chat_log": []any{}}},
		"summarize":           {conversation, object{}},
	} {
		response := askObject(t, space, 200, "POST", "/api/ai/chat", object{"jsonrpc": "2.0", "id": "r-" + method, "method": method, "params": c.params})
		assert.Equal(t, object{"jsonrpc": "2.0", "id": "r-" + method, "result": c.result}, response)
	}
	client := space.Client()
	response, err := client.AIChat.EndConversation(t.Context(), gen.AIChatConversationID{ID: "c-2"})
	require.NoError(t, err)
	assert.Equal(t, gen.AIChatConversationEndedResult{ID: "c-2", Status: gen.AIChatEndedStatusEnded}, response.Value().(gen.AIChatConversationEnded).Result)
	response, err = client.AIChat.Delete(t.Context(), gen.AIChatConversationID{ID: "c-2"})
	require.NoError(t, err)
	assert.IsType(t, gen.AIChatConversationDeleted{}, response.Value())
}

// TestDialledCall is the one that was asked for, also in the response to a later
// command.
func TestDialledCall(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	dial := object{"command": "dial", "params": object{"from": "+15551230000", "to": "+15551230001", "url": "https://example.com/swml"}}
	call := askObject(t, space, 200, "POST", "/api/calling/calls", dial)
	for _, made := range []object{
		call,
		askObject(t, space, 200, "POST", "/api/calling/calls", object{"command": "calling.end", "id": call["id"], "params": object{"reason": "hangup"}}),
		askObject(t, space, 200, "GET", "/api/voice/logs/"+call["id"].(string), nil),
	} {
		assert.Equal(t, call["id"], made["id"])
		assert.Equal(t, "+15551230000", made["from"])
		assert.Equal(t, "+15551230001", made["to"])
		assert.Equal(t, "outbound-api", made["direction"])
		assert.Equal(t, "queued", made["status"])
	}
	space.Advance(time.Minute)
	ended := askObject(t, space, 200, "POST", "/api/calling/calls", object{"command": "calling.end", "id": call["id"], "params": object{"reason": "hangup"}})
	assert.Equal(t, "ended", ended["status"])
	space.Advance(time.Hour)
	assert.Equal(t, "ended", at(t, space, "/api/voice/logs/"+call["id"].(string))["status"], "a command does not begin the call anew")
}

// TestUnknownVariant: the error names all variants that there are.
func TestUnknownVariant(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	for path, c := range map[string]struct {
		body      object
		attribute string
		choices   int
	}{
		"/api/calling/calls":        {object{"command": "calling.explode", "params": object{}}, "command", 42},
		"/api/ai/chat":              {object{"jsonrpc": "2.0", "id": "1", "method": "shout", "params": object{"id": "c"}}, "method", 6},
		"/api/datasphere/documents": {object{"url": "https://example.com/a.pdf", "chunking_strategy": "none"}, "chunking_strategy", 4},
	} {
		errs := askObject(t, space, 422, "POST", path, c.body)["errors"].([]any)
		require.Len(t, errs, 1, path)
		reason := errs[0].(object)
		assert.Equal(t, c.attribute, reason["attribute"], path)
		assert.Equal(t, c.choices, strings.Count(reason["message"].(string), "'")/2, "%s: %s", path, reason["message"])
	}
}

// TestRefusedAddress has its reasons, also for the client.
func TestRefusedAddress(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	err := space.Client().Do(t.Context(), "POST", "/api/relay/rest/addresses", []byte(`{"label":"Home","country":"US"}`), nil)
	require.ErrorIs(t, err, signalwire.ErrInvalid)
	var refused *signalwire.Error
	require.ErrorAs(t, err, &refused)
	var reasons []string
	for _, item := range refused.Items {
		reasons = append(reasons, item.Message)
	}
	assert.Equal(t, []string{"city is missing", "first_name is missing", "last_name is missing", "postal_code is missing", "state is missing", "street_name is missing", "street_number is missing"}, reasons)
}

// TestLookUpNumber: every number can be looked up, with what was put if it was, and what
// is no number is not found.
func TestLookUpNumber(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client := space.Client()
	found, err := client.PhoneNumbers.Lookup(t.Context(), "+15035550123", gen.LookupPhoneNumberParams{})
	require.NoError(t, err)
	assert.Equal(t, signalwire.Ptr("+15035550123"), found.E164)
	assert.Equal(t, signalwire.Ptr("(503) 555-0123"), found.NationalNumberFormatted)
	assert.Equal(t, signalwire.Ptr(true), found.ValidNumber)
	assert.Nil(t, found.Carrier)
	found, err = client.PhoneNumbers.Lookup(t.Context(), "+4930901820", gen.LookupPhoneNumberParams{Include: signalwire.Ptr("carrier, cnam")})
	require.NoError(t, err)
	assert.Equal(t, signalwire.Ptr("+4930901820"), found.E164)
	assert.NotNil(t, found.Carrier)
	assert.NotNil(t, found.CNAM)
	space.PutAt("/api/relay/rest/lookup/phone_number/+4930901820", object{"location": "Berlin"})
	found, err = client.PhoneNumbers.Lookup(t.Context(), "+4930901820", gen.LookupPhoneNumberParams{})
	require.NoError(t, err)
	assert.Equal(t, signalwire.Ptr("Berlin"), found.Location)
	for _, number := range []string{"5035550123", "+0123456789", "+1503", "me"} {
		_, err = client.PhoneNumbers.Lookup(t.Context(), number, gen.LookupPhoneNumberParams{})
		assert.ErrorIs(t, err, signalwire.ErrNotFound, number)
	}
}

// TestSearchNumbers: a search finds numbers that fit it and that nobody has bought, of
// those that were put if there are any.
func TestSearchNumbers(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client := space.Client()
	search := func(params gen.SearchAvailablePhoneNumbersParams) (found []string) {
		for n, err := range client.PhoneNumbers.AllAvailable(t.Context(), params) {
			require.NoError(t, err)
			found = append(found, n.E164)
		}
		return found
	}
	text := signalwire.Ptr[string]
	three := signalwire.Ptr[int64](3)
	assert.Equal(t, []string{"+15035550100", "+15035550101", "+15035550102"}, search(gen.SearchAvailablePhoneNumbersParams{Areacode: text("503"), MaxResults: three}))
	_, err := client.PhoneNumbers.Purchase(t.Context(), gen.PhoneNumberPurchase{Number: "+15035550101"})
	require.NoError(t, err)
	assert.Equal(t, []string{"+15035550100", "+15035550102", "+15035550103"}, search(gen.SearchAvailablePhoneNumbersParams{Areacode: text("503"), MaxResults: three}))
	assert.Len(t, search(gen.SearchAvailablePhoneNumbersParams{}), 50)
	assert.Len(t, search(gen.SearchAvailablePhoneNumbersParams{MaxResults: signalwire.Ptr[int64](1000)}), 100)
	for _, c := range []struct {
		params gen.SearchAvailablePhoneNumbersParams
		fits   string
	}{
		{gen.SearchAvailablePhoneNumbersParams{NumberType: text("toll-free")}, `^\+1800\d{7}$`},
		{gen.SearchAvailablePhoneNumbersParams{StartsWith: text("5037777")}, `^\+15037777\d{3}$`},
		{gen.SearchAvailablePhoneNumbersParams{EndsWith: text("777")}, `^\+1\d{7}777$`},
		{gen.SearchAvailablePhoneNumbersParams{Contains: text("7777777")}, `^\+1\d*7777777\d*$`},
		{gen.SearchAvailablePhoneNumbersParams{Areacode: text("503"), EndsWith: text("7777")}, `^\+1503\d{3}7777$`},
	} {
		found := search(c.params)
		assert.NotEmpty(t, found, c.fits)
		for _, number := range found {
			assert.Regexp(t, c.fits, number)
		}
	}
	assert.Empty(t, search(gen.SearchAvailablePhoneNumbersParams{Areacode: text("503"), StartsWith: text("206")}))

	for i, number := range []string{"+12065550001", "+15035550101", "+15035550199"} {
		space.PutAt("/api/relay/rest/phone_numbers/search/"+string('1'+rune(i)), object{"e164": number})
	}
	assert.Equal(t, []string{"+15035550199"}, search(gen.SearchAvailablePhoneNumbersParams{Areacode: text("503")}))
	assert.Equal(t, []string{"+12065550001", "+15035550199"}, search(gen.SearchAvailablePhoneNumbersParams{}))
}

// TestLogsOfACall: the call, and what is called and sent in it, is in the logs, and
// messages and faxes go through their states.
func TestLogsOfACall(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	space.SetTime(signalwiretest.StartTime)
	var faxes []string
	space.Handle(hooksURL, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	space.Run(t, `{"sections":{"main":[
		{"connect":{"to":"+15550000003"}},
		{"send_sms":{"from_number":"+15550000002","to_number":"+15550000001","body":"hi","status_callback":"`+hooksURL+`/sms"}},
		{"send_fax":{"document":"https://example.com/a.pdf","status_url":"`+hooksURL+`/fax"}},
		{"receive_fax":{}}]}}`, signalwiretest.WithCall(map[string]any{"from": "+15550000001", "to": "+15550000002"}))
	log := func(path string) (entries [][]any) {
		for _, entry := range askObject(t, space, 200, "GET", path, nil)["data"].([]any) {
			e := entry.(object)
			entries = append(entries, []any{e["from"], e["to"], e["direction"], e["status"]})
		}
		return entries
	}
	voice := [][]any{{"+15550000001", "+15550000003", "outbound-dial", "ended"}, {"+15550000001", "+15550000002", "inbound", "ended"}}
	assert.Equal(t, voice, log("/api/voice/logs"))
	for _, c := range []struct {
		after        time.Duration
		message, fax string
	}{{0, "queued", "queued"}, {time.Second, "sent", "in-progress"}, {2 * time.Second, "delivered", "in-progress"}, {31 * time.Second, "delivered", "completed"}} {
		space.Advance(signalwiretest.StartTime.Add(c.after).Sub(space.Now()))
		assert.Equal(t, [][]any{{"+15550000002", "+15550000001", "outbound", c.message}}, log("/api/messaging/logs"), c.after)
		assert.Equal(t, [][]any{{"+15550000001", "+15550000002", "inbound", c.fax}, {"+15550000002", "+15550000001", "outbound-dial", c.fax}}, log("/api/fax/logs"), c.after)
	}
	for _, c := range space.Callbacks() {
		if c.Kind.ID != events.CallFax.ID {
			continue
		}
		var p events.CallFaxPayload
		require.NoError(t, c.Decode(&p))
		faxes = append(faxes, p.Params.Fax.Params.Direction+" "+p.Params.Fax.Params.Document+" "+c.Time.Sub(signalwiretest.StartTime).String())
	}
	assert.Equal(t, []string{"send https://example.com/a.pdf 31s"}, faxes)
}

// TestLogFilters: each log is newest first and has the filters by time, each a time or
// a date, and for what was deleted.
func TestLogFilters(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	var ids []string // the oldest first
	for i := range 4 {
		ids = append(ids, uuid.NewSHA1(uuid.NameSpaceURL, []byte{byte(i)}).String())
	}
	for _, log := range []string{"/api/messaging/logs", "/api/voice/logs", "/api/fax/logs", "/api/video/logs", "/api/logs/conferences"} {
		for i, id := range ids {
			entry := object{"id": id, "created_at": signalwiretest.StartTime.Add(time.Duration(i) * 24 * time.Hour).Format(time.RFC3339)}
			if i == 1 {
				entry["discarded_at"] = "2026-01-09T00:00:00Z"
			}
			space.PutAt(log+"/"+id, entry)
		}
		for query, want := range map[string][]int{
			"": {3, 2, 0}, "include_deleted=true": {3, 2, 1, 0}, "include_deleted=false": {3, 2, 0},
			"created_before=2026-01-03": {0}, "created_before=2026-01-03T00:00:01Z": {2, 0},
			"created_after=2026-01-03": {3}, "created_after=2026-01-02T23:59:59Z": {3, 2},
			"created_on=2026-01-03": {2}, "created_on=2026-01-03T12:00:00Z": {2}, "created_on=2026-01-02": nil,
			"created_on=2026-01-02&include_deleted=true":         {1},
			"created_after=2026-01-01&created_before=2026-01-04": {2},
		} {
			got := []int(nil)
			for _, entry := range askObject(t, space, 200, "GET", log+"?"+query, nil)["data"].([]any) {
				for i, id := range ids {
					if entry.(object)["id"] == id {
						got = append(got, i)
					}
				}
			}
			assert.Equal(t, want, got, "%s?%s", log, query)
		}
	}
}
