// Package gen is SignalWire's REST API as Go types: the resources and requests
// that the API's description names, the operations on each kind of resource as
// methods of a type, such as [SIPGateways], and a descriptor of each operation.
//
// The package describes the API, but sends nothing itself. A [Caller] executes the
// operations: it builds the URL, adds credentials, encodes and decodes bodies, and returns
// errors. Package signalwire has the Caller that programs use; its Client has every field
// of [Client].
//
// The comments of fields name other fields as JSON does, for example call_handler. They
// state the limits and the defaults that SignalWire documents. Package signalwire checks
// enumerations, ids, and strings that must not be empty; the Space checks the other limits.
// A union, such as [VoiceLog], holds a value of one of several types, which its method
// Value names; a function such as [NewVoiceLog] makes one.
//
// The files that end in .gen.go are generated.
package gen

import (
	"context"
	"iter"
	"reflect"

	"github.com/google/uuid"
)

// Operation describes an operation of the API for a [Caller].
type Operation struct {
	// ID is the operation's name in snake_case, for example "update_sip_gateway".
	ID string
	// Method is the HTTP method.
	Method string
	// Path is the path template below the server's URL, with each parameter in
	// braces.
	Path string
	// Success is the status of a successful response.
	Success int
	// Request is the media type of the request body. It is empty for
	// application/json.
	Request string
	// Response is the media type of the body of a successful response. It is
	// empty for application/json.
	Response string
	// MayBeEmpty reports whether successful responses may or may not have a body.
	MayBeEmpty bool
	// Parameters describes those fields of Args.Query that are sent as headers, or that
	// are encoded in another way than with style form and explode true (OpenAPI 3.1,
	// section 4.8.12).
	Parameters []Parameter
	// Security lists the kinds of credentials that the operation accepts. One of them is
	// enough. It is empty if the operation needs no credentials.
	Security []Security
	// Idempotent reports whether processing a request twice has the same effect as
	// processing it once (RFC 9110, section 9.2.2). Such a request may be repeated if no
	// response came.
	Idempotent bool
	// Edit describes how the request is derived from the response of a read. It is nil if
	// no Edit method uses the operation.
	Edit *EditRule
	// Settle describes in which list the result of a POST request can be found when it is
	// not known whether the request was processed. It is nil if there is no such list.
	Settle *SettleRule
}

// SettleRule describes how to find the result of a request in a list. Members of objects
// are given as JSON pointers (RFC 6901).
type SettleRule struct {
	// List is the operation that returns the list. Its path has the parameters of the
	// path of the request, or none.
	List *Operation
	// Created is the member of a list entry with the time of its creation.
	Created string
	// Match has pairs of members that have equal values: a member of a list entry, and a
	// member of the request body.
	Match [][2]string
}

// EditRule describes how the request of an update is derived from the response of a read
// of the same resource.
type EditRule struct {
	// Settings is the name of the member of the response whose value is an object with
	// the settings, such as "sip_gateway". It is empty if the settings are members of the
	// response itself.
	Settings string
	// Names maps the names of fields of the update to the names of the members of the
	// settings with their values, if these differ.
	Names map[string]string
	// WriteOnly lists the fields of the update that the response does not have, such as a
	// password, or whose values must not be taken from it.
	WriteOnly []string
	// Full reports whether the update must include the settings that do not change. It is
	// true for a PUT, unless the server is known to keep the settings that a request does
	// not include.
	Full bool
}

// Parameter describes how a query parameter or a header parameter is encoded.
type Parameter struct {
	// Name is the parameter's name in the description.
	Name string
	// In is "query" or "header".
	In string
	// Style and Explode are the serialization of a query parameter, as OpenAPI defines
	// it, such as "form" or "deepObject". They have no effect on a header.
	Style   string
	Explode bool
}

// Security is a kind of credentials. Its values are names in the description of the API.
type Security string

