package redact

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
)

// JSON returns a JSON text with its secrets replaced by [Mark]. They are:
//
//   - the values of members whose names [Name] or secret reports as secret, where
//     secret may be nil, except null, true, false and "";
//   - the member "value" of an object whose member "name" is such a name, which is how
//     SWML writes headers;
//   - in other strings and numbers, what [Text] removes.
//
// A string that is itself the JSON text of an object or an array is redacted as one.
// JSON does not change any other byte. It returns nil for an empty text, and Mark for
// any other text that is not valid JSON.
func JSON(text []byte, secret func(name string) bool) []byte {
	if len(text) == 0 {
		return nil
	}
	all, valid := parts(text, secret)
	if !valid {
		return []byte(Mark)
	}
	var out bytes.Buffer
	kept := 0 // out has, or replaces, text up to this index
	for _, p := range all {
		with := Mark
		switch p.kind {
		case nestedText:
			with = string(JSON([]byte(p.text), secret))
		case plainText:
			with = Text(p.text)
		}
		if p.kind == secretValue || with != p.text {
			out.Write(text[kept:p.start])
			out.WriteString(quoted(with))
			kept = p.end
		}
	}
	if kept == 0 {
		return text
	}
	out.Write(text[kept:])
	return out.Bytes()
}

// LogValue returns JSON as a value for package slog. A [slog.JSONHandler] writes it as JSON,
// and handlers that print values write it as text.
func LogValue(text []byte) slog.Value { return slog.AnyValue(loggedJSON(text)) }

type loggedJSON []byte

func (l loggedJSON) MarshalJSON() ([]byte, error) { return json.RawMessage(l).MarshalJSON() }

func (l loggedJSON) String() string { return string(l) }

// quoted returns a text as a JSON string.
func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// Secrets returns the secret values in a JSON text, by the rules of [JSON]. It returns
// nil for a text that is not valid JSON.
func Secrets(text []byte, secret func(name string) bool) (secrets []string) {
	all, _ := parts(text, secret)
	for _, p := range all {
		switch p.kind {
		case nestedText:
			secrets = append(secrets, Secrets([]byte(p.text), secret)...)
		case plainText:
			secrets = append(secrets, passwords(p.text)...)
		default:
			secrets = append(secrets, leaves(text[p.start:p.end])...)
		}
	}
	return secrets
}

// leaves returns all strings and numbers in a JSON value, without the names of members.
func leaves(value []byte) (found []string) {
	s := scanner{text: value}
	for at := 0; at < len(value); {
		switch c := value[at]; {
		case c == '"':
			end := s.skip(at)
			if next := s.space(end); next == len(value) || value[next] != ':' {
				text := decoded(value[at:end])
				found = append(found, text)
				if _, password, scheme := strings.Cut(text, " "); scheme { // as in "Bearer x"
					found = append(found, password)
				}
			}
			at = end
		case c == '-' || '0' <= c && c <= '9':
			end := s.skip(at)
			found = append(found, string(value[at:end]))
			at = end
		default:
			at++
		}
	}
	return found
}

// part is a part of a JSON text that may have to be removed.
type part struct {
	start, end int
	kind       partKind
	text       string // the value of a string, unless it is secret
}

type partKind int

const (
	secretValue partKind = iota
	nestedText           // a string that is itself the JSON text of an object or an array
	plainText            // any other string
)

// parts returns the parts of a JSON text, in their order, and whether it is valid. secret
// may be nil.
func parts(text []byte, secret func(string) bool) (all []part, valid bool) {
	if !json.Valid(text) {
		return nil, false
	}
	s := scanner{text: text, secret: secret, parts: make([]part, 0, 8)}
	s.value(0)
	return s.parts, true
}

// scanner walks through a valid JSON text and collects its parts.
type scanner struct {
	text   []byte
	secret func(string) bool
	parts  []part
}

