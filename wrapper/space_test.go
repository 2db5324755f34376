package signalwire_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func TestSpaceAccepted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for space, host := range map[string]string{
		"acme":                         "acme.signalwire.com",
		"acme.signalwire.com":          "acme.signalwire.com",
		"https://acme.signalwire.com":  "acme.signalwire.com",
		"https://Acme.signalwire.com/": "acme.signalwire.com",
		"ACME":                         "acme.signalwire.com",
		"Acme.SignalWire.com":          "acme.signalwire.com",
		"ACME.SIGNALWIRE.COM":          "acme.signalwire.com",
		"https://Acme.signalwire.com":  "acme.signalwire.com",
		"HTTPS://ACME.SIGNALWIRE.COM":  "acme.signalwire.com",
		"a":                            "a.signalwire.com",
		"7":                            "7.signalwire.com",
		"a-b--c":                       "a-b--c.signalwire.com",
		"0-9":                          "0-9.signalwire.com",
		"https":                        "https.signalwire.com",
		"signalwire":                   "signalwire.signalwire.com",
		long:                           long + ".signalwire.com",
		long + ".signalwire.com":       long + ".signalwire.com",
	} {
		t.Run(space, func(t *testing.T) {
			t.Parallel()
			client, err := signalwire.New(space)
			require.NoError(t, err)
			require.Equal(t, host, client.Host())
			require.Equal(t, "signalwire.Client("+host+")", client.String())
		})
	}
}

// badSpaces are refused. A name that shows more than the Space is one that
// could lead the credentials elsewhere.
var badSpaces = []string{
	"", " ", "\t", " acme", "acme ", "ac me", "acme\n", "\nacme", "acme\x00", "acme\r\nHost: evil.com", "acme\x7f",
	".", "..", "acme.", ".acme", "a.b", "acme..signalwire.com", ".signalwire.com", "signalwire.com", "acme.signalwire.com.", "a.acme.signalwire.com",
	"/", "acme/", "/acme", "acme/../evil", "acme\\", "acme.signalwire.com/", "https://acme/", "https://acme.signalwire.com//", "https://acme.signalwire.com/api", "https://acme.signalwire.com/.",
	"acme:443", "acme.signalwire.com:443", "https://acme.signalwire.com:443", "acme.signalwire.com:",
	"evil.com", "https://evil.com", "acme.evil.com", "acme.signalwire.com.evil.com", "acmesignalwire.com", "acme.signalwire.comx", "evil.com/acme.signalwire.com", "evil.com#.signalwire.com", "evil.com?.signalwire.com", "https://evil.com/.signalwire.com",
	"http://acme.signalwire.com", "http://acme", "ftp://acme.signalwire.com", "//acme.signalwire.com", "https:acme.signalwire.com", "https:/acme.signalwire.com", "https://https://acme.signalwire.com", "https://", "https://.signalwire.com", "https://acme", "javascript:alert(1)",
	"acmé", "\u212aelvin", "acme.\u017fignalwire.com", "acme.signalwire\u3002com", "\uff41\uff43\uff4d\uff45", "acme\uff0eevil", "acme\u200b", "\u202eemca", "𝄞", "acme\xff",
	"-acme", "acme-", "-", "-.signalwire.com", "acme-.signalwire.com", "acme_1", "*", "*.signalwire.com", "$SPACE", "{space_name}", "acme,evil",
	strings.Repeat("a", 64), strings.Repeat("a", 64) + ".signalwire.com", strings.Repeat("a", 101), strings.Repeat("é", 1000),
	"%2e", "%2e%2e", "acme%2f", "acme%00", "%61cme",
	"[::1]", "::1", "[::1]:443", "127.0.0.1", "https://[::1]", "localhost:8080",
	"acme?", "acme?x=1", "acme#", "acme#x", "acme.signalwire.com?x=1", "acme.signalwire.com#x", "acme;x", "acme&x",
	"user@acme", "user:hunter2@acme.signalwire.com", "https://user:hunter2@acme.signalwire.com", "hunter2@evil.com/acme.signalwire.com",
}

