package main

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
	"unicode"

	"gopkg.in/yaml.v3"
)

// A description is some megabytes large and some dozen levels deep; what is far
// beyond was not meant as one.
const (
	maxFileSize = 16 << 20
	maxDepth    = 200
)

// file is a file's name, as given, and its content.
type file struct {
	name string
	data []byte
}

// merger holds what all steps share: the file each node is from (its line it
// knows itself), and the errors so far.
type merger struct {
	files     map[*yaml.Node]string
	errs      []error
	intake    *intake    // nil for our own documents
	generator *generator // nil if its configuration was not given
}

func (m *merger) errorf(format string, args ...any) {
	m.errs = append(m.errs, fmt.Errorf(format, args...))
}

func (m *merger) err() error { return errors.Join(m.errs...) }

// at returns the place a node was read from, as file:line.
func (m *merger) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", m.files[n], n.Line) }

func (m *merger) read(name string) file {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxFileSize {
		err = fmt.Errorf("%s: larger than %d MiB; this is no description of an API", name, maxFileSize>>20)
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(name)
	}
	if err != nil {
		m.errorf("%w", err)
	}
	return file{name, data}
}

// yamlLine is where the YAML library says where an error is.
var yamlLine = regexp.MustCompile(`^line (\d+): (.*)`)

// load parses the one YAML mapping that a file has to consist of.
func (m *merger) load(f file) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(f.data))
	var document, next yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		m.errorf("%s: the file is empty", f.name)
		return nil
	} else if err != nil {
		line, reason := "1", strings.TrimPrefix(err.Error(), "yaml: ") // It leaves out line 1.
		if found := yamlLine.FindStringSubmatch(reason); found != nil {
			line, reason = found[1], found[2]
		}
		m.errorf("%s:%s: %s", f.name, line, reason)
		return nil
	}
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		m.errorf("%s: has several YAML documents; put each into a file of its own", f.name)
		return nil
	}
	if len(document.Content) == 0 {
		m.errorf("%s: the file has nothing but comments", f.name)
		return nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		m.errorf("%s:%d: expected a mapping at the top, found %s", f.name, root.Line, describe(root))
		return nil
	}
	m.inspect(f.name, root, 0)
	return root
}

// inspect records where a tree is from and refuses what YAML can say and JSON
// cannot, since readers of YAML disagree about it. What remains has one meaning:
// keys are strings, and scalars are strings, numbers as JSON writes them,
// booleans or null.
func (m *merger) inspect(name string, n *yaml.Node, depth int) {
	m.files[n] = name
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		m.errorf("%s: YAML anchors and aliases are not supported; write the value out", m.at(n))
		return
	case n.Style&yaml.TaggedStyle != 0:
		m.errorf("%s: the YAML tag %s is not supported; remove it", m.at(n), n.Tag)
		return
	case depth > maxDepth:
		m.errorf("%s: nested more than %d levels deep", m.at(n), maxDepth)
		return
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			m.inspect(name, item, depth+1)
		}
	case yaml.MappingNode:
		seen := make(map[string]*yaml.Node, len(n.Content)/2)
		for key, value := range entries(n) {
			if key.Kind != yaml.ScalarNode {
				m.errorf("%s:%d: a key has to be a string, not %s", name, key.Line, describe(key))
				continue
			}
			m.inspect(name, key, depth+1)
			key.Tag = "!!str" // 200 and "200" are one key.
			if first := seen[key.Value]; first != nil {
				m.errorf("%s: the key %q occurs twice; the first is at %s", m.at(key), key.Value, m.at(first))
			} else {
				seen[key.Value] = key
			}
			m.inspect(name, value, depth+1)
		}
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!int", "!!float":
			if !json.Valid([]byte(n.Value)) {
				m.errorf("%s: %s is not a number as JSON writes it; quote it if it is text", m.at(n), n.Value)
			}
		case "!!merge":
			m.errorf("%s: << is a YAML merge key; quote it if it is text", m.at(n))
		case "!!null":
			n.Value = "null" // The encoder makes nothing in a {} a string.
		case "!!timestamp":
			n.Tag = "!!str" // JSON has no dates. The encoder will quote it.
		}
		avoidBlock(n)
	}
}

// avoidBlock changes the style of texts that the encoder writes wrongly: blocks
// that begin with white space, and folded lines.
func avoidBlock(n *yaml.Node) {
	if strings.TrimLeftFunc(n.Value, unicode.IsSpace) != n.Value {
		n.Style = yaml.DoubleQuotedStyle
	} else if n.Style == yaml.FoldedStyle && strings.Contains(n.Value, "\n") {
		n.Style = yaml.LiteralStyle
	}
}

// entries iterates over a mapping. Anything else, also nil, has no entries.
func entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// get returns the value of a key, or nil.
func get(n *yaml.Node, name string) *yaml.Node {
	for key, value := range entries(n) {
		if key.Value == name {
			return value
		}
	}
	return nil
}

// checkFields refuses fields that a specification does not know.
func (m *merger) checkFields(object *yaml.Node, what string, known ...string) {
	for key := range entries(object) {
		if !slices.Contains(known, key.Value) && !isExtension(key.Value) {
			m.errorf("%s: unknown field %q in %s", m.at(key), key.Value, what)
		}
	}
}

// isExtension tells specification extensions.
func isExtension(key string) bool { return strings.HasPrefix(key, "x-") }
