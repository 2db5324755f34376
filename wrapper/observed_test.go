package signalwire_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// observed is a response that servers were seen to send, with made-up values:
// a line of ../api/testdata/observed.jsonl. The description may say otherwise.
type observed struct {
	Name, Method, Path string
	Status             int
	Header             map[string]string
	Body               json.RawMessage // JSON, or else
	Text               string
}

func observedResponses(t *testing.T) (all []observed) {
	t.Helper()
	file, err := os.ReadFile("../api/testdata/observed.jsonl")
	require.NoError(t, err)
	for lines := bufio.NewScanner(bytes.NewReader(file)); lines.Scan(); {
		var o observed
		require.NoError(t, json.Unmarshal(lines.Bytes(), &o), "%s", lines.Bytes())
		all = append(all, o)
	}
	return all
}

func (o observed) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for name, value := range o.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(o.Status)
	_, _ = w.Write(append(o.Body, o.Text...))
}

// call calls the operation that the response belongs to, with arguments that
// fit the description.
func (o observed) call(t *testing.T, client *signalwire.Client, opts ...gen.CallOption) (any, error) {
	t.Helper()
	i := slices.IndexFunc(description().Operations, func(d described) bool { return d.Method == o.Method && d.Path == o.Path })
	require.GreaterOrEqual(t, i, 0, "no operation %s %s", o.Method, o.Path)
	return callDescribed(t, client, description().Operations[i], opts...)
}

// callDescribed calls the method of an operation with arguments that fit the
// description, and returns the result, or nil if the method has none.
func callDescribed(t *testing.T, client *signalwire.Client, d described, opts ...gen.CallOption) (any, error) {
	t.Helper()
	m := methodOf(t, d.ID)
	e := &experiment{T: t, described: d, method: m}
	in := e.values(m, e.arguments(newAuthor(false, 0, d.ID)))
	for _, o := range opts {
		in = append(in, reflect.ValueOf(o))
	}
	out := m.of(client).Call(in)
	err, _ := out[len(out)-1].Interface().(error)
	if len(out) == 1 || err != nil {
		return nil, err
	}
	return out[0].Interface(), nil
}

// Whatever was observed is read: of a success every value, of a refusal every
// reason.
func TestObservedResponses(t *testing.T) {
	t.Parallel()
	for _, o := range observedResponses(t) {
		t.Run(o.Name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(o)
			t.Cleanup(server.Close)
			client, err := signalwire.New("acme", credentials, signalwire.WithBearerToken("observed-bearer-token"), signalwire.WithBaseURL(server.URL), signalwire.WithMaxAttempts(1))
			require.NoError(t, err)
			t.Cleanup(client.CloseIdleConnections)
			var info signalwire.CallInfo
			out, err := o.call(t, client, signalwire.WithCallInfo(&info))
			if o.Status/100 == 2 {
				require.NoError(t, err)
				require.Empty(t, info.Unread)
				if len(o.Body) > 0 {
					require.Empty(t, lost(t, o.Body, out))
				}
				return
			}
			var failure *signalwire.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, o.Status, failure.Status)
			shown := failure.Error() + fmt.Sprintf("%q", failure.Items)
			for _, reason := range reasons(o.Body) {
				require.Contains(t, shown, reason)
			}
			if o.Text != "" && strings.HasPrefix(o.Header["Content-Type"], "text/plain") {
				require.Contains(t, shown, strings.TrimSpace(o.Text))
			}
			for _, name := range []string{"X-Request-Id", "X-SignalWire-Request-Id"} {
				if id := o.Header[name]; id != "" {
					require.Equal(t, id, failure.RequestID)
				}
			}
		})
	}
}

// The addresses that are proposed in place of a refused one can be read.
func TestObservedCandidates(t *testing.T) {
	t.Parallel()
	all := observedResponses(t)
	o := all[slices.IndexFunc(all, func(o observed) bool { return o.Name == "address-422-candidates" })]
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	client, err := signalwire.New("acme", credentials, signalwire.WithBaseURL(server.URL))
	require.NoError(t, err)
	_, err = o.call(t, client)
	var failure *signalwire.Error
	require.ErrorAs(t, err, &failure)
	var refusal struct {
		Candidates []struct {
			City string `json:"city"`
		} `json:"candidates"`
	}
	require.NoError(t, json.Unmarshal(failure.Body, &refusal))
	require.Equal(t, "Austin", refusal.Candidates[0].City)
}

// A SIP credential is read with and without the envelope of a resource.
func TestSIPCredentialWithoutEnvelope(t *testing.T) {
	t.Parallel()
	const credential = `{"id":"66666666-7777-4888-9999-aaaaaaaaaaaa","username":"alice","caller_id":"Alice","ciphers":[],"codecs":["OPUS"],"encryption":%s}`
	for body, unread := range map[string][]string{
		fmt.Sprintf(credential, `"optional"`): nil,
		fmt.Sprintf(credential, `{"a":1}`):    {"encryption"},
		`{"id":"11111111-2222-4333-8444-555555555555","type":"sip_endpoint","sip_endpoint":` + fmt.Sprintf(credential, `"optional"`) + `,"username":"another"}`: nil,
	} {
		server := httptest.NewServer(observed{Status: http.StatusOK, Body: json.RawMessage(body)})
		t.Cleanup(server.Close)
		client, err := signalwire.New("acme", credentials, signalwire.WithBaseURL(server.URL))
		require.NoError(t, err)
		var info signalwire.CallInfo
		resource, err := client.SIPCredentials.Get(t.Context(), credentialID, signalwire.WithCallInfo(&info))
		require.NoError(t, err)
		require.Equal(t, unread, info.Unread)
		require.Equal(t, "alice", resource.SIPEndpoint.Username)
		require.Equal(t, credentialID, resource.SIPEndpoint.ID)
		require.Equal(t, []gen.Codec{gen.CodecOPUS}, resource.SIPEndpoint.Codecs)
	}
}

