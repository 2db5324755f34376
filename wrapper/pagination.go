package signalwire

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"net/url"
	"reflect"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// Pages follows the links from one page of a list to the next.
func (c *caller) Pages(ctx context.Context, op *gen.Operation, args gen.Args, page func() any, opts ...gen.CallOption) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		given, err := c.config.with(opts)
		if err != nil {
			yield(nil, c.newError(op, given).withCause(err))
			return
		}
		config := *given
		// Which links were followed, as hashes, so that 10^5 pages take a few
		// megabytes and not the length of all their links.
		seed, followed := maphash.MakeSeed(), map[uint64]bool{}
		if first, _, err := c.target(op, args, &config); err == nil {
			followed[maphash.String(seed, first.String())] = true
		}
		for {
			out := page()
			if err := c.call(ctx, op, args, out, &config); err != nil {
				yield(nil, err)
				return
			}
			next, err := c.nextPage(reflect.ValueOf(out).Elem())
			if !yield(out, nil) {
				return
			}
			if err != nil {
				yield(nil, c.newError(op, given).withCause(err))
				return
			}
			if next == nil || followed[maphash.String(seed, next.String())] {
				return
			}
			followed[maphash.String(seed, next.String())] = true
			config.link = next
		}
	}
}

// nextPage is where the link to the next page leads, or nil on the last one. A
// link to another host is refused, as the credentials would go there.
func (c *caller) nextPage(page reflect.Value) (*url.URL, error) {
	if page.Kind() == reflect.Slice { // some lists answer with a list of pages
		if page.Len() == 0 {
			return nil, nil
		}
		page = page.Index(page.Len() - 1)
	}
	for _, name := range []string{"Links", "Next"} {
		if page = reflect.Indirect(page); page.Kind() != reflect.Struct {
			return nil, nil
		}
		page = page.FieldByName(name)
	}
	next := reflect.Indirect(page)
	if next.Kind() != reflect.String || next.String() == "" {
		return nil, nil
	}
	link, err := c.base.Parse(next.String())
	if err != nil {
		return nil, errors.New("the link to the next page is no URL")
	}
	if link.Scheme != c.base.Scheme || !strings.EqualFold(link.Host, c.base.Host) || link.User != nil {
		return nil, fmt.Errorf("the link to the next page, to %s://%s, is not followed, as it leaves %s", link.Scheme, link.Host, c.base.Host)
	}
	link.Fragment, link.RawFragment = "", ""
	return link, nil
}
