package support_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// carried is an operation, a call of it, and what has to go over the wire.
type carried struct {
	// name is that of the operation in Go, and its path begins with it unless
	// another document has it.
	name string
	// path follows the name in the path.
	path string
	// method and operation are as in the description. They are empty if another
	// document has the operation.
	method, operation string
	// call has the arguments after ctx, as Go.
	call string
	// request is what the server has to get: method, path and query, headers
	// beside those that every request has, and body.
	request string
	// contentType and response are what it sends; a response that is empty is a
	// status 204.
	contentType, response string
	// result is what the call has to return, as JSON, or its error.
	result string
}

const (
	asJSON  = "application/json"
	asForm  = "application/x-www-form-urlencoded"
	getsOne = `{"id":"i","size":5}`
)

// The successful response of most operations, and a body of the same type.
const (
	returns = "responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}, " +
		"'400': {description: d, content: {application/json: {schema: {anyOf: [{$ref: '#/components/schemas/Failure'}, {type: array, items: {type: string}}]}}}}}"
	schemas = `
components:
  securitySchemes: {SignalWireBasicAuth: {type: http, scheme: basic}}
  schemas:
    Item: {type: object, required: [id], properties: {id: {type: string}, size: {type: integer}}}
    Shut: {allOf: [{$ref: '#/components/schemas/Item'}], unevaluatedProperties: {not: {}}}
    Kind: {type: string, enum: [item, other thing]}
    KindItem: {type: object, properties: {kind: {$ref: '#/components/schemas/Kind'}}}
    Level: {type: integer, enum: [1, 2]}
    Filter: {type: object, additionalProperties: false, properties: {from: {type: string}, to: {type: integer}}}
    Failure: {type: object, properties: {code: {type: string}}}
    Base: {type: object, required: [kind], properties: {kind: {type: string}}, discriminator: {propertyName: kind, mapping: {heir: '#/components/schemas/Heir'}}}
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}
    Fish: {type: object, properties: {kind: {type: string, enum: [fish]}, fins: {type: integer}}}
    Bird: {type: object, properties: {kind: {type: string, enum: [bird]}, wings: {type: integer}}}
    Steel: {type: object, required: [metal], properties: {metal: {type: string, const: steel}, mass: {type: integer}}}
    Brass: {type: object, required: [metal], properties: {metal: {type: string, const: brass}, mass: {type: integer}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}, tricks: {type: array, items: {type: string}}}}
`
)

// sends describes a request body of one type.
func sends(media, schema string) string {
	return "requestBody: {required: true, content: {'" + media + "': {schema: " + schema + "}}}, " + returns
}

// gives describes a response of one type.
func gives(media, schema string) string {
	return "responses: {'200': {description: d, content: {'" + media + "': {schema: " + schema + "}}}}"
}

func ref(name string) string { return "{$ref: '#/components/schemas/" + name + "'}" }

func parameters(list ...string) string {
	return "parameters: [" + strings.Join(list, ", ") + "], " + returns
}

func param(in, name, schema string) string {
	required := ""
	if in == "path" {
		required = "required: true, "
	}
	return "{name: '" + name + "', in: " + in + ", " + required + "schema: " + schema + "}"
}

func styled(name, style, schema string) string {
	return "{name: '" + name + "', in: query, " + style + ", schema: " + schema + "}"
}

const texts = "{type: array, items: {type: string}}"

