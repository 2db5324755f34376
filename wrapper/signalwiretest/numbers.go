package signalwiretest

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// numberFormat matches phone numbers in E.164 format.
var numberFormat = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// isNumber reports whether a schema describes a phone number that the Space need not
// own: the result of a look-up, or, in a list, a number that can be bought.
func isNumber(s *openapi3.Schema) bool { return properties(s)["e164"] != nil }

// describeNumber returns the members that the API has for a number in E.164 format. For
// numbers in North America it returns more members than for others.
func describeNumber(number string) map[string]any {
	known := map[string]any{"e164": number, "possible_number": true, "valid_number": true}
	if n, american := strings.CutPrefix(number, "+1"); american && len(n) == 10 {
		known["national_number"], known["country_code"], known["country_code_number"] = n, "US", 1
		known["national_number_formatted"] = fmt.Sprintf("(%s) %s-%s", n[:3], n[3:6], n[6:])
		known["international_number_formatted"] = fmt.Sprintf("+1 %s-%s-%s", n[:3], n[3:6], n[6:])
		known["capabilities"] = []any{"voice", "fax", "sms", "mms"}
	}
	return known
}

// lookUpNumber returns an item for a number that no test has put, or nil if the number
// is not in E.164 format. The item has what describeNumber returns, and made-up values
// for the members that the query parameter include names.
func (c *call) lookUpNumber(number string) *item {
	if !numberFormat.MatchString(number) {
		return nil
	}
	known := describeNumber(number)
	for name := range strings.SplitSeq(c.r.URL.Query().Get("include"), ",") {
		name = strings.TrimSpace(name)
		if s := properties(c.success)[name]; s != nil {
			included := map[string]any{}
			for _, member := range slices.Sorted(maps.Keys(properties(s))) {
				included[member] = c.maker.make(member, properties(s)[member], 0)
			}
			known[name] = included
		}
	}
	return &item{object: known}
}

// availableNumbers returns the numbers that can be bought and match a query, at most
// max_results of them. put are the ones that tests have put into the list. If there are
// none, the numbers are made up. Numbers that the Space owns are left out.
func (c *call) availableNumbers(query url.Values, put []*item) (found []*item) {
	has := map[string]bool{}
	for _, it := range c.state.list(c.operation.description, up(c.path, 1)) {
		has[text(it.object["number"])] = true
	}
	most := 50
	if n, err := strconv.Atoi(query.Get("max_results")); err == nil && n > 0 {
		most = min(n, 100)
	}
	add := func(it *item) {
		if number := text(it.object["e164"]); !has[number] && len(found) < most && isFound(number, query) {
			found = append(found, it)
		}
	}
	for _, it := range put {
		add(it)
	}
	if len(put) > 0 {
		return found
	}
	prefix := cmp.Or(query.Get("starts_with"), query.Get("areacode"), map[string]string{"toll-free": "800"}[query.Get("number_type")], "206")
	suffix := cmp.Or(query.Get("ends_with"), query.Get("contains"))
	width, first := 10-len(prefix)-len(suffix), 0
	if width == 7 {
		first = 5550100 // numbers from 555-0100 to 555-0199 are reserved for fiction
	}
	for i := first; len(found) < most; i++ {
		digits := fmt.Sprintf("%0*d", max(width, 0), i)
		if width == 0 && i == 0 {
			digits = ""
		}
		number := "+1" + prefix + digits + suffix
		if len(digits) != width || !isFound(number, query) {
			break
		}
		object := describeNumber(number)
		for member, parameter := range map[string]string{"region": "region", "city": "city", "rate_center": "city"} {
			if value := query.Get(parameter); value != "" {
				object[member] = value
			}
		}
		add(&item{order: i, object: object})
	}
	return found
}

// isFound reports whether a number has the digits that a query asks for: areacode,
// starts_with, contains and ends_with.
func isFound(number string, query url.Values) bool {
	national := strings.TrimPrefix(number, "+1")
	return numberFormat.MatchString(number) && strings.HasPrefix(national, query.Get("areacode")) && strings.HasPrefix(national, query.Get("starts_with")) &&
		strings.Contains(national, query.Get("contains")) && strings.HasSuffix(national, query.Get("ends_with"))
}
