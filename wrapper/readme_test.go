//lint:file-ignore SA4006 README shows several calls in a row, whose errors are not all looked at.

package signalwire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// README's code stands here, between markers, so that it compiles and runs.
// TestReadme holds the two against each other.

// README: test
func TestRename(t *testing.T) {
	space := signalwiretest.New(t)
	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "old"}})

	err := rename(space.Client(), id, "new") // your code
	if err != nil {
		t.Fatal(err)
	}

	gateway, _ := signalwiretest.Get[gen.SIPGatewayResource](space, id)
	if gateway.SIPGateway.Name != "new" {
		t.Errorf("the gateway is called %q", gateway.SIPGateway.Name)
	}
}

// README: end

func rename(client *signalwire.Client, id uuid.UUID, name string) error {
	_, err := client.SIPGateways.Update(context.Background(), id, gen.SIPGatewayUpdate{Name: &name})
	return err
}

func TestReadmeEdit(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client, ctx := space.Client(), t.Context()
	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Codecs: []gen.Codec{gen.CodecPCMU}}})
	old, err := client.SIPGateways.Get(ctx, id)
	require.NoError(t, err)

	// README: edit
	gateway, changed, err := client.SIPGateways.Edit(ctx, id, func(g *gen.SIPGatewayUpdate) error {
		g.Codecs = append(g.Codecs, gen.CodecG722) // g arrives filled with the current values
		return nil
	})
	// README: end
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, []gen.Codec{gen.CodecPCMU, gen.CodecG722}, gateway.SIPGateway.Codecs)

	// README: diff
	before, err := signalwire.PatchFrom[gen.SIPGatewayUpdate](old)
	after, err := signalwire.PatchFrom[gen.SIPGatewayUpdate](gateway)
	patch, differs := signalwire.Diff(before, after)
	text, err := json.Marshal(patch) // {"codecs":["PCMU","G722"]}
	// README: end
	require.NoError(t, err)
	require.True(t, differs)
	require.Equal(t, `{"codecs":["PCMU","G722"]}`, string(text))
}

func TestReadmeDo(t *testing.T) {
	t.Parallel()
	var sent []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, `{"status":"made"}`)
	}))
	t.Cleanup(server.Close)
	client, invalid := signalwire.New("acme", signalwire.WithCredentials("project", "token"), signalwire.WithBaseURL(server.URL))
	require.NoError(t, invalid)
	ctx := t.Context()

	// README: do
	var thing struct {
		Status string `json:"status"`
	}
	err := client.Do(ctx, "POST", "/api/newer/things", map[string]any{"name": "a"}, &thing)
	// README: end
	require.NoError(t, err)
	require.Equal(t, "made", thing.Status)
	require.JSONEq(t, `{"name":"a"}`, string(sent))
}

func TestReadmeErrors(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client, ctx := space.Client(), t.Context()
	id := space.Put(gen.SIPGatewayResource{})
	change := gen.SIPGatewayUpdate{URI: signalwire.Ptr("x")}
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondBody(422, "application/json", `{"errors":[{"message":"is no SIP URI","attribute":"uri","code":"invalid"}]}`)})
	var printed strings.Builder
	fmt := printer{&printed}

	// README: errors
	gateway, err := client.SIPGateways.Update(ctx, id, change)
	var refused *signalwire.InputError
	var failure *signalwire.Error
	switch {
	case errors.Is(err, signalwire.ErrOutcomeUnknown): // it may have been done, and must not be done twice
	case errors.Is(err, signalwire.ErrUnreadable): // it was done, and the response could not be read
	case errors.Is(err, signalwire.ErrNotFound): // or ErrUnauthorized, ErrInvalid, ErrRateLimited, ErrServer …
	case errors.Is(err, context.DeadlineExceeded):
	case errors.As(err, &refused): // an argument was refused, and nothing was sent
		fmt.Println(refused.Field, refused.Problem)
	case errors.As(err, &failure): // the Space refused fields, if it names any
		for _, item := range failure.Items {
			fmt.Println(item.Attribute, item.Code, item.Message)
		}
	}
	// README: end
	require.Nil(t, gateway)
	require.Equal(t, "uri invalid is no SIP URI\n", printed.String())
}

