package signalwiretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// WithQuirks makes the Space send the same values in other forms, as real Spaces and
// the servers in front of them have been seen to do. Package signalwire reads all of
// these forms. A test with this option shows that a program does not depend on forms
// that the API's description promises but a Space may not keep.
//
// These are the odd forms, some of which each response has:
//
//   - "" is sent for an id, a time, a number or an object that is not set, {} or "" for
//     an empty array, and [] for an empty object.
//   - A number is a string, or written as 12.0 or 1.2e1; a boolean is a string, 0 or 1;
//     a string of digits is a number.
//   - A UUID is in upper case, without hyphens, in braces or a URN.
//   - A time has a fraction or none, another zone or none, a space in place of the T,
//     no seconds; or it is in the form of RFC 2822, or in seconds, milliseconds or
//     microseconds since 1970.
//   - An array of one object is that object, and an object is an array of one.
//   - The page of a list is an array of pages or the bare array of items, and a bare
//     array is a page. Links have another host, or are only a query.
//   - Objects have members that are not described. In resources that cannot be updated,
//     such as log entries, enumerations have values that are not listed.
//   - The request id is in a header with another name.
//   - The body of an error has the form of another framework, of problem details (RFC
//     9457) or of JSON-RPC, or is plain text. Errors with status 429 or 503 keep the form
//     by which a client knows that nothing was done.
//
// [WithSeed] and the number of requests before determine the forms of a response.
func WithQuirks() Option { return func(c *config) { c.quirks = true } }

// quirks chooses odd forms for the values of one response.
type quirks struct {
	*rand.Rand
	// unlisted allows enumeration values that the description does not list.
	unlisted bool
}

// requestIDHeaders are the names of headers in which Spaces send the id of a request.
var requestIDHeaders = []string{"X-Request-Id", "X-SignalWire-Request-Id", "Request-Id", "X-Amzn-RequestId"}

