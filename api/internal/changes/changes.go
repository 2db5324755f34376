// Package changes reports what a new description of the API changes for programs
// that use this module, as Markdown for a release note.
//
// A change breaks callers if a request that was right is refused now, if a
// response cannot be read any more, or if a name in Go is gone or is another
// type. It changes behaviour if their code compiles and meets something else. All
// other changes are additions. Descriptions are compared operation by operation,
// each schema in the directions in which it is used; the Go code is compared by
// goapi. This package says which Go names a change of the description concerns.
package changes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
)

// State is the API at one time.
type State struct {
	Title       string // in the report
	Description []byte // as JSON, in the form that package normal makes
	// Names and API are what the generated code has, if there is any.
	Names *lock.Lock
	API   goapi.API

	parsed node
}

func (s *State) doc() node { return s.parsed }

func (s *State) parse() error {
	if err := json.Unmarshal(s.Description, &s.parsed); err != nil {
		return fmt.Errorf("%s: %w", s.Title, err)
	}
	if s.Names == nil {
		s.Names = &lock.Lock{}
	}
	return nil
}

// class is what a change means for those who call the Go code.
type class int

const (
	addition  class = iota // nothing, until they use it
	behaviour              // their code compiles, and meets or does something else
	breaks                 // their code does not compile, or its requests are refused
)

type line struct {
	class   class
	place   string
	path    string // below it, if that has no name
	text    string
	symbols []string
	methods map[string]bool // of the client, that it concerns
}

type reporter struct {
	old, new State
	goErr    error
	lines    []*line
	seen     map[string]*line
	parts    map[string]*part // of operations, by their place
	pairs    map[pair]*part
	trials   map[pair][]*line
}

// Report compares two states. If goErr is not nil, it says why there is no Go code.
func Report(old, new State, goErr error) (string, error) {
	r := &reporter{old: old, new: new, goErr: goErr, seen: map[string]*line{}, parts: map[string]*part{}, pairs: map[pair]*part{}, trials: map[pair][]*line{}}
	for _, s := range []*State{&r.old, &r.new} {
		if goErr != nil {
			s.Names = nil // Those of one say nothing.
		}
		if err := s.parse(); err != nil {
			return "", err
		}
	}
	r.operations()
	r.schemas()
	if was, is := servers(r.old.doc()), servers(r.new.doc()); was != is {
		r.add(r.part(place{spec: "servers"}), breaks, place{spec: "servers"}, nowBefore(is, was))
	}
	r.collect()
	if goErr == nil {
		r.goSide(goapi.Compare(r.old.API, r.new.API))
	}
	return r.print(), nil
}

// servers are the URLs, without what stands for the name of a Space.
func servers(doc node) string {
	var urls []string
	for _, server := range array(doc["servers"]) {
		urls = append(urls, placeholder.ReplaceAllString(strings.ReplaceAll(text(at(server, "url")), "%7BYour_Space_Name%7D", "{}"), "{space}"))
	}
	return code(strings.Join(urls, ", "))
}

// schemas compares all pairs of schemas that are used, and those in them.
func (r *reporter) schemas() {
	var todo []pair
	for _, w := range r.parts {
		todo = append(todo, w.uses...)
	}
	for len(todo) > 0 {
		p := todo[0]
		if todo = todo[1:]; r.pairs[p] != nil {
			continue
		}
		w := &part{}
		r.pairs[p] = w
		oldSchema, newSchema := at(r.old.doc(), "components", "schemas", p.old), at(r.new.doc(), "components", "schemas", p.new)
		r.compare(w, r.schemaPlace(p.new), p.direction, read(r.old.doc(), oldSchema), read(r.new.doc(), newSchema), oldSchema, newSchema)
		todo = append(todo, w.uses...)
	}
}

// collect gathers the lines, and tells of each which operations it concerns.
func (r *reporter) collect() {
	var visit func(method string, w *part, seen map[pair]bool)
	visit = func(method string, w *part, seen map[pair]bool) {
		for _, l := range w.lines {
			l.methods[method] = true
		}
		for _, p := range w.uses {
			if !seen[p] {
				seen[p] = true
				visit(method, r.pairs[p], seen)
			}
		}
	}
	for _, method := range slices.Sorted(maps.Keys(r.parts)) {
		visit(method, r.parts[method], map[pair]bool{})
	}
}

// part is that of an operation.
func (r *reporter) part(p place) *part {
	if r.parts[p.display()] == nil {
		r.parts[p.display()] = &part{}
	}
	return r.parts[p.display()]
}

