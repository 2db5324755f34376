// Package tree reads, compares and writes OpenAPI descriptions as trees of YAML
// nodes that know their place in the file.
package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Limits of what Load reads. A description of an API has some megabytes and some dozen
// levels; a file far beyond that is something else.
const (
	maxFileSize = 16 << 20
	maxDepth    = 200
)

// File is the name of a file, as the user gave it, and its content.
type File struct {
	Name string
	Data []byte
}

// Set is a set of documents that are processed together. It knows the file that each
// node was read from, by the number in the node's Column, and collects the errors that
// are found in the documents.
type Set struct {
	files []string
	errs  []error
}

// NewSet returns a set without documents.
func NewSet() *Set { return &Set{files: []string{""}} }

// Errorf adds an error, formatted as by fmt.Errorf, to those that Err returns.
func (s *Set) Errorf(format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf(format, args...))
}

// Err returns all errors so far, joined, or nil.
func (s *Set) Err() error { return errors.Join(s.errs...) }

// Failed reports whether there was any error so far.
func (s *Set) Failed() bool { return len(s.errs) > 0 }

// File returns the name of the file that a node was read from, or "".
func (s *Set) File(n *yaml.Node) string {
	if n.Column < len(s.files) {
		return s.files[n.Column]
	}
	return ""
}

// file returns the number of a file, which is new for a name that is.
func (s *Set) file(name string) int {
	if i := slices.Index(s.files, name); i >= 0 {
		return i
	}
	s.files = append(s.files, name)
	return len(s.files) - 1
}

// NodeAt returns an empty node with the position of a line of a file.
func (s *Set) NodeAt(file string, line int) *yaml.Node {
	return &yaml.Node{Line: line, Column: s.file(file)}
}

// CopyPosition gives a node the position of another one, and returns it.
func (s *Set) CopyPosition(n, from *yaml.Node) *yaml.Node {
	n.Line, n.Column = from.Line, from.Column
	return n
}

// At returns the position of a node as "file:line".
func (s *Set) At(n *yaml.Node) string { return fmt.Sprintf("%s:%d", s.File(n), n.Line) }

// ReadFile reads a file for Load. An error of reading it, or a file that is too large,
// is added to the errors of the set.
func (s *Set) ReadFile(name string) File {
	data, err := os.ReadFile(name)
	if err != nil {
		s.Errorf("%w", err)
	} else if len(data) > maxFileSize {
		s.Errorf("%s: larger than %d MiB; this is no description of an API", name, maxFileSize>>20)
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
		s.inspect(s.file(f.Name), document.Content[0], 0)
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
func (s *Set) inspect(file int, n *yaml.Node, depth int) {
	n.Column = file
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		s.Errorf("%s: YAML anchors and aliases are not supported; write the value out", s.At(n))
		return
	case n.Style&yaml.TaggedStyle != 0:
		s.Errorf("%s: the YAML tag %s is not supported; remove it", s.At(n), n.Tag)
		return
	case depth > maxDepth:
		s.Errorf("%s: nested more than %d levels deep", s.At(n), maxDepth)
		return
	}
	for _, item := range Items(n) {
		s.inspect(file, item, depth+1)
	}
	switch n.Kind {
	case yaml.MappingNode:
		seen := make(map[string]*yaml.Node, len(n.Content)/2)
		for key, value := range Entries(n) {
			if key.Kind != yaml.ScalarNode {
				s.Errorf("%s:%d: a key has to be a string, not %s", s.files[file], key.Line, Describe(key))
				continue
			}
			s.inspect(file, key, depth+1)
			key.Tag = "!!str" // 200 and "200" are one key.
			if first := seen[key.Value]; first != nil {
				s.Errorf("%s: the key %q occurs twice; the first is at %s", s.At(key), key.Value, s.At(first))
			} else {
				seen[key.Value] = key
			}
			s.inspect(file, value, depth+1)
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

// EachNode calls visit for a node and for all nodes below it, keys included.
func EachNode(n *yaml.Node, visit func(n *yaml.Node)) {
	visit(n)
	for _, child := range n.Content {
		EachNode(child, visit)
	}
}

// Entries iterates over the keys and values of a mapping. A node of another kind, or
// nil, has none.
func Entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// Items returns the items of the array at a path of keys below n, or nil.
func Items(n *yaml.Node, path ...string) []*yaml.Node {
	if n = Get(n, path...); n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return nil
}

// Get returns the value at a path of keys below n, or nil.
func Get(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		within := n
		n = nil
		for key, value := range Entries(within) {
			if key.Value == name {
				n = value
				break
			}
		}
	}
	return n
}

// Value returns the text of the scalar at a path of keys below n, or "".
func Value(n *yaml.Node, path ...string) string { return NonNil(Get(n, path...)).Value }

// Has reports whether an object has at least one of the keys.
func Has(n *yaml.Node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return Get(n, key) != nil })
}

// IsType reports whether the type of a schema or of a security scheme is this one alone.
func IsType(n *yaml.Node, name string) bool { return Value(n, "type") == name }

// CheckFields adds an error for each key of an object that is neither known nor a
// specification extension. The texts name the object as given, for example "an action".
func (s *Set) CheckFields(object *yaml.Node, what string, known ...string) {
	for key := range Entries(object) {
		if !slices.Contains(known, key.Value) && !IsExtension(key.Value) {
			s.Errorf("%s: unknown field %q in %s", s.At(key), key.Value, what)
		}
	}
}

// IsExtension reports whether a key is a specification extension (x-…).
func IsExtension(key string) bool { return strings.HasPrefix(key, "x-") }