// printer stands in for package fmt.
type printer struct{ to *strings.Builder }

func (p printer) Println(a ...any) { fmt.Fprintln(p.to, a...) }

func TestReadmeMost(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client, ctx := space.Client(), t.Context()
	var printed strings.Builder
	file := new(strings.Builder)
	fmt := printer{&printed}
	const password = "correct horse battery"
	audio := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "audio") }))
	t.Cleanup(audio.Close)
	recordingID := space.Put(gen.NewCallRecording(gen.PSTNRecording{URL: audio.URL}))

	// README: most
	// Buy a number, whose calls are answered with SWML from a URL: of your server, or the
	// RequestURL of a SWML script that SignalWire hosts.
	number, err := client.PhoneNumbers.Purchase(ctx, gen.PhoneNumberPurchase{Number: "+15555550100"})
	number, err = client.PhoneNumbers.Update(ctx, number.ID, gen.PhoneNumberUpdate{
		CallHandler:        signalwire.Ptr(gen.PhoneNumberCallHandlerRelayScript),
		CallRelayScriptURL: signalwire.Ptr("https://example.com/call"),
	})

	// Send a message.
	message, err := client.Messages.Create(ctx, gen.SMSMessage{
		From: "+15555550100",
		To:   "+15555550199",
		Body: signalwire.Ptr("Hello"),
	})

	// Give a new subscriber a SIP telephone.
	subscriber, err := client.Subscribers.Create(ctx, gen.SubscriberCreate{Email: "ada@example.com"})
	credential, err := client.SubscriberSIPCredentials.Create(ctx, subscriber.ID, gen.SubscriberSIPCredentialCreate{
		Username: "ada",
		Password: password,
	})

	// Start a call, which your server controls with SWML, and hang up.
	call, err := client.Calls.Dial(ctx, gen.DialURLParams{
		From: "+15555550100",
		To:   signalwire.Ptr("+15555550199"),
		URL:  "https://example.com/call",
	})
	call, err = client.Calls.Hangup(ctx, call.Head().ID, gen.HangupParams{})

	// Create a room token.
	token, err := client.RoomTokens.Create(ctx, gen.RoomTokenCreate{RoomName: "lobby"})

	// List logs, page after page.
	for log, err := range client.VoiceLogs.All(ctx, gen.ListVoiceLogsParams{PageSize: signalwire.Ptr[int64](100)}) {
		if err != nil {
			return // err says what failed
		}
		switch log := log.Value().(type) { // one of several types, which its documentation names
		case gen.RelayVoiceLog:
			fmt.Println(log.From, log.To, log.Status)
		}
	}

	// Save the recording of a call.
	recording, err := client.CallRecordings.Get(ctx, recordingID)
	size, err := client.Download(ctx, recording.Head().URL, file)
	// README: end
	require.NoError(t, err)
	require.NotNil(t, number)
	require.NotNil(t, message)
	require.NotNil(t, call)
	require.NotNil(t, token)
	require.NotNil(t, credential)
	for _, r := range space.Requests() {
		require.Less(t, r.Status, 300, "%v", r)
	}
	require.Len(t, space.Requests(), 10)
	require.Equal(t, "audio", file.String())
	require.EqualValues(t, 5, size)
	require.Equal(t, "+15555550100 +15555550199 queued\n", printed.String())
}

func TestReadmeSWML(t *testing.T) {
	t.Parallel()
	// README: swml
	doc := swml.Document{Sections: map[string]swml.Section{"main": {
		swml.Play{URL: "say:Hello."},
		swml.Connect{To: "+15555550100", Timeout: swml.Of(20)},
	}}}
	// README: end
	run := signalwiretest.New(t).Run(t, doc)
	require.Equal(t, "play say:Hello.\nconnect +15555550100 -> connected\nended: end of the document", run.String())
}

