package signalwire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// caller carries out every operation of a [Client]. All of it but likes, which
// has a lock, does not change once it is made, and so it is safe for concurrent use.
type caller struct {
	base      *url.URL
	sender    *sender
	userAgent []string
	config    callConfig
	likes     likes // for Settle
}

func newCaller(space string, opts []Option) (*caller, error) {
	base, err := spaceURL(space)
	if err != nil {
		return nil, err
	}
	config := defaultConfig()
	config.base = base
	if err := config.apply(opts); err != nil {
		return nil, err
	}
	if config.sender == nil {
		config.sender = newSender(newDefaultTransport())
	}
	for i := range config.call.fields {
		config.call.fields[i].client = true
	}
	config.call.redact = redact.New(config.call.credentials.secretValues()...)
	return &caller{
		base:      config.base,
		sender:    config.sender,
		userAgent: []string{config.userAgent},
		config:    config.call,
	}, nil
}

// Call carries out one operation.
func (c *caller) Call(ctx context.Context, op *gen.Operation, args gen.Args, out any, opts ...gen.CallOption) error {
	config, err := c.config.with(opts)
	if err != nil {
		return c.newError(op, config).withCause(err)
	}
	return c.call(ctx, op, args, out, config)
}

// newError returns the error of a call of op, to be completed with what went wrong.
func (c *caller) newError(op *gen.Operation, config *callConfig) *Error {
	failure := c.errorOf(op, config)
	return &failure
}

// errorOf is newError for where it is not known yet whether there is an error.
//
//go:noinline
func (c *caller) errorOf(op *gen.Operation, config *callConfig) Error {
	return Error{Operation: op.ID, Method: op.Method, Host: c.base.Host, Path: op.Path, redact: config.redact}
}

// newRequestError returns the error of a call of op whose request has been built.
func (c *caller) newRequestError(op *gen.Operation, req *request, config *callConfig) *Error {
	failure := c.newError(op, config)
	failure.Path, failure.redact = req.path, req.redactor(config.redact)
	return failure
}

// call carries out an operation: it finds everything that can be wrong with the
// arguments before it sends anything, sends the request as often as that helps
// and does no harm, and reports what came of it.
func (c *caller) call(ctx context.Context, op *gen.Operation, args gen.Args, out any, config *callConfig) error {
	started := time.Now()
	info := CallInfo{Operation: op.ID, Method: op.Method, PathTemplate: op.Path}
	var failure *Error
	if ctx == nil {
		ctx = context.Background() // for the observers
		failure = c.newError(op, config).withCause(&InputError{"ctx", "nil given, want a context"})
	} else {
		failure = c.doWithRetry(context.WithValue(ctx, operationKey{}, op), op, args, out, config, &info)
	}
	info.Duration = time.Since(started)
	if failure != nil { // not a nil pointer in an error
		info.Err = failure
	}
	config.report(ctx, info)
	return info.Err
}

// doWithRetry sends the request until it succeeds, until repeating it would not
// help or do harm, or until ctx ends.
func (c *caller) doWithRetry(ctx context.Context, op *gen.Operation, args gen.Args, out any, config *callConfig, info *CallInfo) (failure *Error) {
	if config.credentials.basic != nil {
		own := *config // it will have the credentials that are asked for
		config = &own
	}
	req, err := c.newRequest(op, args, config)
	if err != nil {
		return c.newError(op, config).withCause(err)
	}
	if config.dryRun != nil {
		if err := c.setHeader(ctx, op, req, config); err != nil {
			return c.newRequestError(op, req, config).withCause(err)
		}
		config.dryRun(op, req)
		return c.newRequestError(op, req, config).withCause(ErrDryRun)
	}
	if err := config.admit(ctx, op, req, info); err != nil {
		return c.newRequestError(op, req, config).withCause(err)
	}
	if op.Settle != nil {
		if sought := c.likes.begin(op, args, req); sought != nil {
			defer func() { sought.finish(failure) }()
		}
	}
	var last *Error
	for {
		info.Attempts++
		failure, next := c.do(ctx, op, req, out, config, info)
		if failure == nil {
			return nil
		}
		failure.follow(last, info.Attempts)
		last = failure
		wait, again := config.wait(ctx, failure, next, info.Attempts)
		if !again {
			return failure
		}
		retry := *info
		retry.Err, retry.Wait, retry.retrying = failure, wait, true
		config.report(ctx, retry)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		if err := config.admit(ctx, op, req, info); err != nil {
			own := *failure // observers have the other one
			if errors.Is(failure.Err, ErrUnreadable) {
				err = join(ErrUnreadable, err)
			}
			return own.withCause(err)
		}
	}
}

