package signalwire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// TestLargeBuffersAreNotKept: one large response does not stay in memory.
func TestLargeBuffersAreNotKept(t *testing.T) {
	for range 10 {
		(&buffer{bytes: make([]byte, maxKept+1)}).release()
		b := buffers.Get().(*buffer)
		require.LessOrEqual(t, cap(b.bytes), maxKept)
		buffers.Put(b)
	}
}

// TestAnnouncedLengthIsNotBelieved: a Content-Length is no reason to allocate much
// more than what has come.
func TestAnnouncedLengthIsNotBelieved(t *testing.T) {
	const announced = 1 << 30
	for _, size := range []int{10, 3 << 20} {
		b := &buffer{bytes: make([]byte, 4<<10)}
		resp := &http.Response{ContentLength: announced, Body: io.NopCloser(bytes.NewReader(make([]byte, size)))}
		require.NoError(t, b.read(resp, announced))
		require.Len(t, b.body, size)
		require.LessOrEqual(t, cap(b.bytes), max(maxKept, 5*size))
	}
}

// TestOptionsOfCallsAreApart: calls that add an observer or the like to the client's
// at the same time do not share the slice that holds them.
func TestOptionsOfCallsAreApart(t *testing.T) {
	config := &callConfig{
		observers: make([]func(context.Context, CallInfo), 0, 4),
		drift:     make([]func(context.Context, *gen.Operation, codec.Notes), 0, 4),
		query:     extraParams{list: make([]extraParam, 0, 4)},
	}
	var seen []string
	options := func(name string) []gen.CallOption {
		return []gen.CallOption{
			WithObserver(func(context.Context, CallInfo) { seen = append(seen, name) }),
			WithDrift(func(context.Context, Drift) { seen = append(seen, name) }),
			WithQuery(name, ""),
		}
	}
	first := config.with(options("first"))
	require.NoError(t, first.invalid)
	require.NoError(t, config.with(options("second")).invalid)
	first.report(t.Context(), CallInfo{})
	first.reportDrift(t.Context(), &gen.Operation{}, codec.Notes{Unread: []string{"x"}})
	require.Equal(t, []string{"first", "first"}, seen)
	require.Equal(t, []extraParam{{name: "first"}}, first.query.list)
}

// TestKnownValues: a value of an enumeration that was read and is newer than the
// description may be sent back, also where it can be null, and if it is a number.
func TestKnownValues(t *testing.T) {
	v := Value(gen.Codec("NEW"))
	require.Equal(t, map[string]bool{"NEW": true}, knownValues(reflect.ValueOf(v), nil))
	require.Equal(t, map[string]bool{"60": true}, knownValues(reflect.ValueOf([]any{gen.VideoFPS(60), "other", 70}), nil))
}
