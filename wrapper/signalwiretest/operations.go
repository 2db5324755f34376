package signalwiretest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
)

// role is what an operation does with stored items. It is derived from the method, the
// path and the response of the operation; there is no code for individual operations.
type role int

const (
	command    role = iota // any other operation
	readItem               // GET of a path that ends in a parameter
	changeItem             // PATCH or PUT of a path that ends in a parameter
	deleteItem             // DELETE of a path that ends in a parameter
	readList               // GET of a list
	createItem             // POST to a list, or to a path below which items can be read
	readOnly               // GET of a singleton, such as a profile
	changeOnly             // PATCH or PUT of a singleton
)

// findRole returns the role of an operation, and for createItem the shape of the paths
// of the items that it creates.
func (op *operation) findRole() (role, string) {
	get, patch := op.method == http.MethodGet, op.method == http.MethodPatch || op.method == http.MethodPut
	changes := op.route.operations[http.MethodPatch] != nil || op.route.operations[http.MethodPut] != nil
	switch {
	case op.route.isItem() && get:
		return readItem, ""
	case op.route.isItem() && patch:
		return changeItem, ""
	case op.route.isItem() && op.method == http.MethodDelete:
		return deleteItem, ""
	case op.route.isItem():
		return command, ""
	case get && !changes && op.success != nil && isList(op.success):
		return readList, ""
	case get:
		return readOnly, ""
	case patch && op.route.get() != nil:
		return changeOnly, ""
	case op.method != http.MethodPost:
		return command, ""
	}
	// Created items have paths directly below this one; or below a path further up
	// that ends in the same name, if items of the same type are read there: a stream
	// that is created at /api/video/rooms/{id}/streams is read at
	// /api/video/streams/{id}.
	below := op.route.shape + "/{}"
	if op.description.byShape[below] != nil {
		return createItem, below
	}
	for prefix := up(op.route.shape, 1); prefix != ""; prefix = up(prefix, 1) {
		home := prefix + "/" + last(op.route.shape) + "/{}"
		if get := op.description.byShape[home].get(); get != nil && get.result == op.result && op.result != "" {
			return createItem, home
		}
	}
	if get := op.route.get(); get != nil && get.role == readList {
		return createItem, below
	}
	return command, ""
}

// find sets the path of the call, and the item for roles that have one. It reports
// whether everything that the path names exists. A singleton always exists, and so does
// a phone number in E.164 format that is looked up.
func (c *call) find() bool {
	c.path = fillPath(c.route.shape, c.values...)
	if c.state.lacksParent(c.operation.description, c.route.shape, c.path) {
		return false
	}
	switch c.role {
	case readItem, changeItem, deleteItem:
		c.item = c.state.lookUp(c.operation.description, c.path, c.parameters[len(c.parameters)-1])
		if c.item == nil && isNumber(c.success) {
			c.item = c.lookUpNumber(c.values[len(c.values)-1])
		}
		return c.item != nil
	case readOnly, changeOnly:
		if c.item = c.state.items[c.path]; c.item == nil {
			c.item = c.state.put(&item{path: c.path, shape: c.route.shape, object: map[string]any{}})
		}
	}
	return true
}

// apply executes the operation with a decoded request body and returns the response.
func (c *call) apply(body map[string]any) response {
	var v any
	switch c.role {
	case readList:
		v = c.list(c.success)
	case createItem:
		v = c.create(body)
	case readItem, readOnly:
		v = c.read(c.item, c.success)
	case changeItem, changeOnly:
		c.change(c.item, body)
		v = c.read(c.item, c.success)
	case deleteItem:
		c.state.remove(c.operation.description, c.item)
		v = c.maker.conform(c.success, c.item.object)
	case command:
		v = c.command(body)
	}
	c.log(body, v)
	if c.success == nil {
		return response{status: c.status}
	}
	return response{status: c.status, body: encode(v)}
}

// read returns an item in the form that a schema describes. It stores the values that
// it makes up in the item, so that later responses have the same values.
func (c *call) read(it *item, s *openapi3.Schema) any {
	v := c.maker.conform(s, it.object)
	if made, ok := v.(map[string]any); ok {
		fill(it.object, made)
	}
	return v
}

// change merges a request body into an item. If PUT replaces settings (see
// [WithReplacingPUT]), it first resets those that the body lacks. It also updates the
// time of the last change.
func (c *call) change(it *item, body map[string]any) {
	if c.method == http.MethodPut && c.replaces && !c.editRule().Merges {
		c.reset(it.object, body)
	}
	c.mergeBody(it.object, body)
	for _, name := range []string{"updated_at", "date_updated"} {
		if it.object[name] != nil && properties(c.success)[name] != nil {
			it.object[name] = c.maker.time()
		}
	}
}

