// Package pipeline runs the steps that make a client of descriptions: merge,
// overlay, names, generate and index.
package pipeline

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/groups"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/merge"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/overlay"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/support"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Sources are what one description is made of. A file without a name is none.
type Sources struct {
	// Documents are the descriptions, in order of precedence.
	Documents []tree.File
	// Words is an overlay with the words about what is new in our own documents, and
	// Overlay one with the corrections.
	Words, Overlay tree.File
	// Generator is what takes names in Go, or nil if those are not checked.
	Generator *names.Generator
	// Groups is the file with the groups of operations, or "".
	Groups string
	// ClientMethods are the methods of the client that programs use, which no group
	// may be called like.
	ClientMethods []string
	// Published is true for documents that the overlay was not written for.
	// What is an error otherwise is then settled by rule where there is one,
	// and reported.
	Published bool
	// OmitUnsupported leaves out the operations of published documents that
	// cannot be carried, and reports them; else they are errors.
	OmitUnsupported bool
	// Shipped is the description that we ship, which says what published documents
	// leave out.
	Shipped tree.File
	// Locked are the names in Go that are kept, or nil.
	Locked *lock.Lock
}

// Description is what they become.
type Description struct {
	YAML, JSON []byte
	Published  []byte         // what the documents say, but for prose, before the overlay
	Exclude    []string       // the schemas that get no declaration
	report     *report.Report // what was settled by rule, and which corrections did not apply
	root       *yaml.Node
	namer      *names.Namer
}

// Describe merges the documents, applies the overlay and settles names. Each step
// needs the one before it to have succeeded, and reports all that is wrong.
func Describe(s Sources) (*Description, error) {
	set := tree.NewSet()
	r, rules := &report.Report{}, (*report.Report)(nil) // Our own documents are not settled by rule.
	var shipped *yaml.Node
	if s.Shipped.Name != "" {
		shipped = set.Load(s.Shipped)
	}
	if s.Published {
		rules = r
	}
	var documents []*yaml.Node
	for _, file := range s.Documents {
		documents = append(documents, set.Load(file))
	}
	var overlays []tree.File
	for _, file := range []tree.File{s.Words, s.Overlay} {
		if file.Name != "" {
			overlays = append(overlays, file)
		}
	}
	if set.Failed() {
		return nil, set.Err()
	}
	root := merge.Merge(set, rules, shipped, documents)
	if set.Failed() {
		return nil, set.Err()
	}
	namer := names.New(set, root, r, s.Published, s.Locked, s.Generator)
	d := &Description{report: r, root: root, namer: namer}
	steps := []func(){
		func() {
			if s.Published {
				namer.SettleIDs()
				namer.RenameSchemas()
				d.Published = tree.EncodeStructure(root)
				for name := range tree.Entries(tree.Get(root, "webhooks")) {
					r.Note(report.Left, "webhook `%s` (%s): SignalWire sends it, a client does not; it is for `events.yaml`", name.Value, set.At(name))
				}
				tree.Remove(root, "webhooks")
			}
		},
		func() {
			for _, file := range overlays {
				overlay.Apply(set, root, file, r)
			}
		},
		func() {
			namer.CheckOperationIDs()
			merge.CheckRefs(set, root)
			merge.AddSecuritySchemes(set, root, shipped)
		},
		namer.SpellIDs,
	}
	if s.Generator != nil {
		steps = append(steps,
			func() { unsupported(set, root, r, s) },
			namer.LookUp, namer.AddLists, namer.CheckGoNames, namer.AddEdits, namer.AddSettles, namer.AddRequestRules, namer.AddUnions,
			func() { groups.Assign(set, root, r, s.Groups, s.Locked, namer.TypeNames(), s.ClientMethods) },
		)
	}
	for _, step := range steps {
		if step(); set.Failed() {
			return nil, set.Err()
		}
	}
	text, err := set.EncodeYAML(header(slices.Concat(s.Documents, overlays)), root, "openapi.yaml")
	if err != nil {
		return nil, err
	}
	d.YAML, d.JSON, d.Exclude = text, tree.EncodeJSON(root), namer.Excluded()
	return d, nil
}

// unsupported refuses what cannot be carried, or leaves out the operations that need it.
func unsupported(set *tree.Set, root *yaml.Node, r *report.Report, s Sources) {
	omit := map[*yaml.Node]bool{}
	reported := map[string]bool{}
	tree.EachOperation(root, func(method, path, operation *yaml.Node) {
		name := tree.OperationName(method, path)
		for _, problem := range support.Check(root, method, path, operation) {
			line := fmt.Sprintf("%s: %s: not supported", set.At(problem.Place), problem.What)
			switch {
			case s.OmitUnsupported:
				omit[operation] = true
				r.Note(report.Omitted, "%s: %s", name, line)
			case !reported[line]:
				reported[line] = true
				set.Errorf("%s (%s)", line, name)
			}
		}
		errorContents(set, root, r, s, name, operation)
	})
	if len(omit) > 0 && len(omit) == tree.CountOperations(root) {
		set.Errorf("no operation is left, as each has something that is not supported; without -omit, all of it is reported")
	}
	paths := tree.Get(root, "paths")
	for path, item := range tree.Entries(paths) {
		kept := 0
		for method, operation := range tree.Entries(item) {
			if omit[operation] {
				defer tree.Remove(item, method.Value)
			} else if tree.Methods[method.Value] {
				kept++
			}
		}
		if kept == 0 && !tree.IsExtension(path.Value) {
			defer tree.Remove(paths, path.Value)
		}
	}
}

// errorContents leaves out the types of what responses that are errors have where
// they are not supported. It is read as it is, whatever its type.
func errorContents(set *tree.Set, root *yaml.Node, r *report.Report, s Sources, name string, operation *yaml.Node) {
	for status, response := range tree.Entries(tree.Get(operation, "responses")) {
		if strings.HasPrefix(status.Value, "2") {
			continue
		}
		for _, problem := range support.CheckFailure(root, response) {
			at, what := set.At(problem.Place), problem.What
			if !s.Published {
				set.Errorf("%s: %s: not supported (%s, response %s)", at, what, name, status.Value)
			}
			r.Note(report.Left, "%s: the content of response %s, an error, has no type: %s (%s)", name, status.Value, what, at)
			defer tree.Remove(response, "content")
		}
	}
}

// header is the first line of the output; it names the inputs.
func header(inputs []tree.File) string {
	var names []string
	for _, file := range inputs {
		names = append(names, filepath.Base(file.Name))
	}
	if n := len(names); n > 1 {
		names = append(names[:n-2], names[n-2]+" and "+names[n-1])
	}
	return "# Code generated by api/cmd from " + strings.Join(names, ", ") + ". DO NOT EDIT.\n"
}

// Report is what was settled by rule, as Markdown.
func (d *Description) Report() string { return d.report.Markdown(d.root) }

// Lines is the lines of an error, each with the command's name, but for those
// that are to be copied.
func Lines(err error) string {
	var b strings.Builder
	for line := range strings.Lines(err.Error() + "\n") {
		if !strings.HasPrefix(line, " ") {
			b.WriteString("api: ")
		}
		b.WriteString(line)
	}
	return b.String()
}
