package signalwire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// Whatever odd forms a Space responds in, every operation returns the values
// that it returns from a Space without quirks, and no error.
func TestQuirks(t *testing.T) {
	t.Parallel()
	seeds := uint64(4)
	if testing.Short() || raceEnabled {
		seeds = 1
	}
	for i, d := range description().Operations {
		t.Run(d.ID, func(t *testing.T) {
			if raceEnabled && i%32 != 5 {
				t.Skip("a few are enough for the race detector")
			}
			t.Parallel()
			for seed := range seeds {
				for _, m := range clientMethods() {
					if m.op.ID == d.ID && m.calls != "Edit" {
						plain := callWithSeed(t, d, m, seed)
						odd := callWithSeed(t, d, m, seed, signalwiretest.WithQuirks())
						requireSame(t, fmt.Sprintf("%s, seed %d", m.name, seed), reflect.ValueOf(plain), reflect.ValueOf(odd))
					}
				}
			}
		})
	}
}

// callWithSeed calls a method against a Space of its own and returns what the
// method returns, or all that it iterates over.
func callWithSeed(t *testing.T, d described, m *clientMethod, seed uint64, opts ...signalwiretest.Option) any {
	t.Helper()
	e := &experiment{T: t, described: d, method: m, space: signalwiretest.New(t, append(opts, signalwiretest.WithSeed(seed))...)}
	_, e.response = d.success()
	author := newAuthor(seed%3 > 0, int(seed), d.ID)
	args := e.arguments(author)
	e.put(author, args)
	if m.calls == "Pages" {
		if args.query = map[string]any{}; slices.ContainsFunc(d.Parameters, func(p parameter) bool { return p.Name == "page_size" }) {
			args.query["page_size"] = 1
		}
	}
	in := e.values(m, args)
	client := e.space.Client(signalwire.WithMaxAttempts(1))
	in = append(in, reflect.ValueOf(signalwire.WithStrictResponses())) // nothing is left unread
	out := m.of(client).Call(in)
	if m.calls != "Pages" {
		require.Nil(t, out[len(out)-1].Interface(), "%s, seed %d", m.name, seed)
		return out[0].Interface()
	}
	var all []any
	for v, err := range out[0].Seq2() {
		require.Nil(t, err.Interface(), "%s, seed %d", m.name, seed)
		all = append(all, v.Interface())
		require.Less(t, len(all), 10, "%s, seed %d: it does not end", m.name, seed)
	}
	return all
}

// requireSame demands that two decoded values say the same. A value of an
// enumeration may be one that is not listed, and links may be others.
func requireSame(t *testing.T, at string, plain, odd reflect.Value) {
	t.Helper()
	if plain.IsValid() != odd.IsValid() || plain.IsValid() && plain.Type() != odd.Type() {
		require.Fail(t, "another type", "%s: want %v, got %v", at, plain, odd)
	}
	if !plain.IsValid() {
		return
	}
	switch want := plain.Interface().(type) {
	case time.Time:
		require.True(t, want.Equal(odd.Interface().(time.Time)), "%s: want %v, got %v", at, want, odd)
		return
	case uuid.UUID:
		require.Equal(t, want, odd.Interface(), at)
		return
	case gen.PageLinks, *gen.PageLinks: // a bare array has none
		return
	case json.RawMessage:
		if len(want) > 0 || odd.Len() > 0 {
			require.JSONEq(t, string(want), string(odd.Bytes()), at)
		}
		return
	case interface{ Valid() bool }:
		if plain.Kind() == reflect.String {
			require.True(t, plain.Equal(odd) || !odd.Interface().(interface{ Valid() bool }).Valid() && odd.Len() > 0, "%s: want %v, got %q", at, want, odd)
			return
		}
	case interface{ Value() any }:
		requireSame(t, at, reflect.ValueOf(want.Value()), reflect.ValueOf(odd.Interface().(interface{ Value() any }).Value()))
		return
	}
	switch plain.Kind() {
	case reflect.Pointer, reflect.Interface:
		require.Equal(t, plain.IsNil(), odd.IsNil(), "%s: want %v, got %v", at, plain, odd)
		if !plain.IsNil() {
			requireSame(t, at, plain.Elem(), odd.Elem())
		}
	case reflect.Struct:
		for i := range plain.NumField() {
			if f := plain.Type().Field(i); f.IsExported() {
				requireSame(t, at+"."+f.Name, plain.Field(i), odd.Field(i))
			}
		}
	case reflect.Slice:
		require.Equal(t, plain.Len(), odd.Len(), "%s: want %v, got %v", at, plain, odd)
		for i := range plain.Len() {
			requireSame(t, fmt.Sprintf("%s[%d]", at, i), plain.Index(i), odd.Index(i))
		}
	case reflect.Map:
		if plain.Type().Key().Kind() == reflect.Bool { // a nullable.Nullable, null or unset
			for _, m := range []reflect.Value{plain, odd} {
				if !m.MapIndex(reflect.ValueOf(true)).IsValid() && m.Len() > 0 {
					m.Clear()
				}
			}
		}
		require.Equal(t, plain.Len(), odd.Len(), "%s: want %v, got %v", at, plain, odd)
		for _, key := range plain.MapKeys() {
			requireSame(t, fmt.Sprintf("%s[%v]", at, key), plain.MapIndex(key), odd.MapIndex(key))
		}
	default:
		require.True(t, plain.Equal(odd), "%s: want %v, got %v", at, plain, odd)
	}
}

// The reasons of a refusal are in its error, in whichever form they come.
func TestQuirksOfErrors(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		space := signalwiretest.New(t, signalwiretest.WithQuirks(), signalwiretest.WithSeed(seed))
		client := space.Client(signalwire.WithMaxAttempts(1))
		for _, refused := range []struct {
			path, says string
			is         error
		}{
			{"/api/relay/rest/phone_numbers?page_size=x", "page_size", signalwire.ErrInvalid},
			{"/api/fabric/resources/sip_gateways/" + gatewayID.String(), "404", signalwire.ErrNotFound},
		} {
			err := client.Do(context.Background(), http.MethodGet, refused.path, nil, nil)
			requireIs(t, err, refused.is)
			require.Contains(t, strings.ToLower(err.Error()), refused.says, "seed %d", seed)
			require.NotEmpty(t, requireError(t, err).RequestID, "seed %d", seed)
		}
	}
}
