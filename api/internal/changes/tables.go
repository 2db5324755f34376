package changes

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"strings"
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

// row returns the row of a table that has one for requests and one for responses.
func (d direction) row() int { return min(int(d), 1) }

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

// eventClasses has the class of each of these events for one kind of part.
type eventClasses [5]class

// The kinds of parts. What has two rows has one for requests and one for responses.
var (
	parameterClasses    = eventClasses{addition, breaks, breaks, breaks, addition}
	bodyClasses         = eventClasses{behaviour, breaks, behaviour, breaks, addition}
	statusClasses       = eventClasses{behaviour, behaviour, behaviour}
	headerClasses       = eventClasses{addition, addition, behaviour, addition, behaviour}
	webhookClasses      = eventClasses{addition, addition, behaviour}
	webhookReplyClasses = eventClasses{addition, addition, breaks} // the responses that a webhook has to get
	mediaTypeClasses    = [2]eventClasses{{addition, addition, breaks}, {behaviour, behaviour, addition}}
	propertyClasses     = [2]eventClasses{
		{addition, breaks, behaviour, breaks, addition},
		{addition, addition, behaviour, addition, behaviour},
	}
)

// keyword is a JSON Schema keyword that limits the valid values.
type keyword struct {
	name  string
	bound int    // 1 for an upper bound, -1 for a lower bound, 0 if it is neither
	text  string // says what values are valid; %s stands for the value of the keyword
	none  string // says the same where the keyword is absent
}

// keywords are the keywords that are compared. The report quotes those without a text.
var keywords = []keyword{
	{"maxLength", 1, "has at most %s characters", "has any number of characters"},
	{"minLength", -1, "has at least %s characters", "has any number of characters"},
	{"maximum", 1, "is at most %s", "has no upper limit"},
	{"minimum", -1, "is at least %s", "has no lower limit"},
	{"maxItems", 1, "has at most %s items", "has any number of items"},
	{"minItems", -1, "has at least %s items", "has any number of items"},
	{"maxProperties", 1, "has at most %s properties", "has any number of properties"},
	{"minProperties", -1, "has at least %s properties", "has any number of properties"},
	{"multipleOf", 0, "is a multiple of %s", "can be any number"},
	{"pattern", 0, "matches the pattern %s", "can be any string"},
	{"format", 0, "is a string in the format %s", "can be any string"},
	{"contentEncoding", 0, "is a string encoded as %s", "can be any string"},
	{"contentMediaType", 0, "is a string that holds %s", "can be any string"},
	{"uniqueItems", 0, "has only unique items", "can have equal items"},
	{name: "minContains", bound: -1}, {name: "maxContains", bound: 1}, {name: "contains"}, {name: "prefixItems"},
	{name: "propertyNames"}, {name: "patternProperties"}, {name: "dependentRequired"}, {name: "dependentSchemas"},
	{name: "if"}, {name: "then"}, {name: "else"}, {name: "not"}, {name: "contentSchema"},
}

// exclusive is a maximum or minimum that is not valid itself.
type exclusive float64

// phrase says what values are valid if the keyword has a value; nil or false is none.
func (k keyword) phrase(v any) string {
	text, isString := v.(string)
	if _, isExclusive := v.(exclusive); isExclusive {
		k.text = strings.NewReplacer("at most", "less than", "at least", "more than").Replace(k.text)
	}
	if v == float64(1) {
		k.text = strings.NewReplacer("characters", "character", "items", "item", "properties", "property").Replace(k.text)
	}
	switch {
	case v == nil || v == false:
		return cmp.Or(k.none, "has no such rule")
	case k.text == "":
		return "has the rule " + code(k.name+": "+encodeJSON(v))
	case !strings.Contains(k.text, "%s"):
		return k.text
	case isString:
		return fmt.Sprintf(k.text, code(text))
	}
	return fmt.Sprintf(k.text, encodeJSON(v))
}

// compare reports whether fewer values are valid after the keyword changed, and whether
// more are. Where neither is known, it reports both.
func (k keyword) compare(from, to any) (fewer, more bool) {
	had, has := from != nil && from != false, to != nil && to != false
	a, wasNumber := k.number(from)
	b, isNumber := k.number(to)
	switch {
	case !had && !has || reflect.DeepEqual(from, to):
		return false, false
	case k.bound != 0 && wasNumber && isNumber:
		return (b-a)*float64(k.bound) < 0, (b-a)*float64(k.bound) > 0
	case k.name == "multipleOf" && wasNumber && isNumber:
		return math.Mod(a, b) != 0, math.Mod(b, a) != 0
	}
	return has, had
}

// number returns a value of the keyword as a number. Of an exclusive limit, that is the
// nearest valid one.
func (k keyword) number(v any) (number float64, ok bool) {
	if limit, isExclusive := v.(exclusive); isExclusive {
		return math.Nextafter(float64(limit), math.Inf(-k.bound)), true
	}
	number, ok = v.(float64)
	return number, ok
}
