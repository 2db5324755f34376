package signalwire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// prints notes what testify says about a failure.
type prints struct{ text string }

func (p *prints) Errorf(format string, args ...any) { p.text += fmt.Sprintf(format, args...) }

// forms is everything that the usual ways of showing a value make of it.
func forms(v any) string {
	var all strings.Builder
	for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "T"} {
		fmt.Fprintf(&all, "%"+verb+"\n", v)
		fmt.Fprintf(&all, "%"+verb+"\n", []any{v})
		fmt.Fprintf(&all, "%"+verb+"\n", struct{ V any }{v})
	}
	for _, x := range []any{v, []any{v}, map[string]any{"v": v}} {
		encoded, err := json.Marshal(x)
		fmt.Fprintf(&all, "%s %v\n", encoded, err)
	}
	var logged bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(handler).With("with", v).Error(fmt.Sprint(v), "v", v, "in", []any{v}, slog.Group("group", "v", v))
	}
	return all.String() + logged.String()
}

// TestClientShowsNoSecrets, in no form and to no dump of all that it refers to,
// such as testify's of two values that differ.
func TestClientShowsNoSecrets(t *testing.T) {
	t.Parallel()
	const bearer = "bearer-0123456789abcdef"
	options := []signalwire.Option{credentials, signalwire.WithBearerToken(bearer), signalwire.WithUserAgent("x")}
	client, err := signalwire.New("acme", options...)
	require.NoError(t, err)
	through, err := signalwire.New("acme", append(options, signalwire.WithHTTPClient(&http.Client{}))...)
	require.NoError(t, err)
	for _, v := range []any{client, through, *client, client.Client, options, options[0], options[1]} {
		requireNoSecrets(t, forms(v), bearer)
		var dump prints
		assert.Equal(&dump, "something else", v)
		assert.Equal(&dump, &signalwire.Client{}, v)
		assert.Nil(&dump, v)
		require.NotEmpty(t, dump.text)
		requireNoSecrets(t, dump.text, bearer)
	}
	require.Equal(t, "signalwire.Client(acme.signalwire.com)", fmt.Sprint(client))
}

