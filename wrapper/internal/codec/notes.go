package codec

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Notes says where JSON differs from the type that it was decoded into. A path is
// written as in "data[3].sip_gateway.codecs". It has names of members and keys of
// maps, truncated if they are long, and nothing of a value. Of each kind the first
// 100 paths are kept; a last entry then says how many more there were.
type Notes struct {
	// Unread has the paths of the values that could not be read and were left
	// at their zero value.
	Unread []string
	// Unknown has the paths of the members that the type has no field for.
	Unknown []string
	// Unlisted has the paths of the enumeration values that the description
	// does not list.
	Unlisted []string
	// Matched reports whether the type has a field for any member of the
	// object, or the value is not an object.
	Matched bool
}

// kind is what a note is about.
type kind int

const (
	unread kind = iota
	unknown
	unlisted
	kinds
)

const (
	maxNotes = 100 // of each kind
	maxStep  = 64  // bytes of a name in a path
	maxPath  = 200 // bytes of a path; a longer one is not extended
)

// notes are the notes that a decoder has taken. They are only appended to, so that a
// copy restores an earlier state.
type notes struct {
	list  []note
	taken [kinds]int
}

type note struct {
	kind kind
	path string
}

// add takes a note about the value at a path.
func (n *notes) add(k kind, path string) {
	if n.taken[k]++; n.taken[k] <= maxNotes {
		n.list = append(n.list, note{k, path})
	}
}

// prepend puts a step before the paths of the notes from the given one on.
func (n *notes) prepend(step string, from int) {
	for i := from; i < len(n.list); i++ {
		n.list[i].path = join(step, n.list[i].path)
	}
}

// paths returns the paths of the notes of one kind.
func (n *notes) paths(k kind) []string {
	if n.taken[k] == 0 {
		return nil
	}
	paths := make([]string, 0, min(n.taken[k], maxNotes+1))
	for _, note := range n.list {
		if note.kind == k {
			paths = append(paths, note.path)
		}
	}
	if more := n.taken[k] - len(paths); more > 0 {
		paths = append(paths, fmt.Sprintf("and %d more", more))
	}
	return paths
}

// join puts a name or an index before a path.
func join(step, path string) string {
	switch {
	case len(path) > maxPath:
		return path
	case path == "" || path[0] == '[':
		return step + path
	}
	return step + "." + path
}

// nameStep returns a name that a server chose as a step of a path.
func nameStep(name string) string {
	cut := name
	if n := maxStep; n < len(name) {
		for n > 0 && !utf8.RuneStart(name[n]) {
			n--
		}
		cut = name[:n] + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, cut)
}
