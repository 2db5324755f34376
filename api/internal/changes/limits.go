package changes

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// keyword is a JSON Schema keyword that limits the valid values.
type keyword struct {
	name  string
	bound float64 // 1 for an upper bound, -1 for a lower bound, 0 if it is neither
	text  string  // says what values are valid; %s stands for the value of the keyword
	none  string  // says the same where the keyword is absent
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

// limit is what a schema says by a keyword.
type limit struct {
	words   string
	isGiven bool
	number  float64 // or NaN; of an exclusive limit, the nearest number that is valid
}

// read returns what a schema says by the keyword. A maximum or minimum can be exclusive, unless
// it is that of an integer.
func (k keyword) read(s *schema) limit {
	given := tree.Get(s.Node, k.name)
	exclusive := number(tree.Get(s.Node, "exclusive"+strings.ToUpper(k.name[:1])+k.name[1:]))
	said, text := number(given), k.text
	valid := said
	switch isExclusive := !math.IsNaN(exclusive) && !(said*k.bound < exclusive*k.bound); {
	case isExclusive && slices.Equal(s.types, []string{"integer"}):
		said = k.bound * (math.Ceil(k.bound*exclusive) - 1)
		valid = said
	case isExclusive:
		said, valid = exclusive, math.Nextafter(exclusive, -k.bound*math.MaxFloat64)
		text = strings.NewReplacer("at most", "less than", "at least", "more than").Replace(text)
	case given == nil || given.ShortTag() == "!!bool" && given.Value == "false":
		return limit{cmp.Or(k.none, "has no such rule"), false, valid}
	case text == "":
		text = "has the rule `" + k.name + ": " + encode(given) + "`"
	}
	value := code(tree.NonNil(given).Value)
	if !math.IsNaN(said) {
		value = strconv.FormatFloat(said, 'f', -1, 64)
	}
	if said == 1 {
		text = strings.NewReplacer("characters", "character", "items", "item", "properties", "property").Replace(text)
	}
	return limit{strings.ReplaceAll(text, "%s", value), true, valid}
}

// number returns the value of a number, or NaN for anything else.
func number(n *yaml.Node) float64 {
	value, err := strconv.ParseFloat(tree.NonNil(n).Value, 64)
	if err != nil || n.ShortTag() == "!!str" {
		return math.NaN()
	}
	return value
}

// compare reports whether fewer values are valid after what the keyword says changed, and
// whether more are. Where neither is known, it reports both.
func (k keyword) compare(before, now limit) (fewer, more bool) {
	a, b := before.number, now.number
	switch areNumbers := !math.IsNaN(a) && !math.IsNaN(b); {
	case before.words == now.words:
		return false, false
	case k.bound != 0 && areNumbers:
		return (b-a)*k.bound < 0, (b-a)*k.bound > 0
	case k.name == "multipleOf" && areNumbers:
		return math.Mod(a, b) != 0, math.Mod(b, a) != 0
	}
	return now.isGiven, before.isGiven
}
