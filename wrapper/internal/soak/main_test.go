package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSoak is the short form of the command.
func TestSoak(t *testing.T) {
	t.Parallel()
	calls := 3000
	r, err := run(t.Context(), calls, 16, 1, nil)
	require.NoError(t, err)
	require.EqualValues(t, calls, r.Calls)
	require.NotZero(t, r.retries, "the faults did not happen")
	require.NotZero(t, r.Unknown, "no creation had an unknown outcome")
	require.NotZero(t, r.Maybe, "no change failed that may have taken effect")
	require.NotZero(t, r.goAways, "no connection was ended")
	require.NotZero(t, r.Created)
}
