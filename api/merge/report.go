package main

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// section is a heading of the report.
type section int

const (
	sectionSettle section = iota
	sectionNew
	sectionMissing
	sectionPrecedence
	sectionNames
	sectionOverlay
	sectionLeft
	sections
)

// what each section says below its heading.
var headings = [sections][2]string{
	sectionSettle:     {"To settle", "Settled by a rule, but a person would choose a better name. The lines belong below `actions:` of the overlay."},
	sectionNew:        {"Operations that we do not ship", "What is new to this library, with its operationId."},
	sectionMissing:    {"Operations that we ship and that are not here", "In an older or partial description that is as it should be; in a newer one, they are gone."},
	sectionPrecedence: {"One name, two contents", "The document that was named first has precedence."},
	sectionNames:      {"Names", "Operations that we ship keep their names; others are unique by rule."},
	sectionOverlay:    {"Corrections that did not apply", "Actions of the overlay that match nothing here, change nothing, or name what is not here."},
	sectionLeft:       {"Taken in otherwise", "What was left out or read in another way, as it makes no difference to a client."},
}

// report collects what the rules for foreign documents decided.
type report struct {
	documents []string // one line each
	notes     [sections][]string
	absent    []string // what the overlay says something about and is not here
}

func (r *report) note(s section, format string, args ...any) {
	r.notes[s] = append(r.notes[s], fmt.Sprintf(format, args...))
}

// markdown is the report.
func (r *report) markdown(root *yaml.Node) []byte {
	if len(r.absent) > 0 {
		r.note(sectionOverlay, "%d names of what is not here: %s", len(r.absent), strings.Join(r.absent, ", "))
	}
	operations := 0
	eachPathOperation(root, func(_, _, _ *yaml.Node) { operations++ })
	var b strings.Builder
	fmt.Fprintf(&b, "# What was taken in\n\n%d operations, from, in order of precedence:\n\n", operations)
	for i, line := range r.documents {
		fmt.Fprintf(&b, "%d. %s\n", i+1, line)
	}
	b.WriteString("\n| | |\n|---|---|\n")
	for s, notes := range r.notes {
		fmt.Fprintf(&b, "| %s | %d |\n", headings[s][0], len(notes))
	}
	for s, notes := range r.notes {
		if len(notes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", headings[s][0], headings[s][1])
		for _, note := range notes {
			b.WriteString("- " + strings.ReplaceAll(note, "\n", "\n  ") + "\n")
		}
	}
	return []byte(b.String())
}

// fenced is a code block of lines that can be copied.
func fenced(lines string) string { return "\n```yaml\n" + strings.TrimSuffix(lines, "\n") + "\n```" }

// add describes a document.
func (r *report) add(d document) {
	operations := 0
	eachPathOperation(d.root, func(_, _, _ *yaml.Node) { operations++ })
	info := get(d.root, "info")
	r.documents = append(r.documents, fmt.Sprintf("%s: %s, version %s, %d operations",
		d.name, describe(get(info, "title")), describe(get(info, "version")), operations))
}
