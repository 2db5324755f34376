package signalwire_test

import (
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// rawResource is a server that has one resource, under any path, and keeps its
// settings as they are written. A PATCH sets the members it is sent. A PUT does
// so too, or replaces all members of the settings.
type rawResource struct {
	rule     *gen.EditRule
	replaces bool

	mu       sync.Mutex
	settings map[string]json.RawMessage
	sent     []string // bodies of PATCH and PUT
	reads    int
	reading  func(n int, settings map[string]json.RawMessage) // before the n-th response to a GET
}

func (r *rawResource) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Method == http.MethodGet {
		if r.reads++; r.reading != nil {
			r.reading(r.reads, r.settings)
		}
	} else {
		body, _ := io.ReadAll(req.Body)
		r.sent = append(r.sent, string(body))
		var members map[string]json.RawMessage
		if json.Unmarshal(body, &members) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if r.replaces && req.Method == http.MethodPut {
			clear(r.settings)
		}
		for name, value := range members {
			r.settings[r.member(name)] = value
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, r.json())
}

// member is the name in the settings for a field of the update.
func (r *rawResource) member(field string) string {
	if name, ok := r.rule.Names[field]; ok {
		return name
	}
	return field
}

func (r *rawResource) json() string {
	text := rawObject(r.settings)
	if r.rule.Settings != "" {
		text = `{"display_name": "envelope", "newer_sibling": ` + text + `, "` + r.rule.Settings + `": ` + text + `}`
	}
	return text
}

// rawObject writes members to the byte as they are.
func rawObject(members map[string]json.RawMessage) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(`"` + name + `": ` + string(members[name]))
	}
	return "{" + b.String() + "}"
}

// serveSettings starts a server of a resource with the given settings.
func serveSettings(t testing.TB, rule *gen.EditRule, settings string) (*signalwire.Client, *rawResource) {
	t.Helper()
	r := &rawResource{rule: rule, settings: map[string]json.RawMessage{}}
	require.NoError(t, json.Unmarshal([]byte(settings), &r.settings))
	server := httptest.NewServer(r)
	t.Cleanup(func() { stop(server) })
	return dial(t, server.URL), r
}

func ruleOf[P, R any]() *gen.EditRule { return gen.EditRuleOf(new(P), new(R)) }

// TestEditsHold edits every resource that can be edited, on servers whose PUT
// merges and on ones where it replaces: nothing that was read is lost, and
// nothing that was not touched is altered, to the byte.
func TestEditsHold(t *testing.T) {
	t.Parallel()
	edits := 0
	for _, m := range methods() {
		if !m.isEdit() {
			continue
		}
		edits++
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(20) {
				testEdit(t, m, seed%2 == 1, rand.New(rand.NewPCG(seed, 1)))
			}
		})
	}
	require.Greater(t, edits, 20)
}

