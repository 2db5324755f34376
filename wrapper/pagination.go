package signalwire

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// Pages calls the list operation op once for each page, until the last page or until the
// caller stops iterating. Each page is decoded into a new value, which page returns a
// pointer to. The iteration stops after the first error. A page that links to itself is the
// last one.
func (c *caller) Pages(ctx context.Context, op *gen.Operation, args gen.Args, page func() any, opts ...gen.CallOption) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		config := *c.config.with(opts)
		var info CallInfo
		config.observers = append(slices.Clip(config.observers), func(_ context.Context, i CallInfo) { info = i })
		// sent has the queries that were sent, so that a cycle of links ends. It has
		// hashes, which take a few megabytes for 10^5 pages, as queries can be long.
		sent := map[[sha256.Size]byte]bool{}
		at, _, _ := c.target(op, args, &config) // if it fails, so does the first call
		for empty := 0; ; {
			if at != nil {
				sent[sha256.Sum256([]byte(at.RawQuery))] = true
			}
			out := page()
			if err := c.call(ctx, op, args, out, &config); err != nil {
				yield(nil, err)
				return
			}
			v := reflect.ValueOf(out).Elem()
			if empty++; v.FieldByName("Data").Len() > 0 {
				empty = 0
			}
			next, err := c.nextPage(at, v, info.Unread)
			if !yield(out, nil) {
				return
			}
			if next != nil {
				next = config.addQuery(next, next.Query())
			}
			switch {
			case err != nil:
			case next == nil || next.RawQuery == at.RawQuery:
				return
			case sent[sha256.Sum256([]byte(next.RawQuery))]:
				err = errors.New("the link to the next page leads back to an earlier page")
			case empty == maxEmptyPages:
				err = fmt.Errorf("%d pages without items follow each other, and the last one has a link to another", empty)
			}
			if err != nil {
				yield(nil, c.fail(ctx, op, args, &config, err))
				return
			}
			at, config.link = next, next
		}
	}
}

// maxEmptyPages limits how many pages without items may follow each other. A server that
// always has a link to another empty page would keep the caller for ever.
const maxEmptyPages = 100

// nextPage returns the URL of the next page, or nil if page is the last one. The page was
// read from at, and unread are the paths of its values that could not be decoded.
func (c *caller) nextPage(at *url.URL, page reflect.Value, unread []string) (*url.URL, error) {
	for _, path := range unread {
		if strings.HasPrefix(path, "[") { // of an array of pages
			_, path, _ = strings.Cut(path, "].")
		}
		switch path {
		case "data":
			return nil, errors.New("the items of a page could not be read")
		case "links", "links.next":
			return nil, errors.New("the link to the next page could not be read")
		}
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
	to, err := c.pageURL(at, next.String())
	if err != nil {
		return nil, fmt.Errorf("the link to the next page %w", err)
	}
	return to, nil
}

// pageURL returns the URL of the page to which a link leads, given the URL of the list or of
// another page of it. Only the query of the link is used. Its path must be that of at, with
// or without the path of the base URL of the client; scheme, host and port stay those of at,
// so that the credentials are sent to no other host. The error says what the link is, as in
// "is not a URL".
func (c *caller) pageURL(at *url.URL, link string) (*url.URL, error) {
	target, err := at.Parse(link)
	switch {
	case err != nil:
		return nil, errors.New("is not a URL")
	case target.Opaque != "" || target.Scheme != "https" && target.Scheme != "http":
		return nil, errors.New("is not an HTTP URL")
	}
	if path := strings.TrimSuffix(target.Path, "/"); path != at.Path && path != strings.TrimPrefix(at.Path, c.base.Path) {
		return nil, errors.New("is not followed, as it leads to another path")
	}
	to := *at
	to.RawQuery = escapeQuery(target.RawQuery)
	return &to, nil
}
