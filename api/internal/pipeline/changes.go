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
// goapi.Revision returns.
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
	var states, published [2]changes.State
	var goErrs [2]error
	for i, name := range []string{old, new} {
		if states[i], published[i], goErrs[i], err = loadState(ctx, root, name, filepath.Join(temp, fmt.Sprint(i))); err != nil {
			return "", err
		}
	}
	if published[0].Description != nil && published[1].Description != nil {
		states = published
	}
	return changes.Report(states[0], states[1], errors.Join(goErrs[:]...))
}

// loadState finds a state and, if it was imported, what was published. That no Go
// can be made of a description is the first of the errors: there is something to
// report even so.
func loadState(ctx context.Context, root, name, dir string) (s, published changes.State, goErr, err error) {
	module := root
	description := filepath.Join(root, "api", "openapi.json")
	switch _, statErr := os.Stat(name); {
	case name == "":
		name = "the work tree"
	case statErr == nil:
		module, description = filepath.Dir(name), name
		if _, err := os.Stat(filepath.Join(module, "gen")); err != nil {
			return publishedState(root, name)
		}
	default:
		rev, err := goapi.Revision(ctx, root, name)
		if err != nil {
			return s, published, nil, fmt.Errorf("%s is no file, and %w", name, err)
		}
		if err := goapi.Checkout(ctx, root, rev, dir); err != nil {
			return s, published, nil, err
		}
		if name == rev {
			name = rev[:12]
		}
		module, description = dir, filepath.Join(dir, "api", "openapi.json")
	}
	s.Title = filepath.ToSlash(name)
	if s.Description, err = normalForm(description); err != nil {
		return s, published, nil, err
	}
	if s.Names, s.API, goErr = readGo(module, filepath.Join(filepath.Dir(description), "names.lock")); goErr != nil {
		return s, published, goErr, nil
	}
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(description), upstream)); err == nil && module != root {
		published = s
		published.Description = text
	}
	return s, published, nil, nil
}

// publishedState is that of a document as it is published, of which a client is made.
func publishedState(root, name string) (s, published changes.State, goErr, err error) {
	s.Title = filepath.ToSlash(name)
	if s.Description, err = normalForm(name); err != nil {
		return s, s, nil, err
	}
	sources, goErr := read(root, Sources{Published: true, OmitUnsupported: true}, name)
	if goErr != nil {
		return s, s, goErr, nil
	}
	made, goErr := describe(root, sources)
	if goErr != nil {
		return s, s, goErr, nil
	}
	s.Description, s.Names = made.Published, made.names
	s.API, goErr = goapi.ReadClient(made.client)
	return s, s, goErr, nil
}

// readGo reads what the client of a module exports, and its names: earlier ones
// have no file of them.
func readGo(module, file string) (names *lock.Lock, api goapi.API, err error) {
	client, err := goapi.ReadGenerated(filepath.Join(module, "gen"))
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(file)
	if names = lock.Read(text); err != nil || len(names.Operations) == 0 {
		if names, err = lock.Make(client, nil); err != nil {
			return nil, nil, err
		}
	}
	api, err = goapi.ReadClient(client)
	return names, api, err
}

// normalForm reads a description, and says the same in the form of all.
func normalForm(file string) ([]byte, error) {
	set := tree.NewSet()
	root := set.Load(set.Read(file))
	if set.Failed() {
		return nil, set.Err()
	}
	normal.Schemas(set, root)
	return tree.EncodeJSON(root), set.Err()
}
