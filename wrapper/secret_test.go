package signalwire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// TestErrorsShowNoSecrets, even if what answers repeats them in each place that
// an error is made of.
func TestErrorsShowNoSecrets(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"request id":           "500 X\r\nX-Request-Id: %s\r\n\r\n",
		"request id, cut":      "500 X\r\nX-Request-Id: " + strings.Repeat("x", 500-20) + "%s\r\n\r\n",
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
		"cut at the limit":     "422 X\r\n\r\n" + `{"message":"` + strings.Repeat("x", 500-20) + `%s"}`,
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
			for through, opts := range map[string][]signalwire.Option{"transport": nil, "client": {signalwire.WithHTTPClient(&http.Client{})}} {
				if through == "client" && what != "token" {
					continue // as it is only about what net/http says by itself
				}
				t.Run(name+", "+what+", "+through, func(t *testing.T) {
					t.Parallel()
					answer := strings.ReplaceAll(fmt.Sprintf("HTTP/1.1 "+head+"%.0[2]s", secret, secret[1:]), "%!(EXTRA string", "")
					client, seen := with(t, raw(answer), opts...)
					got, err := update(t.Context(), client)
					require.Len(t, seen.requests(), 1)
					if strings.HasPrefix(name, "a UUID") && err == nil { // the project id is one
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
	for _, long := range []string{"", strings.Repeat("x", 490), strings.Repeat("é", 490)} {
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
	for name, answer := range map[string]http.HandlerFunc{"422": say(422, "application/json", documented), "200": say(200, "", "x"), "none": raw("")} {
		client, seen := with(t, answer)
		_, err := client.UpdateSubscriberSIPCredential(t.Context(), subscriberID, credentialID, gen.SubscriberSIPEndpointUpdate{Password: ptr(password)})
		requireNoSecrets(t, forms(requireError(t, err)), password)
		require.Contains(t, seen.requests()[0].Body, password, name)
	}
	client, seen := with(t, gatewayOK)
	for _, u := range []gen.SubscriberSIPEndpointUpdate{{Password: ptr(password + "\xff")}, {Password: ptr(password), Codecs: []gen.Codec{"x"}}} {
		_, err := client.UpdateSubscriberSIPCredential(t.Context(), subscriberID, credentialID, u)
		requireNoSecrets(t, forms(requireError(t, err)), password)
		_, err = client.UpdateSubscriberSIPCredential(t.Context(), subscriberID, credentialID, u, signalwire.WithMaxRequestBytes(1))
		requireNoSecrets(t, forms(requireError(t, err)), password)
	}
	assertNone(t, seen)
}
