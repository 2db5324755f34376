package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// This file reads files (ReadFile), finds the description in a saved page of the reference
// (findDescription), parses it (Load), and checks that it is plain JSON (inspect).

// ReadFile reads a file for Load. An error is added to the errors of the set.
func (s *Set) ReadFile(name string) File {
	data, err := os.ReadFile(name)
	if err != nil {
		s.Errorf("%w", err)
	}
	return File{name, data}
}

// Parse parses YAML that this program made, and panics if it is invalid. All nodes get
// the position of another node.
func (s *Set) Parse(text string, position *yaml.Node) *yaml.Node {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		panic(err)
	}
	EachNode(document.Content[0], func(n *yaml.Node) { s.CopyPosition(n, position) })
	return document.Content[0]
}

// yamlLine matches an error of the YAML library that begins with a line number.
var yamlLine = regexp.MustCompile(`^line (\d+): (.*)`)

// Load parses a file and returns its root. The file has to hold one YAML or JSON object,
// or to be a page of SignalWire's reference in Markdown with one (see findDescription).
// Otherwise, and for YAML that has no equivalent in JSON, errors are added to the set;
// the result is nil if there is no object.
func (s *Set) Load(f File) *yaml.Node {
	f, ok := s.findDescription(f)
	if !ok {
		return nil
	}
	if json.Valid(f.Data) {
		f.Data = jsonEscape.ReplaceAllFunc(f.Data, unescapeForYAML)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(f.Data))
	var document, next yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		s.Errorf("%s: the file is empty", f.Name)
	case err != nil:
		line, reason := "1", strings.TrimPrefix(err.Error(), "yaml: ") // It leaves out line 1.
		if found := yamlLine.FindStringSubmatch(reason); found != nil {
			line, reason = found[1], found[2]
		}
		s.Errorf("%s:%s: %s", f.Name, line, reason)
	case !errors.Is(decoder.Decode(&next), io.EOF):
		s.Errorf("%s: has several YAML documents; put each into a file of its own", f.Name)
	case document.Content[0].Kind != yaml.MappingNode:
		s.Errorf("%s:%d: expected an object at the top, found %s", f.Name, document.Content[0].Line, Describe(document.Content[0]))
	default:
		s.inspect(s.file(f.Name), document.Content[0])
		return document.Content[0]
	}
	return nil
}

// jsonEscape matches an escape sequence in a JSON string: a surrogate pair, or any other.
var jsonEscape = regexp.MustCompile(`\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|.)`)

// unescapeForYAML returns the character of an escape sequence that JSON has and the YAML
// library does not read: a surrogate pair, as encoders write an emoji in ASCII, or an
// escaped slash. It returns any other escape sequence as it is.
func unescapeForYAML(escape []byte) []byte {
	var character string
	isPair := len(escape) == len(`\ud83d\ude00`)
	if !isPair && string(escape) != `\/` || json.Unmarshal([]byte(`"`+string(escape)+`"`), &character) != nil {
		return escape
	}
	return []byte(character)
}

// inspect sets the file number of all nodes and refuses YAML that has no equivalent in
// JSON, since implementations of YAML disagree about it. Afterwards, all keys are
// strings, and all scalars are strings, JSON numbers, booleans or null.
func (s *Set) inspect(file int, n *yaml.Node) {
	n.Column = file
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		s.Errorf("%s: YAML anchors and aliases are not supported; write the value out", s.At(n))
		return
	case n.Style&yaml.TaggedStyle != 0:
		s.Errorf("%s: the YAML tag %s is not supported; remove it", s.At(n), n.Tag)
		return
	}
	for _, item := range Items(n) {
		s.inspect(file, item)
	}
	switch n.Kind {
	case yaml.MappingNode:
		seen := make(map[string]*yaml.Node, len(n.Content)/2)
		for key, value := range Entries(n) {
			if key.Kind != yaml.ScalarNode {
				s.Errorf("%s:%d: a key has to be a string, not %s", s.files[file], key.Line, Describe(key))
				continue
			}
			s.inspect(file, key)
			key.Tag = "!!str" // 200 and "200" are one key.
			if first := seen[key.Value]; first != nil {
				s.Errorf("%s: the key %q occurs twice; the first is at %s", s.At(key), key.Value, s.At(first))
			} else {
				seen[key.Value] = key
			}
			s.inspect(file, value)
		}
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!int", "!!float":
			if !json.Valid([]byte(n.Value)) {
				s.Errorf("%s: %s is not a number as JSON writes it; quote it if it is text", s.At(n), n.Value)
			}
		case "!!merge":
			s.Errorf("%s: << is a YAML merge key; quote it if it is text", s.At(n))
		case "!!null":
			n.Value = "null" // The encoder makes nothing in a {} a string.
		case "!!bool":
			n.Value = strings.ToLower(n.Value)
		case "!!timestamp":
			n.Tag = "!!str" // JSON has no dates. The encoder will quote it.
		}
	}
}

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
		s.Errorf("%s:%d: byte %d is not a character of text; expected a description as YAML or JSON in UTF-8",
			f.Name, lineAt(f.Data, i), i+1)
		return f, false
	}
	const advice = "save it again with its line breaks, for example from its address with .md at the end, " +
		"or with the button that copies the page"
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