func TestSpaceRefused(t *testing.T) {
	t.Parallel()
	for _, space := range badSpaces {
		t.Run(space, func(t *testing.T) {
			t.Parallel()
			client, err := signalwire.New(space, credentials)
			require.Error(t, err)
			require.Nil(t, client)
			message := err.Error()
			require.True(t, strings.HasPrefix(message, "signalwire: space "), message)
			require.Contains(t, message, "expected a Space's name (acme), host (acme.signalwire.com) or URL (https://acme.signalwire.com)")
			require.Regexp(t, `^[[:print:]…]+$`, regexp.MustCompile(`[^\x00-\x7f]`).ReplaceAllString(message, "…"))
			require.NotContains(t, message, "hunter2")
			require.Less(t, len(message), 1000)
			if !strings.Contains(space, "@") && len(space) <= 100 {
				require.Contains(t, message, strconv.Quote(space))
			}
			// A base URL does not make a wrong Space right.
			_, err = signalwire.New(space, signalwire.WithBaseURL("https://example.com"))
			require.Error(t, err)
		})
	}
}

func FuzzSpace(f *testing.F) {
	for _, space := range append(badSpaces, "acme", "acme.signalwire.com", "https://acme.signalwire.com", "https://acme.signalwire.com/", "ACME", "HTTPS://ACME.SIGNALWIRE.COM") {
		f.Add(space)
	}
	host := regexp.MustCompile(`^([a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])\.signalwire\.com$`)
	f.Fuzz(func(t *testing.T, space string) {
		client, err := signalwire.New(space, credentials)
		if err != nil {
			require.Nil(t, client)
			requireNoSecrets(t, err.Error())
			return
		}
		require.Regexp(t, host, client.Host())
		require.Regexp(t, `^[!-~]+$`, space, "something other than ASCII was accepted")
		require.Contains(t, []string{strings.TrimSuffix(client.Host(), ".signalwire.com"), client.Host(), "https://" + client.Host(), "https://" + client.Host() + "/"}, strings.ToLower(space))
	})
}

func TestBaseURLAccepted(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]struct{ host, path string }{
		"https://example.com":           {"example.com", ""},
		"HTTPS://example.com":           {"example.com", ""},
		"https://example.com/":          {"example.com", ""},
		"https://example.com:8443/a/b":  {"example.com:8443", "/a/b"},
		"https://example.com/a/b/":      {"example.com", "/a/b"},
		"https://example.com/a//b":      {"example.com", "/a//b"},
		"https://example.com/..a/b..":   {"example.com", "/..a/b.."},
		"https://10.0.0.1":              {"10.0.0.1", ""},
		"https://my_files.example.com":  {"my_files.example.com", ""},
		"https://[2001:db8::1]:8443":    {"[2001:db8::1]:8443", ""},
		"http://localhost":              {"localhost", ""},
		"http://localhost:8080/mock":    {"localhost:8080", "/mock"},
		"http://LOCALHOST:8080":         {"LOCALHOST:8080", ""},
		"http://127.0.0.1:8080":         {"127.0.0.1:8080", ""},
		"http://127.255.255.254":        {"127.255.255.254", ""},
		"http://[::1]:8080/":            {"[::1]:8080", ""},
		"https://acme.signalwire.com":   {"acme.signalwire.com", ""},
		"https://xn--exmple-cua.com/~x": {"xn--exmple-cua.com", "/~x"},
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			var sent *http.Request
			client, err := signalwire.New("acme", credentials, signalwire.WithMaxAttempts(1), signalwire.WithBaseURL(base), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				sent = r
				return nil, errors.New("not sent")
			})))
			require.NoError(t, err)
			require.Equal(t, want.host, client.Host())
			_, err = update(t.Context(), client)
			require.Equal(t, want.host+want.path+gatewayPath, requireError(t, err).Host+requireError(t, err).Path)
			scheme, _, _ := strings.Cut(strings.ToLower(base), ":")
			require.Equal(t, scheme+"://"+want.host+want.path+gatewayPath, sent.URL.String())
			require.Equal(t, want.host, sent.Host)
		})
	}
}

