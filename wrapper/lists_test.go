package signalwire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// pageType is the type of the pages that a method …Pages returns.
func (m method) pageType() reflect.Type { return m.Type.Out(0).In(0).In(0).Elem() }

// paramsType is the type of a method's query, if it has one.
func (m method) paramsType() (reflect.Type, bool) {
	t := m.Type.In(m.Type.NumIn() - 2)
	return t, t.Kind() == reflect.Struct && strings.HasSuffix(t.Name(), "Params")
}

// page makes a page with two items, and a link to the next page if it has a
// field for one.
func page(t *testing.T, of reflect.Type, next string) (body string, linked bool) {
	t.Helper()
	p := reflect.New(of).Elem()
	object := p
	if of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Struct && hasItems(of.Elem()) { // a list of one page
		p.Set(reflect.MakeSlice(of, 1, 1))
		object = p.Index(0)
	}
	if object.Kind() == reflect.Slice {
		object.Set(reflect.MakeSlice(object.Type(), 2, 2))
	} else {
		for i := range object.NumField() {
			switch field := object.Field(i); {
			case field.Kind() == reflect.Slice:
				field.Set(reflect.MakeSlice(field.Type(), 2, 2))
			case field.Type() == reflect.TypeFor[*gen.PageLinks]():
				field.Set(reflect.New(reflect.TypeFor[gen.PageLinks]()))
			}
			if links := reflect.Indirect(object.Field(i)); links.Type() == reflect.TypeFor[gen.PageLinks]() {
				linked = true
				if next != "" {
					links.FieldByName("Next").Set(reflect.ValueOf(&next))
				}
			}
		}
	}
	encoded, err := json.Marshal(p.Interface())
	require.NoError(t, err)
	return string(encoded), linked
}

func hasItems(page reflect.Type) bool {
	for i := range page.NumField() {
		if page.Field(i).Type.Kind() == reflect.Slice {
			return true
		}
	}
	return false
}

// TestEveryListIsPaged: whichever shape a list has, each of its pages is read
// once, with the link of the page before, and each of its items is given once.
func TestEveryListIsPaged(t *testing.T) {
	t.Parallel()
	var response atomic.Pointer[func(*http.Request) string]
	client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
		say(200, "application/json", (*response.Load())(r))(w, r)
	}, signalwire.WithBearerToken("bearer"))
	linked := 0
	for i, m := range methods() {
		name, ok := strings.CutSuffix(m.method, "Pages")
		if !ok {
			continue
		}
		var links bool
		serve := func(r *http.Request) string {
			next, at := "", len(r.URL.Query().Get("at"))
			if at < 2 {
				next = r.URL.Path + "?at=" + strings.Repeat("x", at+1) + "&c=a%2Bb+c"
			}
			var body string
			body, links = page(t, m.pageType(), next)
			return body
		}
		response.Store(&serve)
		list := methods()[slices.IndexFunc(methods(), func(other method) bool {
			rest, ok := strings.CutPrefix(other.method, "All")
			return ok && other.group == m.group && (name == "") == (rest == "") && strings.HasPrefix(rest, strings.TrimSuffix(name, "y"))
		})]
		for _, tt := range []struct {
			method
			each int // of a page
		}{{m, 1}, {list, 2}} {
			before := len(seen.requests())
			got := 0
			for _, failure := range tt.of(client).Call(tt.arguments(t.Context(), newFiller(uint64(i)), nil))[0].Seq2() {
				require.Nil(t, failure.Interface(), tt.Name)
				got++
			}
			pages := 1
			if links {
				pages = 3
			}
			require.Equal(t, tt.each*pages, got, tt.Name)
			requests := seen.requests()[before:]
			require.Len(t, requests, pages, tt.Name)
			path, _, _ := strings.Cut(requests[0].URI, "?")
			for n, r := range requests[1:] {
				require.Equal(t, path+"?at="+strings.Repeat("x", n+1)+"&c=a%2Bb+c", r.URI, tt.Name)
			}
		}
		if links {
			linked++
		}
	}
	require.Greater(t, linked, 60, "lists with links")
}