func testEdit(t *testing.T, m method, replaces bool, random *rand.Rand) {
	changeType := m.Type.In(m.Type.NumIn() - 2)
	patchType := changeType.In(0).Elem()
	rule := gen.EditRuleOf(reflect.New(patchType).Interface(), reflect.New(m.Type.Out(0).Elem()).Interface())
	require.NotNil(t, rule)

	client, server := serveSettings(t, rule, `{"newer":9007199254740993}`)
	server.replaces = replaces && rule.Full
	fields := map[string]int{}
	before := reflect.New(patchType).Elem()
	for i := range patchType.NumField() {
		name, options, _ := strings.Cut(patchType.Field(i).Tag.Get("json"), ",")
		fields[name] = i
		if slices.Contains(rule.WriteOnly, name) {
			server.settings[name] = json.RawMessage(`"**masked**"`) // which must not be sent
			continue
		}
		if options == "" || random.Float64() < 0.8 {
			fillField(before.Field(i), patchType.Field(i), random)
			raw, err := json.Marshal(before.Field(i).Interface())
			require.NoError(t, err)
			if raw[0] == '{' || raw[0] == '[' {
				raw = slices.Concat(raw[:1], []byte(" "), raw[1:]) // as no encoder writes it
			}
			server.settings[server.member(name)] = raw
		}
	}
	original := maps.Clone(server.settings)

	run := func(change func(patch reflect.Value)) bool {
		args := []reflect.Value{reflect.ValueOf(t.Context())}
		for i := 1; i < m.Type.NumIn()-2; i++ {
			if m.Type.In(i) == reflect.TypeFor[uuid.UUID]() {
				args = append(args, reflect.ValueOf(uuid.UUID{15: byte(i)}))
			} else {
				args = append(args, reflect.ValueOf("x").Convert(m.Type.In(i)))
			}
		}
		args = append(args, reflect.MakeFunc(changeType, func(in []reflect.Value) []reflect.Value {
			change(in[0].Elem())
			return []reflect.Value{reflect.Zero(reflect.TypeFor[error]())}
		}))
		results := m.of(client).Call(args)
		err, _ := results[2].Interface().(error)
		require.NoError(t, err)
		return results[1].Bool()
	}

	require.False(t, run(func(patch reflect.Value) {
		for name, i := range fields {
			if slices.Contains(rule.WriteOnly, name) {
				require.True(t, patch.Field(i).IsZero(), name)
			}
		}
	}), "nothing was changed")
	require.Empty(t, server.sent)

	touched := map[string]json.RawMessage{}
	changed := run(func(patch reflect.Value) {
		for name, i := range fields {
			if random.Float64() > 0.3 {
				continue
			}
			was := jsonOf(patch.Field(i))
			fillField(patch.Field(i), patchType.Field(i), random)
			if is := jsonOf(patch.Field(i)); string(was) != string(is) {
				touched[name] = is
			}
		}
	})
	require.Equal(t, len(touched) > 0, changed)
	if !changed {
		require.Empty(t, server.sent)
		return
	}
	require.Len(t, server.sent, 1)
	var sent map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(server.sent[0]), &sent))
	for name, i := range fields {
		value, ok := sent[name]
		read := original[server.member(name)]
		required := !strings.Contains(patchType.Field(i).Tag.Get("json"), ",")
		switch {
		case touched[name] != nil:
			require.JSONEq(t, string(touched[name]), string(value), name)
		case slices.Contains(rule.WriteOnly, name):
			require.False(t, ok, "%s is write-only", name)
		case rule.Full || required:
			require.Equal(t, string(read), string(value), "%s was not touched", name)
		default:
			require.False(t, ok, "%s did not change", name)
		}
	}
	for name := range fields {
		now := server.settings[server.member(name)]
		if want := touched[name]; want != nil {
			require.JSONEq(t, string(want), string(now), name)
		} else if !slices.Contains(rule.WriteOnly, name) {
			require.Equal(t, string(original[server.member(name)]), string(now), name)
		}
	}
}

// fillField sets a field at random, to values that the request may have.
func fillField(v reflect.Value, field reflect.StructField, random *rand.Rand) {
	fillRandom(v, random, 1)
	tag, ok := field.Tag.Lookup("enum")
	if !ok {
		return
	}
	allowed := strings.Split(tag, ",")
	v = reflect.Indirect(v)
	if v.Kind() == reflect.String {
		v.SetString(allowed[random.IntN(len(allowed))])
		return
	}
	for i := range v.Len() {
		v.Index(i).SetString(allowed[random.IntN(len(allowed))])
	}
}

// jsonOf is a value as it is sent, with the white space of a document.
func jsonOf(v reflect.Value) json.RawMessage {
	if document, ok := v.Interface().(gen.SWML); ok {
		return document.Raw()
	}
	text, _ := json.Marshal(v.Interface())
	return text
}

