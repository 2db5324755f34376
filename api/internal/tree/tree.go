// Package tree works on OpenAPI descriptions, and other YAML and JSON documents, as trees
// of [yaml.Node]. All steps of the generator share it: it loads, searches, walks,
// compares, changes and writes trees.
//
//	set := tree.NewSet()
//	root := set.Load(set.ReadFile("openapi.yaml"))
//	tree.EachOperation(root, func(method, path, operation *yaml.Node) {
//		if tree.OperationID(operation) == "" {
//			set.Errorf("%s: %s has no operationId", set.At(method), tree.OperationName(method, path))
//		}
//	})
//	return set.Err() // openapi.yaml:12: `GET /calls` has no operationId
//
// # Sets and positions
//
// A [Set] is a set of documents that are processed together. Its methods collect errors,
// so that a user sees all of them at once, and know the position (file and line) of each
// node, which error texts begin with. A yaml.Node has no field for the file: Load stores
// the number of the file in Column, as no column is ever shown. A node therefore keeps its
// position when it is moved or copied into another document. Nodes that the program makes
// get the position of the node that they are made for (see [Set.NewString]).
//
// # Reading
//
// [Get], [Value], [Items], [Entries] and [Has] accept nil and nodes of any kind, and find
// nothing in them. A caller need not check each level of a description.
//
// # Walking
//
//   - [EachNode] visits every node, keys included.
//   - [EachKeyword] visits the keywords: the entries of mappings that OpenAPI or JSON Schema
//     defines, not the names of properties or the content of examples and extensions.
//   - [EachRef] visits the references among them.
//   - [EachSchema] visits the schema objects.
//   - [EachOperation] visits the operations under paths.
//
// # Comparing
//
//   - [Equal] and [Difference] compare two values as JSON.
//   - [CanonicalForm] is equal for values that differ in annotations (descriptions, examples)
//     and in the order of keys; it does not look behind a $ref.
//   - [EquivalenceClasses] compares schemas in the same way, with all that they refer to.
//   - [MatchPaths] finds equal paths whose parameters have different names.
package tree

import (
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
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

// Errorf adds an error, formatted as by fmt.Errorf, to those that Err returns. It does
// nothing if there is one with the same text, as for what several operations share.
func (s *Set) Errorf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if !slices.ContainsFunc(s.errs, func(other error) bool { return other.Error() == err.Error() }) {
		s.errs = append(s.errs, err)
	}
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
