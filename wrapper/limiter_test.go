package signalwire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestLimiterIsAsked before each attempt, with the operation and the sender.
func TestLimiterIsAsked(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		call func(context.Context, *signalwire.Client) error
		want []string
	}{
		"no body": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.SIPGateways.Get(ctx, gatewayID)
			return err
		}, []string{"get_sip_gateway "}},
		"no sender": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := update(ctx, c)
			return err
		}, []string{"update_sip_gateway "}},
		"from": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Messages.Create(ctx, gen.SMSMessage{From: "+15555550101", To: "+15555550102", Body: ptr("x")})
			return err
		}, []string{"create_message +15555550101"}},
		"from in params": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Calls.Send(ctx, gen.DialCommand{Command: "dial", Params: gen.NewDialParams(gen.DialURLParams{From: "sip:a@example.com", To: ptr("+15555550102"), URL: "https://example.com"})})
			return err
		}, []string{"call_commands sip:a@example.com"}},
		"optional from": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.MFA.RequestBySMS(ctx, gen.MFARequest{To: "+15555550102", From: ptr("+15555550103")})
			return err
		}, []string{"request_mfa_sms +15555550103"}},
		"no from": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.MFA.RequestBySMS(ctx, gen.MFARequest{To: "+15555550102"})
			return err
		}, []string{"request_mfa_sms "}},
		"edit": {func(ctx context.Context, c *signalwire.Client) error {
			_, _, err := c.SIPGateways.Edit(ctx, gatewayID, func(g *gen.SIPGatewayUpdate) error { g.Name = ptr("other"); return nil })
			return err
		}, []string{"get_sip_gateway ", "update_sip_gateway "}},
		"refused before": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.SIPGateways.Get(ctx, uuid.Nil)
			if err == nil {
				return errors.New("not refused")
			}
			return nil
		}, nil},
		"dry run": {func(ctx context.Context, c *signalwire.Client) error {
			_, err := update(ctx, c, signalwire.WithDryRun(func(signalwire.DryRunRequest) {}))
			if !errors.Is(err, signalwire.ErrDryRun) {
				return errors.New("sent")
			}
			return nil
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			client, seen := with(t, gatewayOK, signalwire.WithLimiter(func(_ context.Context, op gen.Operation, sender string) error {
				asked = append(asked, op.ID+" "+sender)
				return nil
			}))
			require.NoError(t, tt.call(t.Context(), client))
			require.Equal(t, tt.want, asked)
			require.Len(t, seen.requests(), len(tt.want))
		})
	}
	_, err := signalwire.New("acme", signalwire.WithLimiter(nil))
	require.EqualError(t, err, "signalwire: WithLimiter: expected a function, got nil")
}

// TestLimiterGetsThePathOfDo, by which package pace tells calls from messages.
func TestLimiterGetsThePathOfDo(t *testing.T) {
	t.Parallel()
	var asked []string
	client, _ := with(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }, signalwire.WithLimiter(func(_ context.Context, op gen.Operation, sender string) error {
		asked = append(asked, op.ID+" "+op.Path+" "+sender)
		return nil
	}))
	dial := map[string]any{"command": "dial", "params": map[string]any{"from": "+15555550101"}}
	require.NoError(t, client.Do(t.Context(), http.MethodPost, "/api/calling/calls?x=secret", dial, nil))
	require.NoError(t, client.Do(t.Context(), http.MethodGet, "/api/calling/calls/"+gatewayID.String(), nil, nil))
	require.Equal(t, []string{"Do /api/calling/calls +15555550101", "Do /api/calling/calls/{id} "}, asked)
}

