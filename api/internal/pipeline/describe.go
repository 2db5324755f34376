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
	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/overlay"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/support"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Sources are the inputs of a description. Only Documents is required.
type Sources struct {
	// Documents are the OpenAPI documents, in order of precedence.
	Documents []tree.File
	// Overlays are OpenAPI Overlays, which are applied in this order.
	Overlays []tree.File
	// Published says that the documents are as SignalWire publishes them. Conflicts
	// in them are then settled by rule and reported; in our own they are errors.
	Published bool
	// Updated says that the documents are our own with what was imported. What is left open
	// about the client is then settled by rule, as in what was imported.
	Updated bool
	// OmitUnsupported leaves out, and reports, the operations of published documents
	// that have an unsupported feature, which is an error otherwise.
	OmitUnsupported bool
	// Shipped is the description that we ship. It has what published documents lack,
	// such as security schemes.
	Shipped tree.File
	// Locked are the Go names to keep, or nil.
	Locked *lock.Lock
	// Generator determines the names that are taken in package gen. If it is nil, no
	// Go names are chosen or checked.
	Generator *names.Generator
	// Groups is the name of the file with the groups of operations, or "".
	Groups string
	// ClientMethods are the methods of signalwire.Client, which no group can be named
	// after.
	ClientMethods []string
}

// Description is the one OpenAPI document that Describe makes of Sources.
type Description struct {
	// YAML and JSON are the document in both formats.
	YAML, JSON []byte
	// Exclude are the schemas that the generator must not declare as Go types.
	Exclude []string

	set  *tree.Set
	root *yaml.Node
	// upstream is what was published: the merged document before the overlay, or nil for our
	// own documents.
	upstream *yaml.Node
	// supported is upstream without the operations that were left out, and without the
	// content of errors that was. Its structure is the next api/upstream.json.
	supported *yaml.Node
	report    *report.Report
	namer     *names.Namer
}

// Describe merges the documents, applies the overlays and adds the extensions that the
// templates need, by the steps in the package comment. The error has everything that is
// wrong in the step that failed, with file and line.
func Describe(s Sources) (*Description, error) {
	d := &Description{set: tree.NewSet(), report: &report.Report{}}
	var shipped *yaml.Node
	if s.Shipped.Name != "" {
		shipped = d.set.Load(s.Shipped)
	}
	var rules *report.Report // nil, as no rule settles a conflict in our own documents
	if s.Published {
		rules = d.report
	}
	var documents []*yaml.Node
	for _, file := range s.Documents {
		documents = append(documents, d.set.Load(file))
	}
	if !d.set.Failed() {
		d.root = merge.Merge(d.set, rules, shipped, documents)
	}
	if d.set.Failed() {
		return nil, d.set.Err()
	}
	d.namer = names.New(d.set, d.root, d.report, s.Published || s.Updated, s.Locked, s.Generator)
	steps := []func(){
		func() {
			if s.Published {
				d.namer.SettleIDs()
				d.namer.RenameSchemas()
				d.upstream, d.supported = d.set.Clone(d.root), d.set.Clone(d.root)
				for name := range tree.Entries(tree.Get(d.root, "webhooks")) {
					d.report.Note(report.Left, "webhook `%s` (%s): SignalWire sends it, a client does not; it is for `events.yaml`",
						name.Value, d.set.At(name))
				}
				tree.Remove(d.root, "webhooks")
			}
		},
		func() {
			for _, file := range s.Overlays {
				overlay.Apply(d.set, d.root, file, d.report)
			}
			if normal.CheckTypes(d.set, d.root); !d.set.Failed() {
				normal.Normalize(d.set, d.root) // The overlay may write things in other ways.
			}
		},
		func() {
			d.namer.CheckOperationIDs()
			d.set.CheckRefs(d.root, "#/components/")
			merge.AddSecuritySchemes(d.set, d.root, shipped)
		},
	}
	if s.Generator != nil {
		steps = append(steps,
			d.namer.LookUpNames,
			func() { d.checkSupport(s.Published, s.OmitUnsupported) },
			d.namer.AssignTypes, d.namer.AddLists, d.namer.NameMembers, d.namer.CheckGoNames,
			d.namer.AddEdits, d.namer.AddSettles, d.namer.AddRequestRules, d.namer.AddUnions,
			func() {
				groups.Assign(d.set, d.root, rules, s.Groups, s.Locked, d.namer.TypeNames(), s.ClientMethods)
			},
		)
	}
	for _, step := range steps {
		if step(); d.set.Failed() {
			return nil, d.set.Err()
		}
	}
	var err error
	d.YAML, err = d.set.EncodeYAML(header(slices.Concat(s.Documents, s.Overlays)), d.root, "openapi.yaml")
	d.JSON, d.Exclude = tree.EncodeJSON(d.root), d.namer.Excluded()
	return d, err
}

// checkSupport refuses operations with features that the client does not support, or
// removes and reports them if omit is true. From an error response of a published operation
// it removes only the content, and reports that: the client keeps the body of an error
// response undecoded anyway.
func (d *Description) checkSupport(published, omit bool) {
	type position struct{ path, method string }
	var omitted []position
	supported := support.Description{Root: d.root, IsGenerated: d.namer.IsGenerated, SchemaNames: d.namer.SchemaNames()}
	reported := map[string]bool{} // Several operations can refer to one parameter or schema.
	tree.EachOperation(d.root, func(method, path, operation *yaml.Node) {
		name, o := tree.OperationName(method, path), position{path.Value, method.Value}
		for _, p := range supported.Check(method, path, operation) {
			place := d.set.At(p.Place)
			line := fmt.Sprintf("%s: %s: not supported", place, p.Feature)
			switch {
			case p.Failure != "" && published:
				d.report.Note(report.Left, "%s: the content of response %s, an error, has no type: %s (%s)", name, p.Failure, p.Feature, place)
				for _, root := range []*yaml.Node{d.root, d.supported} {
					tree.Remove(tree.Get(root, "paths", o.path, o.method, "responses", p.Failure), "content")
				}
			case p.Failure != "":
				d.set.Errorf("%s (%s, response %s)", line, name, p.Failure)
			case omit:
				d.report.Note(report.Omitted, "%s: %s", name, line)
				omitted = append(omitted, o)
			case !reported[line]:
				reported[line] = true
				d.set.Errorf("%s (%s)", line, name)
			}
		}
	})
	omitted = slices.Compact(omitted)
	if len(omitted) > 0 && len(omitted) == tree.CountOperations(d.root) {
		d.set.Errorf("no operation is left, as each has something that is not supported; without -omit, all of it is reported")
	}
	for _, o := range omitted {
		for _, root := range []*yaml.Node{d.root, d.supported} {
			paths := tree.Get(root, "paths")
			item := tree.Get(paths, o.path)
			if tree.Remove(item, o.method); !tree.Has(item, tree.SortedKeys(tree.Methods)...) {
				tree.Remove(paths, o.path)
			}
		}
	}
}

// header returns the first line of openapi.yaml, which names the files that it is made of.
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

// Report returns the report of the rules that were applied, as Markdown.
func (d *Description) Report() string { return d.report.Markdown(d.root) }
