package codec

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Notes lists the differences between JSON and the type into which it was decoded, as
// paths such as "data[3].sip_gateway.codecs". A path has the names of members and the
// keys of maps, truncated if they are long, but no values. Each list has at most 200
// paths, of which at most 100 are of values in arrays and maps, so that the items of a page
// do not keep its links out of the list. A last entry has the number of further ones.
type Notes struct {
	// Unread are the paths of values that could not be decoded. They are zero in the
	// result.
	Unread []string
	// Unknown are the paths of members for which the type has no field.
	Unknown []string
	// Unlisted are the paths of values that their enumeration does not list.
	Unlisted []string
	// Matched is false if the outermost value is an object, or an array of objects, and
	// the type has a field for none of their members.
	Matched bool
}

// kind is the kind of a note: one for each list of Notes.
type kind int

const (
	unread kind = iota
	unknown
	unlisted
	kinds
)

const (
	maxNotes = 100 // notes of each kind in arrays and maps, and as many elsewhere
	maxStep  = 64  // bytes of a name in a path
	maxPath  = 200 // bytes of a path that is still extended
)

// notes collects the notes of a decoder. Notes are only appended, so that a copy of the
// struct restores an earlier state.
type notes struct {
	list   []note
	listed [kinds]uint8 // the number of notes of each kind in list
	more   [kinds]int32 // the number of notes of each kind that are not in list
	// element is true in an element of an array, except of pages, and in an entry of a map.
	element bool
}

// note is one note. Its path begins at the value that is being decoded, and becomes
// longer as the decoder returns to the outer values.
type note struct {
	kind kind
	path string
}

// add adds a note, unless there are too many of its kind.
func (n *notes) add(k kind, path string) {
	if n.listed[k] >= 2*maxNotes || n.element && n.listed[k] >= maxNotes {
		n.more[k]++
		return
	}
	n.listed[k]++
	n.list = append(n.list, note{k, path})
}

// prepend puts a step, which is a name or an index, before the paths of the notes with an
// index of at least from.
func (n *notes) prepend(step string, from int) {
	for i := from; i < len(n.list); i++ {
		n.list[i].path = join(step, n.list[i].path)
	}
}

// paths returns the paths of the notes of one kind, in the form of the lists in Notes.
func (n *notes) paths(k kind) []string {
	if n.listed[k] == 0 {
		return nil
	}
	paths := make([]string, 0, n.listed[k]+1)
	for _, note := range n.list {
		if note.kind == k {
			paths = append(paths, note.path)
		}
	}
	if n.more[k] > 0 {
		paths = append(paths, fmt.Sprintf("and %d more", n.more[k]))
	}
	return paths
}

// join puts a step, which is a name or an index, before a path.
func join(step, path string) string {
	switch {
	case len(path) > maxPath:
		return path
	case path == "" || path[0] == '[':
		return step + path
	}
	return step + "." + path
}

// nameStep returns the name of a member as a step of a path. As a server chose the name,
// it is truncated, and characters that are not printable are replaced.
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
