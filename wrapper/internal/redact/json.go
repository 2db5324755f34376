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
	s := scanner{text: text, secret: secret}
	s.value(0)
	if len(s.edits) == 0 {
		return text
	}
	slices.SortFunc(s.edits, func(a, b edit) int { return a.start - b.start })
	var out []byte
	at := 0
	for _, e := range s.edits {
		out = append(append(out, text[at:e.start]...), e.with...)
		at = e.end
	}
	return append(out, text[at:]...)
}

// Secrets are the secret values of a JSON text, by the rules of [JSON].
func Secrets(text []byte, secret func(name string) bool) []string {
	if !json.Valid(text) {
		return nil
	}
	s := scanner{text: text, secret: secret, collect: true}
	s.value(0)
	return s.found
}

// edit is a part of a text and what is to stand there.
type edit struct {
	start, end int
	with       []byte
}

// scanner walks a JSON text, which is valid.
type scanner struct {
	text   []byte
	secret func(string) bool
	edits  []edit

	collect bool // the values of secrets, in place of edits
	found   []string
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
	return s.skip(at)
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

// remove takes out a secret value. There is none in null, true, false and "".
func (s *scanner) remove(start, end int) {
	switch string(s.text[start:end]) {
	case "null", "true", "false", `""`:
		return
	}
	if s.collect {
		s.leaves(s.text[start:end])
		return
	}
	s.edits = append(s.edits, edit{start, end, []byte(`"` + Mark + `"`)})
}

// leaves collects all strings and numbers in a value.
func (s *scanner) leaves(value []byte) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	_ = decoder.Decode(&tree)
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			for _, v := range node {
				walk(v)
			}
		case []any:
			for _, v := range node {
				walk(v)
			}
		case json.Number:
			s.found = append(s.found, node.String())
		case string:
			s.found = append(s.found, node)
			if _, password, scheme := strings.Cut(node, " "); scheme { // as in "Bearer x"
				s.found = append(s.found, password)
			}
		}
	}
	walk(tree)
}

// string takes secrets out of the string at a place.
func (s *scanner) string(start, end int) {
	text := decoded(s.text[start:end])
	var clean string
	switch trimmed := strings.TrimSpace(text); {
	case trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid([]byte(text)):
		if s.collect {
			s.found = append(s.found, Secrets([]byte(text), s.secret)...)
			return
		}
		clean = string(JSON([]byte(text), s.secret))
	case s.collect:
		s.found = append(s.found, passwords(text)...)
		return
	default:
		clean = Text(text)
	}
	if clean != text {
		with, _ := json.Marshal(clean)
		s.edits = append(s.edits, edit{start, end, with})
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
