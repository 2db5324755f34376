package redact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

func TestName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"password", "Password", "PASSWORD", "web_hook_auth_password", "sipPassword", "your password", "passphrase", "db-passwd",
		"token", "authorization_bearer_token", "X-Auth-Token", "accessToken", "refresh_token", "meta_data_token",
		"secret", "api_secret", "client-secret", "credential", "credentials", "secrets", "tokens", "passwords",
		"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "api_key", "X-Api-Key", "apikey", "signing_key", "private_key", "secret_key", "access_key",
	} {
		require.True(t, redact.Name(name), name)
	}
	for _, name := range []string{
		"", "name", "page_token", "PageToken", "max_tokens", "token_type", "token_length", "password_hint", "key", "keywords", "web_hook_auth_user", "username", "ip_auth", "authentication", "author",
	} {
		require.False(t, redact.Name(name), name)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":      "",
		"plain": "plain",
		"https://user:hunter22@example.com/a?b=c#d":                            "https://[redacted]@example.com/a?b=c#d",
		"https://user@example.com":                                             "https://[redacted]@example.com",
		"https://user:p@ss:w@example.com/":                                     "https://[redacted]@example.com/",
		"wss://a:b@c/x@y":                                                      "wss://[redacted]@c/x@y",
		"https://example.com/x@y?to=a@b":                                       "https://example.com/x@y?to=a@b",
		"//user:pw@host/":                                                      "//user:pw@host/",
		"see https://a:b@c/, then <ftp://d:e@f> and \"https://g:h@i\"":         "see https://[redacted]@c/, then <ftp://[redacted]@f> and \"https://[redacted]@i\"",
		"https://c/?api_key=hunter22&page_token=1&x=2#f":                       "https://c/?api_key=[redacted]&page_token=1&x=2#f",
		"https://c/?access%5Ftoken=a&token=":                                   "https://c/?access%5Ftoken=[redacted]&token=",
		"https://c/?secret=a next":                                             "https://c/?secret=[redacted] next",
		"sip:alice@example.com":                                                "sip:alice@example.com",
		"sip:alice:hunter22@example.com:5060":                                  "sip:alice:[redacted]@example.com:5060",
		"SIPS:alice:hunter22@example.com":                                      "SIPS:alice:[redacted]@example.com",
		"mailto:alice:x@example.com":                                           "mailto:alice:x@example.com",
		"version: 1.0.0\npassword: hunter22\n- \"api_key\": x\nend: y":         "version: 1.0.0\npassword: [redacted]\n- \"api_key\": [redacted]\nend: y",
		"Authorization: Bearer hunter22":                                       "Authorization: [redacted]",
		"password:":                                                            "password:",
		"a password is needed: choose one":                                     "a password is needed: choose one",
		"https://[redacted]@example.com/?token=[redacted]\nsecret: [redacted]": "https://[redacted]@example.com/?token=[redacted]\nsecret: [redacted]",
	} {
		require.Equal(t, want, redact.Text(text), text)
	}
}

// TestLines: whatever form YAML has, no secret is shown, nor told by an error.
func TestLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- sip: {user: a, password: hunter22}\n- play: b\n":         "- sip: {user: a, password: [redacted]\n- play: b\n",
		"- sip: {password: hunter22, user: a}\n- play: b\n":         "- sip: {password: [redacted]\n- play: b\n",
		"a: {b: c, api_key: hunter22,\n  d: e}\nf: g":               "a: {b: c, api_key: [redacted]\n  [redacted]\nf: g",
		"a: [token: hunter22]":                                      "a: [token: [redacted]",
		"{\"a\":{\"password\":\"hunter22\"},}":                      "{\"a\":{\"password\":[redacted]",
		"{\n  \"password\":\n  \"hunter22\",\n}":                    "{\n  \"password\":\n  [redacted]\n[redacted]",
		"a:\n  password: |\n    hunter22\n\n    hunter22\n  b: c\n": "a:\n  password: [redacted]\n    [redacted]\n\n    [redacted]\n  b: c\n",
		"password: hunter22\n  hunter22\r\nb: c":                    "password: [redacted]\n  [redacted]\r\nb: c",
		"'password' : 'hunter22\n\n  hunter22'\nb: c":               "'password' : [redacted]\n\n  [redacted]\nb: c",
		"- password: hunter22\n  user: a\n":                         "- password: [redacted]\n  user: a\n",
		"tokens:\n- hunter22\n- a: hunter22\nb: c":                  "tokens:\n[redacted]\n[redacted]\nb: c",
		"secret:\n  user: hunter22\n  b: hunter22\nc: d":            "secret:\n  [redacted]\n  [redacted]\nc: d",
		"- name: Authorization\n  value: Bearer hunter22":           "- name: Authorization\n  value: [redacted]",
		"- value: hunter22\n  name: X-Token\n- b: c":                "- value: [redacted]\n  name: X-Token\n- b: c",
		"[{name: X-Token, value: hunter22}, b: c]":                  "[{name: X-Token, value: [redacted]",
		"- name: X-Color\n  value: red":                             "- name: X-Color\n  value: red",
		"Your password:\n\nhunter22\n":                              "Your password:\n\n[redacted]\n",
		"password:\nb: c":                                           "password:\nb: c",
		"{max_tokens: 5, page_token: b, at: \"12:30\"}":             "{max_tokens: 5, page_token: b, at: \"12:30\"}",
	} {
		require.Equal(t, want, redact.Text(text), text)
		require.Equal(t, want, redact.Text(want), "once more: %s", text)
		secrets := redact.Secrets([]byte(fmt.Sprintf("[%q]", text)), nil)
		require.Equal(t, strings.Contains(text, "hunter22"), redact.New(secrets...).Known("not hunter22") == "not [redacted]", "%s %q", text, secrets)
	}
}