// TestEveryQuery: each parameter of each list is sent as what it is, whatever is
// in it; a zero that was set is sent; what is not set is not.
func TestEveryQuery(t *testing.T) {
	t.Parallel()
	client, seen := with(t, say(404, "application/json", "{}"), signalwire.WithBearerToken("bearer"))
	queries, parameters := 0, 0
	types := map[string]bool{}
	for i, m := range methods() {
		params, ok := m.paramsType()
		if !ok || m.isList() {
			continue
		}
		queries++
		call := func(fill func(reflect.Value) string) (got, want url.Values) {
			in := m.arguments(t.Context(), newFiller(uint64(i)), nil)
			want = url.Values{}
			value := reflect.New(params).Elem()
			for j := range params.NumField() {
				field := params.Field(j)
				name, _, _ := strings.Cut(field.Tag.Get("form"), ",")
				if fill == nil {
					continue
				}
				require.Equal(t, reflect.Pointer, field.Type.Kind(), "%s.%s: a zero that is set cannot be distinguished from none", params.Name(), field.Name)
				value.Field(j).Set(reflect.New(field.Type.Elem()))
				want.Set(name, fill(value.Field(j).Elem()))
				types[field.Type.Elem().String()] = true
			}
			in[len(in)-1] = value
			m.of(client).Call(in)
			requests := seen.requests()
			_, query, _ := strings.Cut(requests[len(requests)-1].URI, "?")
			got, err := url.ParseQuery(query)
			require.NoError(t, err)
			return got, want
		}
		got, want := call(func(v reflect.Value) string {
			parameters++
			switch value := v.Addr().Interface().(type) {
			case *uuid.UUID:
				*value = gatewayID
				return gatewayID.String()
			case interface{ Valid() bool }:
				v.SetString(typeinfo.Values(v.Type())[0])
				return v.String()
			}
			switch v.Kind() {
			case reflect.Bool:
				v.SetBool(true)
				return "true"
			case reflect.Int64:
				v.SetInt(-2147483648)
				return "-2147483648"
			}
			v.SetString(strange + "=+;?#[]")
			return strange + "=+;?#[]"
		})
		require.Equal(t, want, got, m.Name)
		got, want = call(func(v reflect.Value) string {
			switch value := v.Addr().Interface().(type) {
			case *uuid.UUID: // which has no zero that would be an id
				*value = gatewayID
				return gatewayID.String()
			case interface{ Valid() bool }:
				v.SetString(typeinfo.Values(v.Type())[0])
				return v.String()
			}
			return map[reflect.Kind]string{reflect.Bool: "false", reflect.Int64: "0", reflect.String: ""}[v.Kind()]
		})
		require.Equal(t, want, got, m.Name)
		got, _ = call(nil)
		require.Empty(t, got, m.Name)
		require.NotContains(t, seen.requests()[len(seen.requests())-1].URI, "?", m.Name)
	}
	require.GreaterOrEqual(t, queries, 37) // none is lost
	require.GreaterOrEqual(t, parameters, 141)
	require.Subset(t, types, map[string]bool{"string": true, "bool": true, "int64": true, "uuid.UUID": true, "gen.RoomSessionStatus": true, "gen.WhatsAppTemplateStatus": true})
}

// TestQueryRefused: what no parameter can be is not sent.
func TestQueryRefused(t *testing.T) {
	t.Parallel()
	client, seen := with(t, say(200, "application/json", "{}"))
	for field, call := range map[string]func() error{
		"status": func() error {
			_, err := client.WhatsAppTemplates.List(t.Context(), gen.ListWhatsAppTemplatesParams{Status: signalwire.Ptr(gen.WhatsAppTemplateStatus("nice"))})
			return err
		},
		"filter_name": func() error {
			for _, err := range client.PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{FilterName: ptr("\xff")}) {
				return err
			}
			return nil
		},
	} {
		var input *signalwire.InputError
		require.ErrorAs(t, requireError(t, call()), &input)
		require.Equal(t, field, input.Field)
	}
	assertNone(t, seen)
}

// TestFirstPageThatLinksToItself is read once.
func TestFirstPageThatLinksToItself(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]func(*http.Request) string{
		"as a path":              func(r *http.Request) string { return r.RequestURI },
		"as a URL":               func(r *http.Request) string { return "http://" + r.Host + r.RequestURI },
		"as a query":             func(r *http.Request) string { return "?" + r.URL.RawQuery },
		"without what was added": func(r *http.Request) string { return "?page_size=1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = fmt.Fprintf(w, `{"data":[{"name":"a"}],"links":{"self":%q,"first":"y","next":%[1]q}}`, link(r))
			})
			var got []string
			for number, err := range client.PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{PageSize: signalwire.Ptr[int64](1)}, signalwire.WithQuery("newer", "1")) {
				require.NoError(t, err)
				got = append(got, *number.Name)
			}
			require.Equal(t, []string{"a"}, got)
			require.Len(t, seen.requests(), 1)
		})
	}
}