// What is carried is sent and read as OpenAPI says.
var calls = []carried{
	{name: "HeaderParameters", method: "get", operation: parameters(param("header", "X-Trace", "{type: string}"), param("header", "x-size", "{type: integer}"), param("header", "X-Kind", ref("Kind")), param("header", "X-Unset", "{type: string}"), param("query", "q", "{type: string}")),
		call: `gen.HeaderParametersParams{XTrace: p("a b"), XSize: p(int64(5)), XKind: p(gen.Kind("other thing")), Q: p("x")}`, request: "GET ?q=x|X-Kind: other thing|X-Size: 5|X-Trace: a b|"},
	{name: "HeaderInjected", method: "get", operation: parameters(param("header", "X-Trace", "{type: string}")),
		call: `gen.HeaderInjectedParams{XTrace: p("a\r\nHost: b")}`, result: "X-Trace: expected printable ASCII without space around it, for a header"},
	{name: "SingleValues", method: "get", operation: parameters(param("query", "text", "{type: string}"), param("query", "whole", "{type: integer, format: int32}"), param("query", "number", "{type: number}"), param("query", "is", "{type: boolean}"),
		param("query", "time", "{type: string, format: date-time}"), param("query", "day", "{type: string, format: date}"), param("query", "id", "{type: string, format: uuid}"), param("query", "kind", ref("Kind")), param("query", "level", ref("Level")), param("query", "unset", "{type: string}")),
		call:    `gen.SingleValuesParams{Text: p("a b&c=é"), Whole: p(int64(5e9)), Number: p(0.1), Is: p(false), Time: p(time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)), Day: p("2026-01-02"), ID: p(uuid.MustParse("00000000-0000-0000-0000-000000000001")), Kind: p(gen.KindOtherThing), Level: p(gen.Level2)}`,
		request: "GET ?text=a+b%26c%3D%C3%A9&whole=5000000000&number=0.1&is=false&time=2026-01-02T03%3A04%3A05.006Z&day=2026-01-02&id=00000000-0000-0000-0000-000000000001&kind=other+thing&level=2||"},
	{name: "RequiredValues", method: "get", operation: parameters("{name: q, in: query, required: true, schema: {type: string}}", "{name: 'page[size]', in: query, required: true, schema: {type: integer}}"),
		call: `gen.RequiredValuesParams{Q: "", PageSize: 0}`, request: "GET ?q=&page%5Bsize%5D=0||"},
	{name: "NamesThatMeet", method: "get", operation: parameters(param("query", "a-b", "{type: string}"), param("query", "a_b", "{type: string}"), param("query", "filter[]", texts)),
		call: `gen.NamesThatMeetParams{AB: p("1"), ABParameter: p("2"), Filter: []string{"3", "4"}}`, request: "GET ?a-b=1&a_b=2&filter%5B%5D=3&filter%5B%5D=4||"},
	{name: "Arrays", method: "get", operation: parameters(styled("form", "style: form", texts), styled("comma", "explode: false", texts), styled("space", "style: spaceDelimited", texts), styled("pipe", "style: pipeDelimited, explode: false", texts),
		styled("each", "style: pipeDelimited, explode: true", texts), styled("whole", "explode: false", "{type: array, items: {type: integer}}"), styled("none", "explode: false", texts)),
		call:    `gen.ArraysParams{Form: list, Comma: list, Space: list, Pipe: list, Each: list, Whole: []int64{1, 2}}`,
		request: "GET ?form=a+b&form=c%7Cd%2Ce&comma=a+b,c%7Cd%2Ce&space=a+b%20c%7Cd%2Ce&pipe=a+b%7Cc%7Cd%2Ce&each=a+b&each=c%7Cd%2Ce&whole=1,2||"},
	{name: "Objects", method: "get", operation: parameters(styled("deep", "style: deepObject, explode: true", ref("Filter")), styled("form", "style: form", ref("Filter")), styled("comma", "explode: false", ref("Filter"))),
		call:    `gen.ObjectsParams{Deep: &gen.Filter{From: p("a&b"), To: p(int64(5))}, Form: &gen.Filter{From: p("c d")}, Comma: &gen.Filter{From: p("e,f"), To: p(int64(6))}}`,
		request: "GET ?deep%5Bfrom%5D=a%26b&deep%5Bto%5D=5&from=c+d&comma=from,e%2Cf,to,6||"},
	{name: "PathValues", path: "/{size}/{kind}/{day}/{id}/{is}.json", method: "get",
		operation: parameters(param("path", "size", "{type: integer}"), param("path", "kind", ref("Kind")), param("path", "day", "{type: string, format: date}"), param("path", "id", "{type: string, format: uuid}"), param("path", "is", "{type: boolean}")),
		call:      `-5, gen.KindOtherThing, "2026-01-02", uuid.MustParse("00000000-0000-0000-0000-000000000001"), true`, request: "GET /-5/other%20thing/2026-01-02/00000000-0000-0000-0000-000000000001/true.json||"},
	{name: "PathUnlisted", path: "/{kind}", method: "get", operation: parameters(param("path", "kind", ref("Kind"))), call: `gen.Kind("new")`, result: `kind: expected one of item, other thing, got "new"`},
	{name: "PathVerb", path: "/{id}:run", method: "post", operation: parameters(param("path", "id", "{type: string}")), call: `"a b,c"`, request: "POST /a%20b%2Cc:run||"},
	{name: "PathNames", path: "/{c}/{ctx}/{opts}/{params}/{body}/{variant}/{new}/{string}/{error}/{range}/{context}", method: "post",
		operation: "parameters: [" + param("path", "c", "{type: string}") + ", " + param("path", "ctx", "{type: string}") + ", " + param("path", "opts", "{type: string}") + ", " + param("path", "params", "{type: string}") + ", " + param("path", "body", "{type: string}") + ", " +
			param("path", "variant", "{type: string}") + ", " + param("path", "new", "{type: string}") + ", " + param("path", "string", "{type: string}") + ", " + param("path", "error", "{type: string}") + ", " + param("path", "range", "{type: string}") + ", " +
			param("path", "context", "{type: string}") + ", " + param("query", "q", "{type: string}") + "], " + sends(asJSON, ref("Item")),
		call: `"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", gen.PathNamesParams{Q: p("x")}, gen.Item{ID: "i"}`, request: `POST /1/2/3/4/5/6/7/8/9/10/11?q=x|Content-Type: application/json|{"id":"i"}`},
	{name: "Body", method: "post", operation: sends("application/json; charset=utf-8", ref("Item")), call: `gen.Item{ID: "i", Size: p(int64(5))}`, request: `POST |Content-Type: application/json|{"id":"i","size":5}`},
	{name: "ReferenceWithRules", method: "post", operation: sends(asJSON, ref("Shut")), call: `gen.Shut{ID: "i"}`, request: `POST |Content-Type: application/json|{"id":"i"}`},
	{name: "JSONOfAVendor", method: "post", operation: sends("application/vnd.api+json", ref("Item")), call: `gen.Item{ID: "i"}`, request: `POST |Content-Type: application/vnd.api+json|{"id":"i"}`},
	{name: "BodyOfAGet", method: "get", operation: sends(asJSON, ref("Item")), call: `gen.Item{ID: "i"}`, request: `GET |Content-Type: application/json|{"id":"i"}`},
	{name: "AnyBody", method: "post", operation: sends(asJSON, "{}"), call: `map[string]any{"a": []any{1, nil}}`, request: `POST |Content-Type: application/json|{"a":[1,null]}`},
	{name: "BodyInPlace", method: "post", operation: sends(asJSON, "{type: object, properties: {a: {type: string}, b: {type: object, properties: {c: {type: integer}}}}}"), call: "from[gen.BodyInPlaceBody](`{\"a\":\"x\",\"b\":{\"c\":1}}`)",
		request: `POST |Content-Type: application/json|{"a":"x","b":{"c":1}}`},
	{name: "UnionInPlace", method: "post", operation: sends(asJSON, "{oneOf: ["+ref("Item")+", "+ref("Filter")+"]}"), call: `gen.NewUnionInPlaceBody(gen.Filter{To: p(int64(5))})`, request: `POST |Content-Type: application/json|{"to":5}`},
	{name: "OptionalKind", method: "post", operation: sends(asJSON, "{oneOf: ["+ref("Fish")+", "+ref("Bird")+"], discriminator: {propertyName: kind, mapping: {fish: '#/components/schemas/Fish', bird: '#/components/schemas/Bird'}}}"),
		call: `gen.NewOptionalKindBody(gen.Bird{})`, request: `POST |Content-Type: application/json|{"kind":"bird"}`},
	{name: "KindOfNone", method: "post", operation: sends(asJSON, "{oneOf: ["+ref("Item")+", "+ref("Filter")+"], discriminator: {propertyName: kind, mapping: {item: '#/components/schemas/Item', filter: '#/components/schemas/Filter'}}}"),
		call: `gen.NewKindOfNoneBody(gen.Item{ID: "i"})`, request: `POST |Content-Type: application/json|{"id":"i"}`},
	{name: "UndeclaredKind", method: "post", operation: sends(asJSON, "{oneOf: ["+ref("Steel")+", "+ref("Brass")+"]}"),
		call: `gen.NewUndeclaredKindBody(gen.Brass{Mass: p(int64(2))})`, request: `POST |Content-Type: application/json|{"metal":"brass","mass":2}`},
	{name: "JSONOrForm", method: "post", operation: "requestBody: {content: {application/xml: {schema: " + ref("Item") + "}, application/json: {schema: " + ref("Item") + "}, " + asForm + ": {schema: " + ref("Item") + "}}}, " + returns, call: `gen.Item{ID: "i"}`,
		request: `POST |Content-Type: application/json|{"id":"i"}`},
	{name: "FormBody", method: "post", operation: sends(asForm, "{type: object, required: [To], properties: {To: {type: string}, Media: {type: array, items: {type: string}}, Size: {type: integer}, Price: {type: number}, On: {type: boolean}, Unset: {type: string}}}"),
		call: `gen.FormBodyBody{To: "+1 é&=", Media: []string{"a", "b"}, Size: p(int64(5)), Price: p(0.5), On: p(true)}`, request: "POST |Content-Type: " + asForm + "|Media=a&Media=b&On=true&Price=0.5&Size=5&To=%2B1+%C3%A9%26%3D"},
	{name: "TextBody", method: "post", operation: sends("text/plain; charset=utf-8", "{type: string}"), call: `"é\n"`, request: "POST |Content-Type: text/plain; charset=utf-8|é\n"},
	{name: "BinaryBody", method: "put", operation: sends("application/octet-stream", "{type: string, format: binary}"), call: `[]byte("\x00\xff{")`, request: "PUT |Content-Type: application/octet-stream|\x00\xff{"},
	{name: "TextResponse", method: "get", operation: gives("text/csv", "{type: string}"), request: "GET |Accept: text/csv|", contentType: "text/csv; charset=utf-8", response: "a,é\n", result: `"a,é\n"`},
	{name: "TextInLatin1", method: "post", operation: gives("text/plain", "{type: string}"), request: "POST |Accept: text/plain|", contentType: "text/plain; charset=iso-8859-1", response: "\xe9", result: "the body is not UTF-8"},
	{name: "TextFromElsewhere", method: "post", operation: gives("text/plain", "{type: string}"), request: "POST |Accept: text/plain|", contentType: "text/html", response: "<html>", result: "the body (text/html) is not of type text/plain"},
	{name: "BinaryResponse", method: "get", operation: gives("audio/mpeg", "{type: string, format: binary}"), request: "GET |Accept: audio/mpeg|", contentType: "audio/mpeg", response: "\x00\xff{", result: `"AP97"`},
	{name: "ResponseOfAVendor", method: "get", operation: gives("application/hal+json", ref("Item")), request: "GET |Accept: application/hal+json|", contentType: "application/hal+json", response: getsOne, result: getsOne},
	{name: "ArrayResponse", method: "get", operation: gives(asJSON, "{type: array, items: "+ref("Item")+"}"), request: "GET ||", response: "[" + getsOne + "]", result: "[" + getsOne + "]"},
	{name: "ScalarResponse", method: "get", operation: gives(asJSON, "{type: string}"), request: "GET ||", response: `"x"`, result: `"x"`},
	{name: "UnionResponse", method: "get", operation: gives(asJSON, "{oneOf: ["+ref("Item")+", "+ref("Filter")+"]}"), request: "GET ||", response: `{"to":5}`, result: `{"to":5}`},
	{name: "Accepted", method: "post", operation: strings.Replace(returns, "'200'", "'202': {description: d}, '200'", 1), request: "POST ||", response: "", result: "null"},
	{name: "AcceptedOrMade", method: "post", operation: strings.Replace(returns, "'200'", "'202': {description: d}, '200'", 1), request: "POST ||", response: getsOne, result: getsOne},
	{name: "SeveralStatuses", method: "post", operation: strings.Replace(returns, "'200': ", "'201': {description: e, content: {application/json: {schema: "+ref("Item")+"}}}, '200': ", 1), request: "POST ||"},
	{name: "UpdateInSeveralStatuses", method: "patch", operation: strings.Replace(sends(asJSON, "{type: object, properties: {size: {type: integer}}}"), "'200': ", "'202': {description: e, content: {application/json: {schema: "+ref("Item")+"}}}, '200': ", 1) +
		"}, get: {operationId: GetInSeveralStatuses, " + returns, call: "gen.UpdateInSeveralStatusesBody{}", request: "PATCH |Content-Type: application/json|{}"},
	{name: "SendCommand", method: "post", operation: strings.Replace(sends(asJSON, "{oneOf: ["+ref("StartCommand")+", "+ref("StopCommand")+"]}"), returns, "responses: {'204': {description: d}}", 1),
		call: "gen.StartCommand{Params: gen.StartCommandParams{Size: p(int64(5))}}", request: `POST |Content-Type: application/json|{"command":"start","params":{"size":5}}`, result: "null"},
	{name: "NoCredentials", method: "get", operation: "security: [], " + returns, request: "GET ||"},
}