// The kinds of credentials that SignalWire's operations take.
const (
	// SecurityBasic is HTTP Basic authentication (RFC 7617) with a project id
	// as user name and an API token as password.
	SecurityBasic Security = "SignalWireBasicAuth"
	// SecurityBearer is a bearer token (RFC 6750), such as a subscriber's.
	SecurityBearer Security = "SignalWireBearerAuth"
)

// Args are the arguments of one call.
type Args struct {
	// Path holds the values of the path parameters, in the order of the path template.
	Path []any
	// Query points to a struct with the query and header parameters. It is nil if the
	// operation has none.
	Query any
	// Body points to the request body. It is nil if there is none. It points to a string
	// or a []byte if Operation.Request is neither JSON nor a form.
	Body any
}

// CallOption is a setting of one call. Each [Caller] defines its own options and refuses
// others. The methods only mark a type as an option, and do nothing.
type CallOption interface {
	Option()
	CallOption()
}

// Caller executes operations.
type Caller interface {
	// Call executes op and decodes the response into out. out is a pointer, or nil if the
	// response has no body. It points to a string or a []byte if op.Response is not JSON.
	// If op.MayBeEmpty is true, it points to a pointer, which remains nil for a response
	// without a body.
	Call(ctx context.Context, op *Operation, args Args, out any, opts ...CallOption) error

	// Edit executes read, sets the fields of args.Body from the settings in the response,
	// and calls change. If change has modified any field, Edit executes update with the
	// modified fields. It reports whether there were any, and decodes the resource, as it
	// is afterwards, into out.
	Edit(ctx context.Context, read, update *Operation, args Args, change func() error, out any, opts ...CallOption) (changed bool, err error)

	// Pages calls the list operation op once for each page, until the last page or until
	// the caller stops iterating. Each page is decoded into a new value, which page
	// returns a pointer to. The iteration stops after the first error.
	Pages(ctx context.Context, op *Operation, args Args, page func() any, opts ...CallOption) iter.Seq2[any, error]
}

// The type parameters of the functions below stand for pointers. All pointer types have the
// same shape for the compiler, so that it compiles each function once, and not once for each
// operation. The functions are not inlined, since the copies would make the compilation of
// this package slower.

// edit implements the methods that edit a resource.
//
//go:noinline
func edit[P, B any](ctx context.Context, caller Caller, read, update *Operation, path []any, body B, change func(B) error, out P, opts []CallOption) (P, bool, error) {
	var none P
	var apply func() error
	if change != nil {
		apply = func() error { return change(body) }
	}
	changed, err := caller.Edit(ctx, read, update, Args{Path: path, Body: body}, apply, out, opts...)
	if err != nil {
		return none, false, err
	}
	return out, changed, nil
}

// path returns the path arguments of an operation whose only path parameter is an id.
//
//go:noinline
func path(id uuid.UUID) []any { return []any{id} }

// pages implements the methods that return the pages of a list. P is a pointer to the
// type of a page, and example a value of P, which only serves to find out the type.
//
//go:noinline
func pages[P any](ctx context.Context, caller Caller, op *Operation, args Args, example P, opts []CallOption) iter.Seq2[P, error] {
	pageType := reflect.TypeOf(example).Elem()
	untyped := caller.Pages(ctx, op, args, func() any { return reflect.New(pageType).Interface() }, opts...)
	return func(yield func(P, error) bool) {
		for page, err := range untyped {
			p, _ := page.(P)
			if !yield(p, err) {
				return
			}
		}
	}
}

// items implements the methods that return the items of a list. T is a pointer to the
// type of an item. The items of a page are in its field Data.
//
//go:noinline
func items[T, P any](pages iter.Seq2[P, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range pages {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			data := reflect.ValueOf(page).Elem().FieldByName("Data")
			for i := range data.Len() {
				if !yield(data.Index(i).Addr().Interface().(T), nil) {
					return
				}
			}
		}
	}
}