func TestReadmeWebhook(t *testing.T) {
	t.Parallel()
	const signingKey, user, password = "PSK_example", "me", "pw"
	mux := http.NewServeMux()
	var printed strings.Builder
	fmt := printer{&printed}

	// README: webhook
	hooks, err := webhook.New("https://hooks.example.com", signingKey)
	mux.Handle("POST /call", webhook.Responder(hooks, events.InboundCall,
		func(ctx context.Context, in *events.InboundCallPayload) (gen.SWML, error) {
			return gen.NewSWML(swml.Document{Sections: map[string]swml.Section{"main": {
				swml.Play{URL: "say:Hello."},
			}}})
		}))
	mux.Handle("POST /sms", webhook.Handler(hooks.WithBasic(user, password), events.MessageStatus,
		func(ctx context.Context, m *events.MessageStatusPayload) error {
			fmt.Println("message", m.ID, "is", m.Status)
			return nil
		}))
	// README: end
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, "https://hooks.example.com/sms", strings.NewReader(`{"id":"1","status":"delivered"}`))
	r.SetBasicAuth(user, password)
	mux.ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, "message 1 is delivered\n", printed.String())
	r = httptest.NewRequest(http.MethodPost, "https://hooks.example.com/call", strings.NewReader(`{}`))
	require.NoError(t, webhook.Sign(r, signingKey))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	require.JSONEq(t, `{"sections":{"main":[{"play":{"url":"say:Hello."}}]}}`, w.Body.String())
}

// The code that the page on migration shows.
func TestMigrate(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client, ctx := space.Client(), t.Context()
	var printed strings.Builder
	fmt := printer{&printed}
	create := func() error {
		// README: create
		gateway, err := client.SIPGateways.Create(ctx, gen.SIPGatewayCreate{
			Name:       "Office PBX",
			URI:        "sip:pbx.example.com",
			Encryption: gen.EncryptionRequired,
			Ciphers:    []gen.Cipher{gen.CipherAESCM128HMACSHA180},
			Codecs:     []gen.Codec{gen.CodecPCMU, gen.CodecPCMA},
		})
		if err != nil {
			return err
		}
		fmt.Println(gateway.ID, gateway.SIPGateway.URI) // in place of gateway["id"].(string)
		// README: end
		return nil
	}
	send := func() error {
		// README: send
		message, err := client.Messages.Create(ctx, gen.SMSMessage{
			From: "+15555550100",
			To:   "+15555550199",
			Body: signalwire.Ptr("Hello from Go!"),
		})
		if errors.Is(err, signalwire.ErrOutcomeUnknown) {
			return err // it may have been sent: do not send it again before you looked
		}
		if err != nil {
			return err
		}
		fmt.Println(message.ID, message.Status)
		// README: end
		return nil
	}
	require.NoError(t, create())
	require.NoError(t, send())
	require.Contains(t, printed.String(), "sip:pbx.example.com")
}

func TestReadme(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"create": "examples/MIGRATE.md", "send": "examples/MIGRATE.md"}
	for _, name := range []string{"test", "edit", "diff", "swml", "do", "errors", "most", "webhook"} {
		pages[name] = "../README.md"
	}
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	regions := strings.Split(string(source), "// README: ")
	found := 0
	for _, region := range regions {
		name, code, _ := strings.Cut(region, "\n")
		page, known := pages[name]
		if !known {
			continue
		}
		found++
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		code = strings.TrimRight(code, "\t\n")
		indent := code[:len(code)-len(strings.TrimLeft(code, "\t"))]
		code = strings.ReplaceAll("\n"+code, "\n"+indent, "\n")
		require.Contains(t, string(text), "```go"+code+"\n```", "%s does not show this code", page)
	}
	require.Len(t, pages, found)
}
