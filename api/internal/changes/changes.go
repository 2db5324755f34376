// Package changes reports what a new description of the API changes for programs
// that use this module, as Markdown for a release note.
//
// A change breaks callers if a request that was right is refused now, if a
// response cannot be read any more, or if a name in Go is gone or is another
// type. It changes behaviour if their code compiles and meets something else. All
// other changes are additions. Descriptions are compared operation by operation,
// each schema in the directions in which it is used; the Go code is compared by
// goapi. This package says which Go names a change of the description concerns.
//
// What a change means is said in two tables: kinds, for what can be there or not,
// and keywords, for what limits the values that are right.
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
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// State is the API at one time.
type State struct {
	Title       string // in the report
	Description []byte // as JSON, in the form that package normal makes
	// Names and API are what the generated code has, if there is any.
	Names *lock.Lock
	API   goapi.API

	doc node
}

// line is a line of the report.
type line struct {
	class   class
	place   string
	text    string
	symbols []string
	methods map[string]bool // of the client, that it concerns
}

// pair is two schemas with names of their own, which are compared once in each
// direction, wherever they are used.
type pair struct {
	old, new  string
	direction direction
}

// part is what is compared at once, an operation or a pair: what it differs in, and
// the pairs that it uses.
type part struct {
	lines []*line
	uses  []pair
}

type reporter struct {
	old, new State
	goErr    error
	parts    map[string]*part // of operations, by their place
	pairs    map[pair]*part
	lines    []*line
}

// Report compares two states. If goErr is not nil, it says why there is no Go code.
func Report(old, new State, goErr error) (string, error) {
	r := &reporter{old: old, new: new, goErr: goErr, parts: map[string]*part{}, pairs: map[pair]*part{}}
	for _, s := range []*State{&r.old, &r.new} {
		if err := json.Unmarshal(s.Description, &s.doc); err != nil {
			return "", fmt.Errorf("%s: %w", s.Title, err)
		}
		if s.Names == nil || goErr != nil { // Those of one state alone say nothing.
			s.Names = &lock.Lock{}
		}
	}
	r.operations()
	r.webhooks()
	if was, is := servers(r.old.doc), servers(r.new.doc); was != is {
		r.add(r.part("`servers`"), breaks, place{where: "`servers`"}, nowBefore(is, was))
	}
	r.collect()
	if goErr == nil {
		r.addGoChanges(goapi.Compare(r.old.API, r.new.API))
	}
	return r.print(), nil
}

// servers are the URLs, without what stands for the name of a Space.
func servers(doc node) string {
	var urls []string
	for _, server := range array(doc["servers"]) {
		urls = append(urls, tree.Placeholder.ReplaceAllString(text(at(server, "url")), "{space}"))
	}
	return code(strings.Join(urls, ", "))
}

// part is the one of an operation.
func (r *reporter) part(place string) *part {
	if r.parts[place] == nil {
		r.parts[place] = &part{}
	}
	return r.parts[place]
}

// pair is the part of two schemas. While they are compared, what they have of
// themselves in them counts as equal.
func (r *reporter) pair(p pair) *part {
	if r.pairs[p] == nil {
		r.pairs[p] = &part{}
		w := &part{}
		r.compare(w, r.schemaPlace(p.new), p.direction, r.old.schema(p.old), r.new.schema(p.new))
		r.pairs[p] = w
	}
	return r.pairs[p]
}

// all returns what a part and those that it uses differ in.
func (r *reporter) all(w *part) (lines []*line) {
	seen := map[pair]bool{}
	var visit func(w *part)
	visit = func(w *part) {
		lines = append(lines, w.lines...)
		for _, p := range w.uses {
			if !seen[p] {
				seen[p] = true
				visit(r.pair(p))
			}
		}
	}
	visit(w)
	return lines
}

// add adds a line to a part.
func (r *reporter) add(w *part, c class, p place, text string, symbols ...string) {
	if p.symbol != "" {
		symbols = append(symbols, p.symbol)
	}
	w.lines = append(w.lines, &line{class: c, place: p.where, text: p.within + text, symbols: symbols, methods: map[string]bool{}})
}

// collect gathers the lines of all operations. Those that say the same become one:
// two schemas can be one type in Go.
func (r *reporter) collect() {
	seen := map[string]*line{}
	for _, method := range slices.Sorted(maps.Keys(r.parts)) {
		for _, l := range r.all(r.parts[method]) {
			same := seen[l.place+l.text]
			if same == nil {
				same = l
				seen[l.place+l.text] = l
				r.lines = append(r.lines, l)
			}
			same.class = max(same.class, l.class)
			same.methods[method] = true
		}
	}
}

// addGoChanges joins what changed in Go with the lines that explain it, and adds
// lines for the rest.
func (r *reporter) addGoChanges(changes []goapi.Change) {
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
		case len(explained) == 0 && !implied[change.Symbol]:
			class := map[bool]class{true: breaks}[change.Breaks]
			r.lines = append(r.lines, &line{class: class, place: code(change.Symbol), text: "in Go " + change.What})
		case len(explained) > 0 && change.Breaks:
			l := slices.MaxFunc(explained, func(a, b *line) int { return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.text, a.text)) })
			l.class = breaks
			if change.What != goapi.Removed {
				l.text += "; in Go " + change.What
			}
		}
	}
}

// many lines that say the same become one.
const many = 6

func (r *reporter) print() string {
	var b strings.Builder
	fmt.Fprintf(&b, "API changes from %s to %s: %d operations, were %d.\n", r.old.Title, r.new.Title, len(r.new.operations()), len(r.old.operations()))
	if r.goErr != nil {
		fmt.Fprintf(&b, "\nOnly the descriptions were compared, as the Go code could not be:\n\n```\n%s\n```\n", strings.TrimSpace(r.goErr.Error()))
	}
	for _, section := range []struct {
		class         class
		title, justGo string
	}{{breaks, "Breaks callers", "- Gone in Go: "}, {behaviour, "Changes behaviour", ""}, {addition, "Additions", "- New in Go: "}} {
		var texts, justGo []string
		alike := map[string][]*line{}
		for _, l := range r.lines {
			switch {
			case l.class != section.class:
			case l.text == "in Go "+goapi.Removed || l.text == "in Go "+goapi.Added:
				justGo = append(justGo, l.place)
			default:
				alike[l.text] = append(alike[l.text], l)
			}
		}
		for text, lines := range alike {
			var places []string
			for _, l := range lines {
				places = append(places, l.place)
				if len(lines) < many {
					texts = append(texts, "- "+l.place+": "+text+users(l)+"\n")
				}
			}
			if slices.Sort(places); len(lines) >= many {
				texts = append(texts, fmt.Sprintf("- At %d places: %s: %s\n", len(places), text, strings.Join(places, ", ")))
			}
		}
		slices.Sort(texts)
		if len(justGo) > 0 {
			slices.Sort(justGo)
			texts = append(texts, section.justGo+strings.Join(justGo, ", ")+"\n")
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s", section.title, cmp.Or(strings.Join(texts, ""), "None.\n"))
	}
	return b.String()
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
