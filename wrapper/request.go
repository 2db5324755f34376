package signalwire

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/redact"
)

// request is a request that may be sent several times.
type request struct {
	method string
	url    *url.URL
	header http.Header // of the attempt that is about to be made
	body   []byte      // nil if there is none
	path   string      // for errors: see [Error.Path]
	value  any         // what the body was made of, nil if there is none

	base, redact *redact.Redactor // see redactor
}

// newRequest checks the arguments and builds the request from them.
func (c *caller) newRequest(op *gen.Operation, args gen.Args, config *callConfig) (*request, error) {
	to, path, err := c.target(op, args, config)
	if err != nil {
		return nil, err
	}
	if len(op.Security) > 0 {
		if _, err := config.credentials.kind(op.Security); err != nil {
			return nil, err
		}
	}
	req := &request{method: op.Method, url: to, path: path, value: args.Body}
	if args.Body == nil {
		if f := config.callField(); f != nil {
			return nil, &InputError{f.name, "given with WithField, but the request has no body"}
		}
		return req, nil
	}
	if req.body, err = encodeBody(args.Body, config); err != nil {
		return nil, err
	}
	if size := int64(len(req.body)); size > config.maxRequest {
		return nil, &InputError{"body", fmt.Sprintf("%d bytes given, want at most %d (WithMaxRequestBytes)", size, config.maxRequest)}
	}
	return req, nil
}

// attempt returns the HTTP request for one attempt, without the body.
func (r *request) attempt(ctx context.Context) *http.Request {
	req := http.Request{
		Method:        r.method,
		URL:           r.url,
		Host:          r.url.Host,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.header,
		ContentLength: int64(len(r.body)),
	}
	return req.WithContext(ctx)
}

// target returns the URL of a request, which is the operation's, filled with the
// arguments, or the one that is set in config, and the path to show in errors.
func (c *caller) target(op *gen.Operation, args gen.Args, config *callConfig) (to *url.URL, shown string, err error) {
	if err := config.checkQuery(args.Query); err != nil {
		return nil, "", err
	}
	if config.shown != "" {
		return config.addQuery(config.link), config.shown, nil
	}
	path, rawPath, shown, err := expandPath(op, args.Path)
	if err != nil {
		return nil, "", err
	}
	if shown = c.base.EscapedPath() + shown; config.link != nil {
		return config.addQuery(config.link), shown, nil
	}
	to = &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: c.base.Path + path, RawPath: c.base.EscapedPath() + rawPath}
	if args.Query != nil {
		if err := (&validator{unlisted: config.unlisted}).validate("", reflect.ValueOf(args.Query)); err != nil {
			return nil, "", err
		}
		to.RawQuery = encodeQuery(args.Query)
	}
	return config.addQuery(to), shown, nil
}

// encodeBody validates and encodes the body of a request.
func encodeBody(body any, config *callConfig) ([]byte, error) {
	v, text := reflect.ValueOf(body), config.body
	if text == nil {
		if err := (&validator{unlisted: config.unlisted}).validate("", v); err != nil {
			return nil, err
		}
		var err error
		if text, err = encode(body); err != nil {
			return nil, fmt.Errorf("the body could not be encoded: %w", err)
		}
	}
	return config.addFields(text, v)
}

// Header values that never change; their capacity ends where they do, so that
// nobody can append to them in place.
var jsonType = []string{"application/json"}

// setHeader gives the request the headers for one attempt. They are made anew for
// each: what sent the request before may have altered them, as an http.Client
// with cookies does, and may not even be done with them.
func (c *caller) setHeader(ctx context.Context, op *gen.Operation, req *request, config *callConfig) error {
	h := make(http.Header, 4)
	h["Accept"] = jsonType
	if req.body != nil {
		h["Content-Type"] = jsonType
	}
	h["User-Agent"] = c.userAgent
	for _, extra := range config.header {
		h[extra.name] = []string{extra.value}
	}
	known := len(config.credentials.secrets)
	authorization, err := config.credentials.header(ctx, op.Security)
	if len(config.credentials.secrets) != known {
		config.redact = redact.New(config.credentials.secretValues()...)
	}
	if err != nil {
		return err
	}
	if authorization != nil {
		h["Authorization"] = authorization
	}
	req.header = h
	return nil
}

// encode is the one place where requests become JSON.
func encode(v any) ([]byte, error) { return codec.Append(make([]byte, 0, 256), v) }
