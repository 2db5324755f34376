package signalwire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// paged responds with pages of two numbers each, and what next makes of a page's
// number as the link to the next one.
func paged(next func(page int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page_number"))
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"data":[{"name":"%d-a"},{"name":"%d-b"}],"links":{"self":"x","first":"y","next":%s}}`, page, page, next(page))
	}
}

func upTo(last int, host string) func(int) string {
	return func(page int) string {
		if page == last {
			return "null"
		}
		return fmt.Sprintf(`"%s/api/relay/rest/phone_numbers?page_number=%d&page_size=2"`, host, page+1)
	}
}

// names drains a list of numbers.
func names(t *testing.T, client *signalwire.Client, opts ...gen.CallOption) (list []string, errs []error) {
	t.Helper()
	for number, err := range client.PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{}, opts...) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, *number.Name)
	}
	return list, errs
}

func TestAllPages(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(upTo(2, "")))
	got, errs := names(t, client)
	require.Empty(t, errs)
	require.Equal(t, []string{"0-a", "0-b", "1-a", "1-b", "2-a", "2-b"}, got)
	require.Len(t, seen.requests(), 3)
	for _, r := range seen.requests() {
		require.Equal(t, "Basic "+encodedCredentials, r.Header.Get("Authorization"))
	}

	var pages int
	for page, err := range client.PhoneNumbers.Pages(t.Context(), gen.ListPhoneNumbersParams{}) {
		require.NoError(t, err)
		require.Len(t, page.Data, 2)
		pages++
	}
	require.Equal(t, 3, pages)
}

func TestAllPagesOfASpace(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	for range 7 {
		space.Put(gen.SIPAddress{})
	}
	n := 0
	for _, err := range space.Client().SIPAddresses.All(t.Context(), gen.ListSIPAddressesParams{PageSize: signalwire.Ptr[int64](3)}) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 7, n)
	require.Len(t, space.Requests(), 3)
}

func TestPagesAreReadWhenNeeded(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(upTo(9, "")))
	list := client.PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{})
	require.Empty(t, seen.requests(), "nothing is asked for before the loop")
	for number, err := range list {
		require.NoError(t, err)
		if *number.Name == "1-a" {
			break
		}
	}
	require.Len(t, seen.requests(), 2, "nothing is asked for after the loop")
}

func TestPagesEndWithTheContext(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(upTo(9, "")))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var errs []error
	for number, err := range client.PhoneNumbers.All(ctx, gen.ListPhoneNumbersParams{}) {
		if err != nil {
			errs = append(errs, err)
		} else if *number.Name == "1-b" {
			cancel()
		}
	}
	require.Len(t, errs, 1)
	require.ErrorIs(t, requireError(t, errs[0]), context.Canceled)
	require.Len(t, seen.requests(), 2)
}

// TestPagesEndOnARepeatedLink: a page that links to itself is the last one, and one that
// links to an earlier page may not be, so that the list may be longer than what was read.
func TestPagesEndOnARepeatedLink(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		next func(int) string
		want []string
		err  string
	}{
		"to itself": {func(int) string { return `"/api/relay/rest/phone_numbers?page_number=1"` }, []string{"0-a", "0-b", "1-a", "1-b"}, ""},
		"in a ring": {func(page int) string { return fmt.Sprintf(`"/api/relay/rest/phone_numbers?page_number=%d"`, page%2+1) }, []string{"0-a", "0-b", "1-a", "1-b", "2-a", "2-b"}, "the link to the next page leads back to an earlier page"},
		"none":      {func(int) string { return `""` }, []string{"0-a", "0-b"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, paged(tt.next))
			got, errs := names(t, client)
			require.Equal(t, tt.want, got)
			if tt.err == "" {
				require.Empty(t, errs)
				return
			}
			require.Len(t, errs, 1)
			require.ErrorContains(t, requireError(t, errs[0]), tt.err)
		})
	}
}

// TestPagesWithoutItems: a list may have pages without items, but not always a further
// one.
func TestPagesWithoutItems(t *testing.T) {
	t.Parallel()
	var last atomic.Int32
	client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page_number"))
		data, next := "", fmt.Sprintf(`"?page_number=%d"`, page+1)
		if page%100 == 99 && int32(page) <= last.Load() {
			data = fmt.Sprintf(`{"name":"%d"}`, page)
		}
		if int32(page) == last.Load() || page == 400 {
			next = "null"
		}
		say(200, "application/json", `{"data":[`+data+`],"links":{"next":`+next+`}}`)(w, r)
	})
	last.Store(299)
	got, errs := names(t, client)
	require.Empty(t, errs)
	require.Equal(t, []string{"99", "199", "299"}, got)
	require.Len(t, seen.requests(), 300)

	last.Store(-1)
	got, errs = names(t, client)
	require.Empty(t, got)
	require.Len(t, errs, 1)
	require.ErrorContains(t, requireError(t, errs[0]), "100 pages without items follow each other, and the last one has a link to another")
	require.Len(t, seen.requests(), 400)
}

// TestLinksToTheNextPage: the path and the query of a link count, and the path
// has to be that of the list. Scheme, host and port are the client's, so that
// the credentials go nowhere else.
func TestLinksToTheNextPage(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a link to another host was followed")
	}))
	t.Cleanup(elsewhere.Close)
	const (
		list = "/api/relay/rest/phone_numbers"
		next = list + "?page_number=1&page_token=PA%2Bb"
	)
	for _, base := range []string{"", "/mock", "/api/relay"} {
		for name, tt := range map[string]struct {
			link    string
			refused string
		}{
			"a path":                    {link: next},
			"a path below the base":     {link: base + next},
			"a URL":                     {link: "http://{host}" + base + next},
			"a URL without the base":    {link: "http://{host}" + next},
			"another scheme":            {link: "https://{host}" + next},
			"the Space's own host":      {link: "https://acme.signalwire.com" + next},
			"another host":              {link: elsewhere.URL + next},
			"another host, no scheme":   {link: strings.TrimPrefix(elsewhere.URL, "http:") + next},
			"a long s for an s":         {link: "https://acme.\u017fignalwire.com" + next},
			"a user":                    {link: "http://user:pass@{host}" + next},
			"a query":                   {link: "?page_number=1&page_token=PA%2Bb"},
			"relative":                  {link: "phone_numbers?page_number=1&page_token=PA%2Bb"},
			"relative, by a detour":     {link: "../rest/./phone_numbers?page_number=1&page_token=PA%2Bb"},
			"a slash at the end":        {link: list + "/?page_number=1&page_token=PA%2Bb"},
			"an escape that is not due": {link: "/api/relay/rest/phone%5Fnumbers?page_number=1&page_token=PA%2Bb"},
			"a fragment":                {link: next + "#x"},

			"another path":                {link: "/api/relay/rest/sip_profile?page_number=1", refused: "is not followed, as it leads to another path"},
			"another path, of another":    {link: elsewhere.URL + "/x", refused: "is not followed, as it leads to another path"},
			"a path above":                {link: "/api/relay/rest?page_number=1", refused: "is not followed"},
			"a path below":                {link: list + "/x?page_number=1", refused: "is not followed"},
			"out of it":                   {link: list + "/../x?page_number=1", refused: "is not followed"},
			"another base":                {link: "/other" + next, refused: "is not followed"},
			"the path with other letters": {link: strings.ToUpper(list) + "?page_number=1", refused: "is not followed"},
			"an escaped slash":            {link: "/api/relay/rest%2Fphone_numbers/..?page_number=1", refused: "is not followed"},
			"not a URL":                   {link: "http://[::1", refused: "is not a URL"},
			"an escape that is none":      {link: "/%zz", refused: "is not a URL"},
			"a program":                   {link: "javascript:alert(1)", refused: "is not an HTTP URL"},
			"a file":                      {link: "file://" + next, refused: "is not an HTTP URL"},
		} {
			t.Run(name+" "+base, func(t *testing.T) {
				t.Parallel()
				server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
					paged(func(page int) string {
						if page > 0 {
							return "null"
						}
						return strconv.Quote(strings.ReplaceAll(tt.link, "{host}", r.Host))
					})(w, r)
				})
				got, errs := names(t, dial(t, server.URL+base))
				if tt.refused != "" {
					require.Equal(t, []string{"0-a", "0-b"}, got, "what came is not lost")
					require.Len(t, errs, 1)
					require.ErrorContains(t, requireError(t, errs[0]), "the link to the next page "+tt.refused)
					require.Len(t, seen.requests(), 1)
					return
				}
				require.Empty(t, errs)
				require.Equal(t, []string{"0-a", "0-b", "1-a", "1-b"}, got)
				require.Equal(t, base+next, seen.requests()[1].URI)
				require.Equal(t, "Basic "+encodedCredentials, seen.requests()[1].Header.Get("Authorization"))
			})
		}
	}
}

// TestPageLink: a list is continued from a link that was saved, with the options that
// another process has.
func TestPageLink(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(upTo(2, "https://acme.signalwire.com")))
	page, err := client.PhoneNumbers.List(t.Context(), gen.ListPhoneNumbersParams{})
	require.NoError(t, err)
	next := signalwire.WithPageLink(*page.Links.Next)

	got, errs := names(t, client, next)
	require.Empty(t, errs)
	require.Equal(t, []string{"1-a", "1-b", "2-a", "2-b"}, got)
	page, err = client.PhoneNumbers.List(t.Context(), gen.ListPhoneNumbersParams{FilterName: signalwire.Ptr("x")}, next, signalwire.WithQuery("newer", "x y"))
	require.NoError(t, err)
	require.Equal(t, "1-a", *page.Data[0].Name)
	var sent []string
	for _, r := range seen.requests() {
		sent = append(sent, strings.TrimPrefix(r.URI, "/api/relay/rest/phone_numbers"))
		require.Equal(t, "Basic "+encodedCredentials, r.Header.Get("Authorization"))
	}
	require.Equal(t, []string{"", "?page_number=1&page_size=2", "?page_number=2&page_size=2", "?page_number=1&page_size=2&newer=x+y"}, sent)

	for problem, call := range map[string]func() error{
		"the link is not followed, as it leads to another path": func() error {
			_, err := client.SIPGateways.List(t.Context(), next)
			return err
		},
		"the link is not a URL": func() error {
			_, err := client.SIPGateways.List(t.Context(), signalwire.WithPageLink("http://[::1"))
			return err
		},
		"expected a call of a List method": func() error {
			_, err := client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{}, next)
			return err
		},
		"expected a call of a List method, too": func() error {
			return client.Do(t.Context(), "GET", "/api/relay/rest/phone_numbers", nil, nil, next)
		},
	} {
		var refused *signalwire.InputError
		require.ErrorAs(t, call(), &refused, problem)
		require.Equal(t, signalwire.InputError{Field: "WithPageLink", Problem: strings.TrimSuffix(problem, ", too")}, *refused)
	}
	_, err = client.SIPGateways.List(t.Context(), signalwire.WithPageLink(""))
	require.ErrorContains(t, err, "WithPageLink: expected a link, got an empty string")
	_, err = signalwire.New("acme", next)
	require.ErrorContains(t, err, "WithPageLink: expected it among the options of a call")
	require.Len(t, seen.requests(), 4)
}

// TestLinkWithoutEscapes: a space would end the target of a request, and other bytes than
// ASCII have no meaning in it (RFC 9112, section 3.2).
func TestLinkWithoutEscapes(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(func(page int) string {
		if page > 0 {
			return "null"
		}
		return `"?page_number=1&filter_name=a b+%2Bé"`
	}))
	_, errs := names(t, client)
	require.Empty(t, errs)
	require.Equal(t, "/api/relay/rest/phone_numbers?page_number=1&filter_name=a%20b+%2B%C3%A9", seen.requests()[1].URI)
}

func TestPagesReportAnErrorOnce(t *testing.T) {
	t.Parallel()
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page_number") == "1" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		paged(upTo(9, ""))(w, r)
	})
	got, errs := names(t, client)
	require.Equal(t, []string{"0-a", "0-b"}, got)
	require.Len(t, errs, 1)
	require.ErrorIs(t, errs[0], signalwire.ErrForbidden)

	_, errs = names(t, client, foreignOption{})
	require.Len(t, errs, 1, "an option that is none")
}

func TestQuery(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(upTo(0, "")))
	_, err := client.PhoneNumbers.List(t.Context(), gen.ListPhoneNumbersParams{})
	require.NoError(t, err)
	_, err = client.PhoneNumbers.List(t.Context(), gen.ListPhoneNumbersParams{
		FilterName: signalwire.Ptr("a b&c=d/é"), FilterNumber: signalwire.Ptr(""), PageNumber: signalwire.Ptr[int64](0), PageSize: signalwire.Ptr[int64](50),
	})
	require.NoError(t, err)
	_, err = client.PhoneNumbers.List(t.Context(), gen.ListPhoneNumbersParams{FilterName: signalwire.Ptr("\xff")})
	require.ErrorContains(t, err, "filter_name: expected UTF-8")
	var uris []string
	for _, r := range seen.requests() {
		uris = append(uris, r.URI)
	}
	require.Equal(t, []string{
		"/api/relay/rest/phone_numbers",
		"/api/relay/rest/phone_numbers?filter_name=a+b%26c%3Dd%2F%C3%A9&filter_number=&page_number=0&page_size=50",
	}, uris)
}

// TestManyPagesInFlatMemory: what is kept of a page that was read is a hash.
func TestManyPagesInFlatMemory(t *testing.T) {
	const pages = 20_000
	page := 0
	client, err := signalwire.New("acme", credentials, signalwire.WithTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
		page++
		next := "null"
		if page < pages {
			next = fmt.Sprintf(`"/api/relay/rest/phone_numbers?page_number=%d"`, page)
		}
		return responding(fmt.Sprintf(`{"data":[{"name":"a"}],"links":{"self":"x","first":"y","next":%s}}`, next)).RoundTrip(req)
	})))
	require.NoError(t, err)
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	n := 0
	var early, late int64
	for _, err := range client.PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{}) {
		require.NoError(t, err)
		if n++; n == pages/10 {
			early = heap()
		} else if n == pages {
			late = heap()
		}
	}
	require.Equal(t, pages, n)
	require.Less(t, late-early, int64(4<<20))
}

func TestPagesOfAnErrorAreNone(t *testing.T) {
	t.Parallel()
	client, _ := with(t, say(401, "application/json", `{}`))
	for page, err := range client.PhoneNumbers.Pages(t.Context(), gen.ListPhoneNumbersParams{}) {
		require.Nil(t, page)
		require.True(t, errors.Is(err, signalwire.ErrUnauthorized))
	}
}
