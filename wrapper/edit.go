package signalwire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// Edit executes read, sets the fields of args.Body, which is the request body of update,
// from the response, and calls change, which may modify them. If any field was changed,
// Edit executes update. The request has the fields that were changed and those unchanged
// ones that update requires. Edit reports whether it changed the resource, and decodes
// the resource into out: the response of update, or that of read if nothing was changed.
func (c *caller) Edit(ctx context.Context, read, update *gen.Operation, args gen.Args, change func() error, out any, opts ...gen.CallOption) (bool, error) {
	config := c.config.with(opts)
	err := config.invalid
	if err == nil && change == nil {
		err = &InputError{"change", "expected a function, got nil"}
	}
	if err == nil && update.Edit == nil {
		err = fmt.Errorf("the description does not say how to edit with %s", update.ID)
	}
	reading := *config
	reading.conflictCheck = false
	if reading.invalid = err; err != nil {
		return false, c.call(ctx, update, args, out, &reading)
	}
	reading.dryRun = nil // the read is sent in a dry run too, to find out what changed
	reading.fields = nil
	get := func() (resource reflect.Value, text []byte, err error) {
		resource = reflect.New(reflect.TypeOf(out).Elem())
		reading.raw = &text
		err = c.call(ctx, read, gen.Args{Path: args.Path}, resource.Interface(), &reading)
		config.setRaw(text)
		return resource, text, err
	}
	resource, first, err := get()
	if err != nil {
		return false, err
	}
	e, err := newEdit(update.Edit, reflect.ValueOf(args.Body).Elem(), first)
	if err == nil {
		err = change()
	}
	var members []member
	changed := false
	if err == nil {
		members, changed, err = e.changedFields(config)
	}
	if err != nil {
		return false, c.fail(ctx, update, args, config, err)
	}
	if !changed {
		reflect.ValueOf(out).Elem().Set(resource.Elem())
		return false, nil
	}
	if config.conflictCheck {
		_, second, err := get()
		if err != nil {
			return false, err
		}
		if err := e.conflict(members, second); err != nil {
			return false, c.fail(ctx, update, args, config, err)
		}
	}
	updating := *config
	updating.conflictCheck = false
	updating.body = appendObject(nil, members)
	err = c.call(ctx, update, args, out, &updating)
	return err == nil, err
}

// PatchFrom returns an update that sets each field to the value that the resource has
// now, for example as the first argument of [Diff]. P is the type of the update, and
// resource is the result of a read. Fields that can be set but not read, such as a
// password, are unset. It returns an error if resource is nil, or if P is not the type of
// the update of such a resource.
//
//	before, err := signalwire.PatchFrom[gen.SIPGatewayUpdate](gateway)
func PatchFrom[P, R any](resource *R) (patch P, err error) {
	rule := gen.EditRuleOf(&patch, resource)
	if rule == nil {
		return patch, fmt.Errorf("signalwire: expected the result of a read that a %T updates, got a %T", patch, resource)
	}
	if resource == nil {
		return patch, fmt.Errorf("signalwire: expected a %T, got nil", resource)
	}
	text, err := encode(resource)
	if err == nil {
		_, err = newEdit(rule, reflect.ValueOf(&patch).Elem(), text)
	}
	if err != nil {
		return patch, fmt.Errorf("signalwire: %w", err)
	}
	return patch, nil
}

// Diff returns the fields of after that differ from those of before, and reports whether
// any does. A field that is unset in after is left out; [Null] clears a field that can be
// null. Required fields are always in the result.
//
// The result is the smallest request that changes before into after, if the update leaves
// fields that are not sent as they are. An update that replaces the resource, as the
// documentation of its method says, resets them: use the Edit method of the resource there,
// which sends all fields.
//
// P is a struct, such as [gen.SIPGatewayUpdate]. Of any other type, such as a pointer, the
// result is all of after.
//
// Arrays differ if the order of their elements does, since the order of codecs and
// ciphers is the order of preference in SIP (RFC 3264, section 5.1). A field that is an
// object differs, and is sent, as a whole.
func Diff[P any](before, after P) (patch P, changed bool) {
	b, a := reflect.ValueOf(&before).Elem(), reflect.ValueOf(&after).Elem()
	if a.Kind() != reflect.Struct {
		return after, !equalAsJSON(b, a)
	}
	p := reflect.ValueOf(&patch).Elem()
	for _, f := range typeinfo.Of(a.Type()).Fields {
		was, is := b.Field(f.Index), a.Field(f.Index)
		if f.Optional() && is.IsZero() {
			continue
		}
		differs := !equalAsJSON(was, is)
		changed = changed || differs
		if differs || !f.Optional() {
			p.Field(f.Index).Set(is)
		}
	}
	return patch, changed
}

