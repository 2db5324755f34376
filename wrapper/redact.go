package signalwire

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// redactor returns a Redactor that removes the credentials, which base knows, and the
// secrets of the request: sensitive values in its body, query and headers, and passwords
// in URLs in its body. It is made at the first call, and again if base changes.
func (r *request) redactor(base *redact.Redactor) *redact.Redactor {
	if r.redact != nil && r.base == base {
		return r.redact
	}
	var secrets []string
	if r.json != nil {
		secrets = redact.Secrets(r.json, redact.SensitiveFields(r.value))
	}
	if r.url != nil && r.url.RawQuery != "" {
		secrets = append(secrets, redact.QuerySecrets(r.url.RawQuery)...)
	}
	for _, h := range r.headers {
		if redact.Name(h.name) {
			// as it is, and without its scheme, if it has one (RFC 9110, section 11.4)
			secrets = append(secrets, h.value, h.value[strings.IndexByte(h.value, ' ')+1:])
		}
	}
	r.base, r.redact = base, base.With(secrets...)
	return r.redact
}

// withoutSecrets returns err if its text contains no secret, and otherwise an error that
// wraps err and has the text with the secrets redacted.
func withoutSecrets(err error, redactor *redact.Redactor) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := redactor.Text(text); clean != text {
		return &redactedError{text: clean, err: func() error { return err }}
	}
	return err
}

// redactedError wraps an error and replaces its text. The error is held by a function,
// since printing or dumping a struct does not show what a function holds.
type redactedError struct {
	text string
	err  func() error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.err() }

// Format makes every verb of package fmt print only the text.
func (e *redactedError) Format(f fmt.State, verb rune) {
	text := e.text
	if verb == 'q' || f.Flag('#') {
		text = strconv.Quote(text)
	}
	_, _ = f.Write([]byte(text))
}