// TestErrorsShowNoSecrets, even if what responds repeats them in each place that
// an error is made of.
func TestErrorsShowNoSecrets(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"request id":           "500 X\r\nX-Request-Id: %s\r\n\r\n",
		"request id, cut":      "500 X\r\nX-Request-Id: " + strings.Repeat("x", 1000-20) + "%s\r\n\r\n",
		"content type":         "500 X\r\nContent-Type: text/%s\r\n\r\nx",
		"content type of 200":  "200 X\r\nContent-Type: text/%s\r\n\r\nx",
		"reason":               "500 %s\r\n\r\n",
		"location's host":      "302 X\r\nLocation: https://%s/\r\n\r\n",
		"location's scheme":    "302 X\r\nLocation: s%s://host/\r\n\r\n",
		"location's path":      "302 X\r\nLocation: /%s?%[1]s#%[1]s\r\n\r\n",
		"location's user":      "302 X\r\nLocation: https://%s:%[1]s@example.com/\r\n\r\n",
		"location, invalid":    "302 X\r\nLocation: https://:%s:/\r\n\r\n",
		"items":                "422 X\r\n\r\n" + `{"errors":[{"type":"%s","code":"%[1]s","message":"a %[1]s b %[1]s","attribute":"%[1]s","url":"%[1]s"}]}`,
		"only type":            "422 X\r\n\r\n" + `{"errors":[{"type":"%s"}]}`,
		"detail":               "422 X\r\n\r\n" + `{"errors":[{"detail":"%s","title":"%[1]s"}]}`,
		"escaped in JSON":      "422 X\r\n\r\n" + `{"message":"\u0050%[2]s"}`,
		"cut at the limit":     "422 X\r\n\r\n" + `{"message":"` + strings.Repeat("x", 1000-20) + `%s"}`,
		"next to another":      "422 X\r\n\r\n" + `{"message":"%s%[1]s"}`,
		"error":                "401 X\r\n\r\n" + `{"error":"no token %s"}`,
		"message":              "403 X\r\n\r\n" + `{"message":"%s"}`,
		"HTML":                 "502 X\r\nContent-Type: text/html\r\n\r\n<p>%s",
		"undecodable":          "200 X\r\n\r\n%s",
		"a time":               "200 X\r\n\r\n" + `{"created_at":"%s"}`,
		"a UUID":               "200 X\r\n\r\n" + `{"id":"%s"}`,
		"a UUID as URN":        "200 X\r\n\r\n" + `{"id":"%.45s"}`,
		"a key of wrong type":  "200 X\r\n\r\n" + `{"%s":1,"sip_gateway":"%[1]s"}`,
		"a header of no shape": "200 X\r\n%s\r\n\r\n",
		"a chunk's length":     "200 X\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
		"Content-Length":       "200 X\r\nContent-Length: %s\r\n\r\n",
		"Transfer-Encoding":    "200 X\r\nTransfer-Encoding: %s\r\n\r\n",
		"status":               "%s\r\n\r\n",
	} {
		for what, secret := range map[string]string{"token": apiToken, "project": projectID, "encoded": encodedCredentials, "header": "Basic " + encodedCredentials, "both": projectID + ":" + apiToken} {
			for through, opts := range map[string][]signalwire.Option{"transport": nil, "client": {withOwnHTTPClient()}} {
				if through == "client" && what != "token" {
					continue // as it is only about what net/http says by itself
				}
				t.Run(name+", "+what+", "+through, func(t *testing.T) {
					t.Parallel()
					response := strings.ReplaceAll(fmt.Sprintf("HTTP/1.1 "+head+"%.0[2]s", secret, secret[1:]), "%!(EXTRA string", "")
					client, seen := with(t, raw(response), opts...)
					got, err := update(t.Context(), client)
					require.Len(t, seen.requests(), 1)
					if (strings.HasPrefix(name, "a UUID") || name == "a time" || name == "a key of wrong type") && err == nil { // a single value is left out
						require.NotNil(t, got)
						return
					}
					e := requireError(t, err)
					requireNoSecrets(t, forms(e)+forms(*e)+forms(fmt.Errorf("outer: %w", err)))
				})
			}
		}
	}
}

// TestMalformedStatusLine repeats what came; it may be anything.
func TestMalformedStatusLine(t *testing.T) {
	t.Parallel()
	for _, line := range []string{apiToken, "Basic " + encodedCredentials, "HTTP/1.1 " + apiToken, "HTTP/" + apiToken + " 200 OK", "HTTP/1.1 2" + apiToken + " OK"} {
		client, _ := with(t, raw(line+"\r\n\r\n"))
		requireNoSecrets(t, forms(failed(t, client)))
	}
}

// TestTransportErrorsShowNoSecrets: a transport, or the cause of a context, can
// say what it likes, with line breaks and all.
func TestTransportErrorsShowNoSecrets(t *testing.T) {
	t.Parallel()
	for _, long := range []string{"", strings.Repeat("x", 990), strings.Repeat("é", 495)} {
		double := roundTripper(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("%ssending\r\n%v\n\u0085\u2028\x1b[31m\xff", long, r.Header)
		})
		for _, option := range []signalwire.Option{signalwire.WithTransport(double), signalwire.WithHTTPClient(&http.Client{Transport: double})} {
			requireNoSecrets(t, forms(failed(t, dial(t, "https://acme.example", option))))
		}
		client, _ := with(t, gatewayOK)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(fmt.Errorf("%sthe token\n%s\n\xffis not good", long, apiToken))
		_, err := update(ctx, client)
		requireNoSecrets(t, forms(requireError(t, err)))
	}
}

