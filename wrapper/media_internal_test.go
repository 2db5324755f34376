package signalwire

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// Bodies that are not JSON, and parameters that are not plain ones of the query.
// What they are on the wire is tested with generated code, in api/internal/support.

type formBody struct {
	To     string   `json:"To"`
	Tags   []string `json:"Tags,omitempty"`
	Secret *string  `json:"Pin,omitempty" sensitive:"true"`
	Nested *struct {
		A string `json:"a"`
	} `json:"Nested,omitempty"`
	Nulls []*string `json:"Nulls,omitempty"`
}

func formOp() gen.Operation { return gen.Operation{ID: "op", Path: "/a", Request: formType} }

func TestFormBody(t *testing.T) {
	t.Parallel()
	got, err := callOp(t, "", formOp(), gen.Args{Body: &formBody{To: "a b", Tags: []string{"x", "y"}}}, nil, WithField("More", 1.5).(Option))
	require.NoError(t, err)
	require.Equal(t, "More=1.5&Tags=x&Tags=y&To=a+b", got.body)
	require.Equal(t, []string{formType}, got.header["Content-Type"])

	for field, body := range map[string]any{
		"Nested": &formBody{Nested: &struct {
			A string `json:"a"`
		}{}},
		"Nulls": &formBody{Nulls: []*string{nil}},
		"body":  &[]string{"a"},
	} {
		got, err := callOp(t, "", formOp(), gen.Args{Body: body}, nil)
		require.Nil(t, got, "it was sent")
		var wrong *InputError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, field, wrong.Field)
	}
}

// TestFormSecrets: what is sensitive in a form is in no dry run and in no error.
func TestFormSecrets(t *testing.T) {
	t.Parallel()
	var shown DryRunRequest
	body := &formBody{To: "a", Secret: Ptr("1234 5678")}
	_, err := callOp(t, "", formOp(), gen.Args{Body: body}, nil, WithDryRun(func(r DryRunRequest) { shown = r }).(Option))
	require.ErrorIs(t, err, ErrDryRun)
	require.NotContains(t, string(shown.Body), "1234")
	require.Contains(t, string(shown.Body), "Pin=")

	op := formOp()
	op.Path = "/secrets"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"errors":[{"message":"no 1234 5678 in ` + string(sent) + `"}]}`))
	}))
	defer server.Close()
	c, err := newCaller("acme", []Option{WithBaseURL(server.URL)})
	require.NoError(t, err)
	defer (&http.Client{Transport: c.sender.transport}).CloseIdleConnections()
	op.Method = http.MethodPost
	err = c.Call(t.Context(), &op, gen.Args{Body: body}, nil)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "1234 5678")
	require.NotContains(t, err.Error(), "1234+5678")
}

// TestRawBody: text and bytes have no members, and their limits hold.
func TestRawBody(t *testing.T) {
	t.Parallel()
	op := gen.Operation{ID: "op", Path: "/a", Request: "text/plain"}
	got, err := callOp(t, "", op, gen.Args{Body: Ptr("text")}, nil)
	require.NoError(t, err)
	require.Equal(t, "text", got.body)
	got, err = callOp(t, "", op, gen.Args{Body: Ptr("text")}, nil, WithMaxRequestBytes(3).(Option))
	require.ErrorContains(t, err, "body: 4 bytes given, expected at most 3 (WithMaxRequestBytes)")
	require.Nil(t, got)
	got, err = callOp(t, "", op, gen.Args{Body: Ptr("\xff")}, nil)
	require.ErrorIs(t, err, ErrInvalid)
	require.Nil(t, got)
}

// TestRawResponse: a body of the described type is the Space's, also if it was cut
// off; one of another type proves nothing.
func TestRawResponse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, contentType, length, body string
		want                            string // or an error
		unreadable                      bool
	}{
		{"text", "text/plain; charset=us-ascii", "", "hello", "hello", false},
		{"empty", "text/plain", "", "", "", false},
		{"cut off", "text/plain", "9", "hello", "the body was cut off", true},
		{"another encoding", "text/plain; charset=utf-16", "", "hello", "the body is not UTF-8", true},
		{"page of a proxy", "text/html", "", "<html>", "the body (text/html) is not of type text/plain", false},
		{"JSON", "application/json", "", `{"error":"no"}`, "the body (application/json) is not of type text/plain", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				if tt.length != "" {
					w.Header().Set("Content-Length", tt.length)
				}
				_, _ = io.WriteString(w, tt.body)
			}))
			defer server.Close()
			c, err := newCaller("acme", []Option{WithBaseURL(server.URL), WithMaxAttempts(1).(Option), WithTimeout(10 * time.Second).(Option)})
			require.NoError(t, err)
			defer (&http.Client{Transport: c.sender.transport}).CloseIdleConnections()
			var out string
			err = c.Call(t.Context(), &gen.Operation{ID: "op", Method: http.MethodPost, Path: "/a", Response: "text/plain"}, gen.Args{}, &out)
			if tt.want == tt.body {
				require.NoError(t, err)
				require.Equal(t, tt.body, out)
				return
			}
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, tt.unreadable, errors.Is(err, ErrUnreadable), err)
			require.Empty(t, out)
		})
	}
}