// edit computes the request body of an update from the resource that was read and the
// caller's changes.
type edit struct {
	rule *gen.EditRule
	// read is the JSON of each field of the update, as it was read.
	read map[string]json.RawMessage
	// before is the update with the values that were read, and after the same update with
	// the changes of the caller.
	before, after reflect.Value
	// unread are the paths of the values in before that could not be decoded.
	unread []string
}

// newEdit sets the fields of update from the JSON of the resource. The caller may change
// them until changedFields is called.
func newEdit(rule *gen.EditRule, update reflect.Value, resource []byte) (*edit, error) {
	e := &edit{rule: rule, before: reflect.New(update.Type()).Elem(), after: update}
	members, err := e.settings(resource)
	if err != nil {
		return nil, err
	}
	e.read = map[string]json.RawMessage{}
	for _, m := range members {
		e.read[m.name] = m.value
	}
	text := appendObject(nil, members)
	for _, v := range []reflect.Value{e.before, e.after} {
		notes, err := codec.Decode(text, v.Addr().Interface(), codec.Options{})
		if err != nil {
			return nil, fmt.Errorf("the resource could not be decoded as its update: %w", err)
		}
		e.unread = notes.Unread
	}
	return e, nil
}

// settings returns the members of a resource that the update has fields for, named as the
// update names them. It leaves out write-only fields. It returns an error if the resource has
// these members elsewhere than is described.
func (e *edit) settings(resource []byte) ([]member, error) {
	object := readObject(resource)
	if object == nil {
		return nil, errors.New("the response is not a JSON object")
	}
	if e.rule.Settings != "" {
		if object = readObject(object[e.rule.Settings]); object == nil {
			return nil, fmt.Errorf("the response has no object %s with the settings", e.rule.Settings)
		}
	}
	var members []member
	fields := typeinfo.Of(e.after.Type()).Fields
	for _, f := range fields {
		name := f.Name
		if other, ok := e.rule.Names[name]; ok {
			name = other
		}
		if value, ok := object[name]; ok && !slices.Contains(e.rule.WriteOnly, f.Name) {
			members = append(members, member{f.Name, value})
		}
	}
	if members == nil { // The edit would take all settings for unset ones.
		for name, value := range object {
			within := readObject(value)
			isSetting := func(f typeinfo.Field) bool { return within[f.Name] != nil }
			if slices.ContainsFunc(fields, isSetting) {
				return nil, fmt.Errorf("the response has the settings in its member %q, where they are not described", name)
			}
		}
	}
	return members, nil
}

// readObject returns the members of a JSON object, or of the only element of an array. It
// returns nil for any other JSON.
func readObject(text []byte) (object map[string]json.RawMessage) {
	if json.Unmarshal(soleElement(text), &object) != nil {
		return nil
	}
	return object
}

// soleElement returns the only element of a JSON array, or text if it is other JSON.
func soleElement(text []byte) []byte {
	var array []json.RawMessage
	if json.Unmarshal(text, &array) == nil && len(array) == 1 {
		return array[0]
	}
	return text
}