// What other vendors describe is carried, too; their documents have the features
// of well-known ones.
var vendorCalls = []carried{
	{name: "UpdatePet", call: "from[gen.Pet](`{\"name\":\"n\",\"photoUrls\":[\"u\"],\"status\":\"sold\"}`)", request: `PUT /pets/v3/pet|Content-Type: application/json|{"name":"n","photoUrls":["u"],"status":"sold"}`, response: `{"name":"n","photoUrls":[],"category":{"id":1}}`, result: `{"name":"n","photoUrls":[],"category":{"id":1}}`},
	{name: "FindPetsByStatus", call: `gen.FindPetsByStatusParams{Status: p(gen.FindPetsByStatusParamsStatusSold), Tags: list}`, request: "GET /pets/v3/pet/findByStatus?status=sold&tags=a+b&tags=c%7Cd%2Ce||", response: "[]", result: "[]"},
	{name: "DeletePet", call: `7, gen.DeletePetParams{APIKey: p("k")}`, request: "DELETE /pets/v3/pet/7|Api_key: k|", result: "null"},
	{name: "UploadPetImage", call: `7, gen.UploadPetImageParams{AdditionalMetadata: p("m")}, []byte("\x89PNG")`, request: "POST /pets/v3/pet/7/uploadImage?additionalMetadata=m|Content-Type: application/octet-stream|\x89PNG", response: `{"code":"c"}`, result: `{"code":"c"}`},
	{name: "GetTrips", call: `gen.GetTripsParams{Origin: uuid.MustParse("00000000-0000-0000-0000-000000000001"), Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Bicycles: p(true)}`,
		request:  "GET /trips/trips?origin=00000000-0000-0000-0000-000000000001&date=2026-01-02T03%3A04%3A05Z&bicycles=true||",
		response: `{"data":[{"price":1.5}],"links":{"self":"s","next":"n"}}`, result: `{"data":[{"price":1.5}],"links":{"self":"s","next":"n"}}`},
	{name: "CreateBookingPayment", call: "uuid.MustParse(\"00000000-0000-0000-0000-000000000001\"), from[gen.Payment](`{\"amount\":5,\"source\":{\"object\":\"bank_account\",\"account_type\":\"company\"}}`)",
		request:  `POST /trips/bookings/00000000-0000-0000-0000-000000000001/payment|Content-Type: application/json|{"amount":5,"source":{"object":"bank_account","account_type":"company"}}`,
		response: `{"source":{"object":"card","number":"1"},"status":"succeeded","links":{"self":"s"}}`, result: `{"source":{"object":"card","number":"1"},"status":"succeeded","links":{"self":"s"}}`},
	{name: "GetMuseumHours", call: `gen.GetMuseumHoursParams{StartDate: p("2026-01-02"), Limit: p(int64(3))}`, request: "GET /museum/museum-hours?startDate=2026-01-02&limit=3||", response: `[{"date":"2026-01-02","timeOpen":"09:00"}]`, result: `[{"date":"2026-01-02","timeOpen":"09:00"}]`},
	{name: "BuyMuseumTickets", call: `gen.BuyMuseumTickets{Email: "a@b.c", TicketType: gen.TicketTypeGeneral, TicketDate: "2026-01-02"}`, request: `POST /museum/tickets|Content-Type: application/json|{"email":"a@b.c","ticketType":"general","ticketDate":"2026-01-02"}`,
		response: `{"message":"m","ticketType":"general","ticketDate":"2026-01-02"}`, result: `{"message":"m","ticketType":"general","ticketDate":"2026-01-02"}`},
	{name: "GetTicketCode", call: `uuid.MustParse("00000000-0000-0000-0000-000000000001")`, request: "GET /museum/tickets/00000000-0000-0000-0000-000000000001/qr|Accept: image/png|", contentType: "image/png", response: "\x89PNG", result: `"iVBORw=="`},
	{name: "CreateService", call: "from[gen.CreateServiceBody](`{\"FriendlyName\":\"a b\",\"InboundMethod\":\"POST\",\"StickySender\":true,\"ValidityPeriod\":5,\"ScanMessageContent\":\"disable\",\"MessageSamples\":[\"x\",\"y&z\"]}`)",
		request:  "POST /messaging/v1/Services|Content-Type: " + asForm + "|FriendlyName=a+b&InboundMethod=POST&MessageSamples=x&MessageSamples=y%26z&ScanMessageContent=disable&StickySender=true&ValidityPeriod=5",
		response: `{"sid":"MG","date_created":"2026-01-02T03:04:05Z","scan_message_content":"inherit","links":{"a":"b"}}`, result: `{"sid":"MG","date_created":"2026-01-02T03:04:05Z","scan_message_content":"inherit","links":{"a":"b"}}`},
	{name: "ListMachines", call: `gen.ListMachinesParams{Sort: []gen.ListMachinesParamsSort{gen.ListMachinesParamsSortIDAsc, gen.ListMachinesParamsSortName}, ID: []int64{1, 2}}`, request: "GET /cloud/v1/machines?sort=id%3Aasc&sort=name&id=1,2||",
		response: `{"machines":[{"id":1,"name":"n","status":"off","labels":{"a":"b"},"iso":{"id":2}}],"meta":{"pagination":{"page":1}}}`, result: `{"machines":[{"id":1,"name":"n","status":"off","labels":{"a":"b"},"iso":{"id":2}}],"meta":{"pagination":{"page":1}}}`},
	{name: "CreateMachine", call: "from[gen.CreateMachineBody](`{\"name\":\"n\",\"image\":\"i\",\"labels\":{\"a\":\"b\"},\"public_net\":{\"enable_ipv4\":true}}`)", request: `POST /cloud/v1/machines|Content-Type: application/json|{"name":"n","image":"i","labels":{"a":"b"},"public_net":{"enable_ipv4":true}}`,
		response: `{"machine":{"id":1,"name":"n"}}`, result: `{"machine":{"id":1,"name":"n"}}`},
	{name: "GetMachineMetrics", call: `7, gen.GetMachineMetricsParams{Type: []gen.GetMachineMetricsParamsType{gen.GetMachineMetricsParamsTypeCPU}, Start: "s"}`, request: "GET /cloud/v1/machines/7/metrics?type=cpu&start=s||",
		response: `{"metrics":{"step":60,"time_series":{"cpu":{"values":[[1435781430.781,"42"]]}}}}`, result: `{"metrics":{"step":60,"time_series":{"cpu":{"values":[[1435781430.781,"42"]]}}}}`},
}

