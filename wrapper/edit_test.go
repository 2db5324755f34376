package signalwire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// resource is a server that has one resource, under any path: GET responds with
// it, PATCH and PUT set the fields they are sent.
type resource struct {
	mu      sync.Mutex
	object  map[string]any
	sent    []map[string]json.RawMessage // bodies of PATCH and PUT
	reads   int
	reading func(n int, object map[string]any) // before the n-th response to a GET
}

func (r *resource) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Method == http.MethodGet {
		r.reads++
		if r.reading != nil {
			r.reading(r.reads, r.object)
		}
	} else {
		body, _ := io.ReadAll(req.Body)
		var sent map[string]json.RawMessage
		var fields map[string]any
		if json.Unmarshal(body, &sent) != nil || json.Unmarshal(body, &fields) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.sent = append(r.sent, sent)
		target := r.object
		if inner, ok := r.object["sip_gateway"].(map[string]any); ok {
			target = inner
		}
		for name, value := range fields {
			target[name] = value
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r.object)
}

func object(t *testing.T, v any) map[string]any {
	t.Helper()
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	var o map[string]any
	require.NoError(t, json.Unmarshal(encoded, &o))
	return o
}

// dialResource starts a server of the resource and makes a client for it.
func dialResource(t *testing.T, r *resource, opts ...signalwire.Option) *signalwire.Client {
	t.Helper()
	server := httptest.NewServer(r)
	t.Cleanup(func() { stop(server) })
	return dial(t, server.URL, opts...)
}

func editable(t *testing.T, opts ...signalwire.Option) (*signalwire.Client, *resource) {
	t.Helper()
	r := &resource{object: object(t, gen.SIPGatewayResource{
		ID:        gatewayID,
		ProjectID: uuid.UUID{15: 1},
		Type:      gen.SIPGatewayResourceTypeSIPGateway,
		CreatedAt: time.Unix(0, 0).UTC(),
		UpdatedAt: time.Unix(0, 0).UTC(),
		SIPGateway: gen.SIPGateway{
			ID: gatewayID, Name: "edge", URI: "sip:pbx.example.com", Encryption: gen.EncryptionOptional,
			Ciphers: []gen.Cipher{}, Codecs: []gen.Codec{gen.CodecPCMU, "NEWER"},
		},
	})}
	return dialResource(t, r, opts...), r
}

