// Package swml has types for documents in SWML, the language that controls calls on
// SignalWire.
//
//	doc := swml.Document{Sections: map[string]swml.Section{"main": {
//		swml.Answer{},
//		swml.Prompt{Play: swml.One("say:Press 1 for sales."), MaxDigits: swml.Of(1)},
//		swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{
//			"1": {swml.Connect{To: "+15555550100", Timeout: swml.Var[int]("ring_for")}},
//		}, Default: swml.Section{swml.Hangup{}}},
//	}}}
//
// gen.NewSWML(doc) converts a document to the type that requests and the responses of
// webhooks have. [Parse] and [json.Unmarshal] decode a document. [Decode] and [Encode]
// are for steps and other parts of a document that stand alone, such as the prompt of
// an AI agent. Package encoding/json does not support these parts completely, because
// it does not know the field Extra: json.Marshal returns an error for a part with
// members in Extra, for all steps that have a field Extra, and for parts that can have
// a password or a token; json.Unmarshal ignores members of a part that its type does
// not have.
//
// Empty strings, nil slices, nil maps and nil pointers are not encoded; empty slices
// and maps that are not nil are. Numbers and booleans have the type [Value], because a
// document can have a variable in their place.
//
// Decoding refuses no document. Members that the type of an object cannot hold are in
// the field Extra of the object, by name, and are encoded again: members that this
// package does not know, values of another type, null and empty strings. A value in
// place of an object, such as a string, is in the field Short. In fields of type [any],
// numbers are a [json.Number]. A step that is not an object with one known verb is
// [Unknown]. [Document.Check] finds mistakes.
//
// Package fmt prints, and package slog logs, documents, steps and parts as JSON without
// passwords, tokens, credentials in URLs and card numbers. That also holds for slices
// and maps of parts, with three exceptions: the verb %#v of package fmt, and verbs that
// are not for strings, such as %d, show the fields; package fmt calls no methods on what
// is in an unexported field; and a [slog.JSONHandler] encodes a slice or a map of parts
// with json.Marshal, which returns an error for parts with a password or a token, and
// encodes other parts unredacted. Pass the result of [Redact] to such a handler instead.
package swml

import "encoding/json"

// Null and NameOnly are values for the field Short of verbs. With Null, the verb answer
// is encoded as {"answer": null}; with NameOnly, as the string "answer".
var Null, NameOnly = json.RawMessage("null"), json.RawMessage{}

// Value is a number or a boolean, or a variable that has one, or absent, which is the
// zero value.
type Value[T int | float64 | bool] struct {
	JSON any // the JSON value in the document; nil if it is absent
}

// Of returns a Value that is the number or the boolean v. For a Value[float64], write a
// constant with a decimal point: Of(5.0), as Of(5) is a Value[int].
func Of[T int | float64 | bool](v T) (of Value[T]) {
	text, _ := json.Marshal(v)
	of.JSON = v // stays if it is NaN or infinite, so that encoding it fails
	_ = Decode(text, &of.JSON)
	return of
}

// Var returns a Value that is a variable: Var[int]("a") is ${a}.
func Var[T int | float64 | bool](name string) Value[T] { return Value[T]{"${" + name + "}"} }

// Get returns the number or the boolean. ok is false if the value is absent or a
// variable.
func (v Value[T]) Get() (value T, ok bool) {
	text, _ := json.Marshal(v.JSON)
	ok = v.JSON != nil && json.Unmarshal(text, &value) == nil
	return value, ok
}

// OneOrMany is a single value or an array of values. Only one of the fields is set.
type OneOrMany[T any] struct {
	One  *T
	Many []T
}

// One returns a single value, which is encoded without an array.
func One[T any](v T) OneOrMany[T] { return OneOrMany[T]{One: &v} }

// Many returns an array of values.
func Many[T any](v ...T) OneOrMany[T] { return OneOrMany[T]{Many: v} }

// All returns the values, also a single one, as a slice.
func (v OneOrMany[T]) All() []T {
	if v.One != nil {
		return []T{*v.One}
	}
	return v.Many
}

// Extra has the members of an object that no other field of its type can hold, by name.
type Extra map[string]any
