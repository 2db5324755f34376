package signalwiretest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
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
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// Put stores a resource, such as a gen.SIPGatewayResource, and returns its id. The type
// of value determines the path: it is the path of the operations on a single resource
// that return this type. parents are the ids in the path before the resource's own, in
// order, such as the id of the subscriber of a SIP credential. Put makes up an id, times,
// and all other members that the API requires and value lacks. An empty string is kept
// where the API allows one. Put replaces an existing resource with the same id. Values
// that are set have to be valid, as for [Space.PutAt].
//
// A resource that can have one of several types, such as a recording of a call, is the
// union of them: gen.NewCallRecording(gen.PSTNRecording{…}). A type that no operation on a
// single resource returns, or that operations on several paths return, needs
// [Space.PutAt].
func (s *Space) Put(value any, parents ...uuid.UUID) uuid.UUID {
	s.tb.Helper()
	object, err := toObject(value)
	if err != nil {
		s.tb.Fatalf("signalwiretest: Put: %v", err)
	}
	if object["id"] == nil {
		s.mu.Lock()
		object["id"] = s.newMaker(s.state).id()
		s.mu.Unlock()
	}
	id, err := uuid.Parse(text(object["id"]))
	if err != nil {
		s.tb.Fatalf("signalwiretest: Put: id: expected a UUID, got %q; PutAt stores a resource with another id", object["id"])
	}
	path, err := s.pathOf(reflect.TypeOf(value), append(slices.Clip(parents), id))
	if err != nil {
		s.tb.Fatalf("signalwiretest: Put: %v", err)
	}
	s.put("Put", path, object)
	return id
}

// PutAt stores a resource at its path, such as
// /api/fabric/resources/sip_gateways/6f1c…, or a singleton, such as
// /api/relay/rest/sip_profile. value is anything that is encoded as a JSON object, for
// instance a map or a json.RawMessage, and may have members that can be written but not
// read. PutAt makes up what value lacks, as [Space.Put] does.
//
// The test fails if a value is not valid by the description, such as an enumeration value
// that it does not list, or if the name of a member that it does not have looks like a
// misspelled one, such as displayName for display_name. Values that are not set in a Go type,
// such as "" and 0, are made up instead.
func (s *Space) PutAt(path string, value any) {
	s.tb.Helper()
	object, err := toObject(value)
	if err != nil {
		s.tb.Fatalf("signalwiretest: PutAt: %v", err)
	}
	s.put("PutAt", path, object)
}

