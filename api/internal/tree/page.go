package tree

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// opening is the line that begins a block of YAML in a page. No line of a YAML
// document can begin this way, so it tells the one from the other.
var opening = regexp.MustCompile("(?m)^(```+|~~~+)[ \t]*(?i:ya?ml)\\b[^\n]*$")

// page finds the description in a page of the documentation that was saved as
// text or Markdown. The lines before it become empty ones, so that the places in
// errors are those of the page. What is no page is returned as it is.
func (s *Set) page(f File) (description File, ok bool) {
	if i := bytes.IndexFunc(f.Data, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == utf8.RuneError }); i >= 0 && !utf16(f.Data) {
		s.Errorf("%s:%d: byte %d is no text; expected a description as YAML or JSON in UTF-8", f.Name, lineAt(f.Data, i), i+1)
		return f, false
	}
	const advice = "save it again with its line breaks, for example from its address with .md at the end, or with the button that copies the page"
	if fence := bytes.Index(f.Data, []byte("```yaml openapi:")); fence >= 0 && bytes.HasPrefix(bytes.TrimSpace(f.Data), []byte("#")) {
		s.Errorf("%s:%d: the page has lost its line breaks, and YAML means nothing without them; %s", f.Name, lineAt(f.Data, fence), advice)
		return f, false
	}
	if !bytes.Contains(f.Data, []byte("```")) {
		return f, true
	}
	text := bytes.ReplaceAll(f.Data, []byte("\r\n"), []byte("\n"))
	var found [][]byte
	rest, line := text, 0
	for {
		start := opening.FindSubmatchIndex(rest)
		if start == nil {
			break
		}
		fence := string(rest[start[2]:start[3]])
		line += bytes.Count(rest[:start[1]], []byte("\n")) + 1
		block, after := untilFence(rest[min(start[1]+1, len(rest)):], fence)
		if regexp.MustCompile(`(?m)^(openapi|swagger|"openapi"|\{)`).Match(block) {
			found = append(found, append(bytes.Repeat([]byte("\n"), line), block...))
		}
		line += bytes.Count(block, []byte("\n"))
		rest = after
	}
	if opening.Match(text) {
		switch len(found) {
		case 0:
			s.Errorf("%s: this page has blocks of YAML, but none begins with openapi:; expected a page of the reference, which has one", f.Name)
		case 1:
			return File{f.Name, found[0]}, true
		default:
			s.Errorf("%s: this page has %d descriptions; put each into a file of its own", f.Name, len(found))
		}
		return f, false
	}
	return f, true
}

// untilFence cuts text before the line that closes a block.
func untilFence(text []byte, fence string) (block, after []byte) {
	for at := 0; at < len(text); {
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if strings.HasPrefix(string(text[at:end]), fence) {
			return text[:at], text[at:][len(fence):]
		}
		at = end
	}
	return text, nil
}

func lineAt(text []byte, offset int) int { return 1 + bytes.Count(text[:offset], []byte("\n")) }

// utf16 reports whether text begins as UTF-16 does, which the YAML library reads.
func utf16(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))
}

// Stem is the name of a file as the beginning of a name.
func Stem(file string) string {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	var b strings.Builder
	for _, word := range strings.FieldsFunc(base, func(r rune) bool { return !isNameRune(r) }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if name := b.String(); name != "" && (name[0] < '0' || name[0] > '9') {
		return name
	}
	return "Document" + b.String()
}

func isNameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
