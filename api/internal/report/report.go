// Package report collects the decisions that the import of published descriptions made
// by rule, and writes them as Markdown for the maintainer.
package report

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Section is a section of the report.
type Section int

// The sections, in the order in which they are written. See headings.

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
	sectionCount
)

// headings has the heading and the introduction of each section.
var headings = [sectionCount][2]string{
	ByHand:     {"To make by hand", "Changes of what our own descriptions say otherwise."},
	Settle:     {"To settle", "A rule chose a name or a type; a person would choose a better one. The lines belong below `actions:` of the overlay."},
	New:        {"Operations that we do not ship", "What is new to this library, with its operationId."},
	Missing:    {"Operations that we ship and that are not here", "Expected in old or partial descriptions; in a newer one, they are gone."},
	Omitted:    {"Operations left out", "They need what this library does not carry."},
	Precedence: {"One name, two contents", "The document that was named first has precedence."},
	Names:      {"Names", "Operations that we ship keep their names; others are unique by rule."},
	Overlay:    {"Corrections that did not apply", "Actions of the overlay that match nothing here, change nothing, or name what is not here."},
	Left:       {"Read otherwise", "What was left out or read in another way, as it makes no difference to a client."},
}

// Report is the report on one import. The zero value is empty.
type Report struct {
	Notes     [sectionCount][]string
	documents []string // a line for each document
}

// Note adds a list item to a section.
func (r *Report) Note(s Section, format string, args ...any) {
	r.Notes[s] = append(r.Notes[s], fmt.Sprintf(format, args...))
}

// Markdown returns the report. Root is the description that was made of the documents.
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

// Fenced returns a Markdown code block of YAML lines, for the maintainer to copy.
func Fenced(lines string) string { return "\n```yaml\n" + strings.TrimSuffix(lines, "\n") + "\n```" }

// Add adds a line that describes an imported document.
func (r *Report) Add(name string, root *yaml.Node) {
	info := tree.Get(root, "info")
	r.documents = append(r.documents, fmt.Sprintf("%s: %s, version %s, %d operations",
		name, tree.Describe(tree.Get(info, "title")), tree.Describe(tree.Get(info, "version")), tree.CountOperations(root)))
}
