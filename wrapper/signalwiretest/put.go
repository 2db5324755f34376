package signalwiretest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// Put stores a resource, such as a gen.SIPGatewayResource, and returns its id.
// The type tells which kind of resource it is; parents are the ids that stand
// before its own in its path, such as that of a subscriber. An id, times, and
// whatever else the API requires and the value lacks are made up. A resource
// that is there already is replaced.
//
// For a type that is not the answer of any operation on a single resource, or
// of operations on several kinds, there is [Space.PutAt].
func (s *Space) Put(value any, parents ...uuid.UUID) uuid.UUID {
	s.tb.Helper()
	r, err := s.routeOf(reflect.TypeOf(value), len(parents)+1)
	if err != nil {
		s.tb.Fatalf("signalwiretest: Put: %v", err)
	}
	object, err := toObject(value)
	if err != nil {
		s.tb.Fatalf("signalwiretest: Put: %v", err)
	}
	s.mu.Lock()
	id, err := uuid.Parse(text(object["id"]))
	if object["id"] == nil {
		id, err = uuid.MustParse(s.newMaker(s.state).id()), nil
	}
	s.mu.Unlock()
	if err != nil {
		s.tb.Fatalf("signalwiretest: Put: the id %q is no UUID; want one, or PutAt(%q, value)", object["id"], r.shape)
	}
	values := make([]string, 0, len(parents)+1)
	for _, parent := range append(slices.Clip(parents), id) {
		values = append(values, parent.String())
	}
	s.store(r, fillPath(r.shape, values...), id.String(), object)
	return id
}

// PutAt stores a resource at its path, such as
// /api/fabric/resources/sip_gateways/6f1c…, or the only one there is, such as
// /api/relay/rest/sip_profile. The value is anything that is a JSON object when
// encoded, for instance a map or a json.RawMessage, and may have fields that
// can be written but not read. What it lacks is made up, as by [Space.Put].
func (s *Space) PutAt(path string, value any) {
	s.tb.Helper()
	r, values := s.description.match(path)
	if r == nil { // something in a list whose items have no path of their own
		if list, _ := s.description.match(up(path, 1)); list != nil && len(list.operations[http.MethodGet]) > 0 {
			r = &route{shape: list.shape + "/{}"}
		}
	}
	if r == nil {
		s.tb.Fatalf("signalwiretest: PutAt: the API has no resource at %q; want a path such as %q, with ids in place of the braces", path, s.description.routes[0].shape)
	}
	object, err := toObject(value)
	if err != nil {
		s.tb.Fatalf("signalwiretest: PutAt: %v", err)
	}
	id := ""
	if strings.HasSuffix(r.shape, "/{}") {
		id = path[len(up(path, 1))+1:]
	}
	if len(values) > 0 {
		path = fillPath(r.shape, values...)
	}
	s.store(r, path, id, object)
}