// TestLongTexts take time in proportion to their length, whatever is in them. Time in proportion
// to the square of it would be many minutes.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	var distinct strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&distinct, "secret: value-%d\n", i)
	}
	texts := []string{distinct.String()}
	for _, part := range []string{"a:", "name:", "secret:", "1-", "1 ", "://", "sip:", "a@", "{", "\n", "- ", "'", "token:\n", "a:\n "} {
		texts = append(texts, strings.Repeat(part, 500_000/len(part)))
	}
	for _, text := range texts {
		start := time.Now()
		encoded, _ := json.Marshal([]string{text})
		redact.New(redact.Secrets(encoded, nil)...)
		redact.JSON(encoded, nil)
		require.Less(t, time.Since(start), time.Minute, text[:10])
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	marked := func(name string) bool { return name == "pin" }
	for text, want := range map[string]string{
		``:                                       ``,
		`{`:                                      `[redacted]`,
		`null`:                                   `null`,
		` {"a" : [ 1.50 , {} ] , "b":"\u0041"} `: ` {"a" : [ 1.50 , {} ] , "b":"\u0041"} `,
		`{"z":1,"password":"x","a":[]}`:          `{"z":1,"password":"[redacted]","a":[]}`,
		`{"a":[{"pin" : 12345678901234567890}]}`: `{"a":[{"pin" : "[redacted]"}]}`,
		`{"pass\u0077ord":"x"}`:                  `{"pass\u0077ord":"[redacted]"}`,
		`{"secret":{"a":["b",{"c":"]}"}]},"d":1}`:                                `{"secret":"[redacted]","d":1}`,
		`{"token":null,"password":"","secret":true,"cookie":false}`:              `{"token":null,"password":"","secret":true,"cookie":false}`,
		`{"max_tokens":256,"page_token":"a"}`:                                    `{"max_tokens":256,"page_token":"a"}`,
		`{"headers":[{"name":"Authorization","value":"Bearer x"}]}`:              `{"headers":[{"name":"Authorization","value":"[redacted]"}]}`,
		`[{"value":{"password":"x"},"name":"X"},{"value":"y","name":"X-Token"}]`: `[{"value":{"password":"[redacted]"},"name":"X"},{"value":"[redacted]","name":"X-Token"}]`,
		`{"url":"https://u:p@h/?token=x\u0026y=1"}`:                              `{"url":"https://[redacted]@h/?token=[redacted]\u0026y=1"}`,
		`{"swml":"{\"sip\":{\"password\":\"x\"}}"}`:                              `{"swml":"{\"sip\":{\"password\":\"[redacted]\"}}"}`,
		`{"swml":"[{\"password\":\"x\"}]"}`:                                      `{"swml":"[{\"password\":\"[redacted]\"}]"}`,
		`{"swml":"main:\n  password: x\n"}`:                                      `{"swml":"main:\n  password: [redacted]\n"}`,
		`["a","https://u:p@h",{"":{"":""}}]`:                                     `["a","https://[redacted]@h",{"":{"":""}}]`,
	} {
		got := string(redact.JSON([]byte(text), marked))
		require.Equal(t, want, got, text)
		if json.Valid([]byte(text)) {
			require.Equal(t, want, string(redact.JSON([]byte(got), marked)), "once more: %s", text)
		}
	}
	require.Equal(t, `{"pin":"x","password":"[redacted]"}`, string(redact.JSON([]byte(`{"pin":"x","password":"y"}`), nil)))
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	got := redact.Secrets([]byte(`{
		"password":"a\u0062c","name":"shown","pin":4711,"token":null,"secret":true,
		"credentials":{"user":"u","list":["v",7]},
		"url":"https://me:hu%20nter@example.com/?a=b&api_key=url%20key#f","sip":"sip:alice:pw1234@example.com",
		"headers":[{"name":"Authorization","value":"Bearer xyz"}],
		"swml":"{\"api_key\":\"inner\"}"
	}`), func(name string) bool { return name == "pin" })
	require.ElementsMatch(t, []string{
		"abc", "4711", "u", "v", "7",
		"hu%20nter", "hu nter", "me:hu%20nter", "me:hu nter", "url key", "pw1234",
		"Bearer xyz", "xyz", "inner",
	}, got)
	require.Empty(t, redact.Secrets([]byte(`{"password"`), nil))
}