// put stores an object at a path for a method of the Space.
func (s *Space) put(method, path string, object map[string]any) {
	s.tb.Helper()
	r, values := s.description.match(path)
	if list, _ := s.description.match(up(path, 1)); r == nil && list.get() != nil {
		// The items of this list have no path in the API.
		r, values = &route{shape: up(path, 1) + "/{}"}, []string{last(path)}
	}
	if r == nil {
		s.tb.Fatalf("signalwiretest: %s: the API has nothing at %q; expected a path such as /api/fabric/resources/sip_gateways/6f1c…", method, path)
	}
	if get := r.get(); get != nil && get.role == readList {
		s.tb.Fatalf("signalwiretest: %s: %q is the path of a list; expected that of a resource in it, with an id at the end", method, path)
	}
	schema, err := r.itemSchema()
	if err != nil {
		s.tb.Fatalf("signalwiretest: %s: %v", method, err)
	}
	given := maps.Clone(object)
	if has := properties(schema); r.isItem() && object["id"] == nil && (has == nil || has["id"] != nil) {
		object["id"] = last(path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if schema != nil {
		if complete, ok := s.newMaker(s.state).conform(schema, object).(map[string]any); ok {
			if problem := replaced("", schema, given, complete, func() []string { return s.description.writable(r) }); problem != "" {
				s.tb.Fatalf("signalwiretest: %s: %s", method, problem)
			}
			fill(complete, object) // members that can be written but not read
			object = complete
		}
	}
	s.state.put(&item{path: fillPath(r.shape, values...), shape: r.shape, object: object})
}

// replaced names the first value in have, which was given for a schema, that is not in
// kept, which [maker.conform] has made of have, because the schema does not allow it. It
// also says why. It returns "" if there is none. Values that are not set in a Go type do
// not count, nor do those of members that can be written but not read, or that are not
// described and look like no other. The function writable returns the names of the members
// that can be written.
func replaced(place string, s *openapi3.Schema, have, kept any, writable func() []string) string {
	s = flattenAllOf(s)
	reason := "value is not valid by the description"
	switch have := have.(type) {
	case map[string]any:
		into, ok := kept.(map[string]any)
		if !ok {
			break
		}
		described := properties(s)
		for _, name := range slices.Sorted(maps.Keys(have)) {
			property, at := described[name], strings.TrimPrefix(place+"."+name, ".")
			switch {
			case property == nil && !isOpen(s):
				known := slices.Concat(slices.Sorted(maps.Keys(described)), writable())
				if other := misspelled(name, known); other != "" && have[other] == nil {
					return fmt.Sprintf("%s: the description has no such member; the nearest is %q", at, other)
				}
				continue
			case property == nil || property.WriteOnly:
				continue
			}
			if problem := replaced(at, property, have[name], into[name], writable); problem != "" {
				return problem
			}
		}
		return ""
	case []any:
		into, ok := kept.([]any)
		if !ok || s.Items == nil {
			break
		}
		for i, element := range have {
			at := fmt.Sprintf("%s[%d]", place, i)
			if len(into) <= i {
				return replaced(at, s.Items.Value, element, nil, writable)
			}
			if problem := replaced(at, s.Items.Value, element, into[i], writable); problem != "" {
				return problem
			}
		}
		return ""
	default:
		var invalid *openapi3.SchemaError
		if slices.Contains([]string{"null", "false", "0", `""`}, string(encode(have))) {
			return ""
		}
		if errors.As(s.VisitJSON(have, validationOptions...), &invalid) {
			reason = invalid.Reason
		}
	}
	if bytes.Equal(encode(have), encode(kept)) {
		return ""
	}
	return place + ": " + reason
}

// writable returns the names of the members of requests that create or change the item at
// a route.
func (d *description) writable(r *route) (names []string) {
	for _, op := range d.operations() {
		if (op.route == r || op.route.shape == up(r.shape, 1)) && op.load() == nil {
			names = slices.AppendSeq(names, maps.Keys(properties(op.request)))
		}
	}
	slices.Sort(names)
	return names
}

// Get returns the resource with an id as the API would return it. found is false if
// there is none. T and parents determine the path as for [Space.Put].
func Get[T any](s *Space, id uuid.UUID, parents ...uuid.UUID) (value T, found bool) {
	s.tb.Helper()
	path, err := s.pathOf(reflect.TypeFor[T](), append(slices.Clip(parents), id))
	if err == nil {
		found, err = s.get(path, &value)
	}
	if err != nil {
		s.tb.Fatalf("signalwiretest: Get: %v", err)
	}
	return value, found
}

// get decodes the resource at a path into the value that into points to, and reports
// whether there is such a resource.
func (s *Space) get(path string, into any) (bool, error) {
	r, _ := s.description.match(path)
	schema, err := r.itemSchema()
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.state.lookUp(s.description, path, "id")
	if it == nil {
		return false, nil
	}
	c := &call{maker: s.newMaker(s.state)}
	return true, json.Unmarshal(encode(c.read(it, schema)), into)
}

// GetAt returns the stored members of the resource or singleton at a path as JSON,
// including those that can be written but not read, such as passwords. It returns false
// if there is nothing at the path.
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

// itemSchema returns the schema of the item in the responses of the route's operations,
// or nil if no operation returns it.
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

// toObject converts a value to a JSON object, without ids and times that are not set.
func toObject(value any) (map[string]any, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("the value of type %T cannot be encoded: %w", value, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	object, ok := unset(v).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("expected a value that is encoded as a JSON object, got one of type %T", value)
	}
	return object, nil
}

// unset removes zero ids and times from the objects in v, and returns v. Go types
// encode ids and times that are not set in this way.
func unset(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if value == uuid.Nil.String() || value == "0001-01-01T00:00:00Z" {
				delete(v, name)
			} else {
				unset(value)
			}
		}
	case []any:
		for _, value := range v {
			unset(value)
		}
	}
	return v
}

