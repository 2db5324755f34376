package signalwire

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// request is a request that may be sent several times.
type request struct {
	op      *gen.Operation
	method  string
	url     *url.URL
	header  http.Header   // of the attempt that is about to be made
	headers []extraHeader // the parameters that are headers
	body    []byte        // nil if there is none
	json    []byte        // the JSON that the body is or was made from, nil if there is none
	path    string        // for errors: see [Error.Path]
	value   any           // what the body was made from, nil if there is none

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
	req := &request{op: op, method: op.Method, url: to, path: path, value: args.Body}
	if len(op.Parameters) > 0 {
		if req.headers, err = encodeHeaders(op, args.Query); err != nil {
			return nil, err
		}
	}
	if args.Body == nil {
		if f := config.callField(); f != nil {
			return nil, &InputError{f.name, "given with WithField, but the request has no body"}
		}
		return req, nil
	}
	if req.body, req.json, err = encodeBody(op, args.Body, config); err != nil {
		return nil, err
	}
	if size := int64(len(req.body)); size > config.maxRequest {
		return nil, &InputError{"body", fmt.Sprintf("%d bytes given, expected at most %d (WithMaxRequestBytes)", size, config.maxRequest)}
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

// target returns the URL of a request and the path to show in errors. The URL is
// made from the operation's path and the arguments, unless config has a link.
func (c *caller) target(op *gen.Operation, args gen.Args, config *callConfig) (to *url.URL, shown string, err error) {
	if err := config.checkQuery(args.Query); err != nil {
		return nil, "", err
	}
	if config.shown != "" {
		return config.addQuery(config.link), config.shown, nil
	}
	path, rawPath, shown, err := expandPath(op, args.Path, config.unlisted)
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
		if to.RawQuery, err = encodeQuery(op, args.Query); err != nil {
			return nil, "", err
		}
	}
	return config.addQuery(to), shown, nil
}

// encodeBody validates and encodes the body of a request. It returns the JSON,
// too, that the body is or was made of; that is nil for text and binary bodies.
func encodeBody(op *gen.Operation, body any, config *callConfig) (encoded, object []byte, err error) {
	v := reflect.ValueOf(body)
	if object = config.body; object == nil {
		if err := (&validator{unlisted: config.unlisted}).validate("", v); err != nil {
			return nil, nil, err
		}
		if isRaw(op.Request) {
			if f := config.callField(); f != nil {
				return nil, nil, &InputError{f.name, "given with WithField, but the request's body is not an object"}
			}
			if v = v.Elem(); v.Kind() == reflect.String {
				return []byte(v.String()), nil, nil
			}
			return bytes.Clone(v.Bytes()), nil, nil
		}
		if object, err = encode(body); err != nil {
			return nil, nil, fmt.Errorf("the body could not be encoded: %w", err)
		}
	}
	if object, err = config.addFields(object, v); err == nil {
		encoded, err = encodeMedia(op.Request, object)
	}
	return encoded, object, err
}

const formType = "application/x-www-form-urlencoded"

// encodeMedia returns a JSON object as a body of a media type.
func encodeMedia(media string, object []byte) ([]byte, error) {
	if media == formType {
		return encodeForm(object)
	}
	return object, nil
}

// isRaw reports whether bodies of a media type are sent and read as they are. The
// empty string stands for JSON.
func isRaw(media string) bool { return media != "" && media != formType && !isJSONType(media) }

// jsonType is the value of a header. All requests share it, and its capacity is its
// length, so that append copies it.
var jsonType = []string{"application/json"}

// mediaHeader returns the value of a header for a media type; that of JSON may be
// empty.
func mediaHeader(media string) []string {
	if media == "" {
		return jsonType
	}
	return []string{media}
}

// setHeader sets the headers for one attempt. Each attempt has a map of its own,
// since the transport may have altered the one before, as an http.Client with
// cookies does, and may still be using it.
func (c *caller) setHeader(ctx context.Context, op *gen.Operation, req *request, config *callConfig) error {
	h := make(http.Header, 4)
	h["Accept"] = mediaHeader(op.Response)
	if req.body != nil {
		h["Content-Type"] = mediaHeader(op.Request)
	}
	h["User-Agent"] = c.userAgent
	for _, param := range req.headers {
		h[param.name] = []string{param.value}
	}
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

// encode encodes part of a request.
func encode(v any) ([]byte, error) { return codec.Append(make([]byte, 0, 256), v) }
