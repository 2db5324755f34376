package signalwire

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// request is the request of a call. It may be sent several times.
type request struct {
	op      *gen.Operation
	method  string
	url     *url.URL
	header  http.Header   // the headers of the next attempt
	headers []extraHeader // the header parameters, and those of WithHeader
	body    []byte        // nil if there is none
	json    []byte        // the body, or the JSON from which a form was made; nil if there is none
	path    string        // the path to show in errors; see [Error.Path]
	value   any           // the argument from which the body was made; nil if there is none

	base, redact *redact.Redactor // see redactor
}

// newRequest validates the arguments of a call and builds its request. With an error, it
// returns a request that is incomplete and has no URL if that could not be built; it is only
// for newRequestError.
func (c *caller) newRequest(op *gen.Operation, args gen.Args, config *callConfig) (*request, error) {
	to, path, err := c.target(op, args, config)
	req := &request{op: op, method: op.Method, url: to, path: path, headers: config.header, value: args.Body}
	if err != nil {
		return req, err
	}
	if len(op.Security) > 0 {
		if _, err := config.credentials.kind(op.Security); err != nil {
			return req, err
		}
	}
	if len(op.Parameters) > 0 {
		params, err := encodeHeaders(op, args.Query)
		if err != nil {
			return req, err
		}
		req.headers = append(params, config.header...)
	}
	if args.Body == nil {
		return req, config.refuseField(noBody)
	}
	if req.body, req.json, err = encodeBody(op, args.Body, config); err != nil {
		return req, err
	}
	if size := int64(len(req.body)); size > config.maxRequest {
		return req, &InputError{"body", fmt.Sprintf("%d bytes given, expected at most %d (WithMaxRequestBytes)", size, config.maxRequest)}
	}
	return req, nil
}

// noBody is the reason for which a request without a body refuses [WithField].
const noBody = "the request has no body"

// attempt returns the HTTP request for one attempt, without a body.
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

// target returns the URL of a request, and the path to show in errors, which it also
// returns with an error. The URL is config.link if it is set, and otherwise built from the
// path of the operation and the arguments. The link to a page has the parameters of
// [WithQuery] already.
func (c *caller) target(op *gen.Operation, args gen.Args, config *callConfig) (to *url.URL, shown string, err error) {
	if config.shown != "" {
		return config.addQuery(config.link, nil), config.shown, nil
	}
	path, rawPath, shown, err := expandPath(op, args.Path, config.unlisted)
	if err != nil {
		return nil, op.Path, err
	}
	shown = c.base.EscapedPath() + shown
	if err := config.checkQuery(args.Query); err != nil {
		return nil, shown, err
	}
	if config.link != nil {
		return config.link, shown, nil
	}
	to = &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: c.base.Path + path, RawPath: c.base.EscapedPath() + rawPath}
	if config.page != nil {
		to, err = config.page(c, config, to)
		return to, shown, err
	}
	if args.Query != nil {
		if err := (&validator{unlisted: config.unlisted}).validate("", reflect.ValueOf(args.Query)); err != nil {
			return nil, shown, err
		}
		if to.RawQuery, err = encodeQuery(op, args.Query); err != nil {
			return nil, shown, err
		}
	}
	return config.addQuery(to, nil), shown, nil
}

// encodeBody validates and encodes the body of a request. It also returns the JSON, which
// is the body or from which a form was made. The JSON is nil if the body is neither JSON
// nor a form.
func encodeBody(op *gen.Operation, body any, config *callConfig) (encoded, object []byte, err error) {
	v := reflect.ValueOf(body)
	if object = config.body; object == nil {
		if err := (&validator{unlisted: config.unlisted}).validate("", v); err != nil {
			return nil, nil, err
		}
		if isRaw(op.Request) {
			if err := config.refuseField("the request's body is not an object"); err != nil {
				return nil, nil, err
			}
			if v = v.Elem(); v.Kind() == reflect.String {
				return []byte(v.String()), nil, nil
			}
			return bytes.Clone(v.Bytes()), nil, nil
		}
		if object, err = encode(body); err != nil {
			return nil, nil, unencodable("body", err)
		}
	}
	if object, err = config.addFields(object, v); err == nil {
		encoded, err = encodeMedia(op.Request, object)
	}
	return encoded, object, err
}

const formType = "application/x-www-form-urlencoded"

// encodeMedia returns a JSON object as a body of a media type, which is that of forms or
// of JSON.
func encodeMedia(media string, object []byte) ([]byte, error) {
	if media == formType {
		return encodeForm(object)
	}
	return object, nil
}

// isRaw reports whether bodies of a media type are sent and returned unchanged. "" stands
// for JSON.
func isRaw(media string) bool { return media != "" && media != formType && !isJSONType(media) }

// jsonType is the value of a header for JSON. All requests share it. Its capacity is its
// length, so that append copies it.
var jsonType = []string{"application/json"}

// mediaHeader returns the value of a header for a media type. "" stands for JSON.
func mediaHeader(media string) []string {
	if media == "" {
		return jsonType
	}
	return []string{media}
}

// setHeader sets the headers for one attempt. Each attempt has a map of its own: the
// transport may have modified the headers of the last attempt, as an http.Client with
// cookies does, and may still be using them.
func (c *caller) setHeader(ctx context.Context, op *gen.Operation, req *request, config *callConfig) error {
	h := make(http.Header, 4)
	h["Accept"] = mediaHeader(op.Response)
	if req.body != nil {
		h["Content-Type"] = mediaHeader(op.Request)
	}
	h["User-Agent"] = c.userAgent
	for _, extra := range req.headers {
		if strings.HasSuffix(extra.name, "Idempotency-Key") {
			// net/http sends requests with this header again, whatever became of them. It
			// does not recognize the name in lower case, which means the same to servers.
			extra.name = strings.ToLower(extra.name)
		}
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

// encode returns the JSON of a body or of a part of it.
func encode(v any) ([]byte, error) { return codec.Append(make([]byte, 0, 256), v) }
