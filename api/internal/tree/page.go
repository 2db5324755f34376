package tree

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// opening is the line that begins a block of YAML in a page. No line of a YAML
// document can begin this way, so it distinguishes the two.
var opening = regexp.MustCompile("(?m)^(```+|~~~+)[ \t]*(?i:ya?ml)\\b[^\n]*$")

// description is how one begins.
var description = regexp.MustCompile(`(?m)^(openapi|swagger|"openapi"|\{)`)

// page finds the description in a page of the documentation that was saved as
// text or Markdown. The lines before it become empty ones, so that the places in
// errors are those of the page. What is no page is returned as it is.
func (s *Set) page(f File) (found File, ok bool) {
	isBinary := func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == utf8.RuneError }
	if i := bytes.IndexFunc(f.Data, isBinary); i >= 0 {
		s.Errorf("%s:%d: byte %d is not a character of text; expected a description as YAML or JSON in UTF-8", f.Name, lineAt(f.Data, i), i+1)
		return f, false
	}
	const advice = "save it again with its line breaks, for example from its address with .md at the end, or with the button that copies the page"
	if fence := bytes.Index(f.Data, []byte("```yaml openapi:")); fence >= 0 && bytes.HasPrefix(bytes.TrimSpace(f.Data), []byte("#")) {
		s.Errorf("%s:%d: the page has lost its line breaks, and YAML means nothing without them; %s", f.Name, lineAt(f.Data, fence), advice)
		return f, false
	}
	if !opening.Match(f.Data) {
		return f, true
	}
	var descriptions []string
	lines, fence, start := strings.Split(strings.ReplaceAll(string(f.Data)+"\n", "\r\n", "\n"), "\n"), "", 0
	for i, line := range lines {
		if found := opening.FindStringSubmatch(line); fence == "" && found != nil {
			fence, start = found[1], i+1
		} else if fence != "" && (strings.HasPrefix(line, fence) || i == len(lines)-1) {
			if block := strings.Join(lines[start:i], "\n"); description.MatchString(block) {
				descriptions = append(descriptions, strings.Repeat("\n", start)+block+"\n")
			}
			fence = ""
		}
	}
	switch len(descriptions) {
	case 0:
		s.Errorf("%s: this page has blocks of YAML, but none begins with openapi:; expected a page of the reference, which has one", f.Name)
	case 1:
		return File{f.Name, []byte(descriptions[0])}, true
	default:
		s.Errorf("%s: this page has %d descriptions; put each into a file of its own", f.Name, len(descriptions))
	}
	return f, false
}

func lineAt(text []byte, offset int) int { return 1 + bytes.Count(text[:offset], []byte("\n")) }

var word = regexp.MustCompile(`[A-Za-z0-9]+`)

// Stem is the name of a file as the beginning of a name.
func Stem(file string) (stem string) {
	for _, word := range word.FindAllString(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), -1) {
		stem += strings.ToUpper(word[:1]) + word[1:]
	}
	if stem == "" || stem[0] <= '9' {
		return "Document" + stem
	}
	return stem
}
