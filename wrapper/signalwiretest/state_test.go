package signalwiretest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func TestResourceFromCreationToDeletion(t *testing.T) {
	space := newSpace(t)
	created := askObject(t, space, 201, "POST", "/v1/things", object{
		"name": "box", "address": object{"city": "Oslo", "lines": []any{object{"text": "a"}}},
		"count": 7, "options": object{"x": 1}, "password": "hunter22",
	})
	inner := created["thing"].(object)
	require.NoError(t, uuid.Validate(created["id"].(string)))
	require.NotEqual(t, created["id"], inner["id"])
	require.Equal(t, object{
		"id": created["id"], "project_id": space.ProjectID, "display_name": "box", "type": "thing",
		"created_at": "2026-01-01T00:00:01Z", "updated_at": "2026-01-01T00:00:01Z",
		"thing": object{
			"id": inner["id"], "name": "box", "kind": "small", "note": nil, "count": 7.0, "settings": object{},
			"address": object{"city": "Oslo", "lines": []any{object{"text": "a"}}}, "options": object{"x": 1.0},
		},
	}, created, "the default of the request and the first of an enum, nothing that was not asked for, and no password")

	path := "/v1/things/" + created["id"].(string)
	require.Equal(t, created, ask(t, space, 200, "GET", path, nil))
	require.Equal(t, "hunter22", at(t, space, path)["password"], "kept, and visible to the test only")

	changed := askObject(t, space, 200, "PATCH", path, object{"name": "crate", "owner_id": someID, "passphrase": "sesame"})
	require.Equal(t, "crate", changed["display_name"], "the envelope is called like what is in it")
	require.Equal(t, "crate", changed["thing"].(object)["name"])
	require.Equal(t, someID, changed["thing"].(object)["owner_id"])
	require.Equal(t, created["created_at"], changed["created_at"])
	require.Greater(t, changed["updated_at"], created["updated_at"])
	require.Equal(t, "Oslo", changed["thing"].(object)["address"].(object)["city"])
	require.NotContains(t, fmt.Sprint(changed), "sesame")
	require.Equal(t, changed, ask(t, space, 200, "GET", path, nil))

	require.Nil(t, ask(t, space, 204, "DELETE", path, nil))
	for _, method := range []string{"GET", "DELETE"} {
		require.Equal(t, object{"error": "Not Found"}, ask(t, space, 404, method, path, nil))
	}
	ask(t, space, 404, "PATCH", path, object{})
	_, ok := space.GetAt(path)
	require.False(t, ok)
}

func TestMergePatch(t *testing.T) {
	space := newSpace(t)
	path := createThing(t, space)
	thing := func(method string, body object) object {
		return askObject(t, space, 200, method, path, body)["thing"].(object)
	}
	thing("PATCH", object{"note": "n", "owner_id": someID, "settings": object{"volume": 3, "tone": "a"}})

	got := thing("PATCH", object{"note": nil, "owner_id": nil, "settings": object{"tone": "b"}})
	require.Nil(t, got["note"])
	require.Contains(t, got, "owner_id", "null where it may be null")
	require.Equal(t, object{"volume": 3.0, "tone": "b"}, got["settings"], "an object keeps its other fields")

	got = thing("PATCH", object{"settings": object{"volume": nil}})
	require.Equal(t, object{"volume": nil, "tone": "b"}, got["settings"])

	thing("PATCH", object{"passphrase": "sesame"})
	require.Equal(t, "sesame", at(t, space, path)["passphrase"])
	thing("PATCH", object{"passphrase": nil})
	require.NotContains(t, at(t, space, path), "passphrase", "null removes what cannot be null")

	got = thing("PUT", object{"settings": object{"tone": "c"}})
	require.Equal(t, object{"tone": "c"}, got["settings"], "a PUT replaces")
	require.Equal(t, "box", got["name"], "the fields that it names")

	require.Equal(t, got, thing("PATCH", object{}), "an empty change")
	resp, _, err := send(space, "PATCH", path, nil)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode, "no body where it is optional")
}