// Each of them is imported on its own, or refused.
func TestVendors(t *testing.T) {
	documents, err := filepath.Glob("testdata/vendors/*.yaml")
	require.NoError(t, err)
	require.Len(t, documents, 6)
	for _, document := range documents {
		_, _, err := client(t, false, document)
		if filepath.Base(document) == "pets.yaml" {
			require.EqualError(t, err, "testdata/vendors/pets.yaml:55: security scheme petKey, which is neither HTTP Basic nor Bearer: not supported (`GET /pets/v3/store/inventory`)")
			_, _, err = client(t, true, document)
		}
		require.NoError(t, err)
	}
}

// What is sent and read as JSON is the same in Go.
var values = []struct{ name, schema, value string }{
	{"Numbers", "{type: object, required: [whole], properties: {whole: {type: integer}, small: {type: integer, format: int32}, number: {type: number}, single: {type: number, format: float}, stamp: {type: integer, format: unix-time}}}",
		`{"whole":9007199254740993,"small":5000000000,"number":0.1234567890123,"single":16777217,"stamp":1}`},
	{"Strings", "{type: object, properties: {time: {type: string, format: date-time}, day: {type: string, format: date}, clock: {type: string, format: time}, length: {type: string, format: duration}, mail: {type: string, format: email}, data: {type: string, format: byte}, id: {type: string, format: uuid}, sum: {type: string, format: decimal}, text: {type: string, format: json}, empty: {type: string}}}",
		`{"time":"2026-01-02T03:04:05.678+02:00","day":"2026-01-02","clock":"03:04:05","length":"P1D","mail":"a@b.c","data":"aGk=","id":"00000000-0000-0000-0000-000000000001","sum":"1.10","text":"{}","empty":""}`},
	{"Enumerations", "{type: object, properties: {kind: " + ref("Kind") + ", level: " + ref("Level") + ", whole: {type: number, enum: [1, 2]}, none: {type: [string, 'null'], enum: [a, null]}, few: {type: [integer, 'null'], enum: [1, null, 3]}, untyped: {enum: [a, b]}, one: {const: x}, " +
		"yes: {type: boolean, enum: [true]}, fraction: {type: number, enum: [1, 2.5]}, both: {type: array, items: {type: boolean, enum: [true, false]}}, meets: " + ref("KindItem") + "}}",
		`{"kind":"item","level":2,"whole":1,"none":"a","few":3,"untyped":"b","one":"x","yes":true,"fraction":2.5,"both":[false],"meets":{"kind":"other thing"}}`},
	{"Whatever", "{type: object, properties: {a: {}, b: {description: d}, c: true, d: {type: array}, e: {type: object}}}", `{"a":{"b":[1,null]},"b":"x","c":1.5,"d":[1,"a"],"e":{"f":null}}`},
	{"Maps", "{type: object, properties: {id: {type: string}, counts: {type: object, additionalProperties: {type: integer}}}, additionalProperties: " + ref("Item") + "}", `{"id":"i","counts":{"a":1},"more":{"id":"j"}}`},
	{"Recursive", "{type: object, properties: {next: " + ref("Recursive") + ", all: {type: array, items: " + ref("Recursive") + "}, named: {type: object, additionalProperties: " + ref("Recursive") + "}}}", `{"next":{"all":[{"named":{"a":{}}}]}}`},
	{"Nested", "{type: object, properties: {a: {type: array, items: {type: array, items: {type: object, properties: {b: {type: string}}}}}, c: {type: object, additionalProperties: {type: object, properties: {d: {type: string}}}}}}", `{"a":[[{"b":"x"},{}],[]],"c":{"e":{"d":"y"}}}`},
	{"Narrowed", "{allOf: [" + ref("Item") + ", {type: object, properties: {id: {type: string, enum: [i]}, more: {type: string}}}]}", `{"id":"i","size":5,"more":"x"}`},
	{"Nullable", "{type: object, properties: {a: {type: [string, 'null']}, b: {anyOf: [" + ref("Item") + ", {type: 'null'}]}, c: {type: [array, 'null'], items: {type: string}}}}", `{"a":"x","b":{"id":"i"},"c":["y"]}`},
	{"Names", "{type: object, properties: {'@type': {type: string}, a-b: {type: string}, a_b: {type: string}, 1x: {type: string}, '+1': {type: string}, '-1': {type: string}, 'é': {type: string}, type: {type: string}}}",
		`{"@type":"a","a-b":"b","a_b":"c","1x":"d","+1":"e","-1":"f","é":"g","type":"h"}`},
	{"Nulls", "{type: object, properties: {a: {type: array, items: {type: [string, 'null']}}, b: {type: object, additionalProperties: {type: [integer, 'null']}}, c: {type: array, items: {anyOf: [" + ref("Item") + ", {type: 'null'}]}}}}", `{"a":["x",null],"b":{"y":null,"z":1},"c":[null,{"id":"i"}]}`},
	{"ReadOnly", "{type: object, required: [id, name], properties: {id: {type: string, readOnly: true}, name: {type: string}}}", `{"name":"n"}`},
	{"OddValues", "{type: object, properties: {a: {type: string, enum: [a, A, '', 'a b', '1']}, b: {type: integer, enum: [-1, 0, 1]}, c: {type: string, enum: ['', x]}}}", `{"a":"A","b":-1,"c":""}`},
	{"Extended", "{allOf: [" + ref("Item") + ", {type: object, additionalProperties: {type: integer}}]}", `{"id":"i","size":5,"more":7}`},
	{"Tree", "{allOf: [" + ref("Item") + ", {type: object, properties: {children: {type: array, items: " + ref("Tree") + "}}}]}", `{"id":"i","children":[{"id":"j"}]}`},
	{"Cases", "{type: object, properties: {id: {type: string}, ID: {type: string}, Id: {type: string}}}", `{"ID":"b","Id":"c","id":"a"}`},
	{"Open", "{type: object, properties: {id: {type: string}}, additionalProperties: true}", `{"id":"i","more":[1]}`},
	{"OpenNulls", "{type: object, properties: {id: {type: string}}, additionalProperties: {type: [string, 'null']}}", `{"id":"i","more":null,"other":"x"}`},
	{"ScalarBody", "{type: string}", `"x"`},
	{"Untyped", "{properties: {id: {type: string}}}", `{"id":"i"}`},
	{"NullableChoice", "{type: object, properties: {a: {oneOf: [" + ref("Cat") + ", " + ref("Dog") + ", {type: 'null'}]}, b: {type: array, items: {oneOf: [" + ref("Item") + ", {type: string}]}}}}", `{"a":{"kind":"x","lives":9},"b":["y",{"id":"i"}]}`},
	{"Heir", "{allOf: [" + ref("Base") + ", {type: object, properties: {more: {type: string}}}]}", `{"kind":"heir","more":"x"}`},
	{"StartCommand", "{type: object, required: [command, params], properties: {command: {type: string, enum: [start]}, params: {type: object, properties: {size: {type: integer}}}}}", `{"command":"start","params":{"size":5}}`},
	{"StopCommand", "{type: object, required: [command, params], properties: {command: {type: string, enum: [stop]}, params: {type: object, properties: {at: {type: string}}}}}", `{"command":"stop","params":{"at":"t"}}`},
	{"Car", "{type: object, required: [id, kind], properties: {id: {type: string, description: \"\\n  The id\\nof a vehicle.\\n\"}, kind: {type: string, enum: [car]}}}", `{"id":"i","kind":"car"}`},
	{"Van", "{type: object, required: [id, kind], properties: {id: {type: string, description: \"\\n  The id\\nof a vehicle.\\n\"}, kind: {type: string, enum: [van]}}}", `{"id":"i","kind":"van"}`},
	{"Vehicle", "{oneOf: [" + ref("Car") + ", " + ref("Van") + "]}", `{"id":"i","kind":"van"}`},
	{"Animal", "{oneOf: [" + ref("Cat") + ", " + ref("Dog") + "], discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog', wolf: '#/components/schemas/Dog'}}}", `{"kind":"wolf","tricks":["sit"]}`},
	{"Nothing", "{type: object, required: [a], properties: {a: {type: 'null'}, b: {anyOf: [{type: 'null'}]}, c: {type: ['null']}, d: {type: array, items: {type: 'null'}}}}", `{"a":null,"d":[null]}`},
	{"InItself", "{type: object, required: [id, next], properties: {id: {type: string}, next: " + ref("InItself") + "}}", `{"id":"a","next":{"id":"b"}}`},
	{"OneChoice", "{type: object, properties: {a: {oneOf: [" + ref("Item") + "]}, b: {type: object, anyOf: [" + ref("Cat") + "]}}}", `{"a":{"id":"i"},"b":{"kind":"x"}}`},
	{"Choices", "{type: object, properties: {a: " + ref("Choice") + ", b: " + ref("Choice") + ", c: " + ref("Choice") + ", d: " + ref("Choice") + ", e: " + ref("Choice") + "}}", `{"a":"x","b":5,"c":1.5,"d":[{"id":"i"}],"e":true}`},
	{"Choice", "{oneOf: [{type: string}, {type: integer}, {type: number}, {type: boolean}, {type: array, items: " + ref("Item") + "}]}", `[{"id":"i"},{"id":"j"}]`},
}