var badBaseURLs = []string{
	"", " ", "/", "/api", "example.com", "example.com:443", "//example.com", "https:", "https://", "https:///api", "https://:443", "https:example.com", "mailto:a@example.com",
	"http://example.com", "http://acme.signalwire.com", "http://10.0.0.1", "http://192.168.1.1", "http://0.0.0.0", "http://[::]", "http://[2001:db8::1]",
	"http://localhost.evil.com", "http://127.0.0.1.evil.com", "http://evil.com/localhost", "http://127.1", "http://0x7f.0.0.1", "http://2130706433", "http://0177.0.0.1", "http://128.0.0.1", "http://[::1%25lo]", "http://localhost.",
	"http://127.0.0.1@evil.com", "http://localhost:80@evil.com", "https://user@example.com", "https://user:hunter2@example.com", "https://:hunter2@example.com", "https://@example.com",
	"ftp://example.com", "ws://example.com", "file:///etc/passwd", "unix:///socket", "javascript:alert(1)",
	"https://example.com?", "https://example.com?x=1", "https://example.com/api?x=1", "https://example.com#x", "https://example.com/#/x",
	"https://example.com/../x", "https://example.com/a/..", "https://example.com/./x", "https://example.com/%2e%2e/x", "https://example.com/a%2fb", "https://example.com/a%20b", "https://example.com/a%0ab", "https://example.com/a b", "https://example.com/a\\b",
	" https://example.com", "https://example.com\n", "https://exa mple.com", "https://example.com\x00", "https://example.com/\r\nX: y", "https://exa%6dple.com", "https://example.com:port", "https://[::1", "https://evil.com\\@example.com", "https://a%C2%85b.example", "https://a%E2%80%A8b.example",
}

func TestBaseURLRefused(t *testing.T) {
	t.Parallel()
	for _, base := range badBaseURLs {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			client, err := signalwire.New("acme", credentials, signalwire.WithBaseURL(base))
			require.Error(t, err)
			require.Nil(t, client)
			message := err.Error()
			require.True(t, strings.HasPrefix(message, "signalwire: base URL "), message)
			require.Contains(t, message, ": expected ")
			require.NotContains(t, message, "hunter2")
			require.NotContains(t, message, "\n")
			if !strings.Contains(base, "@") {
				require.Contains(t, message, strconv.Quote(base))
			}
		})
	}
}

// FuzzBaseURL: whatever is accepted is a URL to which requests really go, and
// in a way that does not give the credentials away.
func FuzzBaseURL(f *testing.F) {
	for _, base := range badBaseURLs {
		f.Add(base)
	}
	for _, base := range []string{"https://example.com", "https://example.com:8443/a/b/", "http://localhost:1", "http://127.0.0.1:8080/x", "http://[::1]", "https://[2001:db8::1]:443", "https://exämple.com", "https://example.com:", "https://example.com:99999"} {
		f.Add(base)
	}
	f.Fuzz(func(t *testing.T, base string) {
		var sent *url.URL
		var host string
		var dialed []string
		errDial := errors.New("dialed")
		transport := &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
			dialed = append(dialed, addr)
			return nil, errDial
		}}
		client, err := signalwire.New("acme", credentials, signalwire.WithMaxAttempts(1), signalwire.WithBaseURL(base), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			sent, host = r.URL, r.Host
			return transport.RoundTrip(r)
		})))
		if err != nil {
			require.Nil(t, client)
			requireNoSecrets(t, err.Error())
			return
		}
		e := failed(t, client)
		if len(dialed) > 0 { // not if the name cannot be a host's
			require.ErrorIs(t, e, errDial)
		}
		require.NotNil(t, sent)
		require.Nil(t, sent.User)
		require.Empty(t, sent.RawQuery+sent.Fragment+sent.Opaque)
		require.False(t, sent.ForceQuery)
		require.Equal(t, client.Host(), sent.Host)
		require.Equal(t, sent.Host, host)
		require.True(t, strings.HasSuffix(sent.EscapedPath(), gatewayPath), sent.EscapedPath())
		require.NotContains(t, sent.EscapedPath()+"/", "/../")
		if sent.Scheme != "https" {
			require.Equal(t, "http", sent.Scheme)
			if !strings.EqualFold(sent.Hostname(), "localhost") {
				addr, err := netip.ParseAddr(sent.Hostname())
				require.NoError(t, err)
				require.True(t, addr.IsLoopback(), base)
			}
		}
		for _, addr := range dialed {
			name, port, err := net.SplitHostPort(addr)
			require.NoError(t, err)
			if regexp.MustCompile(`^[ -~]*$`).MatchString(sent.Host) {
				require.Equal(t, strings.ToLower(sent.Hostname()), strings.ToLower(name))
			}
			want := sent.Port()
			if want == "" {
				want = map[string]string{"http": "80", "https": "443"}[sent.Scheme]
			}
			require.Equal(t, want, port)
		}
	})
}

