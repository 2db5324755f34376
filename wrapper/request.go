package signalwire

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// request is a request that may be sent several times.
type request struct {
	http.Request
	body []byte // nil if there is none
}

// newRequest checks the arguments and builds the request from them.
func (c *caller) newRequest(op *gen.Operation, args gen.Args, config *callConfig) (*request, error) {
	to, err := c.target(op, args, config)
	if err != nil {
		return nil, err
	}
	header, err := c.header(op, args.Body != nil)
	if err != nil {
		return nil, err
	}
	req := &request{Request: http.Request{
		Method:     op.Method,
		URL:        to,
		Host:       c.base.Host,
		Header:     header,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
	}}
	if args.Body == nil {
		return req, nil
	}
	if err := check("", reflect.ValueOf(args.Body), config.known); err != nil {
		return nil, err
	}
	if req.body, err = encode(args.Body); err != nil {
		return nil, fmt.Errorf("the body could not be encoded: %w", err)
	}
	if size := int64(len(req.body)); size > config.maxRequest {
		return nil, &InputError{"body", fmt.Sprintf("%d bytes given, want at most %d (WithMaxRequestBytes)", size, config.maxRequest)}
	}
	req.ContentLength = int64(len(req.body))
	return req, nil
}

// target is the URL of a request: the operation's, filled with the arguments,
// or that of a further page.
func (c *caller) target(op *gen.Operation, args gen.Args, config *callConfig) (*url.URL, error) {
	path, rawPath, err := expandPath(op, args.Path)
	if err != nil {
		return nil, err
	}
	if config.link != nil {
		return config.link, nil
	}
	to := &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: c.base.Path + path, RawPath: c.base.EscapedPath() + rawPath}
	if args.Query != nil {
		if err := check("", reflect.ValueOf(args.Query), nil); err != nil {
			return nil, err
		}
		to.RawQuery = encodeQuery(args.Query)
	}
	return to, nil
}

// Header values that never change; their capacity ends where they do, so that
// nobody can append to them in place.
var jsonType = []string{"application/json"}

// header returns the headers of a request, with the first of the credentials
// the operation takes that the client has.
func (c *caller) header(op *gen.Operation, body bool) (http.Header, error) {
	h := make(http.Header, 4)
	h["Accept"] = jsonType
	if body {
		h["Content-Type"] = jsonType
	}
	h["User-Agent"] = c.userAgent
	if len(op.Security) == 0 {
		return h, nil
	}
	for _, kind := range op.Security {
		if authorization, ok := c.authorization[kind]; ok {
			h["Authorization"] = authorization()
			return h, nil
		}
	}
	return nil, fmt.Errorf("the client has no credentials that the operation takes: want %s", wanted(op.Security))
}

// encode is the one place where requests become JSON.
func encode(v any) ([]byte, error) { return codec.Append(make([]byte, 0, 256), v) }
