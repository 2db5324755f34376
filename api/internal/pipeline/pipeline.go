// Package pipeline runs the commands generate, import and changes of api/cmd. It reads
// the files, calls the other packages below api/internal in order, and writes the
// results. The files are those of api/, unless another folder is named;
// api/README.md says what each is for.
//
// # generate
//
// Generate makes the client of our own descriptions:
//
//  1. Read fabric.yaml, signalwire-rest.yaml, words.yaml if it exists, overlay.yaml,
//     groups.yaml, names.lock, and the Go files in gen/ that are written by hand
//     (ownSources).
//  2. Make one OpenAPI description of them (Describe, see below).
//  3. Generate the client (generateClient): package generate runs oapi-codegen with
//     oapi-config.yaml and the templates in gen/templates, and splits its output into a
//     file for each group; package lock lists the Go names of the result; package index
//     makes the table of operations.
//  4. Compile the client (build), so that no broken one is written.
//  5. Make gen/swml, gen/swml/messaging and gen/events of swml.yaml, swml-messaging.yaml
//     and events.yaml (package structs).
//  6. Write openapi.yaml, openapi.json, names.lock, INDEX.md, gen/*.gen.go, the files of
//     step 5 and, in gen and wrapper, variants_gen_test.go, all or none.
//
// # The description
//
// Describe makes one description of several documents. A step runs only if the one
// before it succeeded:
//
//  1. Package merge checks the documents, normalizes their schemas (package normal), adds
//     the base path of each server to the paths, and merges the documents into the first.
//  2. In published documents, package names gives operations the ids, and schemas the
//     names, that they have in our own description: the overlay refers to them. The
//     result, without descriptions, is the next upstream.json.
//  3. Package overlay applies words.yaml and overlay.yaml, and the result is normalized again.
//  4. Operation ids must be unique, and references must lead to something.
//  5. Package support refuses what the client does not support. With -omit, operations
//     that need it are left out and reported.
//  6. Package names chooses the Go names, first those in names.lock, and adds the
//     extensions that the templates read: from x-go-list, for example, they make the
//     iterators of a list.
//  7. Package groups puts each operation into a group of the client, as groups.yaml says.
//
// # import
//
// Import makes a client of published documents in a folder, by default .regenerated:
//
//  1. Read the documents, overlay.yaml, groups.yaml and names.lock, and openapi.yaml, our
//     last description, for what the documents lack.
//  2. Run steps 2 to 4 of generate. As nobody wrote the overlay for these documents,
//     conflicts in them are settled by rule, and package report collects which.
//  3. With -into gen, update our own descriptions (updateSources): package sources
//     compares upstream.json, the structure of the last version that was imported, with
//     that of this one, and makes the same changes in fabric.yaml and
//     signalwire-rest.yaml. What is new gets an entry without a description in
//     words.yaml. Then run steps 2 to 4 of generate for our own descriptions.
//  4. Fail if names of package gen are lost, unless -lose-names allows it.
//  5. Report what changed since the last version that was imported (package changes).
//  6. Write the folder: openapi.yaml, openapi.json, names.lock, INDEX.md, upstream.json,
//     REPORT.md and the package gen.
//  7. With -into gen, write the descriptions of step 3 and the files of generate's
//     step 6, but those of package structs.
//
// # changes
//
// Changes reads two versions of the API, each from a git revision, a published document
// or an imported description, and reports the differences (package changes).
package pipeline

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
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

// Files in api/ that are read or written under these names.
const (
	fabricFile   = "fabric.yaml"
	restFile     = "signalwire-rest.yaml"
	wordsFile    = "words.yaml"
	upstreamFile = "upstream.json"
)

// inAPI returns the path of a file in the folder api of the module at root.
func inAPI(root, name string) string { return filepath.Join(root, "api", name) }