func TestNewFromEnv(t *testing.T) {
	set := map[string]string{signalwire.EnvSpace: "acme", signalwire.EnvProjectID: projectID, signalwire.EnvAPIToken: apiToken}
	require.Equal(t, map[string]string{"SIGNALWIRE_SPACE": "acme", "SIGNALWIRE_PROJECT_ID": projectID, "SIGNALWIRE_API_TOKEN": apiToken}, set)
	names := []string{"SIGNALWIRE_SPACE", "SIGNALWIRE_PROJECT_ID", "SIGNALWIRE_API_TOKEN"}
	t.Setenv("SIGNALWIRE_BASE_URL", "")
	for missing := range 8 { // each set of them, as bits
		var unset []string
		for i, name := range names {
			if missing&(1<<i) == 0 {
				t.Setenv(name, set[name])
			} else {
				t.Setenv(name, "")
				unset = append(unset, name)
			}
		}
		client, err := signalwire.NewFromEnv()
		if missing == 0 {
			require.NoError(t, err)
			require.Equal(t, "acme.signalwire.com", client.Host())
			continue
		}
		require.EqualError(t, err, "signalwire: environment variables not set: "+strings.Join(unset, ", "))
		require.Nil(t, client)
	}

	for name, value := range set {
		t.Setenv(name, value)
	}
	server, seen := serve(t, gatewayOK)
	client, err := signalwire.NewFromEnv(signalwire.WithBaseURL(server.URL))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	_, err = update(t.Context(), client)
	require.NoError(t, err)
	later, err := signalwire.NewFromEnv(signalwire.WithBaseURL(server.URL), signalwire.WithCredentials("Aladdin", "opensesame"))
	require.NoError(t, err)
	defer later.CloseIdleConnections()
	_, err = update(t.Context(), later)
	require.NoError(t, err)
	require.Equal(t, "Basic "+encodedCredentials, seen.requests()[0].Header.Get("Authorization"))
	require.Equal(t, "Basic QWxhZGRpbjpvcGVuc2VzYW1l", seen.requests()[1].Header.Get("Authorization"), "options come after the environment")

	for name, value := range map[string]string{signalwire.EnvSpace: "https://evil.com", signalwire.EnvProjectID: "a:b", signalwire.EnvAPIToken: "a b"} {
		t.Setenv(name, value)
		_, err := signalwire.NewFromEnv()
		require.Error(t, err, name)
		t.Setenv(name, set[name])
	}
}

// TestNewFromEnvWithBaseURL: the variables that the command space prints, which has no
// name.
func TestNewFromEnvWithBaseURL(t *testing.T) {
	server, seen := serve(t, gatewayOK)
	require.Equal(t, "SIGNALWIRE_BASE_URL", signalwire.EnvBaseURL)
	for name, value := range map[string]string{signalwire.EnvBaseURL: server.URL, signalwire.EnvProjectID: projectID, signalwire.EnvAPIToken: apiToken} {
		t.Setenv(name, value)
	}
	for _, space := range []string{"", "acme", "https://evil.com"} {
		t.Setenv(signalwire.EnvSpace, space)
		client, err := signalwire.NewFromEnv()
		require.NoError(t, err)
		_, err = update(t.Context(), client)
		require.NoError(t, err)
		client.CloseIdleConnections()
	}
	require.Len(t, seen.requests(), 3)
	require.Equal(t, "Basic "+encodedCredentials, seen.requests()[0].Header.Get("Authorization"))

	client, err := signalwire.NewFromEnv(signalwire.WithBaseURL("https://example.com"))
	require.NoError(t, err)
	require.Equal(t, "example.com", client.Host(), "options come after the environment")

	t.Setenv(signalwire.EnvBaseURL, "http://example.com")
	_, err = signalwire.NewFromEnv()
	require.ErrorContains(t, err, "signalwire: base URL \"http://example.com\": expected https")
	t.Setenv(signalwire.EnvBaseURL, server.URL)
	t.Setenv(signalwire.EnvAPIToken, "")
	_, err = signalwire.NewFromEnv()
	require.EqualError(t, err, "signalwire: environment variables not set: SIGNALWIRE_API_TOKEN")
}
