package signalwire

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// This file tests what no operation of the API needs yet, and so cannot be
// reached through a method of Client: other kinds of credentials, text in
// paths, bodies of other shapes.

// NewTransport lets tests add certificates to the transport that New makes.
var NewTransport = newTransport

// Backoff is the wait between attempts that New makes.
var Backoff = backoff

// WithBackoff lets tests wait for a shorter time between attempts.
func WithBackoff(backoff func(attempts int) time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		c.backoff = backoff
		return nil
	})
}

type seen struct {
	uri, body string
	header    http.Header
}

// callOp executes op against a plain server below a path.
func callOp(t *testing.T, base string, op gen.Operation, args gen.Args, out any, opts ...Option) (*seen, error) {
	t.Helper()
	var got *seen
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = &seen{r.RequestURI, string(body), r.Header}
		_, _ = io.WriteString(w, `{"answer":"yes"}`)
	}))
	defer server.Close()
	c, err := newCaller("acme", append([]Option{WithBaseURL(server.URL + base)}, opts...))
	require.NoError(t, err)
	defer (&http.Client{Transport: c.sender.transport}).CloseIdleConnections()
	op.Method = http.MethodPost
	err = c.Call(t.Context(), &op, args, out)
	return got, err
}

// TestCredentialsOfEachKind: an operation gets the first of the kinds of
// credentials it takes that the client has, and none that it does not take.
func TestCredentialsOfEachKind(t *testing.T) {
	t.Parallel()
	const unknown = gen.Security("SignalWireMagicAuth")
	basic, bearer := WithCredentials("Aladdin", "opensesame"), WithBearerToken("mF_9.B5f-4.1JqM")
	const basicHeader, bearerHeader = "Basic QWxhZGRpbjpvcGVuc2VzYW1l", "Bearer mF_9.B5f-4.1JqM"
	for _, tt := range []struct {
		name     string
		security []gen.Security
		opts     []Option
		want     string
		problem  string
	}{
		{"none taken", nil, []Option{basic, bearer}, "", ""},
		{"basic", []gen.Security{gen.SecurityBasic}, []Option{basic, bearer}, basicHeader, ""},
		{"bearer", []gen.Security{gen.SecurityBearer}, []Option{basic, bearer}, bearerHeader, ""},
		{"either, bearer first", []gen.Security{gen.SecurityBearer, gen.SecurityBasic}, []Option{basic, bearer}, bearerHeader, ""},
		{"either, basic first", []gen.Security{gen.SecurityBasic, gen.SecurityBearer}, []Option{basic, bearer}, basicHeader, ""},
		{"either, only bearer there", []gen.Security{gen.SecurityBasic, gen.SecurityBearer}, []Option{bearer}, bearerHeader, ""},
		{"either, one unknown", []gen.Security{unknown, gen.SecurityBasic}, []Option{basic}, basicHeader, ""},
		{"basic, only bearer there", []gen.Security{gen.SecurityBasic}, []Option{bearer}, "", "WithCredentials"},
		{"bearer, only basic there", []gen.Security{gen.SecurityBearer}, []Option{basic}, "", "WithBearerToken"},
		{"either, none there", []gen.Security{gen.SecurityBasic, gen.SecurityBearer}, nil, "", "WithCredentials or WithBearerToken"},
		{"unknown", []gen.Security{unknown}, []Option{basic, bearer}, "", "SignalWireMagicAuth (which this version does not know)"},
		{"the last given counts", []gen.Security{gen.SecurityBearer}, []Option{WithBearerToken("old"), bearer}, bearerHeader, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := callOp(t, "", gen.Operation{ID: "op", Path: "/x", Security: tt.security}, gen.Args{}, nil, tt.opts...)
			if tt.problem != "" {
				require.ErrorContains(t, err, "expected "+tt.problem)
				require.Nil(t, got, "it was sent")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got.header.Get("Authorization"))
			require.Equal(t, "/x", got.uri)
			require.NotContains(t, got.header, "Content-Type", "there is no body")
		})
	}
}

// TestResponseThatMayBeEmpty: a response with a body sets the result, and one without
// leaves it nil.
func TestResponseThatMayBeEmpty(t *testing.T) {
	t.Parallel()
	op := &gen.Operation{ID: "op", Method: http.MethodGet, Path: "/x", MayBeEmpty: true}
	for body, want := range map[string]*gen.SIPGateway{`{"name":"a"}`: {Name: "a"}, "": nil, " \n": nil} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(server.Close)
		c, err := newCaller("acme", []Option{WithBaseURL(server.URL)})
		require.NoError(t, err)
		var got *gen.SIPGateway
		require.NoError(t, c.Call(t.Context(), op, gen.Args{}, &got))
		require.Equal(t, want, got)
		(&http.Client{Transport: c.sender.transport}).CloseIdleConnections()
	}
}

// TestTextInPaths: whatever a text is, it stays one segment, below any base URL
// that is accepted.
func TestTextInPaths(t *testing.T) {
	t.Parallel()
	for _, base := range []struct{ given, sent string }{{"", ""}, {"/mock", "/mock"}, {"/m%20ck", "/m%20ck"}, {"/%C3%A9", "/%C3%A9"}} {
		if _, err := parseBaseURL("https://example.com" + base.given); err != nil {
			continue // nothing can go wrong below it
		}
		for text, want := range map[string]string{
			"plain": "plain", "a?b": "a%3Fb", "a#b": "a%23b", "%2f": "%252f", "a b": "a%20b", "é": "%C3%A9", "...": "...", "{id}": "%7Bid%7D", "+1": "+1",
		} {
			t.Run(base.given+" "+text, func(t *testing.T) {
				t.Parallel()
				got, err := callOp(t, base.given, gen.Operation{ID: "op", Path: "/a/{name}/b/{id}"}, gen.Args{Path: []any{text, uuid.UUID{15: 1}}}, nil)
				require.NoError(t, err)
				require.Equal(t, base.sent+"/a/"+want+"/b/00000000-0000-0000-0000-000000000001", got.uri)
			})
		}
	}
}