// quirk returns a response with its body in an odd form, and renames the header with
// the request id.
func (c *call) quirk(a response) response {
	q := &quirks{Rand: rand.New(rand.NewPCG(c.seed, uint64(c.number))), unlisted: !c.route.hasUpdate(c.operation.description)}
	id := c.w.Header().Get("X-Request-Id")
	c.w.Header().Del("X-Request-Id")
	c.w.Header().Set(pick(q, requestIDHeaders), id)
	if a.body == nil {
		return a
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	if err != nil {
		return internalError(err)
	}
	switch {
	case a.status/100 == 2:
		a.body = encode(q.success(c.success, body))
	case limits[a.status].kind == "":
		a = q.failure(a, body)
	}
	return a
}

// hasUpdate reports whether the resource at the route can be updated, or, if the route
// is that of a list, an item of the list.
func (r *route) hasUpdate(d *description) bool {
	for _, r := range []*route{r, d.byShape[r.shape+"/{}"]} {
		if r != nil && (r.operations[http.MethodPatch] != nil || r.operations[http.MethodPut] != nil) {
			return true
		}
	}
	return false
}

// some reports true with a probability of one third.
func (q *quirks) some() bool { return q.IntN(3) == 0 }

// pick returns a random element of a slice.
func pick[T any](q *quirks, from []T) T { return from[q.IntN(len(from))] }

// success returns the decoded body of a success in an odd form. s is its schema, or
// nil.
func (q *quirks) success(s *openapi3.Schema, body any) any {
	if s == nil {
		return body
	}
	v := q.value(s.NewRef(), body, false)
	if !isList(s) {
		return v
	}
	return q.list(v, listOf(s))
}

// listOf returns the name of the member of a page that holds the items, or "" for a
// list that is described as an array of items.
func listOf(s *openapi3.Schema) string {
	if e := elements(s); e != nil {
		s = e
	}
	name, _ := listField(s)
	return name
}

// list returns a list in another form that has the same items and the same links. name
// is what listOf returns. A page whose items are not in the member data keeps its form.
func (q *quirks) list(v any, name string) any {
	page, isPage := v.(map[string]any)
	if pages, ok := v.([]any); ok && name == "" {
		name, page = "data", map[string]any{"data": pages}
	} else if ok && len(pages) == 1 {
		page, _ = pages[0].(map[string]any)
	}
	items, ok := page[name].([]any)
	if !ok || name != "data" {
		return v
	}
	forms := []any{v, v, []any{page}}
	if !isPage {
		forms = append(forms, page)
	}
	if len(items) > 1 {
		first, rest := maps.Clone(page), maps.Clone(page)
		first["data"], rest["data"] = items[:1], items[1:]
		forms = append(forms, []any{first, rest})
	}
	links := asObject(page["links"])
	onlyItems := len(page) == 1 || len(page) == 2 && page["links"] != nil
	if bare := !slices.ContainsFunc(items, func(item any) bool { return asObject(item)["data"] != nil }); bare && onlyItems && links["next"] == nil {
		forms = append(forms, items)
	}
	return pick(q, forms)
}

// value returns a value in an odd form that a client reads as the same value. inUnion
// is true for a value in an alternative of a union: it may be the discriminator, which
// has to keep its form.
func (q *quirks) value(ref *openapi3.SchemaRef, v any, inUnion bool) any {
	s := flattenAllOf(ref.Value)
	if !isTyped(ref) {
		return v
	}
	if others := alternatives(s); len(others) == 1 {
		return q.value(others[0], v, inUnion)
	} else if len(others) > 1 {
		return q.union(s, others, v)
	}
	switch v := v.(type) {
	case nil:
		if blank(s) && q.some() {
			return ""
		}
		return nil
	case map[string]any:
		return q.object(s, v, inUnion)
	case []any:
		return q.array(s, v, inUnion)
	case bool:
		if s.Type.Is("boolean") && q.some() {
			return map[bool][]any{true: {"true", 1, "1"}, false: {"false", 0, "0"}}[v][q.IntN(3)]
		}
	case json.Number:
		if (s.Type.Includes("integer") || s.Type.Includes("number")) && s.Enum == nil && q.some() {
			return q.number(v)
		}
	case string:
		return q.text(s, v, inUnion)
	}
	return v
}

// isTyped reports whether a client decodes a value into a Go type that is generated
// from the schema. A client keeps any other value, such as a SWML document, as it is
// received, so that the value has no other forms.
func isTyped(ref *openapi3.SchemaRef) bool {
	name, _ := ref.Extensions["x-go-type"].(string)
	if name == "" {
		name, _ = flattenAllOf(ref.Value).Extensions["x-go-type"].(string)
	}
	switch name {
	case "", "uuid.UUID", "bool", "PageLinks", "ResourceAddress", "ResourceAddressList":
		return true
	case "string":
		return false
	}
	return flattenAllOf(ref.Value).Enum != nil
}

// alternatives returns the schemas of a union, except that of null.
func alternatives(s *openapi3.Schema) []*openapi3.SchemaRef {
	return slices.DeleteFunc(slices.Concat(s.OneOf, s.AnyOf), func(ref *openapi3.SchemaRef) bool {
		return ref.Value.Type.Is("null")
	})
}

// union returns an object of a union in an odd form. A value of another type keeps its
// form, which may determine the alternative that a client decodes it as.
func (q *quirks) union(s *openapi3.Schema, alternatives []*openapi3.SchemaRef, v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	trial := &maker{id: uuid.Nil.String} // its values are not used
	for _, ref := range alternatives {
		if _, lost, ok := trial.project("", ref.Value, v, 0); ok && lost == 0 && properties(ref.Value) != nil {
			return q.object(flattenAllOf(openapi3.NewAllOfSchema(ref.Value, &openapi3.Schema{Properties: s.Properties})), object, true)
		}
	}
	return v
}

// blank reports whether "" can be sent instead of null.
func blank(s *openapi3.Schema) bool {
	for _, kind := range []string{"integer", "number", "object"} {
		if s.Type.Includes(kind) {
			return true
		}
	}
	return s.Type.Includes("string") && (s.Format == "uuid" || s.Format == "date-time")
}

// object returns an object with its members in odd forms. Outside of unions, it may add
// a member that is not described.
func (q *quirks) object(s *openapi3.Schema, v map[string]any, inUnion bool) any {
	if len(s.Properties) == 0 {
		return v
	}
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		property := s.Properties[name]
		switch {
		case property == nil:
			object[name] = v[name]
		case name == "links":
			object[name] = q.links(v[name])
		default:
			object[name] = q.member(property, v[name], inUnion)
		}
	}
	if !inUnion && !isOpen(s) && q.some() {
		object[pick(q, []string{"etag", "x_revision", "_links_v2"})] = pick(q, []any{nil, "new", 7, []any{}, map[string]any{"at": "1"}})
	}
	return object
}