func TestLists(t *testing.T) {
	space := newSpace(t)
	require.Equal(t, object{
		"data": []any{}, "items_count": 0.0,
		"links": object{"self": "/v1/things?page_number=0&page_size=3", "first": "/v1/things?page_number=0&page_size=3"},
	}, ask(t, space, 200, "GET", "/v1/things", nil))

	var paths []string
	for range 7 {
		paths = append(paths, createThing(t, space))
	}
	ids := func(page object) (ids []string) {
		for _, item := range page["data"].([]any) {
			ids = append(ids, "/v1/things/"+item.(object)["id"].(string))
		}
		return ids
	}
	next := "/v1/things?kind=big"
	var found, pages []string
	for next != "" {
		page := askObject(t, space, 200, "GET", next, nil)
		require.Equal(t, 7.0, page["items_count"])
		require.LessOrEqual(t, len(ids(page)), 3, "the default of the parameter")
		found = append(found, ids(page)...)
		pages = append(pages, next)
		links := page["links"].(object)
		query, err := url.Parse(links["self"].(string))
		require.NoError(t, err)
		require.Equal(t, "big", query.Query().Get("kind"), "the other parameters stay")
		_, hasPrevious := links["prev"]
		require.Equal(t, len(pages) > 1, hasPrevious)
		next, _ = links["next"].(string)
	}
	require.Equal(t, paths, found)
	require.Len(t, pages, 3)

	// Back again, and by number without a token.
	require.NotContains(t, askObject(t, space, 200, "GET", pages[2], nil)["links"].(object)["first"], "page_token")
	back := askObject(t, space, 200, "GET", pages[2], nil)["links"].(object)["prev"].(string)
	require.Equal(t, paths[3:6], ids(askObject(t, space, 200, "GET", back, nil)))
	require.Equal(t, paths[4:6], ids(askObject(t, space, 200, "GET", "/v1/things?page_size=2&page_number=2", nil)))
	require.Empty(t, ids(askObject(t, space, 200, "GET", "/v1/things?page_number=99999999999", nil)))

	// An item that goes away makes a page token leave none out.
	ask(t, space, 204, "DELETE", paths[2], nil)
	require.Equal(t, paths[3:6], ids(askObject(t, space, 200, "GET", pages[1], nil)))

	for query, field := range map[string]string{"page_size=0": "page_size", "page_size=x": "page_size", "page_number=-1": "page_number", "kind=huge": "kind"} {
		wrong := askObject(t, space, 422, "GET", "/v1/things?"+query, nil)["errors"].([]any)
		require.Len(t, wrong, 1, query)
		require.Equal(t, field, wrong[0].(object)["attribute"], query)
	}
}

// Numbers as large as there are neither overflow nor panic.
func TestListsWithLargeNumbers(t *testing.T) {
	space := newSpace(t)
	for range 3 {
		ask(t, space, 201, "POST", "/v1/box/letters", object{"text": "hello"})
	}
	const most = "9223372036854775807"
	for query, want := range map[string]int{
		"page_size=" + most:                           3,
		"page_number=" + most:                         0,
		"page_size=" + most + "&page_number=1":        0,
		"page_size=2&page_number=" + most:             0,
		"page_size=" + most + "&page_number=" + most:  0,
		"page_size=2&page_number=4611686018427387904": 0,
		"page_token=PA7fffffffffffffff":               0,
		"page_token=PAffffffffffffffffff":             3,
		"page_token=PA-8000000000000000":              3,
	} {
		page := ask(t, space, 200, "GET", "/v1/box?"+query, nil).([]any)[0].(object)
		require.Len(t, page["data"], want, query)
	}
}

// A look-up of what does not exist costs little, however much there is.
func TestLookUpOfWhatIsMissing(t *testing.T) {
	space := newSpace(t)
	for i := range 2000 {
		space.PutAt(fmt.Sprintf("/v1/things/%s%04d", someID[:32], i), object{})
	}
	missing := func() {
		_, found := space.GetAt("/v1/things/" + otherID)
		require.False(t, found)
	}
	require.Less(t, testing.AllocsPerRun(3, missing), 100.0)
}