const program = `package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

var (
	ctx  = context.Background()
	list = []string{"a b", "c|d,e"}
	_    = time.Now
	_    = uuid.New
)

func p[T any](v T) *T { return &v }

func from[T any](text string) (v T) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}

func show(name string) func(any, error) {
	return func(result any, err error) {
		said := ""
		if err != nil {
			said, result = err.Error(), nil
		}
		if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"Name": name, "Result": result, "Err": said}); err != nil {
			panic(err)
		}
	}
}

func showError(name string) func(error) {
	return func(err error) { show(name)(nil, err) }
}

func main() {
	c, err := signalwire.New("acme", signalwire.WithBaseURL(os.Args[1]), signalwire.WithCredentials("project", "token"), signalwire.WithBearerToken("bearer"), signalwire.WithMaxAttempts(1), signalwire.WithStrictResponses())
	if err != nil {
		panic(err)
	}
%s}
`

// TestCarried calls, through package signalwire and over HTTP, a client of a
// description with all that is carried.
func TestCarried(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a client")
	}
	all := slices.Concat(calls, vendorCalls)
	types := ""
	for _, v := range values {
		types += "    " + v.name + ": " + v.schema + "\n"
		name := "Echo" + v.name
		all = append(all, carried{name: name, method: "post", operation: sends(asJSON, ref(v.name)) + "", call: "from[gen." + v.name + "](`" + v.value + "`)", request: "POST |Content-Type: application/json|" + v.value, response: v.value, result: v.value})
		all[len(all)-1].operation = strings.Replace(all[len(all)-1].operation, returns, gives(asJSON, ref(v.name)), 1)
	}
	document, main := pipelinetest.HeadB+"security: [{SignalWireBasicAuth: []}]\npaths:\n", ""
	byName := map[string]carried{}
	for _, c := range all {
		if byName[c.name] = c; c.method == "" {
			continue
		}
		document += "  /" + c.name + c.path + ": {" + c.method + ": {operationId: " + c.name + ", description: d, " + c.operation + "}}\n"
	}
	for _, c := range all {
		show := "show"
		if c.name == "DeletePet" || c.name == "SendCommand" {
			show = "showError"
		}
		main += "\t" + show + "(\"" + c.name + "\")(c." + c.name + "(" + strings.TrimSuffix("ctx, "+c.call, ", ") + ", signalwire.WithHeader(\"Case\", \"" + c.name + "\")))\n"
	}
	var lock sync.Mutex
	got := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c := byName[r.Header.Get("Case")]
		r.Header.Del("Case")
		lock.Lock()
		got[c.name] = r.Method + " " + strings.TrimPrefix(r.RequestURI, "/"+c.name) + "|" + headers(r) + "|" + string(body)
		lock.Unlock()
		if c.contentType == "" {
			c.contentType = asJSON
		}
		if w.Header().Set("Content-Type", c.contentType); c.result == "null" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		if c.response == "" {
			c.response = getsOne
		}
		_, _ = io.WriteString(w, c.response)
	}))
	defer server.Close()

	own := filepath.Join(t.TempDir(), "a.yaml")
	require.NoError(t, os.WriteFile(own, []byte(document+schemas+types), 0o600))
	vendors, err := filepath.Glob("testdata/vendors/*.yaml")
	require.NoError(t, err)
	results := map[string]string{}
	lines := json.NewDecoder(bytes.NewReader(run(t, append([]string{own}, vendors...), fmt.Sprintf(program, main), server.URL)))
	for lines.More() {
		var line struct {
			Name, Err string
			Result    json.RawMessage
		}
		require.NoError(t, lines.Decode(&line))
		results[line.Name] = line.Err + string(line.Result)
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			want := c.request
			if strings.Contains(want, asJSON) {
				want, sent := split(want)
				gotHead, gotBody := split(got[c.name])
				require.Equal(t, want, gotHead)
				require.JSONEq(t, sent, gotBody)
			} else {
				require.Equal(t, want, got[c.name])
			}
			switch want := c.result; {
			case want == "":
				require.JSONEq(t, getsOne, results[c.name])
			case json.Valid([]byte(want)):
				require.Equal(t, exact(t, want), exact(t, results[c.name]))
			default:
				require.Contains(t, results[c.name], want)
			}
		})
	}
}

