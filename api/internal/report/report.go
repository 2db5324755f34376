// Package Report collects what was decided by rule when published descriptions
// were imported, and writes it as Markdown.
package report

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Section is a heading of the report.
type Section int

const (
	ByHand Section = iota
	Settle
	New
	Missing
	Omitted
	Precedence
	Names
	Overlay
	Left
	sections
)

// what each section says below its heading.
var headings = [sections][2]string{
	ByHand:     {"To make by hand", "Changes of what our own descriptions say otherwise."},
	Settle:     {"To settle", "Settled by a rule, but a person would choose a better name. The lines belong below `actions:` of the overlay."},
	New:        {"Operations that we do not ship", "What is new to this library, with its operationId."},
	Missing:    {"Operations that we ship and that are not here", "In an older or partial description that is as it should be; in a newer one, they are gone."},
	Omitted:    {"Operations left out", "They need what this library does not carry."},
	Precedence: {"One name, two contents", "The document that was named first has precedence."},
	Names:      {"Names", "Operations that we ship keep their names; others are unique by rule."},
	Overlay:    {"Corrections that did not apply", "Actions of the overlay that match nothing here, change nothing, or name what is not here."},
	Left:       {"Read otherwise", "What was left out or read in another way, as it makes no difference to a client."},
}

// Report collects what the rules for published documents decided.
type Report struct {
	Notes     [sections][]string
	documents []string // one line each
}

// Note adds a line to a section.
func (r *Report) Note(s Section, format string, args ...any) {
	r.Notes[s] = append(r.Notes[s], fmt.Sprintf(format, args...))
}

// Markdown is the report on what became root.
func (r *Report) Markdown(root *yaml.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What was imported\n\n%d operations, from, in order of precedence:\n\n", tree.CountOperations(root))
	for i, line := range r.documents {
		fmt.Fprintf(&b, "%d. %s\n", i+1, line)
	}
	b.WriteString("\n| | |\n|---|---|\n")
	for s, notes := range r.Notes {
		fmt.Fprintf(&b, "| %s | %d |\n", headings[s][0], len(notes))
	}
	for s, notes := range r.Notes {
		if len(notes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", headings[s][0], headings[s][1])
		for _, note := range notes {
			b.WriteString("- " + strings.ReplaceAll(note, "\n", "\n  ") + "\n")
		}
	}
	return b.String()
}

// Fenced is a code block of lines that can be copied.
func Fenced(lines string) string { return "\n```yaml\n" + strings.TrimSuffix(lines, "\n") + "\n```" }

// Add describes a document.
func (r *Report) Add(name string, root *yaml.Node) {
	info := tree.Get(root, "info")
	r.documents = append(r.documents, fmt.Sprintf("%s: %s, version %s, %d operations",
		name, tree.Describe(tree.Get(info, "title")), tree.Describe(tree.Get(info, "version")), tree.CountOperations(root)))
}
