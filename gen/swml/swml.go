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
// [Parse] makes a document of that. [Decode] is for parts of documents, such as the
// [Output] of a function. json.Marshal encodes all types, but json.Unmarshal none;
// see [ErrParse].
//
// A string, a slice, a map or a pointer that is zero is not written; an empty slice
// or map is. Numbers and booleans are a [Value], which can be a variable, too.
//
// Reading refuses no document. What has no place in a type is in the field Extra of
// the object that it stands in, by its name, and is written again: members that
// this package does not know, values of another kind, null and empty strings. Where
// there is an [any], an integer is an int, another number a float64, and one that
// would be written otherwise a [json.Number]. A step that is no object with
// one known verb is [Unknown]. [Document.Check] finds mistakes.
//
// Values of this package are printed by package fmt, and logged by package slog,
// as JSON without passwords, tokens and card numbers.
package swml

import (
	"encoding/json"
	"reflect"

	"github.com/seed-fbb712e3/signalwire-go/gen/internal/swmljson"
)

// Null and NameOnly are for the field Short of verbs: {"answer": null}, "answer".
const (
	Null     = swmljson.Null
	NameOnly = swmljson.NameOnly
)

// Value is a number or a boolean, a variable that holds one, or absent.
type Value[T int | float64 | bool] struct {
	JSON any // what the document has; nil is absent
}

// Of returns a value.
func Of[T int | float64 | bool](v T) Value[T] { return Value[T]{swmljson.Plain(v)} }

// Var returns a variable as a value: Var[int]("a") is ${a}.
func Var[T int | float64 | bool](name string) Value[T] { return Value[T]{"${" + name + "}"} }

// Get returns the value, if there is one that is no variable.
func (v Value[T]) Get() (value T, ok bool) {
	text, err := json.Marshal(v.JSON)
	return value, err == nil && v.JSON != nil && json.Unmarshal(text, &value) == nil
}

// OneOrMany is one value, or an array of them.
type OneOrMany[T any] struct {
	One  T
	Many []T
}

// One returns one value, which is written without an array.
func One[T any](v T) OneOrMany[T] { return OneOrMany[T]{One: v} }

// Many returns an array.
func Many[T any](v ...T) OneOrMany[T] { return OneOrMany[T]{Many: v} }

// All returns the values.
func (v OneOrMany[T]) All() []T {
	if v.Many != nil || reflect.ValueOf(&v.One).Elem().IsZero() {
		return v.Many
	}
	return []T{v.One}
}

// TextOr is a string, or a T.
type TextOr[T any] struct {
	Text   string
	Object *T
}

func (v Value[T]) String() string               { return swmljson.String(v, verbName) }
func (v Value[T]) MarshalJSON() ([]byte, error) { return swmljson.Marshal(v, verbName) }
func (*Value[T]) UnmarshalJSON([]byte) error    { return ErrParse }

func (v OneOrMany[T]) MarshalJSON() ([]byte, error) { return swmljson.Marshal(v, verbName) }
func (*OneOrMany[T]) UnmarshalJSON([]byte) error    { return ErrParse }
func (v OneOrMany[T]) String() string               { return swmljson.String(v, verbName) }

func (v TextOr[T]) MarshalJSON() ([]byte, error) { return swmljson.Marshal(v, verbName) }
func (*TextOr[T]) UnmarshalJSON([]byte) error    { return ErrParse }
func (v TextOr[T]) String() string               { return swmljson.String(v, verbName) }