func TestListsOfOtherForms(t *testing.T) {
	space := newSpace(t)
	thing := createThing(t, space)
	require.Equal(t, []any{}, ask(t, space, 200, "GET", thing+"/parts", nil))
	part := askObject(t, space, 201, "POST", thing+"/parts", object{"size": 4})
	require.Equal(t, object{"id": part["id"], "size": 4.0, "at": "2026-01-01"}, part)
	require.Equal(t, []any{part}, ask(t, space, 200, "GET", thing+"/parts", nil), "nothing but a list")

	letter := askObject(t, space, 201, "POST", "/v1/box/letters", object{"text": "hello"})
	parcel := askObject(t, space, 201, "POST", "/v1/box/parcels", object{"weight": 1.5})
	require.Equal(t, "letter", letter["type"])
	page := ask(t, space, 200, "GET", "/v1/box", nil)
	self := space.URL + "/v1/box?page_number=0&page_size=50"
	require.Equal(t, []any{object{
		"data":  []any{letter, parcel},
		"links": object{"self": self, "first": self, "next": ""},
	}}, page, "a list around a list, of two types, that requires a next link")
	require.Equal(t, parcel, ask(t, space, 200, "GET", "/v1/box/"+parcel["id"].(string), nil), "of whatever kind")
	require.Equal(t, parcel, ask(t, space, 200, "GET", "/v1/box/parcels/"+parcel["id"].(string), nil))
	ask(t, space, 404, "GET", "/v1/box/letters/"+parcel["id"].(string), nil)
	ask(t, space, 204, "DELETE", "/v1/box/"+parcel["id"].(string), nil)
	ask(t, space, 404, "GET", "/v1/box/parcels/"+parcel["id"].(string), nil)
}

// TestNestedSingleton: a singleton below an item is not an item, neither in the list above it
// nor as one without which others do not exist.
func TestNestedSingleton(t *testing.T) {
	space := newSpace(t)
	ask(t, space, 200, "GET", "/v1/things/"+someID+"/profile", nil)
	ask(t, space, 200, "GET", "/v1/things/"+otherID+"/profile", nil)
	ask(t, space, 404, "GET", "/v1/things/profile", nil)
	require.Empty(t, askObject(t, space, 200, "GET", "/v1/things", nil)["data"])

	thing := createThing(t, space)
	ask(t, space, 404, "GET", "/v1/things/"+otherID+"/profile", nil)
	ask(t, space, 200, "GET", thing+"/profile", nil)
	ask(t, space, 204, "DELETE", thing, nil)
	ask(t, space, 404, "GET", thing+"/profile", nil)

	// The next member of a queue has a path like that of a member.
	client, ctx := signalwiretest.New(t).Client(), t.Context()
	queue, err := client.Queues.Create(ctx, gen.QueueCreate{})
	require.NoError(t, err)
	_, err = client.QueueMembers.GetNext(ctx, queue.ID)
	require.NoError(t, err)
	members, err := client.QueueMembers.List(ctx, queue.ID)
	require.NoError(t, err)
	require.Empty(t, members.Data)
}

func TestNested(t *testing.T) {
	space := newSpace(t)
	// As long as there are no things, a part needs none.
	part := askObject(t, space, 201, "POST", "/v1/things/"+someID+"/parts", object{"size": 1})
	ask(t, space, 200, "GET", "/v1/things/"+someID+"/parts/"+part["id"].(string), nil)

	thing := createThing(t, space)
	ask(t, space, 404, "POST", "/v1/things/"+someID+"/parts", object{"size": 1})
	ask(t, space, 404, "GET", "/v1/things/"+someID+"/parts", nil)
	part = askObject(t, space, 201, "POST", thing+"/parts", object{"size": 1})
	path := thing + "/parts/" + part["id"].(string)
	require.Equal(t, object{"success": true}, ask(t, space, 200, "DELETE", path, nil), "a deletion that responds")
	ask(t, space, 404, "GET", path, nil)

	part = askObject(t, space, 201, "POST", thing+"/parts", object{"size": 1})
	ask(t, space, 204, "DELETE", thing, nil)
	_, ok := space.GetAt(thing + "/parts/" + part["id"].(string))
	require.False(t, ok, "gone with what it belonged to")
	ask(t, space, 404, "GET", thing+"/parts", nil)
	ask(t, space, 404, "POST", thing+"/parts", object{"size": 1})
}

