package signalwire_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func basic(projectID, apiToken string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(projectID+":"+apiToken))
}

// TestCredentialsOfOneCall: they replace the client's for that call alone, and
// neither are shown if a server repeats them.
func TestCredentialsOfOneCall(t *testing.T) {
	t.Parallel()
	const otherProject, otherToken = "11111111-aaaa-4bbb-8ccc-222222222222", "PTother-token"
	client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(422)
		_, _ = fmt.Fprintf(w, `{"errors":[{"message":"no %s %s %s"}]}`, otherToken, apiToken, r.Header.Get("Authorization"))
	})
	own := failed(t, client, signalwire.WithCredentials(otherProject, otherToken))
	failed(t, client)
	requireNoSecrets(t, own.Error(), otherProject, otherToken, basic(otherProject, otherToken))
	require.Contains(t, own.Error(), "no [redacted] [redacted] Basic [redacted]")
	require.Equal(t, basic(otherProject, otherToken), seen.requests()[0].Header.Get("Authorization"))
	require.Equal(t, basic(projectID, apiToken), seen.requests()[1].Header.Get("Authorization"))

	err := failed(t, client, signalwire.WithCredentials(otherProject, ""))
	require.ErrorContains(t, err, "credentials: the API token is empty")
	require.Zero(t, err.Attempts)
	require.Len(t, seen.requests(), 2)
}

// TestCredentialsOfOneCallReplaceAll: a call that has credentials of its own uses no others,
// and fails if they are of another kind than its operation takes. It is not made with the
// rights of the client instead.
func TestCredentialsOfOneCallReplaceAll(t *testing.T) {
	t.Parallel()
	bearer := signalwire.WithBearerToken("bearer-of-call")
	client, seen := with(t, gatewayOK, signalwire.WithBearerToken("bearer-of-client"))
	subscriber := func(opts ...signalwire.CallOption) error {
		_, err := client.ClientAddresses.List(t.Context(), opts...)
		return err
	}
	project := func(opts ...signalwire.CallOption) error { _, err := update(t.Context(), client, opts...); return err }
	download := func(opts ...signalwire.CallOption) error {
		_, err := client.Download(t.Context(), "http://"+client.Host()+"/file", io.Discard, opts...)
		return err
	}
	require.ErrorContains(t, project(bearer), "no credentials for this operation: expected WithCredentials")
	require.ErrorContains(t, subscriber(credentials), "no credentials for this operation: expected WithBearerToken")
	require.Empty(t, seen.requests())
	for _, call := range []func(opts ...signalwire.CallOption) error{project, subscriber, download} {
		require.NoError(t, call())
		require.NoError(t, call(bearer, credentials))
		require.NoError(t, call(credentials, bearer))
	}
	require.NoError(t, download(bearer))
	var got []string
	for _, r := range seen.requests() {
		got = append(got, r.Header.Get("Authorization"))
	}
	project1 := basic(projectID, apiToken)
	require.Equal(t, []string{
		project1, project1, project1,
		"Bearer bearer-of-client", "Bearer bearer-of-call", "Bearer bearer-of-call",
		project1, project1, project1, "",
	}, got)
}

// TestCredentialsFunc: the function is asked before each attempt, and what it
// returned is never shown, also what it returned before.
func TestCredentialsFunc(t *testing.T) {
	t.Parallel()
	type key struct{}
	asked := 0
	rotate := func(ctx context.Context) (string, string, error) {
		require.Equal(t, "mine", ctx.Value(key{}))
		asked++
		return projectID, fmt.Sprintf("rotated-token-%d", asked), nil
	}
	client, seen := with(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(502)
		_, _ = fmt.Fprint(w, `{"errors":[{"message":"rotated-token-1 or rotated-token-2"}]}`)
	}, signalwire.WithMaxAttempts(2), signalwire.WithCredentialsFunc(rotate))
	_, err := update(context.WithValue(t.Context(), key{}, "mine"), client)
	require.Contains(t, requireError(t, err).Error(), "[redacted] or [redacted]")
	require.Equal(t, 2, asked)
	for i, r := range seen.requests() {
		require.Equal(t, basic(projectID, fmt.Sprintf("rotated-token-%d", i+1)), r.Header.Get("Authorization"))
	}

	// One given later replaces it, in a call as in a client.
	_, err = update(t.Context(), client, credentials)
	requireError(t, err)
	require.Equal(t, 2, asked)
	require.Equal(t, basic(projectID, apiToken), seen.requests()[2].Header.Get("Authorization"))
}

// TestCredentialsFuncFails: its error ends the call and nothing is sent.
func TestCredentialsFuncFails(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	none := errors.New("the vault is sealed")
	for want, function := range map[string]func(context.Context) (string, string, error){
		"credentials: the vault is sealed":                  func(context.Context) (string, string, error) { return "", "", none },
		"credentials: the project id is empty":              func(context.Context) (string, string, error) { return "", "x", nil },
		"credentials: the API token is empty or holds":      func(context.Context) (string, string, error) { return "x", "a b", nil },
		"WithCredentialsFunc: expected a function, got nil": nil,
	} {
		err := failed(t, client, signalwire.WithCredentialsFunc(function), signalwire.WithMaxAttempts(3))
		require.ErrorContains(t, err, want)
		require.Equal(t, strings.Contains(want, "sealed"), errors.Is(err, none))
		require.Zero(t, err.Attempts)
	}
	require.Empty(t, seen.requests())
}
