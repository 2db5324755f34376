package signalwire

import (
	"fmt"
	"strconv"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// redactor returns a Redactor that knows the credentials, which are those of base,
// and the secrets of the request: the sensitive values in its body and its query,
// and the passwords in the URLs that it names.
func (r *request) redactor(base *redact.Redactor) *redact.Redactor {
	if r.redact != nil && r.base == base {
		return r.redact
	}
	var secrets []string
	if r.json != nil {
		secrets = redact.Secrets(r.json, redact.SensitiveFields(r.value))
	}
	if r.url.RawQuery != "" {
		secrets = append(secrets, redact.QuerySecrets(r.url.RawQuery)...)
	}
	r.base, r.redact = base, base.With(secrets...)
	return r.redact
}

// withoutSecrets returns err if its text holds no secret, and otherwise an error
// that wraps err and prints without the secret.
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

// redactedError is an error with another text. It holds the error in a function,
// because neither a printer nor a dump shows what one holds.
type redactedError struct {
	text string
	err  func() error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.err() }

// Format makes every verb of package fmt print the text only.
func (e *redactedError) Format(f fmt.State, verb rune) {
	text := e.text
	if verb == 'q' || f.Flag('#') {
		text = strconv.Quote(text)
	}
	_, _ = f.Write([]byte(text))
}
