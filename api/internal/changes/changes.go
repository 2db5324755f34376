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
	"errors"
	"fmt"
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
	Names       *lock.Lock
	API         goapi.API
	GoErr       error // why there are no names and no API

	doc node
}

// line is a line of the report.
type line struct {
	class      class
	place      string
	text       string
	symbols    []string        // whose changes in Go it explains
	operations map[string]bool // and webhooks, that it concerns; "" is none
}

// pair is two schemas with names of their own, and the direction in which they are
// compared.
type pair struct {
	old, new  string
	direction direction
}

type reporter struct {
	old, new  State
	goErr     error
	lines     map[string]*line // by place and text
	operation string           // or webhook, that is compared now
	compared  map[pair]bool    // for that one
}

// Report compares two states.
func Report(old, new State) (string, error) {
	r := &reporter{old: old, new: new, goErr: errors.Join(old.GoErr, new.GoErr), lines: map[string]*line{}}
	for _, s := range []*State{&r.old, &r.new} {
		if err := json.Unmarshal(s.Description, &s.doc); err != nil {
			return "", fmt.Errorf("%s: %w", s.Title, err)
		}
		if r.goErr != nil { // The names of one state alone say nothing.
			s.Names = &lock.Lock{}
		}
	}
	r.operations()
	r.webhooks()
	if was, is := servers(r.old.doc), servers(r.new.doc); was != is {
		r.add(breaks, place{name: "servers"}, nowBefore(is, was))
	}
	if r.goErr == nil {
		r.addGoChanges()
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

// begin sets the operation or webhook that the lines to come concern, or "" for none.
func (r *reporter) begin(operation string) {
	r.operation, r.compared = operation, map[pair]bool{}
}

// add adds a line. Those that say the same become one: two schemas can be one type
// in Go.
func (r *reporter) add(c class, p place, text string, symbols ...string) {
	if c == inCode {
		c = behaviour
		if r.goErr != nil {
			c = breaks
		}
	}
	text = p.within + text
	key := p.name + ": " + text
	l := r.lines[key]
	if l == nil {
		l = &line{place: p.name, text: text, symbols: append([]string{p.name}, symbols...), operations: map[string]bool{}}
		r.lines[key] = l
	}
	l.class = max(l.class, c)
	l.operations[r.operation] = true
}

// addGoChanges joins what changed in Go with the lines that explain it, and adds
// lines for the rest.
func (r *reporter) addGoChanges() {
	explained := map[string][]*line{}
	for _, key := range tree.SortedKeys(r.lines) {
		for _, symbol := range r.lines[key].symbols {
			explained[symbol] = append(explained[symbol], r.lines[key])
		}
	}
	for _, change := range goapi.Compare(r.old.API, r.new.API) {
		switch lines := explained[change.Symbol]; {
		case len(lines) == 0:
			r.add(map[bool]class{true: breaks}[change.Breaks], place{name: change.Symbol}, "in Go "+change.Description)
		case change.Breaks:
			l := slices.MaxFunc(lines, func(a, b *line) int {
				return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.text, a.text))
			})
			l.class = breaks
			if change.Description != goapi.Removed {
				l.text += "; in Go " + change.Description
			}
		}
	}
}

// many lines that say the same become one.
const many = 6

var titles = map[class]string{breaks: "Breaks callers", behaviour: "Changes behaviour", addition: "Additions"}

// onlyInGo are the titles of what changed in Go without a line that explains it.
var onlyInGo = map[string]string{"in Go " + goapi.Removed: "Gone in Go", "in Go " + goapi.Added: "New in Go"}

func (r *reporter) print() string {
	var b strings.Builder
	was, is := len(r.old.operations()), len(r.new.operations())
	fmt.Fprintf(&b, "API changes from %s to %s: %d operations, were %d.\n", r.old.Title, r.new.Title, is, was)
	if r.goErr != nil {
		fmt.Fprintf(&b, "\nOnly the descriptions were compared, as the Go code could not be:\n\n```\n%s\n```\n", r.goErr)
	}
	for _, class := range []class{breaks, behaviour, addition} {
		alike := map[string][]*line{}
		for _, l := range r.lines {
			if l.class == class {
				alike[l.text] = append(alike[l.text], l)
			}
		}
		var items, goItems []string
		for text, lines := range alike {
			var places []string
			for _, l := range lines {
				places = append(places, code(l.place))
			}
			slices.Sort(places)
			list := strings.Join(places, ", ")
			switch title := onlyInGo[text]; {
			case title != "":
				goItems = append(goItems, "- "+title+": "+list+"\n")
			case len(lines) >= many:
				items = append(items, fmt.Sprintf("- At %d places: %s: %s\n", len(lines), text, list))
			default:
				for _, l := range lines {
					items = append(items, "- "+code(l.place)+": "+text+l.users()+"\n")
				}
			}
		}
		slices.Sort(items)
		slices.Sort(goItems) // after what has more to say
		fmt.Fprintf(&b, "\n### %s\n\n%s", titles[class], cmp.Or(strings.Join(append(items, goItems...), ""), "None.\n"))
	}
	return b.String()
}

// users are the operations that a line concerns, if it is about something else.
func (l *line) users() string {
	if l.operations[l.place] || l.operations[""] {
		return ""
	}
	var users []string
	for operation := range l.operations {
		users = append(users, code(operation))
	}
	if slices.Sort(users); len(users) > 4 {
		users = append(users[:3], fmt.Sprintf("%d more", len(users)-3))
	}
	return " (" + strings.Join(users, ", ") + ")"
}
