package signalwire

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// CallInfo describes one call, for logging and metrics. It holds no credentials,
// no bodies and no ids.
type CallInfo struct {
	// Operation is the operation's id, such as "update-sip-gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// PathTemplate is the path with its parameters in braces.
	PathTemplate string
	// Status is the HTTP status of the last response; 0 if there was none.
	Status int
	// RequestID is the id that the last response gives the request; see [Error].
	RequestID string
	// Attempts is how often the request was sent so far; 0 if it never was.
	Attempts int
	// Duration is the time that the call took, waiting included; 0 while it is
	// not over.
	Duration time.Duration
	// Wait is the time until the next attempt; 0 if there is none.
	Wait time.Duration
	// LimiterWait is the time that the limiter took before all attempts so far
	// ([WithLimiter]).
	LimiterWait time.Duration
	// Unread has the paths, such as "data[3].sip_gateway.codecs", of the values
	// in the last response that could not be read, and so are zero in the
	// result. Everything else is in the result as usual.
	Unread []string
	// Header is the header of the last response, with what SignalWire says about
	// rate limits. The logger does not show it.
	Header http.Header
	// Err is the error of the call or, if Wait is not 0, of the last attempt.
	Err error

	retrying bool
}

// Retrying reports whether the call goes on with a further attempt after Wait.
func (i CallInfo) Retrying() bool { return i.retrying }

// WithObserver calls observe once at the end of each call, also of one that was
// refused before anything was sent, and before each wait for a further attempt.
// Given several times, each is called. It is called by the goroutine of the
// call, and should return at once.
func WithObserver(observe func(context.Context, CallInfo)) CallOption {
	return callOption(func(c *callConfig) error {
		if observe == nil {
			return errors.New("observer: nil given, want a function")
		}
		c.observers = append(slices.Clip(c.observers), observe)
		return nil
	})
}

// WithCallInfo writes the facts of a call to info when it is over. It is meant
// for single calls.
func WithCallInfo(info *CallInfo) CallOption {
	if info == nil {
		return callOption(func(*callConfig) error { return errors.New("call info: nil given, want a pointer") })
	}
	return WithObserver(func(_ context.Context, i CallInfo) {
		if !i.Retrying() {
			*info = i
		}
	})
}

// WithLogger logs each call in one line, and each further attempt in one: at
// level info a success, at level warn a failure, a further attempt, and a
// success with values that could not be read. A line has the operation, method,
// path template, status, duration, attempt and request id, for a further
// attempt the wait, for values that could not be read their number and the paths
// of the first ten; and nothing else.
func WithLogger(logger *slog.Logger) CallOption {
	if logger == nil {
		return callOption(func(*callConfig) error { return errors.New("logger: nil given, want a *slog.Logger") })
	}
	return WithObserver(func(ctx context.Context, i CallInfo) {
		level, message := slog.LevelInfo, "signalwire call"
		if i.Err != nil {
			level, message = slog.LevelWarn, "signalwire call failed"
		}
		attrs := []slog.Attr{
			slog.String("operation", i.Operation),
			slog.String("method", i.Method),
			slog.String("path", i.PathTemplate),
			slog.Int("status", i.Status),
			slog.Int("attempt", i.Attempts),
			slog.String("request_id", i.RequestID),
		}
		if i.Retrying() {
			message = "signalwire retry"
			attrs = append(attrs, slog.Duration("wait", i.Wait))
		} else {
			attrs = append(attrs, slog.Duration("duration", i.Duration))
		}
		if n := len(i.Unread); n > 0 {
			if i.Err == nil {
				level, message = slog.LevelWarn, "signalwire call with unread values"
			}
			attrs = append(attrs, slog.Int("unread", n), slog.Any("unread_paths", i.Unread[:min(n, 10)]))
		}
		logger.LogAttrs(ctx, level, message, attrs...)
	})
}

func (c *callConfig) report(ctx context.Context, info CallInfo) {
	for _, observe := range c.observers {
		observe(ctx, info)
	}
}

type operationKey struct{}

// OperationFromContext returns the operation that a request belongs to, from
// the request's context. It is meant for transports, for instance to name the
// spans of a trace.
func OperationFromContext(ctx context.Context) (gen.Operation, bool) {
	op, ok := ctx.Value(operationKey{}).(*gen.Operation)
	if !ok {
		return gen.Operation{}, false
	}
	return *op, true
}
