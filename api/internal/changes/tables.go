package changes

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// class is what a change means for those who call the Go code.
type class int

const (
	addition  class = iota // nothing, until they use it
	behaviour              // their code compiles, and meets or does something else
	inCode                 // behaviour, unless the Go code says that it breaks callers or is not compared
	breaks                 // their code does not compile, or its requests are refused
)

// direction is which way a value goes.
type direction int

const (
	request direction = iota
	response
	failure // the body of a response that is an error
)

// class is what a change of the values that are right means: where fewer are
// right, a request that was right is refused now, and where more are, callers
// meet responses that they did not before.
func (d direction) class(fewer, more bool) class {
	switch {
	case d == request && fewer:
		return breaks
	case d != request && more:
		return behaviour
	}
	return addition
}

// otherType is the class of values of another type, of which callers cannot read
// those that they did not get before. Many a type is the same in Go.
func (d direction) otherType(fewer, more bool) class {
	if d == response && more {
		return inCode
	}
	return d.class(fewer, more)
}

// What can happen to a part that can be present or absent.
const (
	isNew = iota
	isNewAndRequired
	isGone
	isRequired
	isOptional
)

// events are the words for these, in requests and in responses.
var events = [2][5]string{
	{"is new", "is new, and required", "is gone", "is required now", "is optional now"},
	{"is new", "is new", "is gone", "is always there now", "can be absent now"},
}

// kind has the class of each of these for one kind of part of the API. What has two
// rows has one for requests and one for responses.
type kind [5]class

var (
	parameter      = kind{addition, breaks, breaks, breaks, addition}
	body           = kind{inCode, breaks, inCode, breaks, addition}
	status         = kind{behaviour, behaviour, behaviour}
	header         = kind{addition, addition, behaviour, addition, behaviour}
	webhook        = kind{addition, addition, behaviour}
	reply          = kind{addition, addition, breaks} // to a webhook
	member         = [2]kind{{addition, breaks, inCode, breaks, addition}, {addition, addition, inCode, addition, behaviour}}
	mediaType      = [2]kind{{addition, addition, breaks}, {behaviour, behaviour, addition}}
	otherMediaType = kind{behaviour, behaviour, breaks} // where none of those before is left
)

// keyword is one that limits what values are right.
type keyword struct {
	name  string
	bound int    // 1 for an upper bound, -1 for a lower one, 0 if neither
	words string // with the keyword
	none  string // without it
}

var keywords = []keyword{
	{"maxLength", 1, "has at most %s characters", "any number of characters"},
	{"minLength", -1, "has at least %s characters", "any number of characters"},
	{"maximum", 1, "is at most %s", "no such limit"},
	{"exclusiveMaximum", 1, "is less than %s", "no such limit"},
	{"minimum", -1, "is at least %s", "no such limit"},
	{"exclusiveMinimum", -1, "is more than %s", "no such limit"},
	{"maxItems", 1, "has at most %s items", "any number of items"},
	{"minItems", -1, "has at least %s items", "any number of items"},
	{"maxProperties", 1, "has at most %s members", "any number of members"},
	{"minProperties", -1, "has at least %s members", "any number of members"},
	{"minContains", -1, "has at least %s such items", "any number of them"},
	{"maxContains", 1, "has at most %s such items", "any number of them"},
	{"multipleOf", 0, "is a multiple of %s", "any number"},
	{"pattern", 0, "matches %s", "any string"},
	{"format", 0, "is a string of the format %s", "any string"},
	{"contentEncoding", 0, "is encoded as %s", "any string"},
	{"contentMediaType", 0, "holds %s", "any string"},
	{"contentSchema", 0, "holds what fits %s", "any string"},
	{"uniqueItems", 0, "has no item twice", "any items"},
	{"contains", 0, "has an item that fits %s", "any items"},
	{"prefixItems", 0, "begins with items that fit %s", "any items"},
	{"propertyNames", 0, "has members whose names fit %s", "any names"},
	{"patternProperties", 0, "has members that fit %s, by their names", "any members"},
	{"dependentRequired", 0, "needs, with a member, the others of %s", "any members"},
	{"dependentSchemas", 0, "has to fit, by its members, %s", "any members"},
	{"if", 0, "has other rules where it fits %s", "the same rules everywhere"},
	{"then", 0, "has to fit %s in that case", "no such rule"},
	{"else", 0, "has to fit %s in any other case", "no such rule"},
	{"not", 0, "must not fit %s", "no such rule"},
}

func (k keyword) phrase(v any) string {
	switch {
	case v == nil || v == false:
		return k.none
	case strings.Contains(k.words, "%s"):
		return fmt.Sprintf(k.words, plain(v))
	}
	return k.words
}

// compare reports whether fewer values are right, and whether more are.
func (k keyword) compare(from, to any) (fewer, more bool) {
	had, has := from != nil && from != false, to != nil && to != false
	a, isNumber := from.(float64)
	b, stays := to.(float64)
	switch {
	case !had && !has || reflect.DeepEqual(from, to):
		return false, false
	case k.bound != 0 && isNumber && stays:
		return (b-a)*float64(k.bound) < 0, (b-a)*float64(k.bound) > 0
	case k.name == "multipleOf" && isNumber && stays:
		return math.Mod(a, b) != 0, math.Mod(b, a) != 0
	}
	return has, had
}