// TestOneSecretWithinAnother: of two tokens that begin alike, as after a
// rotation, no part is left over.
func TestOneSecretWithinAnother(t *testing.T) {
	t.Parallel()
	for _, tokens := range [][2]string{{"PTtoken", "PTtoken-rotated"}, {"PTtoken-rotated", "PTtoken"}} {
		for _, opts := range [][]signalwire.Option{
			{signalwire.WithCredentials("project", tokens[0]), signalwire.WithCredentials("project", tokens[1])},
			{signalwire.WithCredentials("project", tokens[0]), signalwire.WithBearerToken(tokens[1])},
		} {
			client, _ := with(t, say(422, "application/json", `{"message":"refused: PTtoken-rotated"}`), opts...)
			e := failed(t, client)
			require.NotContains(t, e.Error(), "PTtoken")
			require.NotContains(t, e.Error(), "rotated")
		}
	}
}

// TestSecretsStayInTheHeader: they are in no other part of a request, and not
// in the URL, which proxies and servers log.
func TestSecretsStayInTheHeader(t *testing.T) {
	t.Parallel()
	var sent *url.URL
	var others http.Header
	client := dial(t, "https://acme.example/x", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		sent, others = r.URL, r.Header.Clone()
		others.Del("Authorization")
		return nil, errors.New("not sent")
	})))
	failed(t, client)
	requireNoSecrets(t, sent.String()+fmt.Sprintf("%#v", sent)+fmt.Sprint(others), "Basic")
	require.Nil(t, sent.User)
}

// TestRequestIsNotShown: errors do not repeat what was sent, which may be a SIP
// password.
func TestRequestIsNotShown(t *testing.T) {
	t.Parallel()
	const password = "hunter2-sip-password"
	for name, response := range map[string]http.HandlerFunc{"422": say(422, "application/json", documented), "200": say(200, "", "x"), "none": raw("")} {
		client, seen := with(t, response)
		_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Password: ptr(password)})
		requireNoSecrets(t, forms(requireError(t, err)), password)
		require.Contains(t, seen.requests()[0].Body, password, name)
	}
	client, seen := with(t, gatewayOK)
	for _, u := range []gen.SubscriberSIPCredentialUpdate{{Password: ptr(password + "\xff")}, {Password: ptr(password), Codecs: []gen.Codec{"x"}}} {
		_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, u)
		requireNoSecrets(t, forms(requireError(t, err)), password)
		_, err = client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, u, signalwire.WithMaxRequestBytes(1))
		requireNoSecrets(t, forms(requireError(t, err)), password)
	}
	assertNone(t, seen)
}

// TestRequestSecretsThatAreRepeated: what a server repeats of a request's
// password is not in the error, and not in the facts of the call; all the rest is.
func TestRequestSecretsThatAreRepeated(t *testing.T) {
	t.Parallel()
	const password = `hunter2 "sip" & more`
	quoted, err := json.Marshal(password)
	require.NoError(t, err)
	var info signalwire.CallInfo
	client, _ := with(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", strings.Repeat("x", 990)+password)
		w.Header().Set("X-Echo", url.QueryEscape(password))
		w.Header().Set("X-Rate-Limit", "7")
		say(422, "application/json", `{"errors":[{"type":"t","code":"c","message":"password `+strings.Trim(string(quoted), `"`)+` is weak","attribute":"password"}]}`)(w, nil)
	}, signalwire.WithCallInfo(&info))
	change := gen.SubscriberSIPCredentialUpdate{Password: ptr(password), Username: ptr("alice")}
	_, err = client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, change)
	e := requireError(t, err)
	require.ErrorIs(t, err, signalwire.ErrInvalid)
	require.Equal(t, []gen.ErrorItem{{Type: "t", Code: "c", Message: "password [redacted] is weak", Attribute: "password"}}, e.Items)
	require.Contains(t, err.Error(), "422 password: password [redacted] is weak (c)")
	require.Equal(t, strings.Repeat("x", 990)+"[redacted]", e.RequestID)
	require.Equal(t, "[redacted]", info.Header.Get("X-Echo"))
	require.Equal(t, "7", info.Header.Get("X-Rate-Limit"))
	shown := forms(e) + forms(*e) + forms(e.Err) + forms(info)
	require.NotContains(t, shown, "hunter2")

	for _, status := range []int{422, 200} { // and without observers
		client, _ = with(t, say(status, "application/json", `{"errors":[{"type":"t","code":"c","message":"`+"hunter22"+` is weak"}]}`))
		_, err = client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Password: ptr("hunter22"), Username: ptr("alice")})
		require.Equal(t, []gen.ErrorItem{{Type: "t", Code: "c", Message: "[redacted] is weak"}}, requireError(t, err).Items)
	}

	info = signalwire.CallInfo{}
	client, _ = with(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "id-"+password+"-1")
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		say(200, "application/json", credentialResponse)(w, r)
	}, signalwire.WithCallInfo(&info))
	_, err = client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, change)
	require.NoError(t, err)
	require.Equal(t, "id-[redacted]-1", info.RequestID, "a success")
	require.Equal(t, "Basic [redacted]", info.Header.Get("X-Echo"))

	info = signalwire.CallInfo{}
	client, _ = with(t, say(422, "application/json", `{"message":"no access to https://user:pw@example.com/ with pw1234 and `+"hunter22"+`"}`), signalwire.WithCallInfo(&info))
	_, err = client.SWMLWebhooks.Create(t.Context(), gen.SWMLWebhookCreate{PrimaryRequestURL: "https://me:hunter22@example.com/"})
	require.ErrorContains(t, err, "no access to https://[redacted]@example.com/ with pw1234 and [redacted]")

	client, _ = with(t, say(422, "application/json", `{"message":"hunter22 is wrong, and no access to https://other.example/?a=b&token=x1"}`))
	_, err = client.SWMLWebhooks.Create(t.Context(), gen.SWMLWebhookCreate{PrimaryRequestURL: "https://example.com/?api_key=hunter22"})
	require.ErrorContains(t, err, "[redacted] is wrong, and no access to https://other.example/?a=b&token=[redacted]")
}