func TestRedactor(t *testing.T) {
	t.Parallel()
	client := redact.New("tokens", "tokens-rotated", "short", "")
	call := client.With(`p&s "w`, "  padded  ", "redacted")
	for text, want := range map[string]string{
		"a tokens b tokens-rotated, tokenstokens": "a [redacted] b [redacted], [redacted][redacted]",
		"a short word stays":                      "a short word stays",
		"to https://user:x@host/?token=y&a=b":     "to https://[redacted]@host/?token=[redacted]&a=b",
		"[redacted]":                              "[redacted]",
	} {
		for _, r := range []*redact.Redactor{client, call} {
			require.Equal(t, want, r.Text(text))
			require.Equal(t, want, r.Text(want), "once more")
		}
	}
	const secret = `p&s "w`
	encoded, err := json.Marshal(secret)
	require.NoError(t, err)
	for _, form := range []string{secret, fmt.Sprintf("%q", secret), string(encoded), "p%26s+%22w", "p&s%20%22w", "padded"} {
		require.NotContains(t, call.Text("x "+form+" y"), strings.Trim(form, `"`))
		require.Contains(t, client.Text("x "+form+" y"), form, "only the call knows it")
	}
	var none *redact.Redactor
	require.Equal(t, "x", none.Text("x"))
	require.Same(t, client, client.With("tokens", "tiny"))
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", call, call, *call), "tokens")
}

func TestHeader(t *testing.T) {
	t.Parallel()
	r := redact.New("hunter22")
	plain := http.Header{"A": {"b", "c"}}
	got := r.Header(plain)
	require.Equal(t, fmt.Sprintf("%p", map[string][]string(plain)), fmt.Sprintf("%p", got), "not copied")
	echo := http.Header{"A": {"b", "x hunter22"}, "Set-Cookie": {"hunter22"}}
	require.Equal(t, map[string][]string{"A": {"b", "x [redacted]"}, "Set-Cookie": {"[redacted]"}}, r.Header(echo))
	require.Equal(t, "x hunter22", echo["A"][1], "the header itself stays")

	fields := http.Header{"Authorization": {"Basic abc"}, "Proxy-Authorization": {"abc"}, "X-Api-Key": {"a b"}, "X-Page-Token": {"t"}, "Referer": {"https://u:p@h/"}, "Accept": {"*/*"}}
	redact.Fields(fields)
	require.Equal(t, http.Header{
		"Authorization": {"Basic [redacted]"}, "Proxy-Authorization": {"[redacted]"}, "X-Api-Key": {"[redacted]"}, "X-Page-Token": {"[redacted]"},
		"Referer": {"https://[redacted]@h/"}, "Accept": {"*/*"},
	}, fields)
}

func TestQuery(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a=b&token=[redacted]&page_token=x&%zz=1&secret&password=", redact.Query("a=b&token=c&page_token=x&%zz=1&secret&password="))
	require.Equal(t, "", redact.Query(""))
	require.Equal(t, []string{"c d", "e"}, redact.QuerySecrets("a=b&token=c+d&page_token=x&api%5Fkey=e&secret=%zz"))
}

// FuzzJSON: what comes out is JSON if that came in, and has nothing left to
// remove, and the same holds of a text.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"name":"token","value":{"a":[1,"x"]}}`, `[" {\"password\":1}"]`, `{"a":"sip:a:b@c\nsecret: x"}`, `{"value":1,"value":2,"name":"secret"}`, `"https://u:p@h?token=x&y"`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		got := redact.JSON(text, nil)
		if !json.Valid(got) {
			t.Fatal(errors.New("not JSON"), string(got))
		}
		if again := redact.JSON(got, nil); string(again) != string(got) {
			t.Fatalf("%s, then %s", got, again)
		}
		redact.Secrets(text, nil)
	})
}

func TestCards(t *testing.T) {
	for text, want := range map[string]string{
		"4111111111111111":                    redact.Mark,
		"say:My card is 4111 1111 1111 1111.": "say:My card is " + redact.Mark + ".",
		"3782-822463-10005, 6011111111111117": redact.Mark + ", " + redact.Mark,
		"ö5555555555554444":                   "ö5555555555554444",
		"4111111111111112":                    "4111111111111112", // the check digit is wrong
		"+4111111111111111":                   "+4111111111111111",
		"1732500000000":                       "1732500000000",
		"411111111111":                        "411111111111",
		"41111111111111114111":                "41111111111111114111",
		"a4111111111111111":                   "a4111111111111111",
		"4111  1111 1111 1111":                "4111  1111 1111 1111",
		"4111111111111111a":                   "4111111111111111a",
		"0.4111111111111111":                  "0.4111111111111111",
	} {
		require.Equal(t, want, redact.Text(text))
		quoted, _ := json.Marshal(text)
		wanted, _ := json.Marshal(want)
		require.Equal(t, string(wanted), string(redact.JSON(quoted, nil)))
	}
	require.Equal(t, `{"n":"[redacted]","m":4111111111111112,"cvv":"[redacted]","security_code":true}`, string(redact.JSON([]byte(`{"n":4111111111111111,"m":4111111111111112,"cvv":"123","security_code":true}`), nil)))
}
