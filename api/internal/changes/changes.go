// Package changes reports what a new description of the API changes for programs
// that use this module, as Markdown for a release note.
//
// A state is a merged description, YAML or JSON, or a git revision that has one
// in api/openapi.json. What changed in the description is found by oasdiff, what
// changed in Go by apidiff on the generated code; of a description in a file the
// code is generated first. This package says which Go names a change of the
// description concerns, and what it means for their callers.
package changes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

// The newest oasdiff whose requirements the Go module proxy all serves.
const (
	oasdiff = "github.com/oasdiff/oasdiff@v1.33.0"

	generated = "signalwire.gen.go"
)

// state is the API at one time.
type state struct {
	title       string // in the report
	description string // a file
	module      string // a folder with the module of that time
}

// Report compares two states. Without old, it is the revision that goapi.Revision
// returns, without new the work tree.
func Report(ctx context.Context, root, old, new string) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp("", "changes")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	if old == "" {
		if old, err = goapi.Revision(ctx, root, ""); err != nil {
			return "", err
		}
		if old == "" {
			return "", errors.New("there is no earlier revision; name what to compare with")
		}
	}
	before, goErrOld, err := load(ctx, root, old, filepath.Join(temp, "old"))
	if err != nil {
		return "", err
	}
	after, goErrNew, err := load(ctx, root, new, filepath.Join(temp, "new"))
	if err != nil {
		return "", err
	}
	findings, err := goapi.Run(ctx, temp, "go", diffArgs(before.description, after.description)...)
	if err != nil {
		return "", err
	}
	in := input{titles: [2]string{before.title, after.title}}
	if err := json.Unmarshal(findings, &in.diff); err != nil {
		return "", fmt.Errorf("what oasdiff prints: %w", err)
	}
	for i, s := range []state{before, after} {
		if in.docs[i], err = readDocument(s.description); err != nil {
			return "", err
		}
	}
	in.goErr = errors.Join(goErrOld, goErrNew)
	for i, s := range []state{before, after} {
		if in.goErr == nil {
			var client []byte
			if client, in.goErr = os.ReadFile(filepath.Join(s.module, "gen", generated)); in.goErr == nil {
				in.names[i], in.goErr = goapi.ReadNames(client)
			}
		}
	}
	if in.goErr == nil {
		in.goChanges, in.goErr = goapi.Compare(ctx, before.module, after.module, "gen")
	}
	return report(in)
}

// diffArgs runs oasdiff. Two paths of the API differ in the name of a parameter
// only, so these names count.
func diffArgs(old, new string) []string {
	return []string{"run", oasdiff, "diff", "--format", "json", "--include-path-params", "--exclude-elements", "description,title,summary,examples,extensions,endpoints", old, new}
}

// load finds a state, and puts into dir what has to be made of it. That no Go
// can be made of a description is the first of the two errors: there is
// something to report even so.
func load(ctx context.Context, root, name, dir string) (s state, goErr, err error) {
	if name == "" {
		return state{"the work tree", filepath.Join(root, "api", "openapi.json"), root}, nil, nil
	}
	if _, statErr := os.Stat(name); statErr == nil {
		file, err := filepath.Abs(name)
		if err != nil {
			return state{}, nil, err
		}
		return state{filepath.ToSlash(name), file, dir}, makeModule(ctx, root, file, dir), nil
	}
	rev, err := goapi.Revision(ctx, root, name)
	if err != nil {
		return state{}, nil, fmt.Errorf("%s is no file, and %w", name, err)
	}
	if err := goapi.Checkout(ctx, root, rev, dir); err != nil {
		return state{}, nil, err
	}
	if name == rev {
		name = rev[:12]
	}
	return state{name, filepath.Join(dir, "api", "openapi.json"), dir}, nil, nil
}

// makeModule makes in dir a module with package gen for a description: the one
// that `make generate` put beside it, or one generated now.
func makeModule(ctx context.Context, root, description, dir string) error {
	gen := filepath.Join(filepath.Dir(description), "gen")
	_, err := os.Stat(filepath.Join(gen, generated))
	made := err == nil
	if !made {
		gen = filepath.Join(root, "gen")
	}
	if err := os.CopyFS(filepath.Join(dir, "gen"), os.DirFS(gen)); err != nil {
		return err
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			return err
		}
	}
	if made {
		return nil
	}
	text, err := os.ReadFile(description)
	if err != nil {
		return err
	}
	config, err := generate.ReadConfig(filepath.Join(root, "oapi-config.yaml"))
	if err != nil {
		return err
	}
	client, err := generate.Client(config, text, func(string) string { return "" })
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "gen", generated), client, 0o644)
}

func readDocument(file string) (node, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var doc node
	if json.Unmarshal(text, &doc) == nil {
		return doc, nil
	}
	var fromYAML any
	if err := yaml.Unmarshal(text, &fromYAML); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	// As JSON has it, a status is a text and all numbers are of one type.
	if text, err = json.Marshal(plain(fromYAML)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return doc, nil
}

// plain makes texts of the keys of maps.
func plain(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := map[string]any{}
		for key, inner := range v {
			m[fmt.Sprint(key)] = plain(inner)
		}
		return m
	case map[string]any:
		for key, inner := range v {
			v[key] = plain(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = plain(inner)
		}
	}
	return v
}
