package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/changes"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/sources"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Options are the flags of the command import.
type Options struct {
	Into      bool // update our own descriptions and the client of this module, too
	LoseNames bool // with Into: even if names of package gen are lost
	Omit      bool // leave out, and report, operations that are not supported
}

// Import makes a client of published documents in the folder out. With Into, it makes
// what changed since the last import in our own descriptions, too, and the client of
// those. Nothing is written unless every step succeeds. A folder out that exists is
// replaced if it was made by Import; else Import fails. It returns a line for the user.
func Import(ctx context.Context, root string, documents []string, out string, o Options) (summary string, err error) {
	out = filepath.Clean(out)
	reportName := filepath.Join(out, reportFile)
	_, noFolder := os.Stat(out)
	if _, noReport := os.Stat(reportName); noFolder == nil && noReport != nil {
		return "", fmt.Errorf("%s: exists and was not made by this command; choose another folder", out)
	}
	published, err := readSources(root, Sources{Published: true, OmitUnsupported: o.Omit}, documents...)
	if err != nil {
		return "", err
	}
	imported, err := build(ctx, root, published)
	if err != nil {
		return "", err
	}
	newClient, moduleFiles := imported, []tree.File(nil) // what programs will use
	if o.Into {
		if newClient, moduleFiles, err = updateSources(ctx, root, imported); err != nil {
			return "", err
		}
	}
	previous, err := importedState("api/"+upstreamFile, root, inAPI(root, upstreamFile))
	if err != nil {
		return "", err
	}
	current, err := newClient.state("what was imported", imported.upstream)
	if err != nil {
		return "", err
	}
	symbols := map[string][]string{} // by what happened to them
	for _, change := range goapi.Compare(previous.API, current.API) {
		symbols[change.Description] = append(symbols[change.Description], change.Symbol)
	}
	lost, added := symbols[goapi.Removed], symbols[goapi.Added]
	if o.Into && !o.LoseNames && len(lost) > 0 {
		return "", fmt.Errorf("%d names of package gen would be lost, which breaks callers; -lose-names allows it:\n  %s",
			len(lost), strings.Join(lost, "\n  "))
	}
	text := imported.Report() + "\n## What changed\n\n" + changes.Report(previous, current) +
		section("Names that are gone", "names of package gen are not in what was imported", lost) +
		section("New names", "names of package gen were made by rule", added)
	if err := imported.writeFolder(out, text, published.Generator.Beside); err != nil {
		return "", err
	}
	if o.Into {
		if err := replaceFiles(moduleFiles, generatedFiles(root), inAPI(root, wordsFile)); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s: %d operations; read %s", out, tree.CountOperations(imported.root), reportName), nil
}

const reportFile = "REPORT.md"

// writeFolder replaces the folder out by one with the client, the Go files that are
// compiled with it, and the report. It leaves the folder as it is if it fails.
func (c *client) writeFolder(out, report string, beside []tree.File) error {
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(out), ".importing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	gen := filepath.Join(temp, "gen")
	files := append(c.filesIn(temp, gen),
		tree.File{Name: filepath.Join(temp, upstreamFile), Data: tree.EncodeStructure(c.upstream)},
		tree.File{Name: filepath.Join(temp, reportFile), Data: []byte(report)})
	for _, file := range beside {
		files = append(files, tree.File{Name: filepath.Join(gen, filepath.Base(file.Name)), Data: file.Data})
	}
	if err := errors.Join(os.Chmod(temp, 0o755), os.Mkdir(gen, 0o755)); err != nil {
		return err
	}
	if err := tree.WriteFiles(files); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(out), os.Rename(temp, out))
}

// section returns a section of the report that lists names, or "" if there are none.
func section(title, description string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("\n## %s\n\n%d %s.\n\n- `%s`\n", title, len(names), description, strings.Join(names, "`\n- `"))
}

const wordsHeader = "# Words and names for what is new. Fill in all of them; the next import moves them to where they belong.\n"

// updateSources makes in our own descriptions what changed since the last import, and
// builds the client of them. It adds to the report of the import what a person has to
// do. It returns the client, and all files of the module that have to be replaced.
func updateSources(ctx context.Context, root string, imported *client) (*client, []tree.File, error) {
	own, err := ownSources(root)
	if err != nil {
		return nil, nil, err
	}
	var words tree.File
	corrections := own.Overlays[len(own.Overlays)-1]
	u := &sources.Updater{Set: tree.NewSet()}
	if len(own.Overlays) > 1 {
		words = own.Overlays[0]
		u.CheckWords(words)
	}
	upstream := tree.File{Name: inAPI(root, upstreamFile), Data: tree.EncodeStructure(imported.supported)}
	previous, current := u.Load(u.ReadFile(upstream.Name)), u.Load(upstream)
	fabric, rest := u.Load(own.Documents[0]), u.Load(own.Documents[1])
	if u.Failed() {
		return nil, nil, u.Err()
	}
	u.Update(previous, current, []sources.Source{{Root: rest}, {Root: fabric, Base: "/api/fabric"}}, words)
	encode := func(name, header string, n *yaml.Node) tree.File {
		text, encodeErr := u.EncodeYAML(header, n, name)
		err = errors.Join(err, encodeErr)
		return tree.File{Name: name, Data: text}
	}
	for i, n := range []*yaml.Node{fabric, rest} {
		own.Documents[i] = encode(own.Documents[i].Name, "", n)
	}
	own.Updated, own.Overlays = true, nil
	if n := u.Words(); n != nil {
		own.Overlays = append(own.Overlays, encode(inAPI(root, wordsFile), wordsHeader, n))
	}
	corrections.Data = u.Rename(corrections.Data)
	own.Overlays = append(own.Overlays, corrections)
	if err != nil {
		return nil, nil, err
	}
	c, err := build(ctx, root, own)
	if err != nil {
		return nil, nil, err
	}
	imported.report.Notes[report.Overlay] = c.report.Notes[report.Overlay]
	for _, note := range u.Notes {
		imported.report.Note(report.ByHand, "%s", note)
	}
	return c, slices.Concat(own.Documents, own.Overlays, []tree.File{upstream}, c.moduleFiles(root)), nil
}
