package signalwire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/oapi-codegen/nullable"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// WithConflictCheck makes an edit read the resource again just before it sends
// the change, and fail with [ErrConflict] if it is not as it was read at first.
//
// SignalWire's API has no ETag, so a change by somebody else in the short time
// between that second reading and the change itself goes unnoticed. By default
// an edit does not read again, and overwrites the fields it changes with
// whatever it has.
func WithConflictCheck() CallOption {
	return callOption(func(c *callConfig) error {
		c.conflictCheck = true
		return nil
	})
}

// Edit reads, lets change alter, and sends the difference.
func (c *caller) Edit(ctx context.Context, read, update *gen.Operation, args gen.Args, change func() error, out any, opts ...gen.CallOption) (bool, error) {
	config, err := c.config.with(opts)
	if err == nil && change == nil {
		err = &InputError{"change", "nil given, want a function"}
	}
	if err != nil {
		return false, c.newError(update, config).withCause(err)
	}
	reading := *config
	reading.dryRun = nil // without reading there is no difference to show
	get := func() (resource json.RawMessage, err error) {
		return resource, c.call(ctx, read, gen.Args{Path: args.Path}, &resource, &reading)
	}
	first, err := get()
	if err != nil {
		return false, err
	}
	before := reflect.New(reflect.TypeOf(args.Body).Elem())
	if err = errors.Join(fill(before.Interface(), first), fill(args.Body, first)); err == nil {
		err = change()
	}
	if err != nil {
		return false, c.newError(update, config).withCause(err)
	}
	patch, changed := diff(before.Elem(), reflect.ValueOf(args.Body).Elem())
	if !changed {
		return false, decode(first, out)
	}
	if config.conflictCheck {
		second, err := get()
		if err != nil {
			return false, err
		}
		if fields := differences(first, second); len(fields) > 0 {
			return false, c.newError(update, config).withCause(fmt.Errorf("%w: changed since it was read: %s", ErrConflict, strings.Join(fields, ", ")))
		}
	}
	updating := *config
	args.Body = patch.Addr().Interface()
	err = (&validator{known: knownValues(before, nil), unlisted: config.unlisted}).validate("", patch)
	if err == nil {
		updating.body, err = encode(args.Body)
	}
	if err != nil {
		return false, c.newError(update, config).withCause(err)
	}
	err = c.call(ctx, update, args, out, &updating)
	return err == nil, err
}

// Editable returns what an update of a resource could send if every field was
// to stay as it is: the starting point that an edit is given, and a value to
// give to [Diff]. The resource is what a read of it returned. Fields that can
// be set but not read, such as a password, are unset.
func Editable[P any](resource any) (P, error) {
	var patch P
	encoded, err := encode(resource)
	if err == nil {
		err = fill(&patch, encoded)
	}
	return patch, err
}

// Diff returns the smallest change that makes before into after, and whether
// there is any difference. What is unset in after is left alone; there is no
// way to unset a field but to clear one that can be null. Fields that an
// update always has to send are in the change whether they differ or not.
//
// Lists differ if their order does, since a list of codecs or ciphers is in
// the order of preference in which SIP offers it (RFC 3264, section 5.1).
// A field that is an object differs, and is sent, as a whole.
func Diff[P any](before, after P) (patch P, changed bool) {
	b, a := reflect.ValueOf(&before).Elem(), reflect.ValueOf(&after).Elem()
	if a.Kind() != reflect.Struct {
		return after, !same(b, a)
	}
	v, changed := diff(b, a)
	return v.Interface().(P), changed
}

// fill sets those fields of a patch that the resource has. Many resources keep
// their settings in an object inside of an envelope; the fields are taken from
// there if it holds more of them.
func fill(patch any, resource []byte) error {
	var source map[string]json.RawMessage
	if err := json.Unmarshal(resource, &source); err != nil {
		return fmt.Errorf("the resource is no JSON object: %w", err)
	}
	fields := codec.TypeOf(reflect.TypeOf(patch).Elem()).Fields
	held := func(object map[string]json.RawMessage) (n int) {
		for i := range fields {
			if _, ok := object[fields[i].Name]; ok {
				n++
			}
		}
		return n
	}
	most := held(source)
	for _, key := range slices.Sorted(maps.Keys(source)) {
		var inner map[string]json.RawMessage
		if json.Unmarshal(source[key], &inner) == nil && held(inner) > most {
			resource, most = source[key], held(inner)
		}
	}
	if err := codec.Unmarshal(resource, patch); err != nil {
		return fmt.Errorf("the resource does not fit its update: %w", err)
	}
	return nil
}

// diff compares two structs of one type field by field.
func diff(before, after reflect.Value) (patch reflect.Value, changed bool) {
	patch = reflect.New(after.Type()).Elem()
	for _, f := range codec.TypeOf(after.Type()).Fields {
		was, is := before.Field(f.Index), after.Field(f.Index)
		if f.Optional && is.IsZero() {
			continue
		}
		differs := !same(was, is)
		changed = changed || differs
		if differs || !f.Optional {
			patch.Field(f.Index).Set(is)
		}
	}
	return patch, changed
}

// same compares two values as what they are in JSON.
func same(a, b reflect.Value) bool {
	x, errX := encode(a.Interface())
	y, errY := encode(b.Interface())
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// differences names the fields in which two JSON objects differ.
func differences(first, second json.RawMessage) []string {
	var a, b map[string]any
	if json.Unmarshal(first, &a) != nil || json.Unmarshal(second, &b) != nil {
		return []string{"all of it"}
	}
	var names []string
	for name := range a {
		if !reflect.DeepEqual(a[name], b[name]) {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Null is the value that clears a field which can be null.
func Null[T any]() nullable.Nullable[T] { return nullable.NewNullNullable[T]() }

// Value is a value for a field which can be null.
func Value[T any](v T) nullable.Nullable[T] { return nullable.NewNullableWithValue(v) }