// changedFields returns the members of the request body and reports whether there is any
// change. It returns an error if the caller cleared a field in a way that cannot be sent,
// if a changed field is not valid, or if a field that has to be sent has no value. Values
// of enumerations that the resource has already are valid.
func (e *edit) changedFields(config *callConfig) (members []member, changed bool, err error) {
	valid := &validator{known: knownValues(e.before, nil), unlisted: config.unlisted}
	t := typeinfo.Of(e.after.Type())
	var missing *InputError // the first field that has to be sent and has no known value
	changed = config.callField() != nil
	for i := range t.Fields {
		f := &t.Fields[i]
		was, is := e.before.Field(f.Index), e.after.Field(f.Index)
		if wrong := cleared(was, is); wrong != nil {
			return nil, false, wrong.prependPath(f.Name)
		}
		raw, unread := e.read[f.Name], e.unreadIn(f.Name)
		switch {
		case !equalAsJSON(was, is):
			if wrong := valid.field(f, is, 0); wrong != nil {
				return nil, false, wrong.prependPath(f.Name)
			}
			text, err := merge(raw, was, is)
			if lost, ok := err.(*InputError); ok {
				return nil, false, lost.prependPath(f.Name)
			}
			if err != nil {
				return nil, false, unencodable("", err).prependPath(f.Name)
			}
			members = append(members, member{f.Name, text})
			changed = true
		case f.Optional() && !e.rule.Full: // it is not sent, and stays as it is
		case unread != "":
			missing = firstOf(missing, &InputError{unread, "its value in the response could not be read, and would be lost; set it"})
		case isUnset(is) || raw == nil || isNull(raw) && !isNullable(is):
			if !f.Optional() {
				missing = firstOf(missing, &InputError{f.Name, "the update requires it and the response has no value for it; set it"})
			}
		default:
			text, err := carry(raw, is)
			if err != nil {
				return nil, false, unencodable("", err).prependPath(f.Name)
			}
			members = append(members, member{f.Name, text})
		}
	}
	if changed && missing != nil {
		return nil, false, missing
	}
	return members, changed, nil
}

func isNull(raw []byte) bool { return string(raw) == "null" }

func isNullable(v reflect.Value) bool {
	_, ok := v.Interface().(typeinfo.Nullable)
	return ok
}

// firstOf returns a, or b if a is nil.
func firstOf(a, b *InputError) *InputError {
	if a != nil {
		return a
	}
	return b
}

// unreadIn returns the path of the first value in a field that could not be decoded, or
// "".
func (e *edit) unreadIn(field string) string {
	for _, path := range e.unread {
		if rest, ok := strings.CutPrefix(path, field); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return path
		}
	}
	return ""
}

// conflict returns [ErrConflict] if any of the members that are about to be sent has
// changed since it was read. If the update replaces the resource, it also returns it for a
// member that would be lost because it was not there before. The argument resource is the
// JSON of the resource as it was read for the second time.
func (e *edit) conflict(members []member, resource []byte) error {
	now, err := e.settings(resource)
	if err != nil {
		return err
	}
	read := map[string]json.RawMessage{}
	for _, m := range now {
		read[m.name] = m.value
	}
	var names []string
	for _, f := range typeinfo.Of(e.after.Type()).Fields {
		isSent := slices.ContainsFunc(members, func(m member) bool { return m.name == f.Name })
		if (isSent || e.rule.Full) && !equalJSON(e.read[f.Name], read[f.Name]) {
			names = append(names, f.Name)
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("%w: changed since it was read: %s", ErrConflict, strings.Join(names, ", "))
}

// isUnset reports whether a field of an update has no value: it is a nil slice, map,
// pointer or interface, an unspecified nullable, or an empty union. A field of another
// type always has a value.
func isUnset(v reflect.Value) bool {
	if o, ok := v.Interface().(typeinfo.Nullable); ok {
		return !o.IsSpecified()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		return v.IsNil()
	case reflect.Struct:
		return typeinfo.Of(v.Type()).Union && v.IsZero()
	}
	return false
}

// cleared returns an error if a field that had a value is nil now. A nil field is not
// sent, so the resource would keep its value, which is probably not what the caller
// intended. cleared checks the fields of objects, too, but not the elements of arrays and
// maps.
func cleared(was, is reflect.Value) *InputError {
	if document, ok := was.Interface().(typeinfo.Raw); isUnset(was) || ok && isNull(document.Raw()) {
		return nil
	}
	if isUnset(is) {
		return &InputError{"", "it was set and is nil, which does not clear it; " + howToClear(is)}
	}
	if was, is = reflect.Indirect(was), reflect.Indirect(is); !isObject(is.Type()) {
		return nil
	}
	for _, f := range typeinfo.Of(is.Type()).Fields {
		if wrong := cleared(was.Field(f.Index), is.Field(f.Index)); wrong != nil {
			return wrong.prependPath(f.Name)
		}
	}
	return nil
}

// isObject reports whether the values of a type are structs whose fields are members of a
// JSON object, possibly beside other members.
func isObject(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	known := typeinfo.Of(t)
	return !known.Custom || known.Additional >= 0
}

// howToClear returns advice for an error message: which value clears the field v.
func howToClear(v reflect.Value) string {
	if _, ok := v.Interface().(typeinfo.Nullable); ok {
		return "set it to signalwire.Null"
	}
	if _, ok := v.Interface().(typeinfo.Raw); ok {
		return "set it to an empty document"
	}
	t := v.Type()
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return "set it to " + strings.ReplaceAll(t.String(), "interface {}", "any") + "{}"
	case reflect.Pointer:
		switch elem := t.Elem(); {
		case elem.Kind() == reflect.String && !typeinfo.Of(elem).Enum:
			return `set it to signalwire.Ptr("")`
		case elem.Kind() == reflect.Bool:
			return "set it to signalwire.Ptr(false)"
		case elem.Kind() == reflect.Int64 || elem.Kind() == reflect.Float64:
			return "set it to signalwire.Ptr[" + elem.String() + "](0)"
		case isObject(elem):
			return "set it to &" + elem.String() + "{}"
		}
	}
	return "set it to another value"
}

// member is a member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// appendObject appends a JSON object with these members to text.
func appendObject(text []byte, members []member) []byte {
	text = append(text, '{')
	for i, m := range members {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(append(text, quote(m.name)...), ':'), m.value...)
	}
	return append(text, '}')
}