// space returns the index of the first character from the index at on that is not white
// space.
func (s *scanner) space(at int) int {
	for at < len(s.text) && (s.text[at] == ' ' || s.text[at] == '\t' || s.text[at] == '\n' || s.text[at] == '\r') {
		at++
	}
	return at
}

// value walks through the value at the index at, and returns the index after it.
func (s *scanner) value(at int) (end int) {
	switch at = s.space(at); s.text[at] {
	case '{':
		return s.object(at)
	case '[':
		if at = s.space(at + 1); s.text[at] == ']' {
			return at + 1
		}
		for {
			if at = s.space(s.value(at)); s.text[at] == ']' {
				return at + 1
			}
			at++ // a comma
		}
	case '"':
		end = s.skip(at)
		s.string(at, end)
		return end
	}
	end = s.skip(at)
	if number := string(s.text[at:end]); cards(number) != number {
		s.parts = append(s.parts, part{start: at, end: end})
	}
	return end
}

// object walks through the object at the index at, and returns the index after it.
func (s *scanner) object(at int) (end int) {
	begin := at
	name, found := "", false // the value of the member "name", and whether it was looked for
	at = s.space(at + 1)
	for s.text[at] != '}' {
		key, value := s.member(at)
		if key == "value" && !found {
			name, found = s.nameIn(begin), true
		}
		if s.isSecret(key) || key == "value" && s.isSecret(name) {
			end = s.skip(value)
			s.remove(value, end)
		} else {
			end = s.value(value)
		}
		at = s.next(end)
	}
	return at + 1
}

// member returns the name of the member at the index at, and the index of its value.
func (s *scanner) member(at int) (key string, value int) {
	end := s.skip(at)
	return decoded(s.text[at:end]), s.space(s.space(end) + 1)
}

// next returns the index of the next member of an object, or of the end of the object.
// end is the index after a value.
func (s *scanner) next(end int) int {
	if end = s.space(end); s.text[end] == ',' {
		end = s.space(end + 1)
	}
	return end
}

// nameIn returns the value of the member "name" of the object at the index at, if the
// value is a string, and "" otherwise.
func (s *scanner) nameIn(at int) (name string) {
	for at = s.space(at + 1); s.text[at] != '}'; {
		key, value := s.member(at)
		end := s.skip(value)
		if key == "name" && s.text[value] == '"' {
			name = decoded(s.text[value:end])
		}
		at = s.next(end)
	}
	return name
}

// isSecret reports whether a name is that of a secret.
func (s *scanner) isSecret(name string) bool {
	return Name(name) || s.secret != nil && s.secret(name)
}

// skip returns the index after the value at the index at.
func (s *scanner) skip(at int) int {
	depth := 0
	for {
		switch s.text[at] {
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case '"':
			for at++; s.text[at] != '"'; at++ {
				if s.text[at] == '\\' {
					at++
				}
			}
			at++
		case ',', ':', ' ', '\t', '\n', '\r':
			at++
			continue
		default:
			for at < len(s.text) && strings.IndexByte(",:]} \t\n\r", s.text[at]) < 0 {
				at++
			}
		}
		if depth == 0 {
			return at
		}
	}
}

// remove collects a secret value, except null, true, false and "".
func (s *scanner) remove(start, end int) {
	switch string(s.text[start:end]) {
	case "null", "true", "false", `""`:
	default:
		s.parts = append(s.parts, part{start: start, end: end})
	}
}

// string collects a string that is not secret.
func (s *scanner) string(start, end int) {
	p := part{start, end, plainText, decoded(s.text[start:end])}
	if trimmed := strings.TrimSpace(p.text); trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid([]byte(p.text)) {
		p.kind = nestedText
	}
	s.parts = append(s.parts, p)
}

// decoded returns the value of a JSON string.
func decoded(quoted []byte) (text string) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	_ = json.Unmarshal(quoted, &text)
	return text
}
