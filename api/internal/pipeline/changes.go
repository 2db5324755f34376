package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/changes"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Changes reports what a new state of the API changes for callers of an old one.
// A state is a git revision, "" for the work tree, a description that was
// imported, or one that is published. Without an old one, it is the revision that
// goapi.Revision returns. What is published is compared with what the other state
// was imported from.
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
	temp, err := os.MkdirTemp("", "changes")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	description := "openapi.json"
	if isPublished(old) || isPublished(new) {
		description = upstream
	}
	var states [2]changes.State
	for i, name := range []string{old, new} {
		if states[i], err = loadState(ctx, root, name, description, filepath.Join(temp, fmt.Sprint(i))); err != nil {
			return "", err
		}
	}
	return changes.Report(states[0], states[1])
}

// isPublished reports whether a state is a published document: it has no client
// beside it.
func isPublished(name string) bool {
	_, err := os.Stat(name)
	_, noClient := os.Stat(filepath.Join(filepath.Dir(name), "gen"))
	return err == nil && noClient != nil
}

// loadState finds a state, of which description is one of the files that were
// imported. The files of a revision are put into dir.
func loadState(ctx context.Context, root, name, description, dir string) (changes.State, error) {
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
		return changes.State{}, fmt.Errorf("%s is no file, and %w", name, err)
	}
	if err := goapi.Checkout(ctx, root, rev, dir); err != nil {
		return changes.State{}, err
	}
	if name == rev {
		name = rev[:12]
	}
	return importedState(name, dir, inAPI(dir, description))
}

// publishedState is that of a document as it is published, of which a client is
// made. If none can be made of it, there is its description to compare.
func publishedState(root, name string) (s changes.State, err error) {
	s.Title = filepath.ToSlash(name)
	if s.Description, err = normalForm(name); err != nil {
		return s, err
	}
	sources, err := read(root, Sources{Published: true, OmitUnsupported: true}, name)
	if err != nil {
		return s, err
	}
	made, err := describe(root, sources)
	if err != nil {
		s.GoErr = err
		return s, nil
	}
	s.Description, s.Names = made.Published, made.names
	s.API, err = goapi.ReadClient(made.client)
	return s, err
}

// importedState is what was imported, with its names beside it and the client in a
// module.
func importedState(title, module, description string) (s changes.State, err error) {
	s.Title = filepath.ToSlash(title)
	if s.Description, err = normalForm(description); err != nil {
		return s, err
	}
	s.API, err = goapi.Read(module, "gen/*.gen.go")
	names, noLock := os.ReadFile(filepath.Join(filepath.Dir(description), "names.lock"))
	s.Names, s.GoErr = lock.Read(names), errors.Join(err, noLock)
	return s, nil
}

// normalForm reads a description, and says the same in the form of all.
func normalForm(file string) ([]byte, error) {
	set := tree.NewSet()
	root := set.Load(set.ReadFile(file))
	if set.Failed() {
		return nil, set.Err()
	}
	normal.Schemas(set, root)
	return tree.EncodeJSON(root), set.Err()
}
