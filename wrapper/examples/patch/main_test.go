package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func TestPatch(t *testing.T) {
	t.Setenv(signalwire.EnvSpace, "") // a Space in the process
	t.Setenv(signalwire.EnvBaseURL, "")
	require.NoError(t, run(t.Context(), ids{}))
}

func TestPatchNeedsIDs(t *testing.T) {
	t.Setenv(signalwire.EnvSpace, "acme")
	t.Setenv(signalwire.EnvProjectID, "project")
	t.Setenv(signalwire.EnvAPIToken, "token")
	require.ErrorContains(t, run(t.Context(), ids{}), "expected -gateway, -subscriber and -credential")
}