// do sends the request once and reads the response into out. If that fails, it
// returns what went wrong and whether the request may be sent again.
func (c *caller) do(ctx context.Context, op *gen.Operation, req *request, out any, config *callConfig, info *CallInfo) (*Error, retryDecision) {
	attemptCtx, cancel := context.WithTimeout(ctx, config.timeout)
	defer cancel()
	info.Header, info.Unread = nil, nil // those of the attempt before
	config.setRaw(nil)
	var resp *http.Response
	var sent *sentBody
	var err error
	for sends := 1; ; sends++ {
		if err := c.setHeader(attemptCtx, op, req, config); err != nil {
			info.Attempts-- // it was not sent
			return c.newRequestError(op, req, config).withCause(err), giveUp
		}
		resp, sent, err = c.roundTrip(attemptCtx, op, req)
		if sends == 2 || !errors.Is(err, errNotProcessed) {
			break
		}
	}
	failure := c.errorOf(op, config)
	failure.Path = req.path
	if err != nil || resp.StatusCode/100 != 2 || len(config.observers) > 0 {
		// Somebody will see what the server said, which may be what was sent.
		failure.redact = req.redactor(config.redact)
	}
	var notes codec.Notes
	if err == nil {
		notes, err = c.readResponse(attemptCtx, &failure, req, resp, out, config)
		info.Header = failure.redact.Header(resp.Header)
	}
	info.Status, info.RequestID, info.Unread = failure.Status, failure.RequestID, notes.Unread
	config.reportDrift(ctx, op, notes)
	if err == nil {
		return nil, giveUp
	}
	failure.redact = req.redactor(config.redact)
	if err != errStatus && (failure.Status/100 != 2 || failure.cut) {
		switch {
		case ctx.Err() != nil:
			err = contextError(ctx)
		case attemptCtx.Err() != nil:
			err = fmt.Errorf("no response within %v: %w", config.timeout, attemptCtx.Err())
		}
	}
	failed := failure // only a failure takes memory
	next := classify(op, &failed, err, sent, config)
	switch {
	case next == outcomeUnknown:
		err = join(ErrOutcomeUnknown, err)
	case failure.kind == damaged, failure.kind == unwanted:
		err = join(ErrUnreadable, err)
	}
	return failed.withCause(err), next
}

// roundTrip sends the request and returns the response, which has a body to be
// closed, or an error.
func (c *caller) roundTrip(ctx context.Context, op *gen.Operation, req *request) (*http.Response, *sentBody, error) {
	resp, sent, err := c.sender.send(ctx, op, req)
	switch {
	case err != nil && resp != nil && resp.Body != nil:
		_ = resp.Body.Close()
	case err == nil && (resp == nil || resp.Body == nil):
		err = errors.New("the transport returned no response and no error")
	}
	return resp, sent, err
}

// join makes an error of one that says what became of a call, and its cause.
func join(sentinel, cause error) error {
	if cause == errStatus {
		return sentinel
	}
	return fmt.Errorf("%w: %w", sentinel, cause)
}

// follow makes e the error of a call whose attempt before failed with last, if
// there was one.
func (e *Error) follow(last *Error, attempts int) {
	e.Attempts = attempts
	if last == nil {
		return
	}
	if e.First = last.First; e.First == nil {
		e.First = last
	}
	e.earlier = last.MayHaveTakenEffect
	e.MayHaveTakenEffect = e.MayHaveTakenEffect || e.earlier
}

// contextError returns the error of a context that has ended, with its cause.
func contextError(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return &canceledError{ctx.Err(), cause}
	}
	return ctx.Err()
}

// canceledError has the error of a context and its cause. The cause may well be
// the error of another call, which must not pass for that of this one: a call
// that was canceled because another found nothing has not found nothing itself.
type canceledError struct{ err, cause error }

func (e *canceledError) Error() string { return e.err.Error() + ": " + e.cause.Error() }

func (e *canceledError) Is(target error) bool {
	return !isSentinel(target) && errors.Is(e.cause, target)
}

// As finds the cause, by means that a program has anyway. The error of a context
// itself is found through Unwrap.
func (e *canceledError) As(target any) bool {
	to := reflect.ValueOf(target).Elem()
	return anyError(e.cause, func(err error) bool {
		if reflect.TypeOf(err).AssignableTo(to.Type()) {
			to.Set(reflect.ValueOf(err))
			return true
		}
		as, ok := err.(interface{ As(any) bool })
		return ok && as.As(target)
	})
}

func (e *canceledError) Unwrap() error { return e.err }