// add adds a line, unless there is one that says the same: two schemas can be
// one type in Go.
func (r *reporter) add(w *part, c class, p place, text string, symbols ...string) {
	l := &line{class: c, place: p.display(), text: p.part + text, symbols: symbols, methods: map[string]bool{}}
	if p.symbol != "" {
		l.symbols = append(l.symbols, p.symbol)
	}
	if p.path != "" && p.part == "" {
		l.path = " " + code(p.path)
	} else if p.path != "" {
		l.text = p.part + code(p.path) + " " + text
	}
	if w.trial {
		w.lines = append(w.lines, l)
		return
	}
	if same := r.seen[l.place+l.path+l.text]; same != nil {
		same.class = max(same.class, c)
		l = same
	} else {
		r.seen[l.place+l.path+l.text] = l
		r.lines = append(r.lines, l)
	}
	w.lines = append(w.lines, l)
}

// goSide joins what changed in Go with the lines that explain it, and adds
// lines for the rest.
func (r *reporter) goSide(changes []goapi.Change) {
	changed := map[string]bool{}
	for _, change := range changes {
		changed[change.Symbol] = change.What == goapi.Removed || change.What == goapi.Added
	}
	implied := map[string]bool{} // constants of a type that came or went with them
	for _, names := range []*lock.Lock{r.old.Names, r.new.Names} {
		for name, typ := range names.Types {
			for _, constant := range typ.Values {
				implied["gen."+constant] = changed["gen."+name]
			}
		}
	}
	lines := map[string][]*line{}
	for _, l := range r.lines {
		for _, symbol := range l.symbols {
			lines[symbol] = append(lines[symbol], l)
		}
	}
	for _, change := range changes {
		switch explained := lines[change.Symbol]; {
		case len(explained) == 0 && implied[change.Symbol]:
		case change.Breaks && len(explained) == 0:
			r.lines = append(r.lines, &line{class: breaks, place: code(change.Symbol), text: "in Go " + change.What})
		case change.Breaks:
			l := slices.MaxFunc(explained, func(a, b *line) int { return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.text, a.text)) })
			l.class = breaks
			if change.What != goapi.Removed {
				l.text += "; in Go " + change.What
			}
		case len(explained) == 0:
			r.lines = append(r.lines, &line{place: code(change.Symbol), text: "in Go " + change.What})
		}
	}
}

func (r *reporter) print() string {
	var b strings.Builder
	fmt.Fprintf(&b, "API changes from %s to %s: %d operations, were %d.\n", r.old.Title, r.new.Title, len(r.new.operations()), len(r.old.operations()))
	if r.goErr != nil {
		fmt.Fprintf(&b, "\nThis is judged by the descriptions alone, as the Go code could not be compared:\n\n```\n%s\n```\n", strings.TrimSpace(r.goErr.Error()))
	}
	for _, section := range []struct {
		class         class
		title, justGo string
	}{{breaks, "Breaks callers", "- Gone in Go: "}, {behaviour, "Changes behaviour", ""}, {addition, "Additions", "- New in Go: "}} {
		fmt.Fprintf(&b, "\n### %s\n\n", section.title)
		var texts, justGo []string
		alike := map[string][]string{} // the places of lines that say the same
		for _, l := range r.lines {
			switch {
			case l.class != section.class:
			case l.text == "in Go "+goapi.Removed || l.text == "in Go "+goapi.Added:
				justGo = append(justGo, l.place)
			default:
				alike[l.text] = append(alike[l.text], l.place+l.path)
			}
		}
		for _, l := range r.lines {
			if places := alike[l.text]; l.class == section.class && len(places) > 0 && len(places) < many {
				texts = append(texts, "- "+l.place+": "+strings.TrimPrefix(l.path+" ", " ")+l.text+users(l)+"\n")
			}
		}
		for _, text := range slices.Sorted(maps.Keys(alike)) {
			if places := alike[text]; len(places) >= many {
				slices.SortFunc(places, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
				n := slices.IndexFunc(places, func(place string) bool { return rank(place) == 2 })
				if n < 0 {
					n = len(places)
				}
				shown := places[:min(len(places), n+many)]
				more := ""
				if rest := len(places) - len(shown); rest > 0 {
					more = fmt.Sprintf(", %d more", rest)
				}
				texts = append(texts, fmt.Sprintf("- At %d places: %s: %s%s\n", len(places), text, strings.Join(shown, ", "), more))
			}
		}
		slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
		if len(justGo) > 0 {
			slices.Sort(justGo)
			texts = append(texts, section.justGo+strings.Join(justGo, ", ")+"\n")
		}
		if len(texts) == 0 {
			texts = []string{"None.\n"}
		}
		b.WriteString(strings.Join(texts, ""))
	}
	return b.String()
}

// many lines that say the same become one.
const many = 6

// rank puts what has a name in Go first.
func rank(text string) int {
	if strings.HasPrefix(text, "- `gen.") {
		return 0
	}
	return 1
}

// users are the operations that a line concerns, if it is not about one.
func users(l *line) string {
	methods := slices.Sorted(maps.Keys(l.methods))
	if l.methods[l.place] || len(methods) == 0 {
		return ""
	}
	if len(methods) > 4 {
		methods = append(methods[:3], fmt.Sprintf("%d more", len(methods)-3))
	}
	return " (" + strings.Join(methods, ", ") + ")"
}
