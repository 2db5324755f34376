package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/index"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/structs"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Root is the folder of this module, which the working directory is in, as a
// path that is good to read in messages.
func Root() (string, error) {
	for dir, up := ".", 0; up < 64; dir, up = filepath.Join(dir, ".."), up+1 {
		if _, err := os.Stat(filepath.Join(dir, "oapi-config.yaml")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("the working directory is not in this module: no oapi-config.yaml here or above")
}

// output is a description, and all that is made of it.
type output struct {
	*Description
	client, index []byte
	beside        []tree.File       // what is compiled with the client
	split         map[string][]byte // the client, by file
	locked, names *lock.Lock        // before, and now
}

// build runs all steps, and compiles the client. Nothing is written.
func build(ctx context.Context, root string, s Sources) (*output, error) {
	out, err := describe(root, s)
	if before := s.Locked; err == nil && !s.Published && !bytes.Equal(before.Write(), out.names.Write()) {
		s.Locked = out.names // What is new has its names in the lock, as the next time.
		if out, err = describe(root, s); err == nil {
			out.locked = before
		}
	}
	if err != nil {
		return nil, err
	}
	return out, generate.Compile(ctx, out.beside, generated, out.client, out.namer.Place)
}

// generated is what the client is called in messages until it is split into files.
const generated = "signalwire.gen.go"

// describing is held while a description and its client are made: how names are made
// is in global variables of oapi-codegen.
var describing sync.Mutex

func describe(root string, s Sources) (*output, error) {
	describing.Lock()
	defer describing.Unlock()
	config, err := generate.ReadConfig(filepath.Join(root, "oapi-config.yaml"))
	if err != nil {
		return nil, err
	}
	s.Generator.Templates = config.OutputOptions.UserTemplates
	d, err := Describe(s)
	if err != nil {
		return nil, err
	}
	config.OutputOptions.ExcludeSchemas = d.Exclude
	out := &output{Description: d, beside: s.Generator.Beside, locked: s.Locked}
	if out.client, err = generate.Client(config, d.YAML, d.namer.Place); err != nil {
		return nil, err
	}
	if out.split, err = generate.Split(out.client); err != nil {
		return nil, err
	}
	if out.names, err = lock.Make(out.client, d.namer.SchemaTypes()); err != nil {
		return nil, err
	}
	out.index, err = index.Write(d.root, out.names)
	return out, err
}

// Files of our own, in api/. What is in the last two is made by Import.
const (
	fabric   = "fabric.yaml"
	rest     = "signalwire-rest.yaml"
	words    = "words.yaml"    // about what is new, while there is something
	upstream = "upstream.json" // the last published state that our descriptions are of
)

// inAPI is the path of a file of our own.
func inAPI(root, name string) string { return filepath.Join(root, "api", name) }

// own are our own descriptions.
func own(root string) (Sources, error) {
	return read(root, Sources{}, inAPI(root, fabric), inAPI(root, rest))
}

// read reads documents, and what this module has for them.
func read(root string, s Sources, documents ...string) (Sources, error) {
	set := tree.NewSet()
	for _, name := range documents {
		s.Documents = append(s.Documents, set.ReadFile(name))
	}
	s.Overlay, s.Groups = set.ReadFile(inAPI(root, "overlay.yaml")), inAPI(root, "groups.yaml")
	s.Locked = lock.Read(set.ReadFile(inAPI(root, "names.lock")).Data)
	if s.Published {
		s.Shipped = set.ReadFile(inAPI(root, "openapi.yaml"))
	} else if _, err := os.Stat(inAPI(root, words)); err == nil {
		s.Words = set.ReadFile(inAPI(root, words))
	}
	s.Generator = &names.Generator{}
	gen, err := filepath.Glob(filepath.Join(root, "gen", "*.go"))
	for _, name := range gen {
		if !strings.HasSuffix(name, ".gen.go") && !strings.HasSuffix(name, "_test.go") {
			s.Generator.Beside = append(s.Generator.Beside, set.ReadFile(name))
		}
	}
	wrapper, wrapperErr := goapi.Read(root, "wrapper/*.go")
	for symbol := range wrapper {
		if method, ok := strings.CutPrefix(symbol, "signalwire.Client."); ok {
			s.ClientMethods = append(s.ClientMethods, method)
		}
	}
	return s, errors.Join(set.Err(), err, wrapperErr)
}

// Generate makes api/openapi.yaml and .json, the client and the index in gen/, and
// what there is for SWML, from our own descriptions. Nothing is replaced unless
// every step succeeded and the client compiles. It returns the corrections in the
// overlay that did not apply.
func Generate(ctx context.Context, root string) (unapplied []string, err error) {
	sources, err := own(root)
	if err != nil {
		return nil, err
	}
	out, err := build(ctx, root, sources)
	if err != nil {
		return nil, err
	}
	others, err := structs.Files(root)
	if err != nil {
		return nil, err
	}
	return out.report.Notes[report.Overlay], out.write(root, slices.Concat(out.inModule(root), others))
}

// inModule are what is made, as files of this module.
func (out *output) inModule(root string) []tree.File {
	gen := filepath.Join(root, "gen")
	return out.files(filepath.Join(root, "api"), gen, gen)
}

// files are what is made, by the folders of the description, the client and the index.
func (out *output) files(api, gen, index string) []tree.File {
	var files []tree.File
	for _, name := range tree.SortedKeys(out.split) {
		files = append(files, tree.File{Name: filepath.Join(gen, name), Data: out.split[name]})
	}
	return append(files,
		tree.File{Name: filepath.Join(api, "openapi.yaml"), Data: out.YAML},
		tree.File{Name: filepath.Join(api, "openapi.json"), Data: out.JSON},
		tree.File{Name: filepath.Join(index, "INDEX.md"), Data: out.index},
		tree.File{Name: filepath.Join(api, "names.lock"), Data: out.names.Write()})
}

// write replaces files in the module at root, among them those that are made, and
// removes the generated files of groups that are gone.
func (out *output) write(root string, made []tree.File) error {
	if err := tree.WriteFiles(made); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(root, "gen", "*.gen.go"))
	for _, name := range files {
		if out.split[filepath.Base(name)] == nil {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

// Options are how documents are imported.
type Options struct {
	Into      bool // replace the client and the description in this module, too
	LoseNames bool // even if names are lost
	Omit      bool // leave out, and report, operations that are not supported
}

// Import makes a client of published documents in the folder out: the
// description, the package gen, its index, and a report. The folder is replaced
// only if every step succeeded.
func Import(ctx context.Context, root string, documents []string, out string, o Options) (summary string, err error) {
	out = filepath.Clean(out)
	if _, err := os.Stat(out); err == nil {
		if _, err := os.Stat(filepath.Join(out, "REPORT.md")); err != nil {
			return "", fmt.Errorf("%s: exists and was not made by this command; choose another folder", out)
		}
	}
	sources, err := read(root, Sources{Published: true, OmitUnsupported: o.Omit}, documents...)
	if err != nil {
		return "", err
	}
	made, err := build(ctx, root, sources)
	if err != nil {
		return "", err
	}
	goes, ours := made, []tree.File(nil) // what goes into this module
	if o.Into {
		if goes, ours, err = update(ctx, root, made); err != nil {
			return "", err
		}
	}
	lost, fresh := goes.locked.Without(goes.names), goes.names.Without(goes.locked)
	if o.Into && !o.LoseNames && len(lost) > 0 {
		return "", fmt.Errorf("%d names of package gen would be lost, which breaks callers; -lose-names allows it:\n  %s", len(lost), strings.Join(lost, "\n  "))
	}
	changed, err := whatChanged(root, made, goes)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(filepath.Dir(out), ".importing-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	gen := filepath.Join(temp, "gen")
	files := append(made.files(temp, gen, temp),
		tree.File{Name: filepath.Join(temp, upstream), Data: made.Published},
		tree.File{Name: filepath.Join(temp, "REPORT.md"), Data: []byte(made.Report() + changed +
			section("Names that are gone", "names of package gen in api/names.lock stand for nothing here", lost) +
			section("New names", "names of package gen were made by rule", fresh))})
	for _, file := range made.beside {
		files = append(files, tree.File{Name: filepath.Join(gen, filepath.Base(file.Name)), Data: file.Data})
	}
	if err := errors.Join(os.Chmod(temp, 0o755), os.Mkdir(gen, 0o755)); err != nil {
		return "", err
	}
	if err := tree.WriteFiles(files); err != nil {
		return "", err
	}
	if err := errors.Join(os.RemoveAll(out), os.Rename(temp, out)); err != nil {
		return "", err
	}
	if o.Into {
		if err := goes.write(root, ours); err != nil {
			return "", err
		}
		if !slices.ContainsFunc(ours, func(f tree.File) bool { return filepath.Base(f.Name) == words }) {
			_ = os.Remove(inAPI(root, words)) // They are where they belong.
		}
	}
	return fmt.Sprintf("%s: %d operations; read %s", out, tree.CountOperations(made.root), filepath.Join(out, "REPORT.md")), nil
}

// section is a section of the report that lists names.
func section(title, what string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("\n## %s\n\n%d %s.\n\n- `%s`\n", title, len(names), what, strings.Join(names, "`\n- `"))
}
