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

// A description is some megabytes large and some dozen levels deep; what is far
// beyond was not meant as one.
const (
	maxFileSize = 16 << 20
	maxDepth    = 200
)

// File is a file's name, as given, and its content.
type File struct {
	Name string
	Data []byte
}

// Set is a set of documents that belong together. It knows the file that each
// node was read from: the Column of a node is the number of its file. It collects
// what is wrong with the documents.
type Set struct {
	files []string
	errs  []error
}

// NewSet returns an empty set.
func NewSet() *Set { return &Set{files: []string{""}} }

// Errorf adds an error.
func (s *Set) Errorf(format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf(format, args...))
}

// Err returns all errors so far.
func (s *Set) Err() error { return errors.Join(s.errs...) }

// Failed reports whether there was an error.
func (s *Set) Failed() bool { return len(s.errs) > 0 }

// File returns the file that a node was read from.
func (s *Set) File(n *yaml.Node) string {
	if n.Column < len(s.files) {
		return s.files[n.Column]
	}
	return ""
}

// file returns the number of a file.
func (s *Set) file(name string) int {
	if i := slices.Index(s.files, name); i >= 0 {
		return i
	}
	s.files = append(s.files, name)
	return len(s.files) - 1
}

// Line returns an empty node that stands for a line of a file.
func (s *Set) Line(file string, line int) *yaml.Node {
	return &yaml.Node{Line: line, Column: s.file(file)}
}

// Adopt gives a new node the place of another.
func (s *Set) Adopt(n, place *yaml.Node) *yaml.Node {
	n.Line, n.Column = place.Line, place.Column
	return n
}

// At returns the place a node was read from, as file:line.
func (s *Set) At(n *yaml.Node) string { return fmt.Sprintf("%s:%d", s.File(n), n.Line) }

// Read reads a file that Load takes.
func (s *Set) Read(name string) File {
	data, err := os.ReadFile(name)
	if err != nil {
		s.Errorf("%w", err)
	} else if len(data) > maxFileSize {
		s.Errorf("%s: larger than %d MiB; this is no description of an API", name, maxFileSize>>20)
	}
	return File{name, data}
}

// Parse reads YAML of our own; what is in it has the place of another node.
func (s *Set) Parse(text string, place *yaml.Node) *yaml.Node {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		panic(err)
	}
	Each(document.Content[0], func(n *yaml.Node) { s.Adopt(n, place) })
	return document.Content[0]
}

// yamlLine is where the YAML library says where an error is.
var yamlLine = regexp.MustCompile(`^line (\d+): (.*)`)

// Load parses the one YAML mapping that a file has to consist of, or that stands in
// it if it is a page of the reference.
func (s *Set) Load(f File) *yaml.Node {
	f, ok := s.page(f)
	if !ok {
		return nil
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

// inspect records where a tree is from and refuses what YAML can say and JSON
// cannot, since readers of YAML disagree about it. What remains has one meaning:
// keys are strings, and scalars are strings, numbers as JSON writes them,
// booleans or null.
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

// Each visits a node and all that is in it.
func Each(n *yaml.Node, visit func(n *yaml.Node)) {
	visit(n)
	for _, child := range n.Content {
		Each(child, visit)
	}
}

// Entries iterates over a mapping. Anything else, also nil, has no entries.
func Entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// Items returns the items of the array that stands at a path below n, or none.
func Items(n *yaml.Node, path ...string) []*yaml.Node {
	if n = Get(n, path...); n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return nil
}

// Get returns the value that stands at a path of keys below n, or nil.
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

// Value returns the scalar that stands at a path of keys below n, or "".
func Value(n *yaml.Node, path ...string) string { return OrEmpty(Get(n, path...)).Value }

// Has reports whether an object has one of some keys.
func Has(n *yaml.Node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return Get(n, key) != nil })
}

// IsType reports whether the type of a schema, or the kind of something else, is one.
func IsType(n *yaml.Node, name string) bool { return Value(n, "type") == name }

// CheckFields refuses fields that a specification does not know.
func (s *Set) CheckFields(object *yaml.Node, what string, known ...string) {
	for key := range Entries(object) {
		if !slices.Contains(known, key.Value) && !IsExtension(key.Value) {
			s.Errorf("%s: unknown field %q in %s", s.At(key), key.Value, what)
		}
	}
}

// IsExtension reports whether a key is a specification extension.
func IsExtension(key string) bool { return strings.HasPrefix(key, "x-") }