// TestHeaderSecretsThatAreRepeated: the values of headers with the name of a secret are
// secrets as those of members are.
func TestHeaderSecretsThatAreRepeated(t *testing.T) {
	t.Parallel()
	const token, key = "gateway-token-1", "gateway-key-1"
	var info signalwire.CallInfo
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", r.Header.Get("X-Gateway-Token"))
		said := r.Header.Get("X-Gateway-Token") + ", " + strings.TrimPrefix(r.Header.Get("X-Gateway-Authorization"), "Key ") + ", " + r.Header.Get("X-Tenant")
		say(403, "text/plain", said)(w, r)
	}, signalwire.WithHeader("X-Gateway-Token", token), signalwire.WithCallInfo(&info), signalwire.WithHeader("X-Tenant", "tenant-1"))
	authorization := signalwire.WithHeader("X-Gateway-Authorization", "Key "+key)
	for name, call := range map[string]func() error{
		"update": func() error { _, err := update(t.Context(), client, authorization); return err },
		"Do":     func() error { return client.Do(t.Context(), "GET", "/api/x", nil, nil, authorization) },
		"list": func() error {
			for _, err := range client.SIPGateways.All(t.Context(), authorization) {
				return err
			}
			return nil
		},
		"Download": func() error {
			_, err := client.Download(t.Context(), "http://"+client.Host()+"/x", io.Discard, authorization)
			return err
		},
	} {
		err := call()
		require.ErrorContains(t, err, "403 Forbidden: [redacted], [redacted], tenant-1 [request [redacted]]", name)
		requireNoSecrets(t, forms(requireError(t, err))+forms(info), token, key)
	}
}

// refusal is an error with a type of its own.
type refusal struct{ body string }

func (e *refusal) Error() string { return "refused: " + e.body }

// TestCauseShowsNoSecrets: the cause prints without secrets, and is still found.
func TestCauseShowsNoSecrets(t *testing.T) {
	t.Parallel()
	const password = "hunter2-sip-password"
	double := roundTripper(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		return nil, fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, &refusal{string(body) + r.Header.Get("Authorization")})
	})
	client := dial(t, "https://acme.example", signalwire.WithTransport(double))
	_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Password: ptr(password)})
	e := requireError(t, err)
	requireNoSecrets(t, forms(e)+forms(e.Err)+forms(fmt.Errorf("outer: %w", e.Err)), password)
	require.Equal(t, `unexpected EOF: refused: {"password":"[redacted]"}Basic [redacted]`, e.Err.Error())
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	var cause *refusal
	require.ErrorAs(t, err, &cause)
	require.Contains(t, cause.body, password)
	var dump prints
	assert.Equal(&dump, nil, e.Err)
	requireNoSecrets(t, dump.text, password)
}