// What assigning a resource to a domain application returns is the address, or the
// domain application.
func TestDomainApplicationAssigned(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("66666666-7777-4888-9999-aaaaaaaaaaaa")
	for _, test := range []struct {
		body        string
		application *gen.DomainApplication
	}{
		{`{"id":"66666666-7777-4888-9999-aaaaaaaaaaaa","name":"desk","display_name":"Desk","type":"app","newer":1,"channels":{"audio":"/public/desk"}}`, nil},
		{
			`{"id":"66666666-7777-4888-9999-aaaaaaaaaaaa","name":"desk","type":"domain_application","domain":"acme-desk.dapp.signalwire.com","identifier":"desk"}`,
			&gen.DomainApplication{ID: id, Name: signalwire.Ptr("desk"), Type: "domain_application", Domain: "acme-desk.dapp.signalwire.com", Identifier: "desk"},
		},
	} {
		server := httptest.NewServer(observed{Status: http.StatusOK, Body: json.RawMessage(test.body)})
		t.Cleanup(server.Close)
		client, err := signalwire.New("acme", credentials, signalwire.WithBaseURL(server.URL))
		require.NoError(t, err)
		assigned, err := client.Resources.AssignDomainApplication(t.Context(), id, gen.DomainApplicationAssignment{DomainApplicationID: id})
		require.NoError(t, err)
		require.Equal(t, id, assigned.ID)
		require.Equal(t, "desk", assigned.Name)
		require.Equal(t, test.application, assigned.DomainApplication)
	}
}

// reasons are the strings in a refusal that say to a person what is wrong, and
// the codes that say it to a program.
func reasons(body []byte) (all []string) {
	var tree any
	if json.Unmarshal(body, &tree) != nil {
		return nil
	}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for inner, value := range v {
				if name == "errors" && inner != "errors" { // a map of fields: both say what is wrong
					switch value.(type) {
					case string, []any:
						if !slices.Contains([]string{"type", "code", "status", "title", "detail", "message", "attribute", "url", "param", "msg", "source"}, inner) {
							all = append(all, inner)
							walk("message", value)
							continue
						}
					}
				}
				if name != "" && name != "errors" && name != "error" {
					continue // candidates and the like
				}
				walk(inner, value)
			}
		case []any:
			for _, value := range v {
				walk(name, value)
			}
		case string:
			if slices.Contains([]string{"", "message", "detail", "error", "errors", "msg", "code", "attribute", "param"}, name) {
				all = append(all, v)
			}
		case float64:
			if name == "code" {
				all = append(all, strconv.Itoa(int(v)))
			}
		}
	}
	walk("", tree)
	return all
}

// lost names the values of a JSON text that are not in what was made of it.
func lost(t *testing.T, body []byte, out any) (paths []string) {
	t.Helper()
	var sent, got any
	require.NoError(t, json.Unmarshal(body, &sent))
	require.NoError(t, json.Unmarshal(must(json.Marshal(out)), &got))
	var walk func(path string, sent, got any)
	walk = func(path string, sent, got any) {
		switch sent := sent.(type) {
		case nil:
			return
		case map[string]any:
			object, ok := got.(map[string]any)
			if !ok && len(sent) > 0 {
				paths = append(paths, path)
			}
			for name, value := range sent {
				walk(path+"."+name, value, object[name])
			}
			return
		case []any:
			array, ok := got.([]any)
			if !ok && len(sent) > 0 || len(array) != len(sent) {
				paths = append(paths, path)
				return
			}
			for i := range sent {
				walk(fmt.Sprintf("%s[%d]", path, i), sent[i], array[i])
			}
			return
		case string:
			if sent == "" && got == nil {
				return
			}
		}
		if !sameValue(sent, got) {
			paths = append(paths, fmt.Sprintf("%s: sent %#v, got %#v", path, sent, got))
		}
	}
	walk("", sent, got)
	return paths
}

// sameValue reports whether two leaves of JSON say the same: the same value, or
// the same time, number or UUID in another form.
func sameValue(sent, got any) bool {
	if reflect.DeepEqual(sent, got) || fmt.Sprint(sent) == fmt.Sprint(got) {
		return true
	}
	a, isText := sent.(string)
	b, _ := got.(string)
	if id, err := uuid.Parse(a); err == nil {
		return id.String() == b
	}
	want, err := time.Parse(time.RFC3339, b)
	if err != nil || !isText {
		return false
	}
	for _, layout := range []string{time.RFC3339, time.RFC1123Z} {
		if at, err := time.Parse(layout, a); err == nil && at.Equal(want) {
			return true
		}
	}
	return false
}