func TestEditSendsTheDifference(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*gen.SIPGatewayUpdate)
		want   string // what is sent; nothing if it is empty
	}{
		"nothing":           {func(*gen.SIPGatewayUpdate) {}, ``},
		"the same values":   {func(g *gen.SIPGatewayUpdate) { g.Name = signalwire.Ptr("edge"); g.Ciphers = []gen.Cipher{} }, ``},
		"a name":            {func(g *gen.SIPGatewayUpdate) { g.Name = signalwire.Ptr("other") }, `{"name":"other"}`},
		"an empty name":     {func(g *gen.SIPGatewayUpdate) { *g.Name = "" }, `{"name":""}`},
		"an appended codec": {func(g *gen.SIPGatewayUpdate) { g.Codecs = append(g.Codecs, gen.CodecG722) }, `{"codecs":["PCMU","NEWER","G722"]}`},
		"a codec in place":  {func(g *gen.SIPGatewayUpdate) { g.Codecs[0] = gen.CodecOPUS }, `{"codecs":["OPUS","NEWER"]}`},
		"another order":     {func(g *gen.SIPGatewayUpdate) { g.Codecs[0], g.Codecs[1] = g.Codecs[1], g.Codecs[0] }, `{"codecs":["NEWER","PCMU"]}`},
		"an emptied list":   {func(g *gen.SIPGatewayUpdate) { g.Codecs = []gen.Codec{} }, `{"codecs":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := editable(t)
			gateway, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, func(g *gen.SIPGatewayUpdate) error {
				require.Equal(t, "edge", *g.Name)
				require.Equal(t, "sip:pbx.example.com", *g.URI)
				require.Equal(t, gen.EncryptionOptional, *g.Encryption)
				tt.change(g)
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, tt.want != "", changed)
			require.Equal(t, 1, server.reads)
			require.Equal(t, gatewayID, gateway.ID)
			if tt.want == "" {
				require.Empty(t, server.sent)
				return
			}
			require.Len(t, server.sent, 1)
			sent, err := json.Marshal(server.sent[0])
			require.NoError(t, err)
			require.JSONEq(t, tt.want, string(sent))
			require.Equal(t, object(t, gateway), server.object, "the response is the resource after the change")
		})
	}
}

func TestEditSendsNothingAfterAnError(t *testing.T) {
	t.Parallel()
	client, server := editable(t)
	mine := errors.New("not today")
	gateway, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, func(g *gen.SIPGatewayUpdate) error {
		g.Name = signalwire.Ptr("other")
		return mine
	})
	require.ErrorIs(t, requireError(t, err), mine)
	require.Nil(t, gateway)
	require.False(t, changed)
	require.Empty(t, server.sent)

	_, _, err = client.SIPGateways.Edit(t.Context(), gatewayID, nil)
	require.ErrorContains(t, requireError(t, err), "change: expected a function, got nil")

	_, _, err = client.SIPGateways.Edit(t.Context(), gatewayID, func(g *gen.SIPGatewayUpdate) error {
		g.Codecs = append(g.Codecs, "MP3") // the Space has never said this
		return nil
	})
	require.ErrorContains(t, requireError(t, err), `codecs[2]: expected one of`)
	require.Empty(t, server.sent)
}

func TestEditSendsWhatCannotBeReadWhenItIsSet(t *testing.T) {
	t.Parallel()
	server := &resource{object: object(t, gen.SubscriberSIPCredential{Username: "alice", Ciphers: []gen.Cipher{}, Codecs: []gen.Codec{}})}
	client := dialResource(t, server)
	edit := func(change func(*gen.SubscriberSIPCredentialUpdate)) bool {
		_, changed, err := client.SubscriberSIPCredentials.Edit(t.Context(), subscriberID, credentialID, func(c *gen.SubscriberSIPCredentialUpdate) error {
			require.Nil(t, c.Password)
			change(c)
			return nil
		})
		require.NoError(t, err)
		return changed
	}
	require.False(t, edit(func(*gen.SubscriberSIPCredentialUpdate) {}))
	require.True(t, edit(func(c *gen.SubscriberSIPCredentialUpdate) { c.Password = signalwire.Ptr("s3cret") }))
	require.Len(t, server.sent, 1)
	require.Equal(t, map[string]json.RawMessage{"password": json.RawMessage(`"s3cret"`)}, server.sent[0])
}

// TestEditConflict: what is about to be sent is compared, and nothing else.
func TestEditConflict(t *testing.T) {
	t.Parallel()
	rename := func(g *gen.SIPGatewayUpdate) error { g.Name = signalwire.Ptr("mine"); return nil }
	somebodySets := func(field string, value any) func(int, map[string]any) {
		return func(n int, object map[string]any) {
			if n == 2 {
				object["sip_gateway"].(map[string]any)[field] = value
				object["updated_at"] = "2026-01-02T00:00:00Z"
			}
		}
	}

	client, server := editable(t)
	server.reading = somebodySets("name", "theirs")
	gateway, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, rename, signalwire.WithConflictCheck())
	requireIs(t, requireError(t, err), signalwire.ErrConflict)
	require.Equal(t, gatewayPath, requireError(t, err).Path)
	require.ErrorContains(t, err, "changed since it was read: name")
	require.Nil(t, gateway)
	require.False(t, changed)
	require.Empty(t, server.sent)

	client, server = editable(t)
	server.reading = somebodySets("uri", "sip:other.example.com")
	_, changed, err = client.SIPGateways.Edit(t.Context(), gatewayID, rename, signalwire.WithConflictCheck())
	require.NoError(t, err, "the uri is not sent")
	require.True(t, changed)
	require.Equal(t, 2, server.reads)

	client, server = editable(t)
	server.reading = somebodySets("name", "theirs")
	_, changed, err = client.SIPGateways.Edit(t.Context(), gatewayID, rename)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, 1, server.reads, "without the option it is read once")

	// Another call cannot check anything, and says so instead of overwriting.
	client, server = editable(t)
	_, err = client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{Name: signalwire.Ptr("mine")}, signalwire.WithConflictCheck())
	var refused *signalwire.InputError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "WithConflictCheck", refused.Field)
	require.Empty(t, server.sent)

	client, server = editable(t, signalwire.WithConflictCheck())
	_, err = client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{Name: signalwire.Ptr("other")})
	require.NoError(t, err)
	_, _, err = client.SIPGateways.Edit(t.Context(), gatewayID, rename)
	require.NoError(t, err)
	require.Equal(t, 2, server.reads, "for an edit, the option of the client counts")
}

func TestEditDryRun(t *testing.T) {
	t.Parallel()
	client, server := editable(t)
	var shown []signalwire.DryRunRequest
	gateway, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, func(g *gen.SIPGatewayUpdate) error {
		g.Name = signalwire.Ptr("other")
		return nil
	}, signalwire.WithDryRun(func(r signalwire.DryRunRequest) { shown = append(shown, r) }))
	require.ErrorIs(t, requireError(t, err), signalwire.ErrDryRun)
	require.Nil(t, gateway)
	require.False(t, changed)
	require.Empty(t, server.sent)
	require.Len(t, shown, 1)
	require.Equal(t, `{"name":"other"}`, string(shown[0].Body))
}

// TestDryRun: the request is complete, shows no secret, and is not sent.
func TestDryRun(t *testing.T) {
	t.Parallel()
	client, seen := with(t, say(500, "", ""))
	var shown []signalwire.DryRunRequest
	show := signalwire.WithDryRun(func(r signalwire.DryRunRequest) { shown = append(shown, r) })
	_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{
		Password: signalwire.Ptr("s3cret"),
		Username: signalwire.Ptr("alice"),
	}, show)
	require.ErrorIs(t, requireError(t, err), signalwire.ErrDryRun)
	require.Empty(t, seen.requests())
	require.Equal(t, []signalwire.DryRunRequest{{
		Operation: "update_subscriber_sip_credential",
		Method:    "PATCH",
		URL:       "http://" + client.Host() + credentialPath,
		Header: http.Header{
			"Accept":        {"application/json"},
			"Authorization": {"Basic [redacted]"},
			"Content-Type":  {"application/json"},
			"User-Agent":    {"signalwire-go/devel"},
		},
		Body: []byte(`{"password":"[redacted]","username":"alice"}`),
	}}, shown)
	requireNoSecrets(t, shown[0].String())
	require.NotContains(t, shown[0].String(), "s3cret")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "request", shown[0])
	require.Contains(t, log.String(), `"operation":"update_subscriber_sip_credential","method":"PATCH",`)
	require.Contains(t, log.String(), `"body":{"password":"[redacted]","username":"alice"}}`)
	log.Reset()
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "request", signalwire.DryRunRequest{Body: []byte("a=1")})
	require.Contains(t, log.String(), `"body":"a=1"}`)

	client, seen = with(t, say(500, "", ""), show)
	_, err = client.SIPGateways.Get(t.Context(), gatewayID)
	require.ErrorIs(t, err, signalwire.ErrDryRun)
	require.Empty(t, seen.requests())

	_, err = client.SIPGateways.Update(t.Context(), uuid.Nil, gen.SIPGatewayUpdate{})
	require.NotErrorIs(t, err, signalwire.ErrDryRun, "a dry run checks what a call checks")
	require.Len(t, shown, 2)
}

// TestNull: what can be null has three states, and each is sent as what it is.
func TestNull(t *testing.T) {
	t.Parallel()
	id := uuid.UUID{15: 7}
	for want, handler := range map[string]nullable.Nullable[uuid.UUID]{
		`{"calling_handler_resource_id":null}`:                                   signalwire.Null[uuid.UUID](),
		`{"calling_handler_resource_id":"00000000-0000-0000-0000-000000000007"}`: signalwire.Value(id),
	} {
		client, seen := with(t, say(200, "application/json", `{}`))
		_, err := client.SIPCredentials.Update(t.Context(), credentialID, gen.SIPCredentialUpdate{CallingHandlerResourceID: handler})
		require.NoError(t, err)
		require.Equal(t, want, seen.requests()[0].Body)
	}
	client, seen := with(t, say(200, "application/json", `{}`))
	_, err := client.SIPCredentials.Update(t.Context(), credentialID, gen.SIPCredentialUpdate{})
	require.ErrorContains(t, requireError(t, err), "calling_handler_resource_id: required field is unset")
	_, err = client.SIPCredentials.Update(t.Context(), credentialID, gen.SIPCredentialUpdate{CallingHandlerResourceID: signalwire.Value(uuid.Nil)})
	require.ErrorContains(t, requireError(t, err), "calling_handler_resource_id: expected the id of a resource, got the zero UUID")
	require.Empty(t, seen.requests())
}

// fillRandom sets a value at random; what is optional with some likelihood.
func fillRandom(v reflect.Value, random *rand.Rand, likelihood float64) {
	if v.CanInterface() && v.Kind() != reflect.Pointer {
		switch v.Interface().(type) {
		case uuid.UUID:
			v.Set(reflect.ValueOf(uuid.UUID{15: byte(1 + random.IntN(5))}))
			return
		case time.Time:
			v.Set(reflect.ValueOf(time.Unix(int64(random.IntN(5)), 0).UTC()))
			return
		case nullable.Nullable[uuid.UUID]:
			v.Set(reflect.ValueOf([]nullable.Nullable[uuid.UUID]{signalwire.Null[uuid.UUID](), signalwire.Value(uuid.UUID{15: 1})}[random.IntN(2)]))
			return
		case interface{ Valid() bool }:
			values := typeinfo.Values(v.Type())
			v.SetString(values[random.IntN(len(values))])
			return
		case json.RawMessage:
			v.SetBytes([]byte([]string{`{"a":1}`, `[]`}[random.IntN(2)]))
			return
		}
		if u, ok := v.Addr().Interface().(json.Unmarshaler); ok { // a union or a document
			_ = u.UnmarshalJSON([]byte([]string{`{"a":1}`, `"text"`}[random.IntN(2)]))
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillRandom(v.Elem(), random, likelihood)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			optional := strings.Contains(f.Tag.Get("json"), ",")
			if f.IsExported() && (!optional || random.Float64() < likelihood) {
				fillRandom(v.Field(i), random, 1)
				setListed(f, v.Field(i), random)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), random.IntN(3), 3))
		for i := range v.Len() {
			fillRandom(v.Index(i), random, likelihood)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		fillRandom(value, random, likelihood)
		v.SetMapIndex(reflect.ValueOf(fmt.Sprint("k", random.IntN(2))), value)
	case reflect.Interface:
		v.Set(reflect.ValueOf(float64(random.IntN(3))))
	case reflect.String:
		v.SetString(uuid.UUID{15: byte(random.IntN(3))}.String()) // some of what is set as text is read as an id
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 0)
	case reflect.Int64:
		v.SetInt(int64(random.IntN(3)))
	case reflect.Float64:
		v.SetFloat(float64(random.IntN(3)) / 2)
	}
}

// TestEditErrorPath: each error of an edit says which resource it is about.
func TestEditErrorPath(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(g *gen.SIPGatewayUpdate) error{
		"of the function":  func(*gen.SIPGatewayUpdate) error { return errors.New("no") },
		"about a field":    func(g *gen.SIPGatewayUpdate) error { g.URI = nil; return nil },
		"about an element": func(g *gen.SIPGatewayUpdate) error { g.Codecs = []gen.Codec{"x"}; return nil },
	} {
		client, _ := editable(t)
		_, _, err := client.SIPGateways.Edit(t.Context(), gatewayID, change)
		require.Equal(t, gatewayPath, requireError(t, err).Path, name)
	}
}
