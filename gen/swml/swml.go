// Package swml has types for SWML, the language that tells a SignalWire number
// what to do with a call.
//
//	doc := swml.Document{Sections: map[string]swml.Section{"main": {
//		swml.Answer{},
//		swml.Prompt{Play: swml.One("say:Press 1 for sales."), MaxDigits: swml.Of(1)},
//		swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{
//			"1": {swml.Connect{To: "+15555550100", Timeout: swml.Var[int]("ring_for")}},
//		}, Default: swml.Section{swml.Hangup{}}},
//	}}}
//
// gen.NewSWML(doc) makes of a document what requests and webhooks carry, and
// [Parse] and [json.Unmarshal] make a document of that. [Decode] and [Encode] are for
// steps and other parts of documents that stand alone, such as the prompt of an AI
// agent. Package encoding/json has no place for their members in Extra: json.Marshal
// returns an error if there are any, for all steps that have a field Extra, and for
// parts that can have a password or a token; json.Unmarshal ignores members of a part
// that its type does not have.
//
// A string, a slice, a map or a pointer that is zero is not written; an empty slice
// or map is. Numbers and booleans are a [Value], which can be a variable, too.
//
// Reading refuses no document. What has no place in a type is in the field Extra of
// the object that it stands in, by its name, and is written again: members that
// this package does not know, values of another kind, null and empty strings. What
// stands in place of an object, such as a string, is in its field Short. Where there
// is an [any], numbers are a [json.Number]. A step that is no object with one known
// verb is [Unknown]. [Document.Check] finds mistakes.
//
// Documents, steps and parts are printed by package fmt, and logged by package slog, as
// JSON without passwords, tokens, credentials in URLs and card numbers. That holds for
// slices and maps of parts as well, with two exceptions: the verb %#v of package fmt
// shows the Go syntax, and a [slog.JSONHandler] encodes a slice or a map of parts with
// json.Marshal, which refuses those with a password or a token, and shows others as if
// they were to be sent. Pass [Redact] of it to the handler.
package swml

import "encoding/json"

// Null and NameOnly are for the field Short of verbs: {"answer": null}, "answer".
var Null, NameOnly = json.RawMessage("null"), json.RawMessage{}

// Value is a number or a boolean, a variable that holds one, or absent.
type Value[T int | float64 | bool] struct {
	JSON any // what the document has; nil is absent
}

// Of returns a value.
func Of[T int | float64 | bool](v T) (of Value[T]) {
	text, _ := json.Marshal(v)
	_ = of.UnmarshalJSON(text)
	return of
}

// Var returns a variable as a value: Var[int]("a") is ${a}.
func Var[T int | float64 | bool](name string) Value[T] { return Value[T]{"${" + name + "}"} }

// Get returns the value, if there is one that is no variable.
func (v Value[T]) Get() (value T, ok bool) {
	text, _ := json.Marshal(v.JSON)
	ok = v.JSON != nil && json.Unmarshal(text, &value) == nil
	return value, ok
}

// OneOrMany is one value, or an array of them.
type OneOrMany[T any] struct {
	One  *T
	Many []T
}

// One returns one value, which is written without an array.
func One[T any](v T) OneOrMany[T] { return OneOrMany[T]{One: &v} }

// Many returns an array.
func Many[T any](v ...T) OneOrMany[T] { return OneOrMany[T]{Many: v} }

// All returns the values.
func (v OneOrMany[T]) All() []T {
	if v.One != nil {
		return []T{*v.One}
	}
	return v.Many
}

// Extra has the members of an object that no field of its type can hold, by name.
type Extra map[string]any
