package signalwiretest

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// elements returns the schema of the elements of an array, or nil if s is not the
// schema of an array.
func elements(s *openapi3.Schema) *openapi3.Schema {
	if s = flattenAllOf(s); !s.Type.Includes("array") || s.Items == nil {
		return nil
	}
	return s.Items.Value
}

// listField returns the name of the member of an object that holds the items of a list,
// and the schema of the items. The member is data, or else the first one, by name, that
// is an array of objects. Without such a member, the name is "".
func listField(s *openapi3.Schema) (name string, items *openapi3.Schema) {
	all := properties(s)
	for _, field := range slices.Sorted(maps.Keys(all)) {
		if e := elements(all[field]); e != nil && len(properties(e)) > 0 && (name == "" || field == "data") {
			name, items = field, e
		}
	}
	return name, items
}

// isList reports whether a schema describes a list: an array of objects, or an object
// that has one as a member.
func isList(s *openapi3.Schema) bool {
	if e := elements(s); e != nil {
		return len(properties(e)) > 0
	}
	name, _ := listField(s)
	return name != ""
}

// list returns the page of a list that the query asks for, in the form that the schema
// describes: an array of items; an object with that array and links to other pages; or,
// for some operations, an array of one such object.
func (c *call) list(s *openapi3.Schema) any {
	name, items := listField(s)
	paged := properties(properties(s)["links"])["next"] != nil
	page, links, total := c.page(items, paged)
	read := func(s *openapi3.Schema) []any {
		all := []any{}
		for _, it := range page {
			all = append(all, c.read(it, s))
		}
		return all
	}
	if e := elements(s); e != nil && isList(e) {
		return []any{c.list(e)}
	} else if e != nil {
		return read(e)
	}
	object := map[string]any{name: read(items)}
	for other, property := range properties(s) {
		switch {
		case other == "links":
			all := map[string]any{}
			for rel, link := range properties(property) {
				to := links[rel]
				if to != "" && flattenAllOf(link).Format == "uri" {
					to = c.URL + to
				}
				// If the schema requires a next link, the link is empty on the
				// last page: clients would follow any other link forever.
				if to != "" || slices.Contains(flattenAllOf(property).Required, rel) {
					all[rel] = to
				}
			}
			object[other] = all
		case strings.HasSuffix(other, "count"), strings.HasSuffix(other, "total"):
			object[other] = total
		}
	}
	return c.maker.conform(s, object)
}

// page returns the items of the page that the query asks for, links to this page and
// those around it, by their relation, and the number of items in the whole list. A page
// token stands for the last item of the page before. So a page does not repeat or leave
// out an item if other items are added or deleted between two requests. items is the
// schema of the items. If paged is false, the API has no pages of this list, and the page
// has all items.
func (c *call) page(items *openapi3.Schema, paged bool) (page []*item, links map[string]string, total int) {
	query := c.r.URL.Query()
	all, newestFirst := c.state.list(c.operation.description, c.path), false
	switch {
	case c.filter.Operation.Parameters.GetByInAndName("query", "created_before") != nil: // a log
		newestFirst = true
		all = slices.DeleteFunc(all, func(it *item) bool { return !isLogged(it.object, query) })
		slices.Reverse(all)
	case isNumber(items):
		all = c.availableNumbers(query, all)
	}
	number := func(name string, or int) int {
		if p := c.filter.Operation.Parameters.GetByInAndName("query", name); p != nil && p.Schema != nil {
			if n, ok := p.Schema.Value.Default.(float64); ok {
				or = int(n)
			}
		}
		if n, err := strconv.ParseInt(query.Get(name), 10, 64); err == nil && n >= 0 {
			return int(min(n, math.MaxInt))
		}
		return or
	}
	size, at := max(number("page_size", 50), 1), number("page_number", 0)
	if !paged {
		size, at = max(len(all), 1), 0
	}
	start := len(all)
	if at <= len(all)/size { // a greater number is beyond the end, and the product could overflow
		start = at * size
	}
	if after, err := strconv.ParseInt(strings.TrimPrefix(query.Get("page_token"), "PA"), 16, 64); err == nil {
		start, _ = slices.BinarySearchFunc(all, after, func(it *item, last int64) int {
			if order := int64(it.order); order == last || (order < last) != newestFirst {
				return -1
			}
			return 1
		})
	}
	end := start + min(size, len(all)-start)
	page = all[start:end]

	link := func(at, start int) string {
		query := maps.Clone(query)
		query.Set("page_size", strconv.Itoa(size))
		query.Set("page_number", strconv.Itoa(at))
		query.Del("page_token")
		if start > 0 {
			query.Set("page_token", fmt.Sprintf("PA%x", all[start-1].order))
		}
		return c.path + "?" + query.Encode()
	}
	links = map[string]string{"self": link(at, start), "first": link(0, 0)}
	if end < len(all) {
		links["next"] = link(at+1, end)
	}
	if start > 0 {
		links["prev"] = link(max(at-1, 0), max(start-size, 0))
	}
	return page, links, len(all)
}

// isLogged reports whether an entry of a log passes the filters of a query:
// include_deleted, and created_before, created_after and created_on, each a time or a
// date.
func isLogged(entry map[string]any, query url.Values) bool {
	if entry["discarded_at"] != nil && query.Get("include_deleted") != "true" {
		return false
	}
	created, err := time.Parse(time.RFC3339, text(entry["created_at"]))
	if err != nil {
		return true
	}
	given := func(name string) (time.Time, bool) {
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if at, err := time.Parse(layout, query.Get(name)); err == nil {
				return at, true
			}
		}
		return time.Time{}, false
	}
	before, hasBefore := given("created_before")
	after, hasAfter := given("created_after")
	on, hasOn := given("created_on")
	return (!hasBefore || created.Before(before)) && (!hasAfter || created.After(after)) &&
		(!hasOn || created.UTC().Format(time.DateOnly) == on.UTC().Format(time.DateOnly))
}
