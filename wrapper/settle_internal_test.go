package signalwire

import (
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// SetClockBefore makes an error as it would be if the wall clock had been set back by d
// after the call.
func SetClockBefore(err error, d time.Duration) {
	var failure *Error
	if errors.As(err, &failure) {
		q := failure.settle()
		for _, t := range []*time.Time{&q.started, &q.end} {
			// A time with a monotonic reading has the seconds of the wall clock in the upper
			// bits of its first word, above 30 bits of nanoseconds.
			*(*int64)(unsafe.Pointer(t)) += int64(d/time.Second) << 30
		}
	}
}

// TestCallHistoryForgets: calls that no longer matter take no memory.
func TestCallHistoryForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op := &gen.Operation{ID: "make", Settle: &gen.SettleRule{Match: [][2]string{{"/name", "/name"}}}}
		h := &callHistory{}
		for i := range 1000 {
			q := h.begin(op, gen.Args{}, &request{json: []byte(`{"name":` + strconv.Itoa(i) + `}`)})
			require.NotNil(t, q)
			q.finish(nil)
			require.LessOrEqual(t, len(h.byKey), 64)
			time.Sleep(time.Second)
		}
	})
}

// TestCallHistoryKeepsPathsApart: what is made under one path is not what is made
// under another.
func TestCallHistoryKeepsPathsApart(t *testing.T) {
	t.Parallel()
	op := &gen.Operation{ID: "make", Settle: &gen.SettleRule{Match: [][2]string{{"/name", "/name"}}}}
	h := &callHistory{}
	begin := func(path string) *settleQuery {
		return h.begin(op, gen.Args{Path: []any{path}}, &request{json: []byte(`{"name":"a"}`)})
	}
	one, other := begin("1"), begin("2")
	require.True(t, one.unique())
	require.True(t, other.unique())
	require.False(t, begin("2").unique())
	require.False(t, other.unique())
}

// TestSettleMatches: an entry has the value that was sent, in any form that the codec reads.
// null, and no value, are the zero value.
func TestSettleMatches(t *testing.T) {
	t.Parallel()
	op := &gen.Operation{ID: "make", Settle: &gen.SettleRule{Match: [][2]string{{"/a", "/a"}}}}
	for _, tt := range []struct {
		sent, read string
		want       bool
	}{
		{`"x"`, `"x"`, true},
		{`"x"`, `"y"`, false},
		{`"1"`, `1`, true},
		{`""`, `null`, true},
		{`""`, `{}`, false},
		{`20`, `20`, true},
		{`20`, `"20"`, true},
		{`20`, `20.5`, false},
		{`20`, `{}`, false},
		{`20`, `null`, false},
		{`"x"`, `null`, false},
		{`false`, `null`, true},
		{`2000000`, `2000000`, true},
		{`2000000`, `"2000000"`, true},
		{`0`, `null`, true},
		{`0`, `"x"`, false},
		{`true`, `true`, true},
		{`true`, `1`, true},
		{`true`, `"true"`, true},
		{`true`, `false`, false},
		{`false`, `0`, true},
		{`false`, `true`, false},
		{`false`, `"x"`, false},
	} {
		q := (&callHistory{}).begin(op, gen.Args{}, &request{json: []byte(`{"a":` + tt.sent + `}`)})
		require.NotNil(t, q, tt.sent)
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(`{"a":`+tt.read+`}`), &entry))
		require.Equal(t, tt.want, q.matches(entry), "%s and %s", tt.sent, tt.read)
	}
}
