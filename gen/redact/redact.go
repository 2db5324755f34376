// Package redact takes secrets out of what people see: errors, dry runs, the
// headers that observers get, and the journal of the test Space.
//
// A secret is known by its value or by its name. A [Redactor] knows values, the
// credentials of a client and the sensitive values of a request, and removes
// them from any text. [JSON], [Header] and [Query] remove the values of members,
// header fields and parameters whose names [Name] reports as secret.
package redact

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Mark stands in place of each secret.
const Mark = "[redacted]"

// MinLength is the length in bytes from which on a [Redactor] looks for a
// secret. A shorter one is part of so many words that removing it would make
// every text unreadable.
const MinLength = 6

// Redactor removes secrets from text. It is safe for concurrent use. A nil
// Redactor knows no secrets.
type Redactor struct {
	// Functions, because neither a printer nor a dump shows what they hold.
	secrets func() []string
	replace func(string) string
}

// New returns a redactor for these secrets. Those shorter than [MinLength] are
// left out.
func New(secrets ...string) *Redactor { return (*Redactor)(nil).With(secrets...) }

// With returns a redactor for the secrets of r and further ones.
func (r *Redactor) With(secrets ...string) *Redactor {
	var all []string
	if r != nil {
		all = slices.Clone(r.secrets())
	}
	for _, s := range secrets {
		for _, form := range forms(s) {
			if len(form) < MinLength || slices.Contains(all, form) {
				continue
			}
			// One secret may be the beginning of another; the longer one goes first.
			all = append(all, form)
			for i := len(all) - 1; i > 0 && len(all[i-1]) < len(form); i-- {
				all[i-1], all[i] = form, all[i-1]
			}
		}
	}
	if r != nil && len(all) == len(r.secrets()) {
		return r
	}
	replacer := sync.OnceValue(func() *strings.Replacer {
		pairs := []string{Mark, Mark} // so that a second run changes nothing
		for _, s := range all {
			pairs = append(pairs, s, Mark)
		}
		return strings.NewReplacer(pairs...)
	})
	return &Redactor{
		secrets: func() []string { return all },
		replace: func(text string) string {
			if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(text, s) }) {
				return text // as most texts are; a replacer would copy it
			}
			return replacer().Replace(text)
		},
	}
}

// forms are the ways in which a secret appears in texts: as it is, quoted as in
// Go and JSON, and escaped as in URLs.
func forms(secret string) []string {
	quoted := strconv.Quote(secret)
	encoded, _ := json.Marshal(secret)
	return []string{
		secret, strings.TrimSpace(secret), quoted[1 : len(quoted)-1], string(encoded[1 : len(encoded)-1]),
		url.QueryEscape(secret), url.PathEscape(secret),
	}
}

// Known removes the secrets that r knows.
func (r *Redactor) Known(text string) string {
	if r == nil {
		return text
	}
	return r.replace(text)
}

// Text removes the secrets that r knows, and the user information of URLs.
func (r *Redactor) Text(text string) string { return userinfo(r.Known(text)) }

// Header removes the secrets from the values of a header, which it copies if
// there is anything to remove.
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

// names are the last words of the names that [Name] reports as secret, and
// exceptions are whole names that end that way and are not.
var (
	names = []string{
		"password", "passwd", "passphrase", "secret", "token", "authorization", "credential", "cookie",
		"apikey", "signingkey", "secretkey", "privatekey", "accesskey", "encryptionkey",
		"cardnumber", "securitycode", "cvv", "cvc",
	}
	plurals    = []string{"passwords", "secrets", "tokens", "credentials"}
	exceptions = []string{"pagetoken"} // a place in a list
)

// Name reports whether a member, header field or parameter of this name holds a
// secret: whether the name is, or ends with, password, passwd, passphrase,
// secret, token, authorization, credential, cookie, api_key, signing_key,
// secret_key, private_key, access_key, encryption_key, card_number, security_code,
// cvv or cvc, or is one of passwords, secrets, tokens and credentials. Case, underscores, hyphens and
// blanks do not count. page_token is the one exception.
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

// Fields removes the values of header fields that have a secret's name. The
// scheme of an Authorization stays (RFC 9110, section 11.4). It alters header.
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

// QuerySecrets are the values of the parameters of a URL's query that have a
// secret's name.
func QuerySecrets(query string) (secrets []string) {
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		if plain, err := url.QueryUnescape(value); err == nil && Name(unescaped(name)) {
			secrets = append(secrets, plain)
		}
	}
	return secrets
}

// unescaped is the name of a parameter, or what stands there if it is invalid.
func unescaped(name string) string {
	if plain, err := url.QueryUnescape(name); err == nil {
		return plain
	}
	return name
}

// Query removes the values of the parameters of a URL's query that have a
// secret's name. Everything else stays as it is, to the byte.
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