// member returns the value of a member of an object in an odd form. In addition to what
// value does, an object can become an array of one, and an empty object an empty array.
// In a union, such an array could be decoded as another alternative, so the object
// stays.
func (q *quirks) member(ref *openapi3.SchemaRef, v any, inUnion bool) any {
	odd := q.value(ref, v, inUnion)
	s := flattenAllOf(ref.Value)
	object, ok := odd.(map[string]any)
	if !ok || inUnion || !isTyped(ref) || len(s.Properties) == 0 || len(alternatives(s)) > 0 || !q.some() {
		return odd
	}
	if len(v.(map[string]any)) == 0 {
		return []any{}
	}
	return []any{object}
}

// links returns the links of a page with another host, or reduced to their queries.
func (q *quirks) links(v any) any {
	links, ok := v.(map[string]any)
	if !ok || !q.some() {
		return v
	}
	if len(links) == 0 {
		return pick(q, []any{[]any{}, ""})
	}
	odd := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(links)) {
		odd[name] = links[name]
		if u, err := url.Parse(text(links[name])); err == nil && u.Path != "" {
			u.Scheme, u.Host = "http", "lb-7.internal:8080"
			odd[name] = pick(q, []string{u.String(), "?" + u.RawQuery})
		}
	}
	return odd
}

// array returns an array with its elements in odd forms. An empty array can become ""
// or {}, and an array of one object can become the object.
func (q *quirks) array(s *openapi3.Schema, v []any, inUnion bool) any {
	if s.Items == nil {
		return v
	}
	if len(v) == 0 {
		if inUnion || !s.Type.Is("array") || !q.some() {
			return v
		}
		return pick(q, []any{"", map[string]any{}})
	}
	odd := make([]any, len(v))
	for i, element := range v {
		odd[i] = q.value(s.Items, element, inUnion)
	}
	item, isObject := odd[0].(map[string]any)
	if _, page := item["data"]; isObject && !page && len(odd) == 1 && len(item) > 0 && !inUnion && s.Type.Is("array") && len(alternatives(flattenAllOf(s.Items.Value))) == 0 && q.some() {
		return item
	}
	return odd
}

// number returns a number as a string, or an integer in another notation.
func (q *quirks) number(n json.Number) any {
	forms := []any{n.String()}
	if i, err := n.Int64(); err == nil {
		forms = append(forms, json.Number(n.String()+".0"))
		if i%10 == 0 && i != 0 {
			forms = append(forms, json.Number(strconv.FormatInt(i/10, 10)+"e1"))
		}
	}
	return pick(q, forms)
}

// digits matches strings that keep all digits as JSON numbers.
var digits = regexp.MustCompile(`^[1-9][0-9]{0,14}$`)

// text returns a string in an odd form, which depends on its schema.
func (q *quirks) text(s *openapi3.Schema, v string, inUnion bool) any {
	if v == "" || !q.some() {
		return v
	}
	switch {
	case s.Const != nil, s.Format == "date":
	case len(s.Enum) > 0:
		if q.unlisted && !inUnion && len(s.Enum) > 1 && s.Type.Includes("string") {
			return pick(q, []string{"no_input", "held", "x-unlisted"})
		}
	case s.Format == "uuid":
		if id, err := uuid.Parse(v); err == nil {
			return pick(q, []string{
				strings.ToUpper(v), strings.ReplaceAll(v, "-", ""), id.URN(), "{" + v + "}",
			})
		}
	case s.Format == "date-time":
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return q.time(t)
		}
	case inUnion:
	case digits.MatchString(v):
		return json.Number(v)
	case v == "true" || v == "false":
		return v == "true"
	}
	return v
}