func TestCreatedInOnePlaceAndReadInAnother(t *testing.T) {
	space := newSpace(t)
	part := askObject(t, space, 201, "POST", "/v1/gadgets/"+someID+"/parts", object{"size": 1})
	require.Equal(t, part, ask(t, space, 200, "GET", "/v1/parts/"+part["id"].(string), nil))
	require.Equal(t, object{"data": []any{part}}, ask(t, space, 200, "GET", "/v1/gadgets/"+someID+"/parts", nil))
	require.Equal(t, object{"data": []any{}}, ask(t, space, 200, "GET", "/v1/gadgets/"+otherID+"/parts", nil))
}

func TestTheOnlyOne(t *testing.T) {
	space := newSpace(t)
	require.Equal(t, object{"domain": "domain"}, ask(t, space, 200, "GET", "/v1/profile", nil))
	want := object{"domain": "domain", "codecs": []any{"OPUS"}}
	require.Equal(t, want, ask(t, space, 201, "PUT", "/v1/profile", object{"codecs": []any{"OPUS"}}))
	require.Equal(t, want, ask(t, space, 200, "GET", "/v1/profile", nil))
	space.PutAt("/v1/profile", object{"domain": "example.com"})
	require.Equal(t, object{"domain": "example.com"}, ask(t, space, 200, "GET", "/v1/profile", nil))
}

func TestByAnotherFieldThanTheID(t *testing.T) {
	space := newSpace(t)
	room := askObject(t, space, 200, "POST", "/v1/rooms", object{"name": "board room"})
	require.Equal(t, room, ask(t, space, 200, "GET", "/v1/rooms/"+room["id"].(string), nil))
	require.Equal(t, room, ask(t, space, 200, "GET", "/v1/rooms/board%20room", nil))
	ask(t, space, 404, "GET", "/v1/rooms/cellar", nil)
}

func TestCommands(t *testing.T) {
	space := newSpace(t)
	call := askObject(t, space, 200, "POST", "/v1/calls", object{"command": "end", "id": someID})
	require.Equal(t, object{"id": someID, "command": "end", "status": "queued", "created_at": "2026-01-01T00:00:01Z"}, call, "what it has in common with the request, the rest made up")
	require.Equal(t, 1, space.Effects("command_call"))

	thing := createThing(t, space)
	before := askObject(t, space, 200, "GET", thing, nil)
	after := askObject(t, space, 200, "POST", thing+"/activate", object{"note": "on"})
	require.Equal(t, "on", after["thing"].(object)["note"], "a command that responds with the thing it is about")
	require.Equal(t, before["id"], after["id"])
	require.Equal(t, after, ask(t, space, 200, "GET", thing, nil))
	ask(t, space, 404, "POST", "/v1/things/"+someID+"/activate", object{})
}