// Root returns the path of the folder of this module, relative to the working
// directory, so that messages have short paths. It fails if the working directory is
// not in the module.
func Root() (string, error) {
	for dir, up := ".", 0; up < 64; dir, up = filepath.Join(dir, ".."), up+1 {
		if _, err := os.Stat(filepath.Join(dir, "oapi-config.yaml")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("the working directory is not in this module: no oapi-config.yaml here or above")
}

// Generate makes the client and all other generated files of the module at root from
// our own descriptions. It writes nothing unless every step succeeds and the client
// compiles. It returns the corrections in overlay.yaml that did not apply.
func Generate(ctx context.Context, root string) (unapplied []string, err error) {
	own, err := ownSources(root)
	if err != nil {
		return nil, err
	}
	c, err := build(ctx, root, own)
	if err != nil {
		return nil, err
	}
	others, err := structs.Files(root)
	if err != nil {
		return nil, err
	}
	unapplied = c.report.Notes[report.Overlay]
	return unapplied, replaceFiles(slices.Concat(c.moduleFiles(root), others), generatedFiles(root))
}

// ownSources reads the sources of our own description.
func ownSources(root string) (Sources, error) {
	return readSources(root, Sources{}, inAPI(root, fabricFile), inAPI(root, restFile))
}

// readSources adds to s the documents, and the files of the module at root that are
// sources of every description.
func readSources(root string, s Sources, documents ...string) (Sources, error) {
	set := tree.NewSet()
	for _, name := range documents {
		s.Documents = append(s.Documents, set.ReadFile(name))
	}
	s.Overlays, s.Groups = []tree.File{set.ReadFile(inAPI(root, "overlay.yaml"))}, inAPI(root, "groups.yaml")
	if s.Published {
		s.Shipped = set.ReadFile(inAPI(root, "openapi.yaml"))
	} else if _, err := os.Stat(inAPI(root, wordsFile)); err == nil {
		s.Overlays = slices.Insert(s.Overlays, 0, set.ReadFile(inAPI(root, wordsFile)))
	}
	s.Locked = lock.Read(set.ReadFile(inAPI(root, "names.lock")).Data)
	s.Generator = &names.Generator{}
	goFiles, err := filepath.Glob(filepath.Join(root, "gen", "*.go"))
	for _, name := range goFiles {
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

// client is a description, and what is generated from it.
type client struct {
	*Description
	code  []byte            // package gen, as one file
	files map[string][]byte // the same, as several files by name
	index []byte            // INDEX.md
	names *lock.Lock        // names.lock
}

// build generates the client of the sources, and compiles it. It writes no file.
func build(ctx context.Context, root string, s Sources) (*client, error) {
	c, err := generateClient(root, s)
	if err == nil && !s.Published && !bytes.Equal(s.Locked.Write(), c.names.Write()) {
		// A name in the lock is chosen before others. With the new names in the lock,
		// the result is what every later run makes.
		s.Locked = c.names
		c, err = generateClient(root, s)
	}
	if err != nil {
		return nil, err
	}
	return c, generate.Compile(ctx, s.Generator.Beside, c.code, c.namer.Place)
}

// generatorMutex guards the configuration of oapi-codegen, which is in global
// variables. Choosing names depends on it, too.
var generatorMutex sync.Mutex

// generateClient describes the sources, and generates the client of the description.
func generateClient(root string, s Sources) (*client, error) {
	generatorMutex.Lock()
	defer generatorMutex.Unlock()
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
	c := &client{Description: d}
	if c.code, err = generate.Client(config, d.YAML, d.namer.Place); err != nil {
		return nil, err
	}
	if c.files, err = generate.Split(c.code); err != nil {
		return nil, err
	}
	if c.names, err = lock.Make(c.code, d.namer.SchemaTypes()); err != nil {
		return nil, err
	}
	c.index, err = index.Write(d.root, c.names)
	return c, err
}

// moduleFiles returns the generated files, as files of the module at root.
func (c *client) moduleFiles(root string) []tree.File {
	return append(c.filesIn(filepath.Join(root, "api"), filepath.Join(root, "gen")),
		tree.File{Name: filepath.Join(root, "gen", "variants_gen_test.go"), Data: generate.Variants(c.code, "gen_test")},
		tree.File{Name: filepath.Join(root, "wrapper", "variants_gen_test.go"), Data: generate.Variants(c.code, "signalwire_test")})
}

// filesIn returns the generated files: the description in the folder api, and the client in
// the folder gen.
func (c *client) filesIn(api, gen string) (files []tree.File) {
	for _, name := range tree.SortedKeys(c.files) {
		files = append(files, tree.File{Name: filepath.Join(gen, name), Data: c.files[name]})
	}
	return append(files,
		tree.File{Name: filepath.Join(api, "openapi.yaml"), Data: c.YAML},
		tree.File{Name: filepath.Join(api, "openapi.json"), Data: c.JSON},
		tree.File{Name: filepath.Join(api, "INDEX.md"), Data: c.index},
		tree.File{Name: filepath.Join(api, "names.lock"), Data: c.names.Write()})
}

// generatedFiles returns a pattern for the files of the generated client.
func generatedFiles(root string) string { return filepath.Join(root, "gen", "*.gen.go") }

// replaceFiles writes the files, all or none, and then removes those that match a
// pattern and are not among them, such as the file of a group that no longer exists.
func replaceFiles(files []tree.File, patterns ...string) error {
	err := tree.WriteFiles(files)
	for _, pattern := range patterns {
		existing, globErr := filepath.Glob(pattern)
		if err = errors.Join(err, globErr); err != nil {
			return err
		}
		for _, name := range existing {
			if !slices.ContainsFunc(files, func(f tree.File) bool { return f.Name == name }) {
				err = errors.Join(err, os.Remove(name))
			}
		}
	}
	return err
}

// lineStart matches the beginning of a line that is not indented.
var lineStart = regexp.MustCompile(`(?m)^([^ ])`)

// FormatError returns the text of an error, with "api: " before each line but the
// indented ones: those are YAML to be copied into the overlay.
func FormatError(err error) string { return lineStart.ReplaceAllString(err.Error()+"\n", "api: $1") }
