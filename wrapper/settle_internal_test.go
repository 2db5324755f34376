package signalwire

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

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
