// Package gen is SignalWire's REST API as Go types: the resources and requests
// that the API's description names, the operations on each kind of resource as
// methods of a type, such as [SIPGateways], and a descriptor of each operation.
//
// It knows the API and nothing else. How a call gets to a Space and back (URL,
// credentials, encoding, errors) is the business of a [Caller]; package
// signalwire has the one that programs use, and its Client has every field of
// [Client].
//
// The files that end in .gen.go are generated.
package gen

import (
	"context"
	"iter"
	"reflect"

	"github.com/google/uuid"
)

// Operation is what a [Caller] needs to know about an operation of the API.
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
	// MayBeEmpty reports whether there are successful responses with a body and
	// others without one.
	MayBeEmpty bool
	// Parameters are those fields of Args.Query that are no query parameters, or
	// that are encoded in another way than style form, exploded (OpenAPI 3.1,
	// section 4.8.12).
	Parameters []Parameter
	// Security names the kinds of credentials that the operation takes, any
	// one of which will do; it is empty if it takes none.
	Security []Security
	// Idempotent reports whether processing the request twice has the same effect
	// as processing it once (RFC 9110, section 9.2.2), so that it may be repeated when
	// no response came.
	Idempotent bool
	// Edit says how the update is made from what was read. It is nil for an
	// operation that no Edit method uses.
	Edit *EditRule
	// Settle says where what a POST request made can be found, if it is not known
	// whether the request was processed. It is nil if nothing lists it.
	Settle *SettleRule
}

// SettleRule says how to find what a request made in a list. The members are
// given as JSON pointers (RFC 6901).
type SettleRule struct {
	// List is the operation that lists it. Its path has the parameters of the
	// request's path, or none.
	List *Operation
	// Created is the member of an entry that has the time at which it was made.
	Created string
	// Match has pairs of a member of an entry and the member of the request that
	// has the same value.
	Match [][2]string
}

// EditRule says how an update operation is made from what a read of the same
// resource returned.
type EditRule struct {
	// Settings is the member of the response that holds the settings, such as
	// "sip_gateway". It is empty if they are members of the response itself.
	Settings string
	// Names maps a field of the update to the member of the settings that has
	// its value, where the two have different names.
	Names map[string]string
	// WriteOnly names the fields of the update that no response has, such as a
	// password, or that must not be taken from one.
	WriteOnly []string
	// Full reports whether the update has to repeat the settings that do not
	// change. It is true for a PUT unless the server is known to keep what a
	// request does not mention.
	Full bool
}

// Parameter says how a parameter is sent.
type Parameter struct {
	// Name is the parameter's name in the description.
	Name string
	// In is "query" or "header".
	In string
	// Style and Explode say how the value is encoded, such as "form" or
	// "deepObject"; in a header, it is a single value.
	Style   string
	Explode bool
}

// Security is a kind of credentials, by its name in the description.
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
	// Path holds the values of the path's parameters in the order in which
	// they stand in it.
	Path []any
	// Query points to the parameters of the query and of the headers; it is nil if
	// there are none.
	Query any
	// Body points to the request body; it is nil if there is none. It is a string
	// or a []byte where Operation.Request is neither JSON nor a form.
	Body any
}

// CallOption is a setting of one call. A [Caller] has options of its own and
// refuses others. The methods mark a type as an option and do nothing.
type CallOption interface {
	Option()
	CallOption()
}

// Caller executes operations.
type Caller interface {
	// Call executes op and decodes the response into out, which is a pointer,
	// or nil if the response has no body. It points to a string or a []byte where
	// op.Response is not JSON, and to a pointer, which remains nil for a response
	// without a body, if op.MayBeEmpty.
	Call(ctx context.Context, op *Operation, args Args, out any, opts ...CallOption) error

	// Edit executes read, copies the settings that it returns into args.Body,
	// calls change, and executes update with those fields of args.Body that change
	// has altered. It reports whether there were any. The resource as it is
	// afterwards is decoded into out.
	Edit(ctx context.Context, read, update *Operation, args Args, change func() error, out any, opts ...CallOption) (changed bool, err error)

	// Pages calls the list operation op once per page, until the last page or
	// until the caller stops iterating. Each page is decoded into a value
	// returned by page. Iteration stops after the first error.
	Pages(ctx context.Context, op *Operation, args Args, page func() any, opts ...CallOption) iter.Seq2[any, error]
}

// The functions below take and return pointers as they come, not what they
// point to: to the compiler, all pointers are of one shape, so that each function
// is compiled once and not once an operation. Inlined, they would be compiled
// where they are called, which makes compiling this package take longer.

// edit is what every method that edits a resource does.
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

// path returns the arguments of a path whose only parameter is an id.
//
//go:noinline
func path(id uuid.UUID) []any { return []any{id} }

// pages is what every method that returns the pages of a list does. P is the
// pointer type of a page, and example points to one.
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

// items is what every method that returns the items of a list does. T is the
// pointer type of an item; the field Data of a page has the items.
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