// TestShortSecretsDoNotGarble: what is as short as a syllable is left in texts.
func TestShortSecretsDoNotGarble(t *testing.T) {
	t.Parallel()
	client, _ := with(t, say(401, "application/json", `{"message":"not authorized: tokens"}`), signalwire.WithCredentials("au", "t"), signalwire.WithBearerToken("token"))
	_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Password: ptr("tho")})
	require.Equal(t, "signalwire: update_subscriber_sip_credential PATCH "+client.Host()+credentialPath+": 401 not authorized: tokens", err.Error())
}

// TestPathsShowNoNumbers: of the parameters of a path, only UUIDs are in errors.
func TestPathsShowNoNumbers(t *testing.T) {
	t.Parallel()
	const number = "+15555550123"
	client, seen := with(t, say(404, "", ""), signalwire.WithMaxAttempts(1))
	client = dial(t, "http://"+client.Host()+"/base/path")
	_, err := client.PhoneNumbers.Lookup(t.Context(), number, gen.LookupPhoneNumberParams{})
	e := requireError(t, err)
	require.Equal(t, "/base/path/api/relay/rest/lookup/phone_number/{e164_number}", e.Path)
	require.NotContains(t, forms(e), "5555550123")
	require.Contains(t, seen.requests()[0].URI, "/lookup/phone_number/+15555550123")
	_, err = client.Rooms.GetByName(t.Context(), "alice's room", gen.GetRoomByNameParams{})
	require.Equal(t, "/base/path/api/video/rooms/{name}", requireError(t, err).Path)
	e = failed(t, client)
	require.Equal(t, "/base/path"+gatewayPath, e.Path)
	list, _ := with(t, say(200, "application/json", `{"data":[{}],"links":{"next":"/elsewhere"}}`))
	for _, err := range list.CallFlows.AllVersions(t.Context(), number) {
		if err != nil {
			require.NotContains(t, forms(requireError(t, err)), "5555550123")
		}
	}
	_, err = client.PhoneNumbers.Lookup(t.Context(), number+"/\n", gen.LookupPhoneNumberParams{})
	require.ErrorContains(t, err, "e164_number: expected no slash, backslash and control character, got '/'")
	require.NotContains(t, forms(requireError(t, err)), "5555550123")
}

// TestDryRunShowsNoSecrets, not those in documents that have no types either.
func TestDryRunShowsNoSecrets(t *testing.T) {
	t.Parallel()
	var shown []signalwire.DryRunRequest
	client := dial(t, "https://acme.example", signalwire.WithDryRun(func(r signalwire.DryRunRequest) { shown = append(shown, r) }))
	contents, err := gen.NewSWML(json.RawMessage(`{"sections": {"main": [{"ai": {"SWAIG": {"functions": [{"web_hook_auth_user": "u", "web_hook_auth_password": "p"}]}, "params": {"max_tokens": 256}}}]}}`))
	require.NoError(t, err)
	_, err = client.SWMLScripts.Create(t.Context(), gen.CallingSWMLScriptCreate{Name: "x", Contents: contents, StatusCallbackURL: ptr("https://u:p@example.com/?token=t&x=1")})
	require.ErrorIs(t, err, signalwire.ErrDryRun)
	require.Equal(t, `{"contents":{"sections": {"main": [{"ai": {"SWAIG": {"functions": [{"web_hook_auth_user": "u", "web_hook_auth_password": "[redacted]"}]}, "params": {"max_tokens": 256}}}]}},`+
		`"name":"x","script_type":"calling","status_callback_url":"https://[redacted]@example.com/?token=[redacted]\u0026x=1"}`, string(shown[0].Body))
}
