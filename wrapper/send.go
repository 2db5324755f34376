package signalwire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// caller is the [gen.Caller] of a [Client]: it executes every operation. It is safe for
// concurrent use: only its history changes after newCaller, and that has a lock.
type caller struct {
	base      *url.URL
	sender    *sender
	userAgent []string
	config    callConfig
	history   callHistory // for Client.Settle
}

// newCaller returns a caller for a Space, with the options of [New].
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
	if config.call.page != nil {
		return nil, errors.New("WithPageLink: expected it among the options of a call")
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

// Call executes an operation. See [gen.Caller].
func (c *caller) Call(ctx context.Context, op *gen.Operation, args gen.Args, out any, opts ...gen.CallOption) error {
	return c.call(ctx, op, args, out, c.config.with(opts))
}

// call executes an operation. These are its steps, in order, and the files that implement
// them:
//
//	call         reports the call to the observers    observer.go
//	doWithRetry  validates the arguments              validate.go
//	             builds the request                   request.go, url.go, query.go
//	             shows the request, in a dry run      dryrun.go
//	             waits for the limiter                limiter.go
//	             records the call for Client.Settle   settle.go
//	             repeats the steps of do              retry.go
//	do           sets the headers and credentials     request.go, credentials.go
//	             sends the request                    transport.go, body.go, redirect.go
//	             reads the response                   response.go
//	             classifies a failure                 retry.go, errors.go
func (c *caller) call(ctx context.Context, op *gen.Operation, args gen.Args, out any, config *callConfig) error {
	started := time.Now()
	info := CallInfo{Operation: op.ID, Method: op.Method, PathTemplate: op.Path}
	config.setRaw(nil)
	err := c.checkOptions(config, op.Method == http.MethodGet && config.shown == "")
	if ctx == nil {
		ctx, err = context.Background(), &InputError{"ctx", "expected a context, got nil"} // for the observers
	}
	var failure *Error
	if err != nil {
		failure = c.newError(op, config).withCause(err)
	} else {
		failure = c.doWithRetry(context.WithValue(ctx, operationKey{}, op), op, args, out, config, &info)
	}
	info.Duration = time.Since(started)
	if failure != nil { // a nil *Error in an error would not be nil
		info.Err = failure
	}
	config.report(ctx, info)
	return info.Err
}

// checkOptions returns an error if one of the options of a call is not valid, or is for
// other calls only. The argument readsList reports whether the call may be that of a list.
func (c *caller) checkOptions(config *callConfig, readsList bool) error {
	switch {
	case config.invalid != nil:
		return config.invalid
	case config.conflictCheck && !c.config.conflictCheck:
		return &InputError{"WithConflictCheck", "expected a call of an Edit method"}
	case config.page != nil && !readsList:
		return &InputError{"WithPageLink", "expected a call of a List method"}
	}
	return nil
}

// fail ends a call for which no request was sent, although earlier ones were: the update of an
// edit, or the next page of a list. It reports the call to the observers and returns its error.
func (c *caller) fail(ctx context.Context, op *gen.Operation, args gen.Args, config *callConfig, err error) error {
	failure := c.newError(op, config)
	_, failure.Path, _ = c.target(op, args, config) // valid, as it was in the earlier request
	config.report(ctx, CallInfo{Operation: op.ID, Method: op.Method, PathTemplate: op.Path, Err: failure.withCause(err)})
	return failure
}

// doWithRetry builds the request and sends it, repeatedly if it fails and may be sent
// again, until it succeeds, the attempts are used up, or ctx ends.
func (c *caller) doWithRetry(ctx context.Context, op *gen.Operation, args gen.Args, out any, config *callConfig, info *CallInfo) (failure *Error) {
	if config.credentials.basic != nil {
		own := *config // setHeader stores the credentials that the function returns
		config = &own
	}
	req, err := c.newRequest(op, args, config)
	if err != nil {
		return c.newRequestError(op, req, config).withCause(err)
	}
	if config.dryRun != nil {
		return c.showInstead(ctx, op, req, config)
	}
	if err := config.admit(ctx, op, req, info); err != nil {
		return c.newRequestError(op, req, config).withCause(err)
	}
	if op.Settle != nil {
		if query := c.history.begin(op, args, req); query != nil {
			// This is the outcome if a function of the program, such as its transport, panics.
			failure = &Error{MayHaveTakenEffect: true}
			defer func() { query.finish(failure) }()
		}
	}
	return config.repeat(ctx, op, req, info, func() (*Error, retryDecision, int) {
		failure, next := c.do(ctx, op, req, out, config, info)
		return failure, next, info.Attempts
	})
}

// do sends the request once and decodes the response into out. If that fails, it returns
// the error and the decision whether the request may be sent again. It sends the request
// a second time at once if the server certainly did not process it.
func (c *caller) do(ctx context.Context, op *gen.Operation, req *request, out any, config *callConfig, info *CallInfo) (*Error, retryDecision) {
	attemptCtx, cancel := context.WithTimeout(ctx, config.timeout)
	defer cancel()
	info.Header, info.Unread = nil, nil // from the last attempt
	config.setRaw(nil)
	var resp *http.Response
	var sent *sentBody
	var err error
	for sends := 1; ; sends++ {
		if err := c.setHeader(attemptCtx, op, req, config); err != nil {
			info.Attempts-- // the request was not sent
			return c.newRequestError(op, req, config).withCause(err), giveUp
		}
		resp, sent, err = c.sender.send(attemptCtx, op, req)
		if sends == 2 || !errors.Is(err, errNotProcessed) {
			break
		}
	}
	failure := c.errorOf(op, config)
	failure.Path = req.path
	if err != nil || resp.StatusCode/100 != 2 || len(config.observers) > 0 {
		// The error or CallInfo will show parts of the response, which can repeat
		// secrets of the request.
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
	failed := failure // a copy, so that a call that succeeds does not allocate an Error
	failed.redact = req.redactor(config.redact)
	if err != errStatus && (failed.Status/100 != 2 || failed.cut) {
		switch {
		case ctx.Err() != nil:
			err = contextError(ctx)
		case attemptCtx.Err() != nil:
			err = fmt.Errorf("no complete response within %v: %w", config.timeout, attemptCtx.Err())
		}
	}
	decision := classify(op, &failed, err, sent, config)
	if sent.resent {
		failed.MayHaveTakenEffect, failed.earlier = true, true
	}
	return failed.withOutcome(err, decision), decision
}
