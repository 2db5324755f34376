package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// rotation is a Space with two subscribers, of whom alice has two credentials, and a
// file.
type rotation struct {
	space *signalwiretest.Space
	file  string
	paths []string // of the credentials
}

func newRotation(t *testing.T) *rotation {
	r := &rotation{space: signalwiretest.New(t), file: filepath.Join(t.TempDir(), "passwords.jsonl")}
	for name, usernames := range map[string][]string{"alice": {"alice-desk", "alice-mobile"}, "bob": {"bob"}} {
		subscriber := r.space.Put(gen.SubscriberResource{DisplayName: name})
		for _, username := range usernames {
			credential := r.space.Put(gen.SubscriberSIPCredential{Username: username}, subscriber)
			r.paths = append(r.paths, "/api/fabric/resources/subscribers/"+subscriber.String()+"/sip_endpoints/"+credential.String())
		}
	}
	return r
}

// printer is where the program prints. It calls then after each line.
type printer struct {
	strings.Builder
	then func()
}

func (p *printer) Write(line []byte) (int, error) {
	if p.then != nil {
		p.then()
	}
	return p.Builder.Write(line)
}

// requireSet fails if a credential does not have the password that the file says.
func (r *rotation) requireSet(t *testing.T) {
	text, err := os.ReadFile(r.file)
	require.NoError(t, err)
	passwords := map[uuid.UUID]string{}
	for line := range strings.Lines(string(text)) {
		var e entry
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		if e.Set {
			require.NotContains(t, passwords, e.Credential, "set twice")
			passwords[e.Credential] = e.Password
		}
	}
	require.Len(t, passwords, len(r.paths))
	for _, path := range r.paths {
		text, found := r.space.GetAt(path)
		require.True(t, found)
		var credential struct {
			ID       uuid.UUID
			Password string
		}
		require.NoError(t, json.Unmarshal(text, &credential))
		require.Equal(t, passwords[credential.ID], credential.Password)
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	out := &printer{}
	require.NoError(t, run(t.Context(), r.space.Client(), out, r.file))
	require.Regexp(t, `^1 of 3: \S+\n2 of 3: \S+\n3 of 3: \S+\n3 of 3 are set, 0 failed\n$`, out.String())
	r.requireSet(t)

	// With the same file there is nothing left to do.
	require.NoError(t, run(t.Context(), r.space.Client(), out, r.file))
	require.Equal(t, 3, r.space.Effects("update_subscriber_sip_credential"))
}

// It is interrupted after the first credential, loses the response to the second, and
// goes on.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := run(ctx, r.space.Client(), &printer{then: cancel}, r.file)
	require.EqualError(t, err, "rotatepasswords: interrupted: 1 of 3 are set. Run it again to go on")

	// As if it was stopped while it wrote a line.
	file, err := os.OpenFile(r.file, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"subscriber":"`)
	require.NoError(t, err)
	require.NoError(t, file.Close())

	out := &printer{}
	require.NoError(t, run(t.Context(), r.space.Client(), out, r.file))
	require.Regexp(t, `^2 of 3: \S+\n3 of 3: \S+\n3 of 3 are set, 0 failed\n$`, out.String())
	r.requireSet(t)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	r := newRotation(t)
	r.space.Inject(signalwiretest.Fault{Operation: "update_subscriber_sip_credential", Kind: signalwiretest.EmptyBody(422)})
	out := &printer{}
	require.ErrorContains(t, run(t.Context(), r.space.Client(), out, r.file), "1 failed")
	require.Contains(t, out.String(), "2 of 3 are set, 1 failed\n")
	require.NoError(t, run(t.Context(), r.space.Client(), out, r.file))
	r.requireSet(t)
}
