// Package changes reports what a new description of the API changes for programs that
// use this module, as Markdown for a release note.
//
// # Classes of changes
//
//   - A change breaks callers if their code does not compile any more, if a request that
//     was valid is refused, or if a response cannot be decoded.
//   - It changes behaviour if their code compiles, but gets values that it did not get
//     before, or has another effect.
//   - Any other change is an addition: nothing is different until callers use it.
//
// The class depends on the direction in which a value is sent. In a request, fewer valid
// values than before break callers, and more are an addition. In a response, more valid
// values change behaviour, and fewer are an addition. If names of queues can have 10
// characters where they could have 20, the report says:
//
//	### Breaks callers
//
//	- `gen.QueueUpdate.Name`: has at most 10 characters now; before, at most 20 characters (`gen.Queues.Update`)
//
//	### Additions
//
//	- `gen.Queue.Name`: has at most 10 characters now; before, at most 20 characters (`gen.Queues.Get`)
//
// # Algorithm
//
//  1. Operations are paired by method and path, then by operationId or Go method. The
//     others are new or gone. A webhook is an operation in the other direction.
//  2. The parts of each pair (parameters, bodies, responses, headers, media types,
//     properties) are paired by name; the kinds in parts.go have the class of each event.
//     Schemas are compared recursively, each in its direction. The table in limits.go has
//     the text of each keyword; whether more or fewer values are valid decides the class.
//  3. Each change is a line of the report, about a location: a Go symbol if names.lock has
//     one, else a schema or an operation. Lines with one location and text become one,
//     which names all operations that it concerns.
//  4. Package goapi compares the generated Go code. A change there is added to the line
//     about the same symbol, and one that breaks callers makes the line break them. It has
//     a line of its own if there is none about its symbol.
package changes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// State is one of the two states of the API that are compared.
type State struct {
	Title       string     // names the state in the report
	Description *yaml.Node // the OpenAPI description, in the form of package normal
	Names       *lock.Lock // the Go names of what it describes
	API         goapi.API  // the API of the generated client

	schemas map[string]tree.Entry // of the description
}

// line is a line of the report.
type line struct {
	class      class
	location   string
	text       string
	symbols    []string        // the Go symbols whose changes the line explains
	operations map[string]bool // the operations and webhooks that it concerns; "" is the whole API
}

// comparison is a comparison of two named schemas, in the direction in which an operation
// or webhook uses them.
type comparison struct {
	operation, old, new string
	direction           direction
}

// reporter compares two states and collects the lines of the report.
type reporter struct {
	old, new  State
	names     *lock.Lock          // the names of both; the new ones have precedence
	lines     []*line             // in the order in which they were added
	byText    map[string]*line    // the same, by location and text
	operation string              // the operation or webhook that is compared now, or ""
	done      map[comparison]bool // the comparisons that were made
}

// Report compares two states and returns the report as Markdown.
func Report(old, new State) string {
	r := &reporter{old: old, new: new, byText: map[string]*line{}, done: map[comparison]bool{}}
	r.old.schemas = tree.Index(tree.Schemas(old.Description))
	r.new.schemas = tree.Index(tree.Schemas(new.Description))
	r.names = lock.Read(slices.Concat(old.Names.Write(), new.Names.Write()))
	r.compareOperations()
	r.operation = ""
	if before, now := old.serverURLs(), new.serverURLs(); before != now {
		r.addChange(breaks, location{name: "servers"}, now, before)
	}
	r.addGoChanges()
	return r.markdown()
}

// serverURLs lists the URLs of the servers. The name of the variable for the Space makes no
// difference.
func (s State) serverURLs() string {
	var urls []string
	for _, server := range tree.Items(s.Description, "servers") {
		urls = append(urls, tree.Placeholder.ReplaceAllString(tree.Value(server, "url"), "{space}"))
	}
	return code(strings.Join(urls, ", "))
}