// TestEditCarriesToTheByte: documents, numbers beyond 2^53, members that the type
// lacks, and white space, of what was not touched and within what was.
func TestEditCarriesToTheByte(t *testing.T) {
	t.Parallel()
	const flow = `{ "nodes": [ {"id": 9007199254740993, "x": 1.0} ],"b":"\u00e9" }`
	const relayML = `{ "version": "1.0.0",  "sections": {} }`
	client, server := serveSettings(t, ruleOf[gen.CallFlowUpdate, gen.CallFlowResource](),
		`{"title":"a","document_version":7,"flow_data":`+flow+`,"relayml":`+relayML+`,"newer":1}`)
	_, changed, err := client.CallFlows.Edit(t.Context(), uuid.New(), func(f *gen.CallFlowUpdate) error {
		f.Title = signalwire.Ptr("b")
		return nil
	})
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, []string{`{"document_version":7,"flow_data":` + flow + `,"relayml":` + relayML + `,"title":"b"}`}, server.sent)

	_, _, err = client.CallFlows.Edit(t.Context(), uuid.New(), func(f *gen.CallFlowUpdate) error {
		f.FlowData["b"] = "c"
		f.FlowData["a"] = true
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, `{"document_version":7,"flow_data":{"a":true,"b":"c","nodes":[ {"id": 9007199254740993, "x": 1.0} ]},"relayml":`+relayML+`,"title":"b"}`, server.sent[1])
}

// TestEditConflictSeesLargeIntegers which a float64 cannot tell apart, and the
// order of members is none.
func TestEditConflictSeesLargeIntegers(t *testing.T) {
	t.Parallel()
	edit := func(first, second string) error {
		client, server := serveSettings(t, ruleOf[gen.ConferenceRoomUpdate, gen.ConferenceRoomResource](),
			`{"name":"a","enable_room_previews":true,"sync_audio_video":true,"meta":`+first+`}`)
		server.reading = func(n int, settings map[string]json.RawMessage) {
			if n == 2 {
				settings["meta"] = json.RawMessage(second)
			}
		}
		_, _, err := client.ConferenceRooms.Edit(t.Context(), uuid.New(), func(r *gen.ConferenceRoomUpdate) error {
			r.Name = signalwire.Ptr("b")
			return nil
		}, signalwire.WithConflictCheck())
		return err
	}
	require.NoError(t, edit(`{"a":9007199254740993,"b":[1]}`, `{ "b": [1], "a": 9007199254740993 }`))
	require.ErrorIs(t, edit(`{"a":9007199254740993}`, `{"a":9007199254740992}`), signalwire.ErrConflict)
}

// TestEditConflictSeesWhatWasAdded: a PUT that replaces a resource would remove a setting
// that had no value when the edit read it, and that somebody else has set since.
func TestEditConflictSeesWhatWasAdded(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"null", ""} {
		client, server := serveSettings(t, ruleOf[gen.CXMLScriptUpdate, gen.CXMLScriptResource](), `{"name":"a","contents":"<Response/>"}`)
		if value != "" {
			server.settings["status_callback_url"] = json.RawMessage(value)
		}
		server.reading = func(n int, settings map[string]json.RawMessage) {
			if n == 2 {
				settings["status_callback_url"] = json.RawMessage(`"https://example.com"`)
			}
		}
		_, _, err := client.CXMLScripts.Edit(t.Context(), uuid.New(), func(s *gen.CXMLScriptUpdate) error {
			s.DisplayName = signalwire.Ptr("b")
			return nil
		}, signalwire.WithConflictCheck())
		require.ErrorIs(t, err, signalwire.ErrConflict)
		require.ErrorContains(t, err, "changed since it was read: status_callback_url")
		require.Empty(t, server.sent)
	}
}