// TestListIsReadAnew each time that it is ranged over.
func TestListIsReadAnew(t *testing.T) {
	t.Parallel()
	client, seen := with(t, paged(upTo(2, "")))
	list := client.PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{})
	for range 2 {
		n := 0
		for _, err := range list {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 6, n)
	}
	requests := seen.requests()
	require.Len(t, requests, 6)
	require.Equal(t, requests[:3], requests[3:])
}

// TestEmptyLists have no items, and no links or empty ones.
func TestEmptyLists(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"data":[]}`, `{"data":null,"links":null}`, `{"data":[],"links":{}}`, `{"data":[],"links":{"next":null}}`, `{"data":[],"links":{"next":""}}`} {
		client, seen := with(t, say(200, "application/json", body))
		got, errs := names(t, client)
		require.Empty(t, got)
		require.Empty(t, errs)
		require.Len(t, seen.requests(), 1)
	}
	// A page in the middle may be empty too.
	client, seen := with(t, first(
		say(200, "application/json", `{"data":[],"links":{"next":"?page_number=1"}}`),
		say(200, "application/json", `{"data":[{"name":"a"}],"links":{}}`),
	))
	got, errs := names(t, client)
	require.Empty(t, errs)
	require.Equal(t, []string{"a"}, got)
	require.Len(t, seen.requests(), 2)
}

// TestOptionsHoldForEachPage: a page is a call of its own, which is repeated,
// limited, logged and shown as any other.
func TestOptionsHoldForEachPage(t *testing.T) {
	t.Parallel()
	one, two, three := func(w http.ResponseWriter, r *http.Request) { paged(upTo(2, ""))(w, r) }, refuse(429, "0"), refuse(500, "")
	t.Run("repeated and observed", func(t *testing.T) {
		t.Parallel()
		client, seen := with(t, first(two, one, two, one, two, one))
		var calls []string
		got, errs := names(t, client, attempts(2), signalwire.WithObserver(func(_ context.Context, i signalwire.CallInfo) {
			calls = append(calls, fmt.Sprintf("%s %d %t", i.Operation, i.Attempts, i.Retrying()))
		}))
		require.Empty(t, errs)
		require.Len(t, got, 6)
		require.Len(t, seen.requests(), 6)
		require.Equal(t, slices.Repeat([]string{"list_phone_numbers 1 true", "list_phone_numbers 2 false"}, 3), calls)
	})
	t.Run("not repeated", func(t *testing.T) {
		t.Parallel()
		client, _ := with(t, first(one, three), attempts(4))
		got, errs := names(t, client, attempts(1))
		require.Len(t, got, 2)
		require.Len(t, errs, 1)
		require.Equal(t, 1, requireError(t, errs[0]).Attempts)
	})
	t.Run("limited", func(t *testing.T) {
		t.Parallel()
		client, _ := with(t, first(one, say(200, "application/json", strings.Repeat(" ", 2000))))
		_, errs := names(t, client, signalwire.WithMaxResponseBytes(1000))
		require.Len(t, errs, 1)
		require.ErrorContains(t, errs[0], "longer than 1000 bytes")
	})
	t.Run("timed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			client, _ := onPipes(t, first(one, stall(nil)))
			got, errs := names(t, client, signalwire.WithTimeout(2*time.Second))
			require.Equal(t, 2*time.Second, time.Since(start))
			require.Len(t, got, 2)
			require.Len(t, errs, 1)
			require.ErrorIs(t, errs[0], context.DeadlineExceeded)
		})
	})
	t.Run("dry run", func(t *testing.T) {
		t.Parallel()
		client, seen := with(t, one)
		var shown []string
		_, errs := names(t, client, signalwire.WithDryRun(func(r signalwire.DryRunRequest) { shown = append(shown, r.URL) }))
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], signalwire.ErrDryRun)
		require.Len(t, shown, 1)
		assertNone(t, seen)
	})
	t.Run("canceled within a page", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		late := stall(func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`{"data":`))
			cancel()
		})
		client, seen := with(t, first(one, late), attempts(4))
		var errs []error
		for _, err := range client.PhoneNumbers.Pages(ctx, gen.ListPhoneNumbersParams{}) {
			if err != nil {
				errs = append(errs, err)
			}
		}
		require.Len(t, errs, 1)
		require.True(t, errors.Is(errs[0], context.Canceled))
		require.Len(t, seen.requests(), 2)
	})
}
