package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// output is what the program printed. After each line it calls then.
type output struct {
	strings.Builder
	then func(line string)
}

func (o *output) Write(line []byte) (int, error) {
	o.Builder.Write(line)
	o.then(strings.TrimSpace(string(line)))
	return len(line), nil
}

// progress changes the status of the message that was sent, from each of the statuses
// that are printed to the next.
func progress(space *signalwiretest.Space, statuses ...string) *output {
	var id string
	return &output{then: func(line string) {
		if sent, ok := strings.CutPrefix(line, "sent as "); ok {
			id = sent
		}
		if len(statuses) > 0 {
			space.PutAt("/api/messaging/logs/"+id, map[string]any{"id": id, "status": statuses[0], "error_code": "30003", "error_message": "unreachable"})
			statuses = statuses[1:]
		}
	}}
}

var message = gen.SMSMessage{From: "+15555550100", To: "+15555550199", Body: signalwire.Ptr("Hello")}

func TestDelivered(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	out := progress(space, "queued", "sent", "delivered")
	require.NoError(t, run(t.Context(), space.Client(), out, message, uuid.Nil, time.Millisecond))
	require.Regexp(t, `^sent as \S+\nqueued\nsent\ndelivered\n$`, out.String())
}

func TestUndelivered(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	out := progress(space, "queued", "undelivered")
	err := run(t.Context(), space.Client(), out, message, uuid.Nil, time.Millisecond)
	require.EqualError(t, err, "sms: undelivered: 30003 unreachable")
}

// The response to the message does not arrive: it is found in the log, and not sent
// again.
func TestUnknown(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	space.Inject(signalwiretest.Fault{Operation: "create_message", Kind: signalwiretest.CloseConnection(), After: true})
	out := progress(space, "delivered")
	require.NoError(t, run(t.Context(), space.Client(signalwire.WithSettleWait(time.Minute)), out, message, uuid.Nil, time.Millisecond))
	require.Equal(t, 1, space.Effects("create_message"))
}

// It is interrupted, and goes on with the id.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := progress(space, "queued")
	proceed := out.then
	out.then = func(line string) {
		proceed(line)
		if line == "queued" {
			cancel()
		}
	}
	err := run(ctx, space.Client(), out, message, uuid.Nil, time.Hour)
	require.ErrorIs(t, err, context.Canceled)
	_, id, found := strings.Cut(err.Error(), "Go on with -id ")
	require.True(t, found)

	space.PutAt("/api/messaging/logs/"+id, map[string]any{"id": id, "status": "delivered"})
	require.NoError(t, run(t.Context(), space.Client(), out, message, uuid.MustParse(id), time.Hour))
	require.Equal(t, 1, space.Effects("create_message"))
}