// TestEditRefusesNil: what was set and is nil does not clear anything, and the
// error says what does.
func TestEditRefusesNil(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*gen.SIPGatewayUpdate){
		"codecs: it was set and is nil, which does not clear it; set it to []gen.Codec{}":     func(g *gen.SIPGatewayUpdate) { g.Codecs = nil },
		`name: it was set and is nil, which does not clear it; set it to signalwire.Ptr("")`:  func(g *gen.SIPGatewayUpdate) { g.Name = nil },
		"encryption: it was set and is nil, which does not clear it; set it to another value": func(g *gen.SIPGatewayUpdate) { g.Encryption = nil },
		`ciphers: it was set and is nil, which does not clear it; set it to []gen.Cipher{}`:   func(g *gen.SIPGatewayUpdate) { *g = gen.SIPGatewayUpdate{URI: signalwire.Ptr("sip:x")} },
	} {
		client, server := editable(t)
		_, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, func(g *gen.SIPGatewayUpdate) error { change(g); return nil })
		requireIs(t, requireError(t, err), signalwire.ErrInvalid)
		require.ErrorContains(t, err, want)
		require.False(t, changed)
		require.Empty(t, server.sent)
	}
}

// TestEditRefusesWhatIsMissing: what an update must have is not made up.
func TestEditRefusesWhatIsMissing(t *testing.T) {
	t.Parallel()
	rename := func(s *gen.SubscriberUpdate) error { s.FirstName = signalwire.Ptr("b"); return nil }
	for _, settings := range []string{`{"first_name":"a"}`, `{"first_name":"a","email":null}`} {
		client, server := serveSettings(t, ruleOf[gen.SubscriberUpdate, gen.SubscriberResource](), settings)
		_, _, err := client.Subscribers.Edit(t.Context(), subscriberID, rename)
		require.ErrorContains(t, requireError(t, err), "email: the update requires it and the response has no value for it; set it")
		require.Empty(t, server.sent)
		_, changed, err := client.Subscribers.Edit(t.Context(), subscriberID, func(*gen.SubscriberUpdate) error { return nil })
		require.NoError(t, err, "nothing is sent")
		require.False(t, changed)
	}

	client, server := serveSettings(t, ruleOf[gen.SubscriberUpdate, gen.SubscriberResource](),
		`{"first_name":"a","email":"a@example.com","time_zone":"UTC","timezone":"wrong","password":"****","country":null}`)
	_, _, err := client.Subscribers.Edit(t.Context(), subscriberID, rename)
	require.NoError(t, err)
	require.Equal(t, []string{`{"email":"a@example.com","first_name":"b","timezone":"UTC"}`}, server.sent, "nor is a null or a masked password")

	flows, flow := serveSettings(t, ruleOf[gen.CallFlowUpdate, gen.CallFlowResource](), `{"title":"a","document_version":1,"flow_data":{},"relayml":null}`)
	_, _, err = flows.CallFlows.Edit(t.Context(), uuid.New(), func(f *gen.CallFlowUpdate) error { f.Title = signalwire.Ptr("b"); return nil })
	require.ErrorContains(t, requireError(t, err), "relayml: the update requires it and the response has no value for it; set it", "a null is no document")
	require.Empty(t, flow.sent)

	for _, text := range []string{`[]`, `{"id":"x"}`, `{"subscriber":null}`, `{"subscriber":[1]}`} {
		client, _ := with(t, say(200, "application/json", text))
		_, _, err := client.Subscribers.Edit(t.Context(), subscriberID, rename)
		requireError(t, err)
	}
}

