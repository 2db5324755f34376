// Package compat is the gate for programs that use this module: what breaks them
// has to be named in the newest section of CHANGELOG.md.
package compat

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

const advice = "Name each, or several as in `gen.Client.All…` or `gen.….Values`; of an example, its file, and say what to write instead"

// Check compares the work tree with an earlier revision, by default the one that
// goapi.Revision returns: the exported Go API, or with examples whether those of
// the earlier revision still compile.
func Check(ctx context.Context, root, old string, examples bool) error {
	rev, err := goapi.Revision(ctx, root, old)
	if err != nil {
		return err
	}
	if rev == "" {
		fmt.Println("compatible: there is no earlier revision, so nothing to compare with")
		return nil
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "compatible")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	find, what := changedAPI, "in the exported API"
	if examples {
		find, what = brokenExamples, "in examples, which do not compile any more"
	}
	broken, err := find(ctx, root, rev, temp)
	if err != nil {
		return err
	}
	var unnamed []string
	for _, change := range broken {
		if !named(newest(string(changelog)), change.Symbol) {
			unnamed = append(unnamed, "- `"+change.Symbol+"`: "+change.What)
		}
	}
	if len(unnamed) > 0 {
		return fmt.Errorf("changes since %.12s break callers, and the newest section of CHANGELOG.md does not name them. %s:\n%s",
			rev, advice, strings.Join(unnamed, "\n"))
	}
	fmt.Printf("compatible: since %.12s there are %d breaking changes %s, and CHANGELOG.md names them\n", rev, len(broken), what)
	return nil
}

// changedAPI returns what breaks callers in the exported API.
func changedAPI(ctx context.Context, root, rev, dir string) ([]goapi.Change, error) {
	if err := goapi.Checkout(ctx, root, rev, dir); err != nil {
		return nil, err
	}
	before, err := goapi.ReadAPI(dir, goapi.Packages...)
	if err != nil {
		return nil, err
	}
	after, err := goapi.ReadAPI(root, goapi.Packages...)
	return slices.DeleteFunc(goapi.Compare(before, after), func(c goapi.Change) bool { return !c.Breaks }), err
}

// newest is the first section of a changelog that says anything: Unreleased, or
// right after a release the section of that.
func newest(changelog string) string {
	for i, section := range strings.Split("\n"+changelog, "\n## ") {
		if _, text, _ := strings.Cut(section, "\n"); i > 0 && strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

var name = regexp.MustCompile(`\w+(?:[./](?:\w+|…))*\.?(?:…|\*)?`)

// named reports whether a text has a symbol or a file's name, either in full or with
// an ellipsis or an asterisk for a part of it. Methods of the client may go by
// Client.Name, as package signalwire has them, too.
func named(text, symbol string) bool {
	_, short, _ := strings.Cut(symbol, ".")
	return slices.ContainsFunc(name.FindAllString(text, -1), func(word string) bool {
		pattern := strings.ReplaceAll(strings.TrimSuffix(word, "."), "…", "*")
		if !strings.Contains(strings.ReplaceAll(pattern, ".*", "*"), ".") {
			return false // All of a package, or everything.
		}
		full, _ := path.Match(pattern, symbol)
		ofClient, _ := path.Match(pattern, short)
		return full || ofClient && strings.HasPrefix(short, "Client.")
	})
}