// carry returns the JSON of a value that the caller did not change: raw, which was read,
// as it is. Only those parts of it are encoded again that could be read, but do not have
// the form in which the API describes them, such as a number in quotes.
func carry(raw []byte, v reflect.Value) ([]byte, error) {
	if isNull(raw) || isStrict(raw, v) {
		return raw, nil
	}
	for (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && !v.IsNil() {
		v = v.Elem()
	}
	if v.IsZero() {
		if _, err := codec.Decode(raw, reflect.New(v.Type()).Interface(), codec.Options{}); err != nil {
			return raw, nil // it could not be read
		}
	}
	return mergeParts(raw, v, v)
}

// isStrict reports whether raw, from which v was decoded, has the form in which the
// encoder writes v. Of types that decode themselves, it checks only times and ids.
func isStrict(raw []byte, v reflect.Value) bool {
	for (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && !v.IsNil() {
		v = v.Elem()
	}
	if len(raw) == 0 {
		return false
	}
	t := v.Type()
	known := typeinfo.Of(t)
	if _, ok := v.Interface().(typeinfo.Nullable); ok {
		value := v.MapIndex(reflect.ValueOf(true))
		return value.IsValid() && isStrict(raw, value)
	}
	isStrictPart := func(raw []byte, v reflect.Value) bool { return isNull(raw) || isStrict(raw, v) }
	switch {
	case isObject(t):
		read, _ := readMembers(raw)
		for _, f := range known.Fields {
			value, ok := read[f.Name]
			if ok && !isUnset(v.Field(f.Index)) && !isStrictPart(value, v.Field(f.Index)) {
				return false
			}
		}
		return raw[0] == '{'
	case known.Custom && !known.Text:
		return true
	case t.Kind() == reflect.Slice:
		var read []json.RawMessage
		if json.Unmarshal(raw, &read) != nil || len(read) != v.Len() {
			return false
		}
		for i := range read {
			if !isStrictPart(read[i], v.Index(i)) {
				return false
			}
		}
		return true
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		read, _ := readMembers(raw)
		for _, key := range v.MapKeys() {
			if !isStrictPart(read[key.String()], v.MapIndex(key)) {
				return false
			}
		}
		return raw[0] == '{'
	}
	text, err := encode(v.Interface())
	if err == nil && known.Text {
		return isStrictText(raw, text)
	}
	return err == nil && jsonKind(raw[0]) == jsonKind(text[0])
}

// isStrictText reports whether the JSON string raw is a time as in RFC 3339, or is equal to
// the JSON string text, which the encoder writes for it, but for the case of letters. The
// encoder writes a time in another form if its fraction ends in zeros or its offset is +00:00.
func isStrictText(raw, text []byte) bool {
	var read, written string
	if json.Unmarshal(raw, &read) != nil || json.Unmarshal(text, &written) != nil {
		return false
	}
	_, err := time.Parse(time.RFC3339, strings.ToUpper(read))
	return err == nil || strings.EqualFold(read, written)
}

// jsonKind returns a code for the kind of a JSON value (object, array, string, null,
// boolean or number), given the first byte of the value.
func jsonKind(first byte) byte {
	switch first {
	case '{', '[', '"', 'n':
		return first
	case 't', 'f':
		return 't'
	}
	return '0'
}

// merge returns the JSON of a value that the caller changed from was to is. It keeps
// those parts of raw, the JSON that was read, that were not changed, and members of
// objects that the Go type has no field for.
func merge(raw []byte, was, is reflect.Value) ([]byte, error) {
	if equalAsJSON(was, is) {
		return carry(raw, is)
	}
	for is.Kind() == reflect.Pointer || is.Kind() == reflect.Interface {
		if was.Kind() != is.Kind() || was.IsNil() || is.IsNil() {
			return encode(is.Interface())
		}
		was, is = was.Elem(), is.Elem()
	}
	return mergeParts(raw, was, is)
}

// mergeParts is merge for values that are not pointers. It merges structs, maps and
// slices part by part, and encodes any other value anew.
func mergeParts(raw []byte, was, is reflect.Value) ([]byte, error) {
	if len(raw) == 0 || was.Type() != is.Type() {
		return encode(is.Interface())
	}
	kind := is.Kind()
	if kind != reflect.Slice && raw[0] == '[' {
		raw = soleElement(raw) // An array of one object is that object, as in package codec.
	}
	switch {
	case isObject(is.Type()) && raw[0] == '{':
		return mergeStruct(raw, was, is)
	case kind == reflect.Map && is.Type().Key().Kind() == reflect.String && !typeinfo.Of(is.Type()).Custom && raw[0] == '{':
		return mergeMap(raw, was, is)
	case kind == reflect.Slice && !typeinfo.Of(is.Type()).Custom:
		return mergeSlice(raw, was, is)
	}
	return encode(is.Interface())
}

// mergeStruct is merge for structs. Members without a field in the struct follow the
// others.
func mergeStruct(raw []byte, was, is reflect.Value) ([]byte, error) {
	read, order := readMembers(raw)
	var members []member
	var err error
	t := typeinfo.Of(is.Type())
	for _, f := range t.Fields {
		w, v := was.Field(f.Index), is.Field(f.Index)
		value, ok := read[f.Name]
		delete(read, f.Name)
		unset, unchanged := v.IsZero() || isUnset(v), equalAsJSON(w, v)
		if unset && (unchanged && !ok || !unchanged && f.Optional()) {
			// It was not there, or was cleared in an element of an array, which is sent as a
			// whole.
			continue
		}
		// A field that is unset before and after can have a member that could not be
		// decoded: its JSON is kept.
		if !unchanged || !isUnset(v) {
			if value, err = merge(value, w, v); err != nil {
				return nil, errorWithin(f.Name, err)
			}
		}
		members = append(members, member{f.Name, value})
	}
	if t.Additional >= 0 {
		members, err = mergeEntries(members, read, was.Field(t.Additional), is.Field(t.Additional))
		return appendObject(nil, members), err
	}
	for _, name := range order {
		if value, ok := read[name]; ok {
			members = append(members, member{name, value})
		}
	}
	return appendObject(nil, members), nil
}

// mergeMap is merge for maps with string keys.
func mergeMap(raw []byte, was, is reflect.Value) ([]byte, error) {
	read, _ := readMembers(raw)
	members, err := mergeEntries(nil, read, was, is)
	return appendObject(nil, members), err
}

// mergeEntries appends the entries of a map with string keys to members, merged with the
// members that were read. Entries that the caller deleted are left out.
func mergeEntries(members []member, read map[string]json.RawMessage, was, is reflect.Value) ([]member, error) {
	keys := is.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		value, w := read[key.String()], was.MapIndex(key)
		var err error
		if w.IsValid() {
			value, err = merge(value, w, is.MapIndex(key))
		} else {
			value, err = encode(is.MapIndex(key).Interface())
		}
		if err != nil {
			return nil, errorWithin(key.String(), err)
		}
		members = append(members, member{key.String(), value})
	}
	return members, nil
}

// errorWithin puts the name of a member or an index before the path of an [*InputError].
func errorWithin(name string, err error) error {
	if wrong, ok := err.(*InputError); ok {
		return wrong.prependPath(name)
	}
	return err
}

// mergeSlice is merge for slices. It returns an [*InputError] if raw could not be decoded,
// since the caller may have appended an element, and the others would be lost. An element is
// merged with an equal element that was read or, if there are no fewer elements now, with the
// one at its index, unless that has moved. Other elements are encoded anew.
func mergeSlice(raw []byte, was, is reflect.Value) ([]byte, error) {
	if was.IsNil() && !isNull(raw) {
		return nil, &InputError{"", "its value in the response could not be read, and its elements could be lost; set all of them with the update"}
	}
	read := elements(raw, is.Type().Elem())
	if len(read) != was.Len() {
		return encode(is.Interface())
	}
	text := []byte{'['}
	for i := range is.Len() {
		v := is.Index(i)
		at := sameElement(was, v, i)
		if at < 0 && i < was.Len() && was.Len() <= is.Len() && sameElement(is, was.Index(i), i) < 0 {
			at = i // the element was changed in place
		}
		var element []byte
		var err error
		if at >= 0 {
			element, err = merge(read[at], was.Index(at), v)
		} else {
			element, err = encode(v.Interface())
		}
		if err != nil {
			return nil, errorWithin(fmt.Sprintf("[%d]", i), err)
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, element...)
	}
	return append(text, ']'), nil
}

// elements returns the JSON of the elements that package codec decodes raw into, whose type
// is t. An object in place of an array is the only element, or has the array as its member
// data.
func elements(raw []byte, t reflect.Type) (list []json.RawMessage) {
	if raw[0] == '{' {
		object, _ := readMembers(raw)
		data := object["data"]
		if len(data) == 0 || data[0] != '[' || isObject(t) && typeinfo.Of(t).Field("data") >= 0 {
			return []json.RawMessage{raw}
		}
		raw = data
	}
	_ = json.Unmarshal(raw, &list) // or it is no array
	return list
}

// sameElement returns the index of an element of list that is equal to v, or -1. If there
// are several, it prefers i.
func sameElement(list, v reflect.Value, i int) int {
	if i < list.Len() && equalAsJSON(list.Index(i), v) {
		return i
	}
	for j := range list.Len() {
		if equalAsJSON(list.Index(j), v) {
			return j
		}
	}
	return -1
}

// readMembers returns the members of a valid JSON object, and their names in order.
func readMembers(object []byte) (members map[string]json.RawMessage, names []string) {
	members = map[string]json.RawMessage{}
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token()
	for d.More() {
		name, _ := d.Token()
		text, _ := name.(string)
		var value json.RawMessage
		_ = d.Decode(&value)
		if members[text] == nil {
			names = append(names, text)
		}
		members[text] = value
	}
	return members, names
}

// equalAsJSON reports whether two values have the same JSON. It is a change if a value that
// was unset is null. Values that cannot be encoded, as they have JSON that is not UTF-8, are
// equal if they are the same in Go.
func equalAsJSON(was, is reflect.Value) bool {
	x, errX := encode(was.Interface())
	y, errY := encode(is.Interface())
	if errX != nil || errY != nil {
		return errX != nil && errY != nil && reflect.DeepEqual(was.Interface(), is.Interface())
	}
	return bytes.Equal(x, y) && (isUnset(is) || !isUnset(was))
}

// equalJSON reports whether two JSON values are equal, whatever their white space and the
// order of members. nil is a missing value. Numbers are equal if they are written in the
// same way.
func equalJSON(a, b json.RawMessage) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	x, errX := untyped(a)
	y, errY := untyped(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

// untyped decodes JSON, with numbers as [json.Number], which keeps their spelling.
func untyped(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// Null returns the JSON value null, which clears a field of a request, for fields of type
// [nullable.Nullable]. No other field can be null: "" or an empty slice clears it.
func Null[T any]() nullable.Nullable[T] { return nullable.NewNullNullable[T]() }

// Value returns v for a field of type [nullable.Nullable].
func Value[T any](v T) nullable.Nullable[T] { return nullable.NewNullableWithValue(v) }
