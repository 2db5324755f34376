package tree

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// yamlBlock matches a block of YAML in Markdown, up to the next fence or the end of the
// file; the group is its content. No line of a YAML document can begin with a fence, so a
// file with a block is a page, not a description.
var yamlBlock = regexp.MustCompile("(?ms)^(?:```|~~~)[`~]*[ \\t]*(?i:ya?ml)\\b[^\n]*\n(.*?)(?:^```|^~~~|\\z)")

// description matches the beginning of an OpenAPI description.
var description = regexp.MustCompile(`(?m)^(openapi|swagger|"openapi"|\{)`)

// findDescription returns the YAML block with the description in a page of the reference
// that was saved as Markdown. The lines before the block become empty lines, so that
// positions in errors are those of the page. A file that is no page is returned as it is.
// It reports false, and adds an error, if there is not exactly one description.
func (s *Set) findDescription(f File) (found File, ok bool) {
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
	page := bytes.ReplaceAll(f.Data, []byte("\r\n"), []byte("\n"))
	blocks := yamlBlock.FindAllSubmatchIndex(page, -1)
	if blocks == nil {
		return f, true
	}
	var descriptions [][]byte
	for _, block := range blocks {
		if content := page[block[2]:block[3]]; description.Match(content) {
			linesBefore := bytes.Repeat([]byte("\n"), lineAt(page, block[2])-1)
			descriptions = append(descriptions, append(linesBefore, content...))
		}
	}
	switch len(descriptions) {
	case 0:
		s.Errorf("%s: this page has blocks of YAML, but none begins with openapi:; expected a page of the reference, which has one", f.Name)
	case 1:
		return File{f.Name, descriptions[0]}, true
	default:
		s.Errorf("%s: this page has %d descriptions; put each into a file of its own", f.Name, len(descriptions))
	}
	return f, false
}

// lineAt returns the number of the line of text that has a byte offset.
func lineAt(text []byte, offset int) int { return 1 + bytes.Count(text[:offset], []byte("\n")) }

// word matches a part of a file name that can be a part of a Go name.
var word = regexp.MustCompile(`[A-Za-z0-9]+`)

// NamePrefix turns the name of a file into the beginning of a Go name: "calling-api.yaml"
// becomes "CallingApi".
func NamePrefix(file string) (stem string) {
	for _, word := range word.FindAllString(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), -1) {
		stem += strings.ToUpper(word[:1]) + word[1:]
	}
	if stem == "" || stem[0] <= '9' {
		return "Document" + stem
	}
	return stem
}