// reset gives the settings that a request body does not mention their defaults, and
// removes those that have none.
func (c *call) reset(object, body map[string]any) {
	top := properties(c.success)
	for name, s := range properties(c.request) {
		if _, there := body[name]; there {
			continue
		}
		slots := c.slots(object, name)
		if len(slots) == 0 || len(slots) == 1 && c.editRule().Settings != "" && top[name] != nil {
			continue // not in responses, or a member of the envelope and not a setting
		}
		slot := slots[len(slots)-1]
		delete(slot.object, slot.name)
		if value := flattenAllOf(s).Default; value != nil {
			slot.object[slot.name] = cloned(value)
		}
	}
}

// slot is a place in an item where the value of a request field is stored.
type slot struct {
	object map[string]any   // the item, or an object in it
	name   string           // the name of the member
	schema *openapi3.Schema // the schema of the member in responses
}

// slots returns the places in an item where a request field is stored: a member of the
// item itself, then a member of the object that holds the settings. That object is the
// one that x-go-edit in the description names, or else the only object in the response
// that has such a member. slots creates the object if the item lacks it.
func (c *call) slots(object map[string]any, name string) (slots []slot) {
	rule, top := c.editRule(), properties(c.success)
	named := cmp.Or(rule.Names[name], name)
	var within []string
	for outer, s := range top {
		always := slices.Contains(flattenAllOf(c.success).Required, outer)
		if (always || top[name] == nil) && elements(s) == nil && properties(s)[named] != nil && name != "id" {
			within = append(within, outer)
		}
	}
	if rule.Settings != "" {
		within = slices.DeleteFunc(within, func(outer string) bool { return outer != rule.Settings })
	}
	if rule.Settings == "" && top[named] != nil {
		slots = append(slots, slot{object, named, top[named]})
	} else if top[name] != nil {
		slots = append(slots, slot{object, name, top[name]})
	}
	if len(within) == 1 {
		inner, ok := object[within[0]].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[within[0]] = inner
		}
		slots = append(slots, slot{inner, named, properties(top[within[0]])[named]})
	}
	return slots
}

// editRule returns the rule by which the fields of the request are found in the
// response. The description has it at the operation that updates a resource; it applies
// to the creation of the resource, too.
func (c *call) editRule() (rule editRule) {
	routes := []*route{c.route, c.operation.description.byShape[c.home]}
	for _, r := range routes {
		for _, method := range []string{http.MethodPut, http.MethodPatch} {
			if r != nil && len(r.operations[method]) > 0 && r.operations[method][0].load() == nil {
				return r.operations[method][0].rule
			}
		}
	}
	return rule
}

// mergeBody stores each field of a request body in an item where responses have it. A
// field that responses lack, such as a password, becomes a member of the item itself,
// and responses do not show it. If the response has display_name but no name, the name
// in the body is stored as display_name, too.
func (c *call) mergeBody(object, body map[string]any) {
	top := properties(c.success)
	if name := body["name"]; name != nil && body["display_name"] == nil && top["name"] == nil && top["display_name"] != nil {
		body = maps.Clone(body)
		body["display_name"] = name
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		slots := c.slots(object, name)
		if len(slots) == 0 {
			c.set(object, name, body[name], nil)
		}
		for _, slot := range slots {
			c.set(slot.object, slot.name, body[name], slot.schema)
		}
	}
}

// set stores a member as a JSON Merge Patch does (RFC 7396): null removes the member,
// unless the schema allows null; and in a PATCH, an object is merged into the stored
// object. s is the schema of the member, or nil.
func (c *call) set(object map[string]any, name string, value any, s *openapi3.Schema) {
	patch, isObject := value.(map[string]any)
	old, wasObject := object[name].(map[string]any)
	switch {
	case value == nil && (s == nil || !allowsNull(s)):
		delete(object, name)
	case c.method == http.MethodPatch && isObject && wasObject:
		for inner, v := range patch {
			c.set(old, inner, v, properties(s)[inner])
		}
	default:
		object[name] = value
	}
}

