package changes

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// class is what a change means for programs that use the Go code. See the comment of the
// package. The classes are in the order of their weight.
type class int

const (
	addition  class = iota
	behaviour       // changes behaviour
	breaks          // breaks callers
)

// direction is the direction in which a value is sent.
type direction int

const (
	request direction = iota
	response
	errorResponse // a response without success, whose body has no Go type
)

// class returns the class of a change after which fewer values are valid, or more, or both.
func (d direction) class(fewer, more bool) class {
	switch {
	case d == request && fewer:
		return breaks
	case d != request && more:
		return behaviour
	}
	return addition
}

// What can happen to a part of the API that can be present or absent.
const (
	added = iota
	addedRequired
	removed
	nowRequired
	nowOptional
)

// eventTexts has the text for each of these events, for requests and for responses.
var eventTexts = [2][5]string{
	{"is new", "is new, and required", "is gone", "is required now", "is optional now"},
	{"is new", "is new", "is gone", "is always present now", "can be absent now"},
}

// classes are the classes of these events, for requests and for responses.
type classes [2][5]class

// kind is a kind of part that can be present or absent.
type kind struct {
	itself locate // where a line about a part is
	inside locate // where a line about what is in a part is
	classes
}

// locate returns the location of a part of what is at l.
type locate func(r *reporter, l location, name string, part *yaml.Node) location

// words returns a function that adds words to a location; %s in them stands for the name.
func words(format string) locate {
	return func(_ *reporter, l location, name string, _ *yaml.Node) location {
		return l.part(strings.ReplaceAll(format, "%s", name))
	}
}

// The kinds of parts, with a line of classes for each direction that has them.
var (
	parameters = kind{(*reporter).parameter, (*reporter).parameter, classes{
		request: {addition, breaks, breaks, breaks, addition}}}
	bodies = kind{words("the request body "), words("request: "), classes{
		request:  {behaviour, breaks, behaviour, breaks, addition},
		response: {behaviour, behaviour, behaviour, addition, behaviour}}}
	responses = kind{words("response %s "), words("response %s: "), classes{
		request:  {addition, addition, breaks}, // those that a webhook has to get
		response: {behaviour, behaviour, behaviour}}}
	headers = kind{words("header `%s` "), nil, classes{
		request:  {addition, breaks, addition, breaks, addition},
		response: {addition, addition, behaviour, addition, behaviour}}}
	mediaTypes = kind{words("`%s` "), words(""), classes{
		request:  {addition, addition, breaks},
		response: {behaviour, behaviour, addition}}}
	properties = kind{(*reporter).property, (*reporter).property, classes{
		request:  {addition, breaks, behaviour, breaks, addition},
		response: {addition, addition, behaviour, addition, behaviour}}}
)

// operationClasses has the classes of operations, and of webhooks, whose requests are received.
var operationClasses = classes{
	request:  {addition, addition, breaks},
	response: {addition, addition, behaviour},
}

// part is a named part of the API that can be present or absent, such as a parameter, a
// response or a property.
type part struct {
	*yaml.Node
	required bool
}

func newPart(n *yaml.Node) part { return part{n, tree.Value(n, "required") == "true"} }

// members returns the members of the object at a path of keys below n that are objects.
func members(n *yaml.Node, path ...string) map[string]part {
	parts := map[string]part{}
	for name, member := range tree.Entries(tree.Get(n, path...)) {
		if member.Kind == yaml.MappingNode {
			parts[name.Value] = newPart(member)
		}
	}
	return parts
}

// union returns the entries of two maps. Those of b have precedence.
func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// compareParts compares the parts of two states by name. It adds a line for each that was
// added, was removed, or became required or optional. Inside is called for each part that both
// states have, unless it is nil.
func (r *reporter) compareParts(
	k kind, l location, d direction, from, to map[string]part, inside func(l location, d direction, a, b part),
) {
	for _, name := range tree.SortedKeys(union(from, to)) {
		a, had := from[name]
		b, has := to[name]
		event := -1
		switch {
		case !has:
			event, b = removed, a
		case !had && b.required:
			event = addedRequired
		case !had:
			event = added
		case b.required && !a.required:
			event = nowRequired
		case a.required && !b.required:
			event = nowOptional
		}
		if row := min(d, response); event >= 0 {
			r.add(k.classes[row][event], k.itself(r, l, name, b.Node), eventTexts[row][event])
		}
		if had && has && inside != nil {
			inside(k.inside(r, l, name, b.Node), d, a, b)
		}
	}
}

// compareContent compares what a parameter, a body, a response or a media type consists of.
func (r *reporter) compareContent(l location, d direction, a, b part) {
	r.compareParts(headers, l, d, members(a.Node, "headers"), members(b.Node, "headers"), nil)
	kind, from, to := mediaTypes, members(a.Node, "content"), members(b.Node, "content")
	if d == response && len(union(from, to)) == len(from)+len(to) { // Callers cannot decode any of the new ones.
		kind.classes[response][removed] = breaks
	}
	r.compareParts(kind, l, d, from, to, r.compareContent)
	r.compareSchemas(l, d, tree.Get(a.Node, "schema"), tree.Get(b.Node, "schema"))
}

// match pairs the elements of two slices, those with the highest rank first, and never those
// with rank 0. It also returns the elements that are left over.
func match[T comparable](from, to []T, rank func(a, b T) float64) (pairs [][2]T, gone, added []T) {
	ranks := map[[2]T]float64{}
	var candidates [][2]T
	for _, a := range from {
		for _, b := range to {
			if rank := rank(a, b); rank > 0 {
				candidates, ranks[[2]T{a, b}] = append(candidates, [2]T{a, b}), rank
			}
		}
	}
	slices.SortStableFunc(candidates, func(p, q [2]T) int { return cmp.Compare(ranks[q], ranks[p]) })
	isPaired := map[T]bool{}
	for _, p := range candidates {
		if !isPaired[p[0]] && !isPaired[p[1]] {
			isPaired[p[0]], isPaired[p[1]] = true, true
			pairs = append(pairs, p)
		}
	}
	isInPair := func(e T) bool { return isPaired[e] }
	return pairs, slices.DeleteFunc(slices.Clone(from), isInPair), slices.DeleteFunc(slices.Clone(to), isInPair)
}