func TestMadeUp(t *testing.T) {
	space := newSpace(t)
	got := askObject(t, space, 200, "GET", "/v1/open", nil)
	require.NoError(t, uuid.Validate(got["some_id"].(string)))
	require.Regexp(t, regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`), got["tiny"])
	require.Len(t, got["long"], 40)
	delete(got, "some_id")
	delete(got, "tiny")
	delete(got, "long")
	require.Equal(t, object{
		"any": object{}, "array": []any{}, "at": "2026-01-01T00:00:01Z", "bool": false, "choice": nil,
		"code": "AA-000", "color": "#aaaaaa", "const": "always", "date": "2026-01-01", "default": "b",
		"email": "email@example.com", "enum": nil, "even": 8.0, "hook": "https://example.com/hook",
		"list": []any{"big", "big"}, "map": object{"map1": 0.0}, "max": -3.0, "min": 1.0, "none": nil,
		"nullable": nil, "number": 0.0, "project_id": space.ProjectID,
		"recursive": object{"value": 0.0, "left": nil},
		"short":     "sho", "text": "text", "token": "token",
	}, got)
}

func TestPut(t *testing.T) {
	space := signalwiretest.New(t)
	ctx, client := t.Context(), space.Client()

	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "edge", URI: "sip.example.com", Codecs: []gen.Codec{gen.CodecOPUS}}})
	gateway, ok := signalwiretest.Get[gen.SIPGatewayResource](space, id)
	require.True(t, ok)
	require.Equal(t, id, gateway.ID)
	require.Equal(t, "edge", gateway.SIPGateway.Name)
	require.Equal(t, space.ProjectID, gateway.ProjectID.String())
	require.Equal(t, signalwiretest.StartTime, gateway.CreatedAt)
	require.Equal(t, []gen.Codec{gen.CodecOPUS}, gateway.SIPGateway.Codecs)
	require.Equal(t, []gen.Cipher{}, gateway.SIPGateway.Ciphers, "an unset list is empty")
	require.True(t, gateway.SIPGateway.Encryption.Valid())

	updated, err := client.SIPGateways.Update(ctx, id, gen.SIPGatewayUpdate{Name: signalwire.Ptr("core"), Codecs: []gen.Codec{}})
	require.NoError(t, err)
	require.Equal(t, "core", updated.DisplayName)
	require.Empty(t, updated.SIPGateway.Codecs)
	require.Equal(t, "sip.example.com", updated.SIPGateway.URI)
	now, _ := signalwiretest.Get[*gen.SIPGatewayResource](space, id)
	require.Equal(t, updated, now)

	// An id and times that are given stay.
	given := uuid.MustParse(someID)
	at := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	require.Equal(t, given, space.Put(&gen.SIPGatewayResource{ID: given, CreatedAt: at}))
	gateway, _ = signalwiretest.Get[gen.SIPGatewayResource](space, given)
	require.Equal(t, at, gateway.CreatedAt)

	subscriber, other := uuid.MustParse(otherID), given
	credential := space.Put(gen.SubscriberSIPCredential{Username: "ann"}, subscriber)
	_, err = client.SubscriberSIPCredentials.Update(ctx, subscriber, credential, gen.SubscriberSIPCredentialUpdate{Password: signalwire.Ptr("hunter22")})
	require.NoError(t, err)
	endpoint, ok := signalwiretest.Get[gen.SubscriberSIPCredential](space, credential, subscriber)
	require.True(t, ok)
	require.Equal(t, "ann", endpoint.Username)
	_, ok = signalwiretest.Get[gen.SubscriberSIPCredential](space, credential, other)
	require.False(t, ok)
	raw, ok := space.GetAt("/api/fabric/resources/subscribers/" + otherID + "/sip_endpoints/" + credential.String())
	require.True(t, ok)
	require.Contains(t, string(raw), `"password":"hunter22"`)
}

func TestPutAt(t *testing.T) {
	space := newSpace(t)
	space.PutAt("/v1/things/"+someID, json.RawMessage(`{"thing":{"name":"box"},"extra":1}`))
	got := askObject(t, space, 200, "GET", "/v1/things/"+someID, nil)
	require.Equal(t, someID, got["id"])
	require.Equal(t, "box", got["thing"].(object)["name"])
	require.NotContains(t, got, "extra")
	require.Equal(t, 1.0, at(t, space, "/v1/things/"+someID)["extra"])
	// A member that the description lacks is no misspelling if the other one is there, too.
	space.PutAt("/v1/things/"+otherID, object{"id": otherID, "iid": 1})
	require.Equal(t, 1.0, at(t, space, "/v1/things/"+otherID)["iid"])
	// In a list whose items have no path of their own.
	space.PutAt("/v1/gadgets/"+otherID+"/parts/"+someID, object{"size": 3})
	require.Equal(t, object{"data": []any{object{"id": someID, "size": 3.0}}}, ask(t, space, 200, "GET", "/v1/gadgets/"+otherID+"/parts", nil))
}

// SignalWire's own API, where it has forms that are rare.
func TestSignalWire(t *testing.T) {
	space := signalwiretest.New(t)
	const fabric, relay = "/api/fabric/resources", "/api/relay/rest"

	gateway := askObject(t, space, 201, "POST", fabric+"/sip_gateways", object{
		"name": "edge", "uri": "sip.example.com", "encryption": "optional", "ciphers": []string{}, "codecs": []string{"OPUS"},
	})
	require.Equal(t, "edge", gateway["display_name"])
	subscriber := askObject(t, space, 201, "POST", fabric+"/subscribers", object{"email": "ann@example.com", "display_name": "Ann", "password": "hunter22"})
	require.Equal(t, "Ann", subscriber["subscriber"].(object)["display_name"])
	if !signalwiretest.RaceEnabled { // what can hold SWML takes long to load
		require.Equal(t, []any{gateway, subscriber}, askObject(t, space, 200, "GET", fabric, nil)["data"], "resources of all kinds")
		require.Equal(t, gateway, ask(t, space, 200, "GET", fabric+"/"+gateway["id"].(string), nil))
		require.Equal(t, []string{"params.url missing_required_parameter"}, wrong(askObject(t, space, 422, "POST", "/api/calling/calls", object{
			"command": "dial", "params": object{"from": "+15551230000", "to": "+15551230001"},
		})))
	}
	ask(t, space, 200, "GET", fabric+"/"+gateway["id"].(string)+"/addresses", nil)
	ask(t, space, 404, "GET", fabric+"/"+someID+"/addresses", nil)

	room := askObject(t, space, 200, "POST", "/api/video/rooms", object{"name": "board-room"})
	require.NotContains(t, room, "active_session")
	require.Equal(t, room, ask(t, space, 200, "GET", "/api/video/rooms/board-room", nil))
	stream := askObject(t, space, 201, "POST", "/api/video/rooms/"+room["id"].(string)+"/streams", object{"url": "rtmp://example.com"})
	require.Equal(t, stream, ask(t, space, 200, "GET", "/api/video/streams/"+stream["id"].(string), nil))
	ask(t, space, 204, "DELETE", "/api/video/rooms/"+room["id"].(string), nil)
	ask(t, space, 404, "GET", "/api/video/streams/"+stream["id"].(string), nil)

	// What a script is for decides which members it has, not which members it was sent.
	script := askObject(t, space, 200, "POST", fabric+"/swml_scripts", object{"name": "a", "script_type": "messaging", "contents": object{}})
	script = askObject(t, space, 200, "PUT", fabric+"/swml_scripts/"+script["id"].(string), object{"display_name": "b", "status_callback_url": "https://a.example"})
	require.Equal(t, "messaging", script["swml_script"].(object)["script_type"])

	for i := range 60 { // the API has no pages of this list
		space.PutAt(fmt.Sprintf("/api/messaging/whatsapp/templates/%08d-0000-4000-8000-000000000000", i), object{})
	}
	require.Len(t, askObject(t, space, 200, "GET", "/api/messaging/whatsapp/templates", nil)["data"], 60)

	number := askObject(t, space, 200, "POST", relay+"/phone_numbers", object{"number": "+15551230000"})
	path := relay + "/phone_numbers/" + number["id"].(string)
	assigned := askObject(t, space, 200, "POST", path+"/e911_address", object{"e911_address_id": someID})
	require.Equal(t, someID, assigned["e911_address_id"])
	require.Equal(t, assigned, ask(t, space, 200, "GET", path, nil))
	require.Nil(t, number["call_handler"], "nobody has set it")
}

// reporter stands for the test that makes a mistake.
type reporter struct {
	testing.TB
	text string
}

func (r *reporter) Fatalf(format string, args ...any) {
	r.text = fmt.Sprintf(format, args...)
	panic(r)
}

func TestMisuse(t *testing.T) {
	r := &reporter{TB: t}
	space := signalwiretest.New(r)
	started, err := signalwiretest.Start()
	require.NoError(t, err)
	defer started.Close()
	id := uuid.MustParse(someID)
	for want, use := range map[string]func(*signalwiretest.Space){
		"no operation on a single resource returns a string":                                 func(s *signalwiretest.Space) { signalwiretest.Get[string](s, id) },
		"returns a gen.SIPGateway; expected gen.SIPGatewayResource, which has one, or PutAt": func(s *signalwiretest.Space) { s.Put(gen.SIPGateway{}) },
		"returns a gen.PSTNRecording; expected gen.NewCallRecording of it, or PutAt":         func(s *signalwiretest.Space) { s.Put(gen.PSTNRecording{}) },
		"returns a gen.RelayVoiceLog; expected gen.NewVoiceLog of it, or PutAt":              func(s *signalwiretest.Space) { s.Put(gen.RelayVoiceLog{}) },
		"number of parents: expected 1, got 0":                                               func(s *signalwiretest.Space) { s.Put(gen.SubscriberSIPCredential{}) },
		"number of parents: expected 0, got 1":                                               func(s *signalwiretest.Space) { s.Put(gen.SIPGatewayResource{}, id) },
		"PutAt and GetAt":                                                                    func(s *signalwiretest.Space) { signalwiretest.Get[gen.SIPGateway](s, id) },
		"the API has nothing at":                                                             func(s *signalwiretest.Space) { s.PutAt("/api/nothing", object{}) },
		"is the path of a list":                                                              func(s *signalwiretest.Space) { s.PutAt("/api/fabric/resources/sip_gateways", object{}) },
		"Put: sip_gateway.codecs[1]: value is not one of the allowed values": func(s *signalwiretest.Space) {
			s.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Codecs: []gen.Codec{gen.CodecPCMU, "EVS"}}})
		},
		"Put: sip_gateway.encryption: value is not one of the allowed values": func(s *signalwiretest.Space) {
			s.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Encryption: "newer"}})
		},
		"PutAt: sip_gateway: value is not valid by the description": func(s *signalwiretest.Space) {
			s.PutAt("/api/fabric/resources/sip_gateways/"+someID, object{"sip_gateway": []any{"a"}})
		},
		"PutAt: sip_gateway.uri: value must be a string": func(s *signalwiretest.Space) {
			s.PutAt("/api/fabric/resources/sip_gateways/"+someID, object{"sip_gateway": object{"uri": true}})
		},
		"PutAt: status: value is not one of the allowed values": func(s *signalwiretest.Space) {
			s.PutAt("/api/messaging/logs/"+someID, object{"status": "flying"})
		},
		`PutAt: displayName: the description has no such member; the nearest is "display_name"`: func(s *signalwiretest.Space) {
			s.PutAt("/api/fabric/resources/sip_gateways/"+someID, object{"displayName": "edge"})
		},
		`PutAt: sip_gateway.codec: the description has no such member; the nearest is "codecs"`: func(s *signalwiretest.Space) {
			s.PutAt("/api/fabric/resources/sip_gateways/"+someID, object{"sip_gateway": object{"codec": []any{"OPUS"}}})
		},
		`PutAt: pasword: the description has no such member; the nearest is "password"`: func(s *signalwiretest.Space) {
			s.PutAt("/api/fabric/resources/subscribers/"+someID+"/sip_endpoints/"+otherID, object{"pasword": "hunter22"})
		},
		"a JSON object, got one of type []int": func(s *signalwiretest.Space) {
			s.PutAt("/api/fabric/resources/sip_gateways/"+someID, []int{})
		},
		"type func() cannot be encoded": func(s *signalwiretest.Space) {
			s.PutAt("/api/fabric/resources/sip_gateways/"+someID, func() {})
		},
		"has no Kind": func(s *signalwiretest.Space) { s.Inject(signalwiretest.Fault{}) },
		`no operation "update-sip-gateways"; the nearest is "update_sip_gateway"`: func(s *signalwiretest.Space) { s.Effects("update-sip-gateways") },
		`no operation "update"; the nearest is "update_`: func(s *signalwiretest.Space) {
			s.Inject(signalwiretest.Fault{Kind: signalwiretest.NeverRespond(), Operation: "update"})
		},
		"status: expected 200 to 999, got 100": func(s *signalwiretest.Space) { s.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondStatus(100)}) },
		"Share: expected 0 to 1, got 2": func(s *signalwiretest.Space) {
			s.Inject(signalwiretest.Fault{Kind: signalwiretest.NeverRespond(), Share: 2})
		},
		"CutBody: n: expected at least 0, got -1": func(s *signalwiretest.Space) { s.Inject(signalwiretest.Fault{Kind: signalwiretest.CutBody(-1)}) },
		"Delay: d: expected at least 0s, got -1ns": func(s *signalwiretest.Space) {
			s.Inject(signalwiretest.Fault{Kind: signalwiretest.Delay(-1)})
		},
		"ProcessAfter: d: expected at least 0s": func(s *signalwiretest.Space) {
			s.Inject(signalwiretest.Fault{Kind: signalwiretest.ProcessAfter(-1)})
		},
		"ProcessWhen: expected a channel, got nil": func(s *signalwiretest.Space) {
			s.Inject(signalwiretest.Fault{Kind: signalwiretest.ProcessWhen[int](nil)})
		},
		"SlowBody: bytes: expected at least 1, got 0": func(s *signalwiretest.Space) {
			s.Inject(signalwiretest.Fault{Kind: signalwiretest.SlowBody(0, 0)})
		},
		"SlowBody: pause: expected at least 0s, got -1ns": func(s *signalwiretest.Space) {
			s.Inject(signalwiretest.Fault{Kind: signalwiretest.SlowBody(1, -1)})
		},
		"Script: create_sip_gateway creates nothing that has a state": func(s *signalwiretest.Space) { s.Script("create_sip_gateway") },
		"Script: get_message_log creates nothing":                     func(s *signalwiretest.Space) { s.Script("get_message_log") },
		"Script: step 2: After: expected at least 0s, got -1ns": func(s *signalwiretest.Space) {
			s.Script("create_message", signalwiretest.Step{State: "sent"}, signalwiretest.Step{After: -1, State: "delivered"})
		},
		"Advance: d: expected at least 0s, got -1ns": func(s *signalwiretest.Space) { s.Advance(-1) },
		"DeliverAll: Late: by: expected at least 0s, got -1ns": func(s *signalwiretest.Space) {
			s.DeliverAll(signalwiretest.Twice(), signalwiretest.Late(-1))
		},
		"DeliverAll: option 2: expected a DeliveryOption, got nil": func(s *signalwiretest.Space) { s.DeliverAll(signalwiretest.Twice(), nil) },
		"Handle: expected a handler, got nil":                      func(s *signalwiretest.Space) { s.Handle("https://hooks.example.com", nil) },
		`Handle: prefix: expected the beginning of an absolute URL without credentials, such as https://hooks.example.com, got "/hooks"`: func(s *signalwiretest.Space) {
			s.Handle("/hooks", http.NotFoundHandler())
		},
		`without credentials, such as https://hooks.example.com, got "https://[redacted]@hooks.example.com"`: func(s *signalwiretest.Space) {
			s.Handle("https://me:hunter22@hooks.example.com", http.NotFoundHandler())
		},
		"WithTimeout 0s: expected more than 0": func(s *signalwiretest.Space) { s.Client(signalwire.WithTimeout(0)) },
	} {
		require.PanicsWithValue(t, r, func() { use(space) }, want)
		require.Contains(t, r.text, "signalwiretest: ")
		require.Contains(t, r.text, want)
		func() {
			defer func() { require.Contains(t, recover(), want, "without a test it panics") }()
			use(started)
		}()
	}
	for want, use := range map[string]func(testing.TB){
		"Deliver: expected a handler, got nil": func(tb testing.TB) { space.Deliver(tb, nil, events.MessageStatusPayload{}) },
		"Deliver: expected a payload, got nil": func(tb testing.TB) { space.Deliver(tb, http.NotFoundHandler(), nil) },
	} {
		require.PanicsWithValue(t, r, func() { use(r) }, want)
		require.Contains(t, r.text, "signalwiretest: "+want)
	}
	_, err = space.Post("http://127.0.0.1:1/", nil)
	require.EqualError(t, err, "signalwiretest: Post: expected a payload, got nil")
	_, err = signalwiretest.Start(signalwiretest.WithQuirks(), nil)
	require.EqualError(t, err, "signalwiretest: option 2: expected an Option, got nil")
	_, err = signalwiretest.Start(signalwiretest.WithJournal(-1))
	require.EqualError(t, err, "signalwiretest: WithJournal: n: expected at least 0, got -1")
	_, err = signalwiretest.Start(signalwiretest.WithDescription([]byte("openapi: 3.1.0")))
	require.ErrorContains(t, err, "signalwiretest: the description is not an OpenAPI document as JSON")
}

func TestClock(t *testing.T) {
	space := newSpace(t)
	require.Equal(t, signalwiretest.StartTime, space.Now())
	path := createThing(t, space)
	require.Equal(t, "2026-01-01T00:00:01Z", at(t, space, path)["created_at"])

	space.Advance(time.Hour)
	require.Equal(t, "2026-01-01T01:00:02Z", askObject(t, space, 200, "PATCH", path, object{})["updated_at"])

	space.SetTime(time.Date(2030, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600)))
	for range 2 {
		require.Equal(t, "2030-01-01T00:00:00Z", askObject(t, space, 200, "PATCH", path, object{})["updated_at"], "it stands")
	}
	space.Advance(time.Minute)
	require.Equal(t, "2030-01-01T00:01:00Z", askObject(t, space, 200, "PATCH", path, object{})["updated_at"])
	requests := space.Requests()
	require.Equal(t, space.Now(), requests[len(requests)-1].Time)
}
