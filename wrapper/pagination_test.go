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
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// paged answers with pages of two numbers each, and what next makes of a page's
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
	for number, err := range client.AllPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{}, opts...) {
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
	for page, err := range client.PagesOfPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{}) {
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
	for _, err := range space.Client().AllSIPAddresses(t.Context(), gen.ListSIPAddressesParams{PageSize: signalwire.Ptr[int64](3)}) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 7, n)
	require.Len(t, space.Requests(), 3)
}

func TestPagesAreReadWhenNeeded(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(upTo(9, "")))
	list := client.AllPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{})
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
	for number, err := range client.AllPhoneNumbers(ctx, gen.ListPhoneNumbersParams{}) {
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

func TestPagesEndOnARepeatedLink(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		next func(int) string
		want []string
	}{
		"to itself": {func(int) string { return `"/api/relay/rest/phone_numbers?page_number=1"` }, []string{"0-a", "0-b", "1-a", "1-b"}},
		"in a ring": {func(page int) string { return fmt.Sprintf(`"/api/relay/rest/phone_numbers?page_number=%d"`, page%2+1) }, []string{"0-a", "0-b", "1-a", "1-b", "2-a", "2-b"}},
		"none":      {func(int) string { return `""` }, []string{"0-a", "0-b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, paged(tt.next))
			got, errs := names(t, client)
			require.Empty(t, errs)
			require.Equal(t, tt.want, got)
		})
	}
}

// TestPagesStayWithTheSpace: credentials go nowhere else.
func TestPagesStayWithTheSpace(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a link to another host was followed")
	}))
	t.Cleanup(elsewhere.Close)
	port := elsewhere.URL[strings.LastIndexByte(elsewhere.URL, ':')+1:]
	for name, link := range map[string]string{
		"another port":  elsewhere.URL + "/x",
		"a sub-domain":  "http://sub.localhost:" + port + "/x",
		"no scheme":     "//127.0.0.1:" + port + "/x",
		"https":         "https://{host}/x",
		"a user":        "http://user@{host}/x",
		"not a URL":     "http://[::1",
		"another thing": "javascript:alert(1)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
				paged(func(int) string { return strconv.Quote(strings.ReplaceAll(link, "{host}", r.Host)) })(w, r)
			})
			got, errs := names(t, client)
			require.Equal(t, []string{"0-a", "0-b"}, got, "what came is not lost")
			require.Len(t, errs, 1)
			require.ErrorContains(t, requireError(t, errs[0]), "the link to the next page")
			require.NotContains(t, errs[0].Error(), "user@")
			require.Len(t, seen.requests(), 1)
		})
	}
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) { paged(upTo(1, "http://"+r.Host))(w, r) })
	got, errs := names(t, client)
	require.Empty(t, errs, "a whole URL of the Space itself is followed")
	require.Len(t, got, 4)
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
	_, err := client.ListPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{})
	require.NoError(t, err)
	_, err = client.ListPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{
		FilterName: signalwire.Ptr("a b&c=d/é"), FilterNumber: signalwire.Ptr(""), PageNumber: signalwire.Ptr[int64](0), PageSize: signalwire.Ptr[int64](50),
	})
	require.NoError(t, err)
	_, err = client.ListPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{FilterName: signalwire.Ptr("\xff")})
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
		return answering(fmt.Sprintf(`{"data":[{"name":"a"}],"links":{"self":"x","first":"y","next":%s}}`, next)).RoundTrip(req)
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
	for _, err := range client.AllPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{}) {
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
	for page, err := range client.PagesOfPhoneNumbers(t.Context(), gen.ListPhoneNumbersParams{}) {
		require.Nil(t, page)
		require.True(t, errors.Is(err, signalwire.ErrUnauthorized))
	}
}