// split parts a request in what is before the body and the body.
func split(request string) (head, body string) {
	i := strings.LastIndexByte(request, '|') + 1
	return request[:i], request[i:]
}

// exact is a JSON value with its numbers as they are written.
func exact(t *testing.T, text string) (value any) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&value), text)
	return value
}

// headers are those that not every request has.
func headers(r *http.Request) string {
	credentials := "Basic"
	switch strings.Split(r.URL.Path, "/")[1] {
	case "pets", "trips", "cloud":
		credentials = "Bearer"
	case "NoCredentials":
		credentials = ""
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); kind != credentials {
		return "wrong credentials"
	}
	for _, name := range []string{"Authorization", "User-Agent", "Accept-Encoding", "Content-Length"} {
		r.Header.Del(name)
	}
	if r.Header.Get("Accept") == asJSON {
		r.Header.Del("Accept")
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		b.WriteString("|" + name + ": " + strings.Join(r.Header[name], ", "))
	}
	return strings.TrimPrefix(b.String(), "|")
}

// client generates the client of published documents.
func client(t *testing.T, omit bool, documents ...string) (text, report string, err error) {
	t.Helper()
	root := filepath.FromSlash("../../..")
	config, err := generate.ReadConfig(filepath.Join(root, "oapi-config.yaml"))
	require.NoError(t, err)
	set := tree.NewSet()
	generator := &names.Generator{Templates: config.OutputOptions.UserTemplates}
	for _, name := range []string{"call.go", "error.go", "swml.go", "union.go"} {
		generator.Beside = append(generator.Beside, set.ReadFile(filepath.Join(root, "gen", name)))
	}
	sources := pipeline.Sources{Published: true, OmitUnsupported: omit, Generator: generator}
	for _, name := range documents {
		sources.Documents = append(sources.Documents, set.ReadFile(name))
	}
	require.NoError(t, set.Err())
	d, err := pipeline.Describe(sources)
	if err != nil {
		return "", "", err
	}
	config.OutputOptions.ExcludeSchemas = d.Exclude
	made, err := generate.Client(config, d.YAML, func(string) string { return "" })
	return string(made), d.Report(), err
}