// pathOf returns the path of the single resource with a Go type and ids, those of its
// parents first.
func (s *Space) pathOf(t reflect.Type, ids []uuid.UUID) (string, error) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	shapes := itemShapes()[t]
	switch {
	case len(shapes) == 0:
		want := cmp.Or(typesWith(t), "the type of one that does")
		return "", fmt.Errorf("no operation on a single resource returns a %v; expected %s, or PutAt and GetAt with a path", t, want)
	case len(shapes) > 1:
		return "", fmt.Errorf("a %v can be at any of %s; use PutAt and GetAt with a path", t, strings.Join(shapes, ", "))
	case s.description.byShape[shapes[0]] == nil:
		return "", fmt.Errorf("the description of this Space has no %s", shapes[0])
	case strings.Count(shapes[0], "{}") != len(ids):
		return "", fmt.Errorf("a %v is at %s: number of parents: expected %d, got %d", t, shapes[0], strings.Count(shapes[0], "{}")-1, len(ids)-1)
	}
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = id.String()
	}
	return fillPath(shapes[0], values...), nil
}

// typesWith says which types in itemShapes have a field of type t or are a union of t and
// others. It returns "" if there are none.
func typesWith(t reflect.Type) string {
	var structs, unions []string
	for around := range itemShapes() {
		switch {
		case typeinfo.Of(around).Union:
			// The JSON of a zero value is that of t, and so of a union that can hold t.
			zero, _ := json.Marshal(reflect.Zero(t).Interface())
			union := reflect.New(around)
			if json.Unmarshal(zero, union.Interface()) == nil && reflect.TypeOf(union.Interface().(typeinfo.Union).Value()) == t {
				unions = append(unions, "gen.New"+around.Name()+" of it")
			}
		case around.Kind() == reflect.Struct:
			for i := range around.NumField() {
				if around.Field(i).Type == t {
					structs = append(structs, around.String())
					break
				}
			}
		}
	}
	slices.Sort(structs)
	slices.Sort(unions)
	if len(structs) > 0 {
		return strings.Join(structs, " or ") + ", which has one"
	}
	return strings.Join(unions, " or ")
}

// itemShapes returns the shapes of the paths of single resources, by the Go types in
// which operations return the resources. It calls each method of the generated client
// with a recorder, which sends nothing.
var itemShapes = sync.OnceValue(func() map[reflect.Type][]string {
	shapes := recorder{shapes: map[reflect.Type][]string{}}
	client := reflect.ValueOf(gen.NewClient(shapes)).Elem()
	for i := range client.NumField() {
		group := client.Field(i).Addr()
		for j := range group.NumMethod() {
			method := group.Method(j)
			args := []reflect.Value{reflect.ValueOf(context.Background())}
			for i := 1; i < method.Type().NumIn()-1; i++ { // the last ones are options
				args = append(args, reflect.Zero(method.Type().In(i)))
			}
			method.Call(args)
		}
	}
	return shapes.shapes
})

// recorder is a gen.Caller that records the paths and the result types of operations on
// single resources. It sends no requests.
type recorder struct{ shapes map[reflect.Type][]string }

var errRecorded = errors.New("recorded, not sent")

func (r recorder) Call(_ context.Context, op *gen.Operation, _ gen.Args, out any, _ ...gen.CallOption) error {
	if path := shape(op.Path); out != nil && strings.HasSuffix(path, "/{}") {
		if t := reflect.TypeOf(out).Elem(); !slices.Contains(r.shapes[t], path) {
			r.shapes[t] = append(r.shapes[t], path)
		}
	}
	return errRecorded
}

func (recorder) Pages(context.Context, *gen.Operation, gen.Args, func() any, ...gen.CallOption) iter.Seq2[any, error] {
	return nil // itemShapes does not iterate over it
}

func (r recorder) Edit(ctx context.Context, _, update *gen.Operation, args gen.Args, _ func() error, out any, _ ...gen.CallOption) (bool, error) {
	return false, r.Call(ctx, update, args, out)
}
