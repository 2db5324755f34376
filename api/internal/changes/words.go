package changes

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

func code(s string) string { return "`" + s + "`" }

func nowBefore(now, before string) string {
	for _, verb := range []string{"is ", "has ", "takes ", "can have ", "defaults to "} {
		before = strings.TrimPrefix(before, verb)
	}
	return now + " now; before, " + before
}

// value is a value as JSON.
func value(v any) string {
	if f, ok := v.(float64); ok {
		return fmt.Sprint(f)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return code(fmt.Sprint(v))
	}
	return code(string(text))
}

func list(values []any) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, value(v))
	}
	if len(texts) > 8 {
		texts = append(texts[:7], fmt.Sprintf("%d more", len(texts)-7))
	}
	return strings.Join(texts, ", ")
}

// rule is a keyword that limits what values are right.
type rule struct {
	keyword string
	bound   int    // 1 for an upper bound, -1 for a lower one, 0 if neither
	words   string // with the keyword
	none    string // without it
}

var rules = []rule{
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

func (r rule) phrase(v any) string {
	switch {
	case v == nil || v == false:
		return r.none
	case text(v) != "":
		return fmt.Sprintf(r.words, code(text(v)))
	case strings.Contains(r.words, "%s"):
		return fmt.Sprintf(r.words, value(v))
	}
	return r.words
}

// compare reports whether fewer values are right, and whether more are.
func (r rule) compare(from, to any) (fewer, more bool) {
	had, has := from != nil && from != false, to != nil && to != false
	a, isNumber := from.(float64)
	b, stays := to.(float64)
	switch {
	case !had && !has || reflect.DeepEqual(from, to):
		return false, false
	case r.bound != 0 && isNumber && stays:
		return (b-a)*float64(r.bound) < 0, (b-a)*float64(r.bound) > 0
	case r.keyword == "multipleOf" && isNumber && stays:
		return math.Mod(a, b) != 0, math.Mod(b, a) != 0
	}
	return has, had
}

// words is a schema in words: a string, an array of integers, `gen.Thing`.
func (r *reporter) words(side int, v any) string {
	state := [2]*State{&r.old, &r.new}[side]
	if name := refName(object(v)); name != "" {
		return r.schemaPlace(name).display()
	}
	s := read(state.doc(), v)
	var texts []string
	for _, variant := range s.variants {
		texts = append(texts, r.words(side, variant))
	}
	if len(s.values) > 0 && len(s.values) < 6 && len(texts) == 0 {
		texts = append(texts, strings.ReplaceAll(list(s.values), ", ", " or "))
	}
	if len(texts) == 0 {
		for _, t := range s.types {
			switch {
			case t == "array" && len(object(s.node["items"])) > 0:
				t = "an array, each item " + r.words(side, s.node["items"])
			case t == "object" || t == "integer" || t == "array":
				t = "an " + t
			default:
				t = "a " + t
			}
			texts = append(texts, t)
		}
	}
	if slices.Sort(texts); len(texts) > 5 {
		texts = append(texts[:4], fmt.Sprintf("%d more", len(texts)-4))
	}
	words := strings.Join(slices.Compact(texts), " or ")
	if words == "" {
		words = "any value"
	}
	if format := s.goFormat(); format != "" {
		words += " (" + format + ")"
	}
	return words
}