// create stores a new item, made of the defaults of the request fields and the request
// body, and returns the response body.
func (c *call) create(body map[string]any) any {
	object, all := map[string]any{}, map[string]any{}
	for name, s := range properties(c.request) {
		if flattenAllOf(s).Default != nil {
			all[name] = cloned(flattenAllOf(s).Default)
		}
	}
	maps.Copy(all, body)
	c.mergeBody(object, all)
	maps.Copy(object, c.sent(body))
	if field, steps := firstState(c.home, c.success); len(steps) > 0 && object[field] == nil {
		object[field] = steps[0].State
	}
	path := func(id string) string {
		return fillPath(c.home, append(slices.Clone(c.values[:strings.Count(c.home, "{}")-1]), id)...)
	}
	id := text(object["id"])
	if id == "" || c.state.items[path(id)] != nil {
		id = c.maker.id()
		delete(object, "id")
		if properties(c.success)["id"] != nil {
			object["id"] = id
		}
	}
	c.made = c.state.put(&item{path: path(id), shape: c.home, collection: c.path, object: object})
	return c.read(c.made, c.success)
}

// command returns the response body of an operation with the role command. If an item
// on the path of the request has the type of the response, such as a phone number whose
// address is set, command changes that item and returns it. A PUT, such as the verification
// of a caller ID, also ends its first state. Otherwise the response has
// the request fields that its schema describes, and values that are made up for the
// rest; if the body has the id of an entry in a log, such as a call, the members of
// that entry too.
func (c *call) command(body map[string]any) any {
	for shape, path := c.route.shape, c.path; shape != ""; shape, path = up(shape, 1), up(path, 1) {
		get, it := c.operation.description.byShape[shape].get(), c.state.items[path]
		if get != nil && it != nil && get.result == c.result && c.result != "" {
			c.change(it, body)
			if field, steps := firstState(shape, c.success); c.method == http.MethodPut && len(steps) > 1 && it.object[field] == steps[0].State {
				(&thing{item: it, field: field, has: properties(c.success)}).reach(steps[1].State, c.clock)
			}
			return c.read(it, c.success)
		}
	}
	object := map[string]any{}
	// The id of a request can be that of a log entry, such as a call.
	if it := c.state.items[fillPath(c.settle.Path+"/{}", text(body["id"]))]; it != nil {
		object = cloned(it.object).(map[string]any)
	}
	c.mergeBody(object, body)
	maps.Copy(object, c.sent(body))
	if body["jsonrpc"] != nil { // JSON-RPC 2.0
		object["result"] = body["params"]
	}
	return c.maker.conform(c.reply(body), object)
}

// reply returns the schema of the response to a request body. If the request and the
// response are unions, their variants correspond by position, and reply returns the
// variant of the response for the variant of the request that fits the body best.
func (c *call) reply(body map[string]any) *openapi3.Schema {
	if c.request == nil || c.success == nil {
		return c.success
	}
	requests, replies := variants(flattenAllOf(c.request)), variants(flattenAllOf(c.success))
	if len(requests) < 2 || len(replies) < len(requests) {
		return c.success
	}
	trial, least, reply := &maker{id: uuid.Nil.String}, -1, c.success // its values are not used
	for i, variant := range requests {
		if _, lost, ok := trial.project("", variant, body, 0); ok && (least < 0 || lost < least) {
			least, reply = lost, replies[i]
		}
	}
	return reply
}

// sent returns members of the log entry, and of the response, for what a request sends,
// such as a message or a call. The description names the log, and where the members are in
// the request body (x-go-settle). sent returns nil if the request sends nothing.
func (c *call) sent(body map[string]any) map[string]any {
	if c.settle.Path == "" || c.settle.Path == c.template {
		return nil // nothing is sent, or create has stored the item in the list
	}
	members := map[string]any{}
	maps.Copy(members, lifecycles[c.settle.Path].sent)
	if to := body["status_callback"]; to != nil {
		members["status_callback_url"] = to
	}
	for in, from := range c.settle.Match {
		if members[strings.TrimPrefix(in, "/")] = pointed(body, from); pointed(body, from) == nil {
			return nil // the body is another variant of the request
		}
	}
	return members
}

// log adds an entry to the log for what a request has sent. response is the decoded
// response body.
func (c *call) log(body map[string]any, response any) {
	members, entry := c.sent(body), maps.Clone(asObject(response))
	if members != nil && text(entry["id"]) != "" {
		maps.Copy(entry, members)
		c.made = c.enter(c.state, c.settle.Path, entry)
	}
}

// pointed returns the value at a JSON pointer (RFC 6901), or nil. It follows members of
// objects only.
func pointed(v any, pointer string) any {
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		v = asObject(v)[name]
	}
	return v
}