// TestEditWithField: it goes with the update and not with the read, and counts
// as a change if it is given for the call.
func TestEditWithField(t *testing.T) {
	t.Parallel()
	same := func(*gen.SIPGatewayUpdate) error { return nil }
	server, seen := serve(t, gatewayOK)
	client := dial(t, server.URL)
	_, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, same, signalwire.WithField("newer", 1), signalwire.WithHeader("X-A", "b"))
	require.NoError(t, err)
	require.True(t, changed)
	require.Len(t, seen.requests(), 2)
	require.Equal(t, []string{"GET", ""}, []string{seen.requests()[0].Method, seen.requests()[0].Body})
	require.Equal(t, []string{"PATCH", `{"newer":1}`}, []string{seen.requests()[1].Method, seen.requests()[1].Body})
	for _, r := range seen.requests() {
		require.Equal(t, []string{"b"}, r.Header["X-A"])
	}
	_, _, err = client.SIPGateways.Edit(t.Context(), gatewayID, same, signalwire.WithField("name", 1))
	require.ErrorContains(t, requireError(t, err), "name: given with WithField, but it is a field of the request's type")

	client = dial(t, server.URL, signalwire.WithField("newer", 1))
	_, changed, err = client.SIPGateways.Edit(t.Context(), gatewayID, same)
	require.NoError(t, err)
	require.False(t, changed, "of the client it does not")
	_, _, err = client.SIPGateways.Edit(t.Context(), gatewayID, func(g *gen.SIPGatewayUpdate) error { g.Name = signalwire.Ptr("b"); return nil })
	require.NoError(t, err)
	all := seen.requests()
	require.Equal(t, `{"name":"b","newer":1}`, all[len(all)-1].Body)
}

// TestPatchFrom takes the settings out of the resource, and refuses a resource
// that is not updated with the type.
func TestPatchFrom(t *testing.T) {
	t.Parallel()
	gateway := &gen.SIPGatewayResource{DisplayName: "envelope", SIPGateway: gen.SIPGateway{Name: "edge", URI: "sip:x", Codecs: []gen.Codec{gen.CodecOPUS}, Ciphers: []gen.Cipher{}, Encryption: gen.EncryptionOptional}}
	patch, err := signalwire.PatchFrom[gen.SIPGatewayUpdate](gateway)
	require.NoError(t, err)
	require.Equal(t, gen.SIPGatewayUpdate{
		Name: signalwire.Ptr("edge"), URI: signalwire.Ptr("sip:x"), Codecs: []gen.Codec{gen.CodecOPUS}, Ciphers: []gen.Cipher{}, Encryption: signalwire.Ptr(gen.EncryptionOptional),
	}, patch)

	queue, err := signalwire.PatchFrom[gen.QueueUpdate](&gen.Queue{FriendlyName: "a"})
	require.NoError(t, err)
	require.Equal(t, signalwire.Ptr("a"), queue.Name, "it is read under another name")

	_, err = signalwire.PatchFrom[gen.SIPGatewayUpdate](&gateway.SIPGateway)
	require.EqualError(t, err, "signalwire: expected the result of a read that a gen.SIPGatewayUpdate updates, got a *gen.SIPGateway")
	_, err = signalwire.PatchFrom[gen.SIPGatewayUpdate](&gen.Queue{})
	require.ErrorContains(t, err, "got a *gen.Queue")
	_, err = signalwire.PatchFrom[int](gateway)
	require.ErrorContains(t, err, "expected the result of a read that a int updates")
	_, err = signalwire.PatchFrom[gen.SIPGatewayUpdate]((*gen.SIPGatewayResource)(nil))
	require.EqualError(t, err, "signalwire: expected a *gen.SIPGatewayResource, got nil")
}

