// Package redact removes secrets from what people see: errors, dry runs, the headers
// that observers get, and the journal of package signalwiretest.
//
// A secret is found by its value or by its name. A [Redactor] has values, such as the
// credentials of a client and the sensitive values of a request, and removes them from
// any text. [JSON], [Fields] and [Query] remove the values of members, header fields
// and parameters whose names [Name] reports as secret.
package redact

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Mark replaces each secret.
const Mark = "[redacted]"

// MinLength is the length in bytes of the shortest secret that a [Redactor] removes.
// Shorter strings are parts of so many words that texts without them would be
// unreadable.
const MinLength = 6

// Redactor removes secrets from text. It is safe for concurrent use. A nil
// Redactor knows no secrets.
type Redactor struct {
	// These are functions so that printing or dumping a Redactor does not show the secrets.
	secrets func() []string
	replace func(string) string
}

// New returns a Redactor for secrets. It ignores secrets shorter than [MinLength].
func New(secrets ...string) *Redactor { return (*Redactor)(nil).With(secrets...) }

// With returns a Redactor for the secrets of r and further ones. It returns r if there
// is nothing to add.
func (r *Redactor) With(secrets ...string) *Redactor {
	var all []string
	if r != nil {
		all = slices.Clone(r.secrets())
	}
	for _, s := range secrets {
		for _, form := range forms(s) {
			if len(form) >= MinLength {
				all = append(all, form)
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	slices.Reverse(all) // a secret that is a prefix of another one goes after it
	if r != nil && len(all) == len(r.secrets()) {
		return r
	}
	replacer := sync.OnceValue(func() *strings.Replacer {
		pairs := []string{Mark, Mark} // redacting a text twice changes nothing
		for _, s := range all {
			pairs = append(pairs, s, Mark)
		}
		return strings.NewReplacer(pairs...)
	})
	return &Redactor{
		secrets: func() []string { return all },
		replace: func(text string) string {
			if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(text, s) }) {
				return text // the usual case, in which a replacer would copy the text
			}
			return replacer().Replace(text)
		},
	}
}

// forms returns the forms in which a secret appears in texts: as it is, without white
// space around it, quoted as in Go and in JSON, and escaped as in URLs.
func forms(secret string) []string {
	quoted := strconv.Quote(secret)
	encoded, _ := json.Marshal(secret)
	return []string{
		secret, strings.TrimSpace(secret), quoted[1 : len(quoted)-1], string(encoded[1 : len(encoded)-1]),
		url.QueryEscape(secret), url.PathEscape(secret),
	}
}

// Known returns a text without the secrets that r knows.
func (r *Redactor) Known(text string) string {
	if r == nil {
		return text
	}
	return r.replace(text)
}

// Text returns a text without the secrets that r knows, and without the user information
// and the values of secret parameters in URLs.
func (r *Redactor) Text(text string) string { return urls(r.Known(text)) }

// Header returns a header without the secrets that [Redactor.Text] removes from its
// values. It does not modify header; it returns header itself if there is nothing to
// remove.
func (r *Redactor) Header(header map[string][]string) map[string][]string {
	var clean map[string][]string
	for name, values := range header {
		for i, value := range values {
			text := r.Text(value)
			if text == value {
				continue
			}
			if clean == nil {
				clean = make(map[string][]string, len(header))
				for name, values := range header {
					clean[name] = slices.Clone(values)
				}
			}
			clean[name][i] = text
		}
	}
	if clean == nil {
		return header
	}
	return clean
}

// These lists determine what [Name] reports. A name is secret if it ends with one of
// names and is not one of exceptions, or if it is one of plurals.
var (
	names = []string{
		"password", "passwd", "passphrase", "secret", "token", "authorization", "credential", "cookie",
		"apikey", "signingkey", "secretkey", "privatekey", "accesskey", "encryptionkey",
		"cardnumber", "securitycode", "cvv", "cvc",
	}
	plurals    = []string{"passwords", "secrets", "tokens", "credentials"}
	exceptions = []string{"pagetoken"} // it names a page of a list
)

// Name reports whether a member, header field or parameter with this name holds a
// secret: whether the name ends with password, passwd, passphrase, secret, token,
// authorization, credential, cookie, api_key, signing_key, secret_key, private_key,
// access_key, encryption_key, card_number, security_code, cvv or cvc, or whether it is
// passwords, secrets, tokens or credentials. Case, underscores, hyphens and spaces do
// not matter. The only exception is page_token.
func Name(name string) bool {
	if len(name) < len("cvv") {
		return false
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case r == '_', r == '-', r == ' ':
			return -1
		}
		return r
	}, name)
	for _, suffix := range names {
		if strings.HasSuffix(name, suffix) {
			return !slices.Contains(exceptions, name)
		}
	}
	return slices.Contains(plurals, name)
}

// Fields replaces the values of header fields that have the name of a secret (see
// [Name]) by [Mark], and redacts all other values as [Text] does. It keeps the scheme
// of an Authorization (RFC 9110, section 11.4). It modifies header.
func Fields(header map[string][]string) {
	for name, values := range header {
		for i, value := range values {
			switch scheme, _, found := strings.Cut(value, " "); {
			case !Name(name):
				values[i] = Text(value)
			case found && strings.HasSuffix(strings.ToLower(name), "authorization"):
				values[i] = scheme + " " + Mark
			default:
				values[i] = Mark
			}
		}
	}
}

// QuerySecrets returns the values of the parameters in a URL's query that have the name
// of a secret (see [Name]), without escapes.
func QuerySecrets(query string) (secrets []string) {
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		if plain, err := url.QueryUnescape(value); err == nil && Name(unescaped(name)) {
			secrets = append(secrets, plain)
		}
	}
	return secrets
}

// unescaped returns the name of a parameter without escapes, or the name itself if its
// escapes are invalid.
func unescaped(name string) string {
	if plain, err := url.QueryUnescape(name); err == nil {
		return plain
	}
	return name
}

// Query replaces the values of the parameters in a URL's query that have the name of a
// secret (see [Name]) by [Mark]. It does not change any other byte.
func Query(query string) string {
	parameters := strings.Split(query, "&")
	for i, parameter := range parameters {
		name, value, found := strings.Cut(parameter, "=")
		if found && value != "" && Name(unescaped(name)) {
			parameters[i] = name + "=" + Mark
		}
	}
	return strings.Join(parameters, "&")
}
