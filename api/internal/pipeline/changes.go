package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/changes"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Changes reports what a new version of the API changes for callers of an old one, as
// Markdown. A version is named by
//
//   - a git revision of this module, or "" for its work tree
//   - a description that was imported: a file with the generated package gen beside it
//   - a published document
//
// If old is "", it is the revision that goapi.Revision returns. If one of the two is a
// published document, the other is represented by its upstream.json, so that published
// structure is compared with published structure.
func Changes(ctx context.Context, root, old, new string) (string, error) {
	if old == "" {
		var err error
		if old, err = goapi.Revision(ctx, root, ""); err != nil {
			return "", err
		}
		if old == "" {
			return "", errors.New("there is no earlier revision; name what to compare with")
		}
	}
	description := "openapi.json"
	if isPublished(old) || isPublished(new) {
		description = upstreamFile
	}
	oldState, err := loadState(ctx, root, old, description)
	if err != nil {
		return "", err
	}
	newState, err := loadState(ctx, root, new, description)
	if err != nil {
		return "", err
	}
	return changes.Report(oldState, newState), nil
}

// isPublished reports whether a version is a published document: a file without a
// generated client beside it.
func isPublished(name string) bool {
	_, noFile := os.Stat(name)
	_, noClient := os.Stat(filepath.Join(filepath.Dir(name), "gen"))
	return noFile == nil && noClient != nil
}

// loadState loads the version with a name (see Changes). For a version that was
// imported, description is the base name of the file to read.
func loadState(ctx context.Context, root, name, description string) (changes.State, error) {
	if isPublished(name) {
		return publishedState(root, name)
	}
	if _, err := os.Stat(name); err == nil {
		folder := filepath.Dir(name)
		return importedState(name, folder, filepath.Join(folder, description))
	}
	if name == "" {
		return importedState("the work tree", root, inAPI(root, description))
	}
	rev, err := goapi.Revision(ctx, root, name)
	if err != nil {
		return changes.State{}, fmt.Errorf("%s is not a file, and %w", name, err)
	}
	dir, err := os.MkdirTemp("", "changes")
	if err != nil {
		return changes.State{}, err
	}
	defer os.RemoveAll(dir)
	if err := goapi.Checkout(ctx, root, rev, dir); err != nil {
		return changes.State{}, err
	}
	if name == rev {
		name = rev[:12]
	}
	return importedState(name, dir, inAPI(dir, description))
}

// publishedState generates a client of a published document, without the operations
// that are not supported.
func publishedState(root, name string) (changes.State, error) {
	sources, err := readSources(root, Sources{Published: true, OmitUnsupported: true}, name)
	if err != nil {
		return changes.State{}, err
	}
	c, err := generateClient(root, sources)
	if err != nil {
		return changes.State{}, err
	}
	return c.state(name, c.upstream)
}

// state returns the state that a client and a published structure are.
func (c *client) state(title string, structure *yaml.Node) (changes.State, error) {
	api, err := goapi.ReadClient(c.code)
	return changes.State{Title: filepath.ToSlash(title), Description: structure, Names: c.names, API: api}, err
}

// importedState reads a description, the file names.lock in its folder, and the
// generated client in the folder gen of a module.
func importedState(title, module, description string) (changes.State, error) {
	set := tree.NewSet()
	names := set.ReadFile(filepath.Join(filepath.Dir(description), "names.lock"))
	root := set.Load(set.ReadFile(description))
	if !set.Failed() {
		normal.Normalize(set, root)
	}
	api, err := goapi.Read(module, "gen/*.gen.go")
	state := changes.State{Title: filepath.ToSlash(title), Description: root, Names: lock.Read(names.Data), API: api}
	return state, errors.Join(set.Err(), err)
}