// TestEditOfWhatCannotBeRead: it is left alone, and what could lose a part of it is refused.
func TestEditOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	rename := func(g *gen.SIPGatewayUpdate) { g.Name = signalwire.Ptr("b") }
	addCodec := func(g *gen.SIPGatewayUpdate) { g.Codecs = append(g.Codecs, gen.CodecG722) }
	for _, tt := range []struct {
		settings string
		change   func(*gen.SIPGatewayUpdate)
		sent     string // or the problem
	}{
		{`{"name":"a","uri":{"odd":[1,2]}}`, rename, `{"name":"b"}`},
		{`{"name":"a","uri":{"odd":[1,2]}}`, func(g *gen.SIPGatewayUpdate) { g.URI = signalwire.Ptr("sip:x") }, `{"uri":"sip:x"}`},
		{`{"name":"a","codecs":"OPUS,PCMU"}`, rename, `{"name":"b"}`},
		{`{"name":"a","codecs":"OPUS,PCMU"}`, addCodec, "codecs: its value in the response could not be read, and its elements could be lost; set all of them with the update"},
		{`{"name":"a","codecs":{"0":"OPUS","1":"PCMU"}}`, addCodec, "codecs: its value in the response could not be read"},
		{`{"name":"a","codecs":["OPUS",{"name": "AV1"}]}`, addCodec, `{"codecs":["OPUS",{"name": "AV1"},"G722"]}`},
		{`{"name":"a","codecs":["OPUS",["AV1", 1]]}`, addCodec, `{"codecs":["OPUS",["AV1", 1],"G722"]}`},
	} {
		client, server := serveSettings(t, ruleOf[gen.SIPGatewayUpdate, gen.SIPGatewayResource](), tt.settings)
		_, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, func(g *gen.SIPGatewayUpdate) error { tt.change(g); return nil })
		if changed {
			require.NoError(t, err)
			require.Equal(t, []string{tt.sent}, server.sent)
			continue
		}
		require.ErrorContains(t, requireError(t, err), ": "+tt.sent)
		require.ErrorIs(t, err, signalwire.ErrInvalid)
		require.Empty(t, server.sent)
	}

	// Over a PUT, what cannot be read and is not set would be lost.
	client, server := serveSettings(t, ruleOf[gen.QueueUpdate, gen.Queue](), `{"friendly_name":"a","max_size":"many"}`)
	_, _, err := client.Queues.Edit(t.Context(), gatewayID, func(q *gen.QueueUpdate) error { q.Name = signalwire.Ptr("b"); return nil })
	require.ErrorContains(t, requireError(t, err), "max_size: its value in the response could not be read, and would be lost; set it")
	require.Empty(t, server.sent)
	_, _, err = client.Queues.Edit(t.Context(), gatewayID, func(q *gen.QueueUpdate) error { q.MaxSize = signalwire.Ptr[int64](3); return nil })
	require.NoError(t, err)
	require.Len(t, server.sent, 1)
	require.JSONEq(t, `{"name":"a","max_size":3}`, server.sent[0])

	// An object that could not be read is nil, and a change of it sets all of it.
	client, server = serveSettings(t, ruleOf[gen.RoomUpdate, gen.Room](), `{"display_name":"a","meta":["x"]}`)
	_, _, err = client.Rooms.Edit(t.Context(), gatewayID, func(r *gen.RoomUpdate) error { r.Meta = map[string]any{"y": 1}; return nil })
	require.NoError(t, err)
	require.JSONEq(t, `{"display_name":"a","meta":{"y":1}}`, server.sent[0])
}

// TestEditOfSettingsElsewhere is refused: a change to what was not read could lose the rest
// of it.
func TestEditOfSettingsElsewhere(t *testing.T) {
	t.Parallel()
	const settings = `{"username":"alice","codecs":["OPUS"]}`
	for _, response := range []string{`{"id":"` + credentialID.String() + `","sip_endpoint":` + settings + `}`, `{"id":"x","data":[` + settings + `]}`} {
		client, seen := with(t, say(200, "application/json", response))
		_, _, err := client.SubscriberSIPCredentials.Edit(t.Context(), subscriberID, credentialID, func(c *gen.SubscriberSIPCredentialUpdate) error {
			c.Codecs = append(c.Codecs, gen.CodecG722)
			return nil
		})
		require.ErrorContains(t, requireError(t, err), `, where they are not described`)
		require.Len(t, seen.requests(), 1, "nothing was sent")
	}
	// What has none of the settings is no such response.
	client, seen := with(t, say(200, "application/json", `{"id":"x","owner":{"email":"a@example.com"}}`))
	_, changed, err := client.SubscriberSIPCredentials.Edit(t.Context(), subscriberID, credentialID, func(c *gen.SubscriberSIPCredentialUpdate) error {
		c.Username = signalwire.Ptr("bob")
		return nil
	})
	require.NoError(t, err)
	require.True(t, changed)
	require.JSONEq(t, `{"username":"bob"}`, seen.requests()[1].Body)
}