// time returns a time in one of the forms that express it without loss.
func (q *quirks) time(t time.Time) any {
	t = t.UTC()
	if t.Nanosecond() != 0 {
		return t.In(time.FixedZone("", -5*3600)).Format(pick(q, []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z0700"}))
	}
	forms := []any{
		t.Format("2006-01-02T15:04:05.000Z"),
		t.Format("2006-01-02T15:04:05.000000Z"),
		t.Format("2006-01-02T15:04:05+0000"),
		t.Format("2006-01-02 15:04:05Z"),
		t.Format("2006-01-02T15:04:05"),
		t.Format("2006-01-02 15:04:05 UTC"),
		t.Format(time.RFC1123Z),
		t.In(time.FixedZone("", 2*3600)).Format(time.RFC3339),
	}
	if t.Second() == 0 {
		forms = append(forms, t.Format("2006-01-02T15:04Z"))
	}
	if t.Equal(t.Truncate(24 * time.Hour)) {
		forms = append(forms, t.Format(time.DateOnly))
	}
	// In these years, the unit follows from the magnitude of the number.
	if t.Year() > 1973 && t.Year() < 2100 {
		for _, n := range []int64{t.Unix(), t.UnixMilli(), t.UnixMicro()} {
			forms = append(forms, n, strconv.FormatInt(n, 10))
		}
	}
	return pick(q, forms)
}

// failure returns an error response with its body in an odd form, in which no error
// message is lost. body is the decoded body.
func (q *quirks) failure(a response, body any) response {
	type reason struct{ attribute, code, message string }
	var reasons []reason
	add := func(v any) {
		if item := asObject(v); text(item["message"]) != "" {
			reasons = append(reasons, reason{text(item["attribute"]), text(item["code"]), text(item["message"])})
		}
	}
	object := asObject(body)
	items, listed := object["errors"].([]any)
	for _, item := range items {
		add(item)
	}
	if !listed {
		add(object)
	}
	if len(reasons) == 0 {
		reasons = append(reasons, reason{message: http.StatusText(a.status)})
	}
	of := func(member func(reason) any) (all []any) {
		for _, r := range reasons {
			all = append(all, member(r))
		}
		return all
	}
	sentence := func(r reason) string { return strings.TrimSpace(r.attribute + " " + r.message) }
	var sentences []string
	for _, r := range reasons {
		sentences = append(sentences, sentence(r))
	}
	all, status := strings.Join(sentences, "; "), strconv.Itoa(a.status)

	forms := []any{
		body,
		map[string]any{"errors": of(func(r reason) any { return sentence(r) })},
		of(func(r reason) any { return sentence(r) }),
		of(func(r reason) any { return map[string]any{"field": r.attribute, "message": r.message} }),
		map[string]any{"errors": of(func(r reason) any { return map[string]any{"param": r.attribute, "msg": r.message} })},
		map[string]any{"errors": of(func(r reason) any {
			return map[string]any{"status": status, "title": http.StatusText(a.status), "detail": r.message, "source": map[string]any{
				"pointer": "/data/attributes/" + strings.ReplaceAll(r.attribute, ".", "/"),
			}}
		})},
		map[string]any{"errors": all},
		map[string]any{"error": map[string]any{"code": reasons[0].code, "message": all}},
		map[string]any{"error": http.StatusText(a.status), "error_description": all},
		map[string]any{"detail": all},
		map[string]any{"code": a.status, "message": all, "more_info": errorCodes, "status": a.status},
		map[string]any{"jsonrpc": "2.0", "id": nil, "error": map[string]any{"code": -32602, "message": all}},
		fmt.Sprint(all, "\n"), // text/plain
		map[string]any{"type": errorCodes, "title": http.StatusText(a.status), "status": a.status, "detail": all},
	}
	problem := len(forms) - 1
	fields := map[string]any{}
	for _, r := range reasons {
		if r.attribute == "" {
			fields = nil
			break
		}
		list, _ := fields[r.attribute].([]any)
		fields[r.attribute] = append(list, r.message)
	}
	if fields != nil {
		forms = append(forms, map[string]any{"errors": fields})
	}
	choice := q.IntN(len(forms))
	switch form := forms[choice].(type) {
	case string:
		printable := func(r rune) rune {
			if unicode.IsPrint(r) || r == '\n' {
				return r
			}
			return ' '
		}
		a.header = http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
		a.body = []byte(strings.Map(printable, form))
	default:
		if choice == problem {
			a.header = http.Header{"Content-Type": {"application/problem+json"}}
		}
		a.body = encode(form)
	}
	return a
}