// add adds a line about a location and further Go symbols. If there is such a line, it
// gets the worse of the two classes: several schemas can be one Go type.
func (r *reporter) add(c class, l location, text string, symbols ...string) {
	text = l.detail + text
	key := l.name + ": " + text
	added := r.byText[key]
	if added == nil {
		added = &line{location: l.name, text: text, symbols: append(symbols, l.name), operations: map[string]bool{}}
		r.lines, r.byText[key] = append(r.lines, added), added
	}
	added.class = max(added.class, c)
	added.operations[r.operation] = true
}

// addChange adds a line such as "has at most 10 items now; before, at most 20 items", which
// has the verb once.
func (r *reporter) addChange(c class, l location, now, before string) {
	for _, verb := range []string{"is ", "has ", "can be ", "can have ", "needs ", "matches ", "defaults to "} {
		before = strings.TrimPrefix(before, verb)
	}
	r.add(c, l, now+" now; before, "+before)
}

// addGoChanges adds each change of the Go code that breaks callers to the line that
// explains it: of several, the first of the worst class. A change that no line explains
// becomes a line.
func (r *reporter) addGoChanges() {
	explanations := map[string][]*line{} // by symbol
	for _, l := range r.lines {
		for _, symbol := range l.symbols {
			explanations[symbol] = append(explanations[symbol], l)
		}
	}
	for _, change := range goapi.Compare(r.old.API, r.new.API) {
		switch lines := explanations[change.Symbol]; {
		case len(lines) == 0 && change.Breaks:
			r.add(breaks, location{name: change.Symbol}, "in Go "+change.Description)
		case len(lines) == 0:
			r.add(addition, location{name: change.Symbol}, "in Go "+change.Description)
		case change.Breaks:
			worst := slices.MaxFunc(lines, func(a, b *line) int { return cmp.Compare(a.class, b.class) })
			worst.class = breaks
			if change.Description != goapi.Removed {
				worst.text += "; in Go " + change.Description
			}
		}
	}
}

// manyLines is the number of lines with the same text that become one.
const manyLines = 6

var classTitles = map[class]string{breaks: "Breaks callers", behaviour: "Changes behaviour", addition: "Additions"}

// goTitles are the titles of the lists of symbols that are new or gone in Go, where no
// other line explains that.
var goTitles = map[string]string{"in Go " + goapi.Removed: "Gone in Go", "in Go " + goapi.Added: "New in Go"}

// markdown returns the report.
func (r *reporter) markdown() string {
	var b strings.Builder
	before, now := tree.CountOperations(r.old.Description), tree.CountOperations(r.new.Description)
	fmt.Fprintf(&b, "API changes from %s to %s: %d operations; before, %d.\n", r.old.Title, r.new.Title, now, before)
	for _, class := range []class{breaks, behaviour, addition} {
		fmt.Fprintf(&b, "\n### %s\n\n%s", classTitles[class], cmp.Or(strings.Join(r.listItems(class), ""), "None.\n"))
	}
	return b.String()
}

// listItems returns the lines of a class as sorted list items. The symbols that are only
// new or gone in Go come last.
func (r *reporter) listItems(c class) []string {
	sameText := map[string][]*line{}
	for _, l := range r.lines {
		if l.class == c {
			sameText[l.text] = append(sameText[l.text], l)
		}
	}
	var items, goItems []string
	for text, lines := range sameText {
		var locations []string
		for _, l := range lines {
			locations = append(locations, code(l.location))
		}
		slices.Sort(locations)
		list := strings.Join(locations, ", ")
		switch title := goTitles[text]; {
		case title != "":
			goItems = append(goItems, "- "+title+": "+list+"\n")
		case len(lines) >= manyLines:
			items = append(items, fmt.Sprintf("- At %d places: %s: %s\n", len(lines), text, list))
		default:
			for _, l := range lines {
				items = append(items, "- "+code(l.location)+": "+text+l.users()+"\n")
			}
		}
	}
	slices.Sort(items)
	slices.Sort(goItems)
	return append(items, goItems...)
}

// users lists the operations that a line concerns, in parentheses. It is empty if the
// line is about an operation, or about the whole API.
func (l *line) users() string {
	if l.operations[l.location] || l.operations[""] {
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