func TestPathArgumentsRefused(t *testing.T) {
	t.Parallel()
	id := uuid.UUID{15: 1}
	for _, tt := range []struct {
		name, path string
		args       []any
		field      string // of the InputError; without one it is the library's own mistake
	}{
		{"empty", "/a/{name}", []any{""}, "name"},
		{"dot", "/a/{name}", []any{"."}, "name"},
		{"dots", "/a/{name}", []any{".."}, "name"},
		{"not UTF-8", "/a/{name}", []any{"\xff"}, "name"},
		{"slash", "/a/{name}", []any{"a/b"}, "name"},
		{"dots and slash", "/a/{name}", []any{"../x"}, "name"},
		{"backslash", "/a/{name}", []any{`..\x`}, "name"},
		{"control character", "/a/{name}", []any{"a\nb"}, "name"},
		{"zero UUID", "/a/{id}", []any{uuid.Nil}, "id"},
		{"enumeration", "/a/{codec}", []any{gen.Codec("MP3")}, "codec"},
		{"enumeration of integers", "/a/{ptime}", []any{gen.TapPtime(25)}, "ptime"},
		{"other type", "/a/{name}", []any{[]string{"a"}}, "name"},
		{"nil", "/a/{name}", []any{nil}, "name"},
		{"too few", "/a/{name}/{id}", []any{id}, ""},
		{"too many", "/a/{name}", []any{id, id}, ""},
		{"none", "/a/{name}", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := callOp(t, "", gen.Operation{ID: "op", Path: tt.path}, gen.Args{Path: tt.args}, nil)
			require.Error(t, err)
			require.Nil(t, got, "it was sent")
			if tt.field != "" {
				var input *InputError
				require.ErrorAs(t, err, &input)
				require.Equal(t, tt.field, input.Field)
				require.ErrorIs(t, err, ErrInvalid)
			}
		})
	}
}

// TestBodiesOfOtherShapes: the check looks into each value that could be part of
// a request, and names the place as JSON does.
func TestBodiesOfOtherShapes(t *testing.T) {
	t.Parallel()
	type inner struct {
		Codec gen.Codec `json:"codec"`
		ID    uuid.UUID `json:"id"`
	}
	type outer struct {
		List    []inner          `json:"list,omitempty"`
		Map     map[string]inner `json:"map,omitempty"`
		Any     any              `json:"any"`
		When    time.Time        `json:"when"`
		Raw     json.RawMessage  `json:"raw,omitempty"`
		Number  float64          `json:"number"`
		hidden  gen.Codec
		Pointer **inner `json:"pointer,omitempty"`
	}
	fine := inner{gen.CodecVP8, uuid.UUID{15: 1}}
	bad := inner{"MP3", uuid.UUID{15: 1}}
	zero := inner{Codec: gen.CodecVP8}
	pointer := &bad
	for _, tt := range []struct {
		name, field string
		body        outer
	}{
		{"fine", "", outer{List: []inner{fine}, Map: map[string]inner{"a": fine}, Any: []any{fine, "x", nil}, When: time.Now(), Raw: json.RawMessage(`{}`), hidden: "MP3"}},
		{"in a list", "list[1].codec", outer{List: []inner{fine, bad}}},
		{"zero UUID in a list", "list[0].id", outer{List: []inner{zero}}},
		{"in a map", "map.a.codec", outer{Map: map[string]inner{"a": bad}}},
		{"in an interface", "any[1].codec", outer{Any: []any{fine, &bad}}},
		{"behind pointers", "pointer.codec", outer{Pointer: &pointer}},
		{"text in a list in an interface", "any[0]", outer{Any: []string{"\xff"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out struct {
				Answer string `json:"answer"`
			}
			got, err := callOp(t, "", gen.Operation{ID: "op", Path: "/x"}, gen.Args{Body: &tt.body}, &out)
			if tt.field == "" {
				require.NoError(t, err)
				want, err := json.Marshal(tt.body)
				require.NoError(t, err)
				require.JSONEq(t, string(want), got.body)
				require.Equal(t, "yes", out.Answer)
				return
			}
			var input *InputError
			require.ErrorAs(t, err, &input)
			require.Equal(t, tt.field, input.Field)
			require.Nil(t, got, "it was sent")
		})
	}
	t.Run("cannot be JSON", func(t *testing.T) {
		t.Parallel()
		got, err := callOp(t, "", gen.Operation{ID: "op", Path: "/x"}, gen.Args{Body: &outer{Any: make(chan int)}}, nil)
		require.ErrorContains(t, err, "could not be encoded")
		require.Nil(t, got, "it was sent")
	})
}

// TestMapKeysAreUTF8 too, or the encoder would alter them.
func TestMapKeysAreUTF8(t *testing.T) {
	t.Parallel()
	got, err := callOp(t, "", gen.Operation{ID: "op", Path: "/x"}, gen.Args{Body: &map[string]string{"\xff": "x"}}, nil)
	require.ErrorIs(t, err, ErrInvalid)
	require.Nil(t, got, "it was sent")
}
