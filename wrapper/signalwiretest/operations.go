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

// role is what an operation does, by what it looks like: there is no code for
// any operation of its own.
type role int

const (
	command    role = iota // validates, and responds with what the description says
	readItem               // GET of a path that ends in a parameter
	changeItem             // PATCH or PUT of such a path
	deleteItem             // DELETE of such a path
	readList               // GET of a list
	createItem             // POST to a list, or where items have a path of their own
	readOnly               // GET of the only one there is, such as a profile
	changeOnly             // PATCH or PUT of it
)

// findRole also finds the shape of the paths of the items that are created.
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
	// Items are below the list; or in one of the same name further up that has
	// the same type, as what is created at /api/video/rooms/{id}/streams is
	// found at /api/video/streams/{id}.
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

// find looks for what the path names. It is false if something on the path
// does not exist.
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

// apply executes the operation on the state.
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
		c.state.remove(c.item)
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

// read returns an item as a schema has it. What had to be made up stays in the
// item, so that it is the same the next time.
func (c *call) read(it *item, s *openapi3.Schema) any {
	v := c.maker.conform(s, it.object)
	if made, ok := v.(map[string]any); ok {
		fill(it.object, made)
	}
	return v
}

// change merges a body into an item, or replaces its settings by it.
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

// reset gives the settings that a body does not mention the values that they
// have in a new resource, or none.
func (c *call) reset(object, body map[string]any) {
	top := properties(c.success)
	for name, s := range properties(c.request) {
		if _, there := body[name]; there {
			continue
		}
		slots := c.slots(object, name)
		if len(slots) == 0 || len(slots) == 1 && c.editRule().Settings != "" && top[name] != nil {
			continue // it cannot be read, or is in the envelope
		}
		slot := slots[len(slots)-1]
		delete(slot.object, slot.name)
		if value := flattenAllOf(s).Default; value != nil {
			slot.object[slot.name] = cloned(value)
		}
	}
}

// slot is where an item has the value of a field of a request.
type slot struct {
	object map[string]any
	name   string
	schema *openapi3.Schema
}

// slots returns where an item has a field of a request: at the top, and then in
// the object that holds its settings. That is the one that the description
// names, or else the one that is alone in having such a field.
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

// editRule says how fields of a request are named in the response. It is described at
// the update of a resource, and applies to its creation, too.
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

// mergeBody puts each field of a body where the response has it. A field that the
// response lacks, such as a password, is kept at the top and not shown. If the
// response has display_name but no name, name is copied to display_name.
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

// set sets a field as a JSON Merge Patch does (RFC 7396): null removes it,
// unless it may be null; an object that is patched keeps its other fields.
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

// create stores a new item and returns it as the response has it.
func (c *call) create(body map[string]any) any {
	object, all := map[string]any{}, map[string]any{}
	for name, s := range properties(c.request) {
		if flattenAllOf(s).Default != nil {
			all[name] = cloned(flattenAllOf(s).Default)
		}
	}
	maps.Copy(all, body)
	c.mergeBody(object, all)
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

// command responds to what is neither a resource nor a list: with values that are made
// up and the fields of the request that the response has too. If the response is of
// the type of the item that the path is below, such as a phone number of which
// an address is set, it is that item, and the request changes it.
func (c *call) command(body map[string]any) any {
	for shape, path := c.route.shape, c.path; shape != ""; shape, path = up(shape, 1), up(path, 1) {
		get, it := c.operation.description.byShape[shape].get(), c.state.items[path]
		if get != nil && it != nil && get.result == c.result && c.result != "" {
			c.change(it, body)
			return c.read(it, c.success)
		}
	}
	object := map[string]any{}
	if it := c.state.items[fillPath(c.settle.Path+"/{}", text(body["id"]))]; it != nil { // such as a call
		object = cloned(it.object).(map[string]any)
	}
	c.mergeBody(object, body)
	maps.Copy(object, c.sent(body))
	if body["jsonrpc"] != nil { // JSON-RPC 2.0
		object["result"] = body["params"]
	}
	return c.maker.conform(c.reply(body), object)
}

// reply returns the schema of the response to a body. Where requests and responses
// are of several variants, they stand in the same order.
func (c *call) reply(body map[string]any) *openapi3.Schema {
	if c.request == nil || c.success == nil {
		return c.success
	}
	requests, replies := variants(flattenAllOf(c.request)), variants(flattenAllOf(c.success))
	if len(requests) < 2 || len(replies) < len(requests) {
		return c.success
	}
	trial, least, reply := &maker{id: uuid.Nil.String}, -1, c.success // what it makes up is not used
	for i, variant := range requests {
		if _, lost, ok := trial.project("", variant, body, 0); ok && (least < 0 || lost < least) {
			least, reply = lost, replies[i]
		}
	}
	return reply
}

// sent returns what is known of what a request sends, such as a message or a call,
// where the description names a log for it; nil if the request sends nothing.
func (c *call) sent(body map[string]any) map[string]any {
	if c.settle.Path == "" || c.settle.Path == c.template {
		return nil // what it makes is in the list already
	}
	members := map[string]any{}
	maps.Copy(members, lifecycles[c.settle.Path].sent)
	for in, from := range c.settle.Match {
		if members[strings.TrimPrefix(in, "/")] = pointed(body, from); pointed(body, from) == nil {
			return nil // it is another kind of request
		}
	}
	return members
}

// log enters what a request sent in its log.
func (c *call) log(body map[string]any, response any) {
	members, entry := c.sent(body), maps.Clone(asObject(response))
	if members != nil && text(entry["id"]) != "" {
		maps.Copy(entry, members)
		c.made = c.enter(c.state, c.settle.Path, entry)
	}
}

// pointed is the value at a JSON pointer (RFC 6901).
func pointed(v any, pointer string) any {
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		v = asObject(v)[name]
	}
	return v
}