// store completes an object and stores it.
func (s *Space) store(r *route, path, id string, object map[string]any) {
	s.tb.Helper()
	schema, err := r.itemSchema()
	if err != nil {
		s.tb.Fatalf("signalwiretest: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	it := &item{path: path, shape: r.shape, object: object}
	if id != "" {
		it.collection = up(path, 1)
	}
	if object["id"] == nil && id != "" && (schema == nil || properties(schema)["id"] != nil) {
		object["id"] = id
	}
	if schema != nil {
		nameFromInside(object, schema)
		if fitted, ok := s.newMaker(s.state).fitted(schema, object).(map[string]any); ok {
			fill(fitted, object)
			it.object = fitted
		}
	}
	s.state.put(it)
}

// nameFromInside gives an envelope without a display name the name of what is
// in it.
func nameFromInside(object map[string]any, s *openapi3.Schema) {
	all := properties(s)
	if all["display_name"] == nil || all["name"] != nil || text(object["display_name"]) != "" {
		return
	}
	for _, inner := range slices.Sorted(maps.Keys(all)) {
		if within, ok := object[inner].(map[string]any); ok && text(within["name"]) != "" {
			object["display_name"] = within["name"]
			return
		}
	}
}

// itemSchema is the one in which operations answer with the item; nil if none
// does.
func (r *route) itemSchema() (*openapi3.Schema, error) {
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch} {
		for _, op := range r.operations[method] {
			if err := op.load(); err != nil || op.success != nil {
				return op.success, err
			}
		}
	}
	return nil, nil
}

// Get returns a resource of the Space as the API would answer with it; false if
// there is none with that id. The type and parents are as for [Space.Put].
func Get[T any](s *Space, id uuid.UUID, parents ...uuid.UUID) (T, bool) {
	s.tb.Helper()
	var value T
	found, err := s.get(&value, append(slices.Clip(parents), id))
	if err != nil {
		s.tb.Fatalf("signalwiretest: Get: %v", err)
	}
	return value, found
}

func (s *Space) get(into any, ids []uuid.UUID) (bool, error) {
	r, err := s.routeOf(reflect.TypeOf(into), len(ids))
	if err != nil {
		return false, err
	}
	schema, err := r.itemSchema()
	if err != nil {
		return false, err
	}
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = id.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.state.lookUp(s.description, fillPath(r.shape, values...), "id")
	if it == nil {
		return false, nil
	}
	c := &call{state: s.state, maker: s.newMaker(s.state)}
	return true, json.Unmarshal(encode(c.read(it, schema)), into)
}

// GetAt returns all that the Space has at a path, with what can be written and
// not read, such as passwords; false if there is nothing.
func (s *Space) GetAt(path string) (json.RawMessage, bool) {
	if r, values := s.description.match(path); r != nil {
		path = fillPath(r.shape, values...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.state.lookUp(s.description, path, "id")
	if it == nil {
		return nil, false
	}
	return encode(it.object), true
}

// toObject turns a value into a JSON object, without what is not set.
func toObject(value any) (map[string]any, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("a %T cannot be encoded: %w", value, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	object, ok := unset(v).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a %T is no object when encoded as JSON", value)
	}
	return object, nil
}

// unset removes zero ids and times, which Go types have where nothing was set.
func unset(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if value == uuid.Nil.String() || value == "0001-01-01T00:00:00Z" {
				delete(v, name)
			} else {
				v[name] = unset(value)
			}
		}
	case []any:
		for i, value := range v {
			v[i] = unset(value)
		}
	}
	return v
}

// itemTypes finds the paths of single resources by the Go type of the answer.
// It calls each method of the generated client with a caller that takes note
// and sends nothing.
var itemTypes = sync.OnceValue(func() map[reflect.Type][]string {
	types := map[reflect.Type][]string{}
	client := reflect.ValueOf(gen.NewClient(recorder{types: types}))
	for i := range client.NumMethod() {
		method := client.Method(i)
		kind := method.Type()
		if kind.NumIn() == 0 || kind.In(0) != reflect.TypeFor[context.Context]() {
			continue
		}
		args := []reflect.Value{reflect.ValueOf(context.Background())}
		for i := 1; i < kind.NumIn(); i++ {
			if !kind.IsVariadic() || i < kind.NumIn()-1 {
				args = append(args, reflect.Zero(kind.In(i)))
			}
		}
		method.Call(args)
	}
	return types
})

// recorder is a caller of which only those methods exist that are called at
// once; sequences of pages are not.
type recorder struct {
	gen.Caller
	types map[reflect.Type][]string
}

var errRecorded = errors.New("taken note of, not sent")

func (r recorder) Call(_ context.Context, op *gen.Operation, _ gen.Args, out any, _ ...gen.CallOption) error {
	if path := shape(op.Path); out != nil && strings.HasSuffix(path, "/{}") {
		if t := reflect.TypeOf(out).Elem(); !slices.Contains(r.types[t], path) {
			r.types[t] = append(r.types[t], path)
		}
	}
	return errRecorded
}

func (r recorder) Edit(ctx context.Context, _, update *gen.Operation, args gen.Args, _ func() error, out any, _ ...gen.CallOption) (bool, error) {
	return false, r.Call(ctx, update, args, out)
}

// routeOf returns the route of single resources of a Go type.
func (s *Space) routeOf(t reflect.Type, ids int) (*route, error) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	shapes := itemTypes()[t]
	switch len(shapes) {
	case 0:
		return nil, fmt.Errorf("no operation on a single resource answers with a %v; want the type of one that does, or PutAt and GetAt with a path", t)
	default:
		return nil, fmt.Errorf("a %v can be at any of %s; want PutAt and GetAt with a path", t, strings.Join(shapes, ", "))
	case 1:
	}
	r := s.description.byShape[shapes[0]]
	switch {
	case r == nil:
		return nil, fmt.Errorf("the description of this Space has no %s", shapes[0])
	case strings.Count(r.shape, "{}") != ids:
		return nil, fmt.Errorf("%d ids for %s, which a %v is at; want one for each {}, parents first", ids, r.shape, t)
	}
	return r, nil
}
