package redact

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// JSON removes from a JSON text the values of members whose names [Name]
// reports as secret or secret does, which may be nil; the values of objects
// that have such a name as their member "name", as headers are written in SWML;
// and from the strings what [Text] removes. A string that is a JSON text itself
// is treated as one. Everything else stays as it is, to the byte. What is not
// JSON is replaced as a whole.
func JSON(text []byte, secret func(name string) bool) []byte {
	if len(text) == 0 {
		return nil
	}
	if !json.Valid(text) {
		return []byte(Mark)
	}
	var edits []edit
	replace := func(start, end int, with []byte) {
		at := len(edits)
		for at > 0 && edits[at-1].start > start {
			at--
		}
		edits = slices.Insert(edits, at, edit{start, end, with})
	}
	s := scanner{text: text, secret: secret}
	s.found = func(start, end int) { replace(start, end, []byte(`"`+Mark+`"`)) }
	s.nested = func(start, end int, text string) {
		if clean := string(JSON([]byte(text), secret)); clean != text {
			replace(start, end, quoted(clean))
		}
	}
	s.plain = func(start, end int, text string) {
		if clean := Text(text); clean != text {
			replace(start, end, quoted(clean))
		}
	}
	s.value(0)
	if len(edits) == 0 {
		return text
	}
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, text[at:e.start]...), e.with...)
		at = e.end
	}
	return append(out, text[at:]...)
}

// edit is a part of a text and what is to stand there.
type edit struct {
	start, end int
	with       []byte
}

func quoted(text string) []byte {
	b, _ := json.Marshal(text)
	return b
}

// Secrets are the secret values of a JSON text, by the rules of [JSON].
func Secrets(text []byte, secret func(name string) bool) (secrets []string) {
	if !json.Valid(text) {
		return nil
	}
	s := scanner{text: text, secret: secret}
	s.found = func(start, end int) { secrets = append(secrets, leaves(text[start:end])...) }
	s.nested = func(_, _ int, text string) { secrets = append(secrets, Secrets([]byte(text), secret)...) }
	s.plain = func(_, _ int, text string) { secrets = append(secrets, passwords(text)...) }
	s.value(0)
	return secrets
}

// leaves are all strings and numbers in a value.
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

// scanner walks a JSON text, which is valid, and calls a function for each part
// that may have to go. These are functions so that programs which show no
// requests need not have in them what does.
type scanner struct {
	text   []byte
	secret func(string) bool

	found  func(start, end int)              // a secret value
	nested func(start, end int, text string) // a string that is a JSON text itself
	plain  func(start, end int, text string) // another string
}

// space returns the place of the next character that is no white space.
func (s *scanner) space(at int) int {
	for at < len(s.text) && (s.text[at] == ' ' || s.text[at] == '\t' || s.text[at] == '\n' || s.text[at] == '\r') {
		at++
	}
	return at
}

// value walks the value at a place and returns where it ends.
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
		s.found(at, end)
	}
	return end
}

func (s *scanner) object(at int) (end int) {
	var name string      // the value of the member "name"
	var start, after int // the value of the member "value"
	at = s.space(at + 1)
	for s.text[at] != '}' {
		keyEnd := s.skip(at)
		key := decoded(s.text[at:keyEnd])
		at = s.space(s.space(keyEnd) + 1)
		switch {
		case s.isSecret(key):
			end = s.skip(at)
			s.remove(at, end)
		case key == "value":
			start, after = at, s.skip(at)
			end = after
		case key == "name" && s.text[at] == '"':
			end = s.value(at)
			name = decoded(s.text[at:end])
		default:
			end = s.value(at)
		}
		if at = s.space(end); s.text[at] == ',' {
			at = s.space(at + 1)
		}
	}
	switch {
	case start == 0:
	case s.isSecret(name):
		s.remove(start, after)
	default:
		s.value(start)
	}
	return at + 1
}

func (s *scanner) isSecret(name string) bool {
	return Name(name) || s.secret != nil && s.secret(name)
}

// skip returns where the value at a place ends.
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

// remove reports a secret value. There is none in null, true, false and "".
func (s *scanner) remove(start, end int) {
	switch string(s.text[start:end]) {
	case "null", "true", "false", `""`:
	default:
		s.found(start, end)
	}
}

// string reports the string at a place.
func (s *scanner) string(start, end int) {
	text := decoded(s.text[start:end])
	if trimmed := strings.TrimSpace(text); trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid([]byte(text)) {
		s.nested(start, end, text)
	} else {
		s.plain(start, end, text)
	}
}

// decoded is the value of a JSON string.
func decoded(quoted []byte) (text string) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	_ = json.Unmarshal(quoted, &text)
	return text
}