// run generates a client, puts it in the place of package gen, and runs a program
// that uses it. It returns what the program prints.
func run(t *testing.T, documents []string, main, url string) []byte {
	t.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	text, _, err := client(t, true, documents...)
	require.NoError(t, err)
	known, err := lock.Make([]byte(text), nil)
	require.NoError(t, err)
	for _, o := range known.Operations { // in the group that each is in
		group, method, _ := strings.Cut(o.Methods[0], ".")
		main = strings.ReplaceAll(main, "(c."+o.Name+"(", "(c."+strings.TrimSuffix(group, "Service")+"."+method+"(")
	}
	replace := map[string]string{filepath.Join(root, "api", "internal", "calls", "main.go"): write("main.go", main)}
	ours, err := filepath.Glob(filepath.Join(root, "gen", "*.gen.go"))
	require.NoError(t, err)
	for _, name := range ours {
		replace[name] = ""
	}
	replace[filepath.Join(root, "gen", "signalwire.gen.go")] = write("client.go", text)
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	binary := filepath.Join(dir, "calls.exe")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", write("overlay.json", string(overlay)), "-o", binary, "./api/internal/calls")
	cmd.Dir = root
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, string(output))
	cmd = exec.CommandContext(t.Context(), binary, url)
	cmd.Stderr = os.Stderr
	output, err = cmd.Output()
	require.NoError(t, err)
	return output
}
