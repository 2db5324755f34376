package redact

import (
	"bytes"
	"encoding/json"
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
	var out []byte
	kept := 0 // where what is not yet in out begins
	replace := func(start, end int, with string) {
		out = append(append(out, text[kept:start]...), with...)
		kept = end
	}
	s := scanner{text: text, secret: secret}
	s.found = func(start, end int) { replace(start, end, `"`+Mark+`"`) }
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
	if s.value(0); kept == 0 {
		return text
	}
	return append(out, text[kept:]...)
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
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
	begin := at
	name, found := "", false // the value of the member "name", once it is needed
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

// member returns the key of the member at a place, and where its value begins.
func (s *scanner) member(at int) (key string, value int) {
	end := s.skip(at)
	return decoded(s.text[at:end]), s.space(s.space(end) + 1)
}

// next returns where the member begins, or the object ends, that follows a value.
func (s *scanner) next(end int) int {
	if end = s.space(end); s.text[end] == ',' {
		end = s.space(end + 1)
	}
	return end
}

// nameIn returns the string that the object at a place has as its member "name".
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