// TestLimiterRefuses: the attempt is not made.
func TestLimiterRefuses(t *testing.T) {
	t.Parallel()
	full := errors.New("the queue is full")
	refuseFrom := func(n int) signalwire.CallOption {
		return signalwire.WithLimiter(func(context.Context, gen.Operation, string) error {
			if n--; n < 0 {
				return fmt.Errorf("%w for %s", full, apiToken)
			}
			return nil
		})
	}
	client, seen := with(t, refuse(503, "0"), attempts(5))
	e := failed(t, client, refuseFrom(0))
	require.ErrorIs(t, e, full)
	require.Equal(t, "signalwire: update_sip_gateway PATCH "+client.Host()+gatewayPath+": not sent, refused by the limiter: the queue is full for [redacted]", e.Error())
	require.Zero(t, e.Attempts)
	require.NotErrorIs(t, e, signalwire.ErrOutcomeUnknown)
	require.Empty(t, seen.requests())

	e = failed(t, client, refuseFrom(2))
	require.ErrorIs(t, e, full)
	require.Equal(t, 503, e.Status, "the attempts before are reported")
	require.Equal(t, 2, e.Attempts)
	require.Len(t, seen.requests(), 2)
}

// TestErrorSaysWhyItWasNotRepeated, beside what the last attempt failed with.
func TestErrorSaysWhyItWasNotRepeated(t *testing.T) {
	t.Parallel()
	client, _ := with(t, refuse(503, "0"), attempts(5))
	n := 0
	e := failed(t, client, signalwire.WithLimiter(func(context.Context, gen.Operation, string) error {
		if n++; n == 2 {
			return errors.New("the queue is full for " + apiToken)
		}
		return nil
	}))
	require.ErrorContains(t, e, "; not sent, refused by the limiter: the queue is full for [redacted]")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := update(ctx, client, signalwire.WithObserver(func(context.Context, signalwire.CallInfo) { cancel(errors.New("the user left")) }))
	require.ErrorContains(t, requireError(t, err), "; context canceled: the user left")
}

// TestLimiterWait: observers see how long a call waited, before all attempts
// together, and the time limit of an attempt does not count it.
func TestLimiterWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			sent++
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return &http.Response{StatusCode: []int{429, 200}[sent-1], Header: http.Header{"Retry-After": {"3"}}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
		})
		var infos []signalwire.CallInfo
		client := dial(t, "https://acme.example", signalwire.WithTransport(transport), attempts(2), signalwire.WithTimeout(time.Second),
			signalwire.WithLimiter(func(context.Context, gen.Operation, string) error { time.Sleep(2 * time.Second); return nil }),
			signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) { infos = append(infos, info) }))
		_, err := client.SIPGateways.Get(t.Context(), gatewayID)
		require.NoError(t, err)
		require.Len(t, infos, 2)
		require.Equal(t, 2*time.Second, infos[0].LimiterWait)
		require.Equal(t, 3*time.Second, infos[0].Wait)
		require.Equal(t, 4*time.Second, infos[1].LimiterWait)
		require.Equal(t, 7*time.Second, infos[1].Duration)
	})
}

// TestCanceledLimiterWait sends nothing, whatever the limiter says then.
func TestCanceledLimiterWait(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(context.Context, gen.Operation, string) error{
		"says so":      func(ctx context.Context, _ gen.Operation, _ string) error { <-ctx.Done(); return ctx.Err() },
		"lets through": func(ctx context.Context, _ gen.Operation, _ string) error { <-ctx.Done(); return nil },
		"refuses":      func(ctx context.Context, _ gen.Operation, _ string) error { <-ctx.Done(); return errors.New("refused") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, seen := with(t, gatewayOK)
			ctx, cancel := context.WithCancel(t.Context())
			var info signalwire.CallInfo
			_, err := create(ctx, client, signalwire.WithCallInfo(&info), signalwire.WithLimiter(func(ctx context.Context, op gen.Operation, sender string) error {
				cancel()
				return limit(ctx, op, sender)
			}))
			e := requireError(t, err)
			require.ErrorIs(t, e, context.Canceled)
			require.NotErrorIs(t, e, signalwire.ErrOutcomeUnknown)
			require.Zero(t, e.Attempts)
			require.Positive(t, info.LimiterWait)
			require.Empty(t, seen.requests())
		})
	}
}
