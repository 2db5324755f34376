// Package compat is the compatibility gate. What breaks programs that use this
// module has to be named below "What breaks" in the newest section of CHANGELOG.md.
//
// It compares the work tree with an earlier revision in one of two ways: by the
// exported Go API of the packages that other programs import, or by compiling the
// examples of the earlier revision against the work tree. The changelog names a symbol
// or a file by its full name, or several by a pattern such as gen.Queues.All* in which
// an asterisk or an ellipsis stands for any characters.
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

const advice = "Name each symbol, or several as `gen.Queues.All…` or `gen.….Values`, or the file of an example, and say what to write instead"

// packages are the files of the packages that other programs import.
var packages = []string{"gen/*.go", "gen/*/*.go", "gen/swml/*/*.go", "wrapper/*.go", "wrapper/*/*.go"}

// Check compares the work tree in root with an earlier revision, by default the one
// that [goapi.Revision] returns: the exported Go API, or, if examples is set, whether
// the earlier examples still compile. It fails if the changelog does not name each
// break, and prints the number of breaks otherwise.
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
	findBreaks, where := apiBreaks, "in the exported API"
	if examples {
		findBreaks, where = exampleBreaks, "in examples, which do not compile any more"
	}
	breaks, err := findBreaks(ctx, root, rev, temp)
	if err != nil {
		return err
	}
	var unnamed []string
	for _, change := range breaks {
		if !names(whatBreaks(string(changelog)), change.Symbol) {
			unnamed = append(unnamed, "- `"+change.Symbol+"`: "+change.Description)
		}
	}
	if len(unnamed) > 0 {
		return fmt.Errorf("changes since %.12s break callers, and CHANGELOG.md does not name them below \"What breaks\" in its newest section. %s:\n%s",
			rev, advice, strings.Join(unnamed, "\n"))
	}
	fmt.Printf("compatible: since %.12s there are %d breaking changes %s, and CHANGELOG.md names them\n", rev, len(breaks), where)
	return nil
}

// apiBreaks returns the changes of the exported API from revision rev to the work tree
// that break callers. It writes the files of the revision into dir.
func apiBreaks(ctx context.Context, root, rev, dir string) ([]goapi.Change, error) {
	if err := goapi.Checkout(ctx, root, rev, dir); err != nil {
		return nil, err
	}
	before, err := goapi.Read(dir, packages...)
	if err != nil {
		return nil, err
	}
	after, err := goapi.Read(root, packages...)
	return slices.DeleteFunc(goapi.Compare(before, after), func(c goapi.Change) bool { return !c.Breaks }), err
}

// whatBreaks returns the part of a changelog that names what breaks callers: the one with a
// heading such as "### What breaks programs", in the first section that is not empty, which
// is Unreleased or, right after a release, the section of the release.
func whatBreaks(changelog string) string {
	for i, section := range strings.Split("\n"+changelog, "\n## ") {
		if _, text, _ := strings.Cut(section, "\n"); i > 0 && strings.TrimSpace(text) != "" {
			_, text, _ = strings.Cut("\n"+text, "\n### What breaks")
			text, _, _ = strings.Cut(text, "\n### ")
			return text
		}
	}
	return ""
}

// namePattern matches a symbol or the name of a file, in full or with an ellipsis or
// an asterisk.
var namePattern = regexp.MustCompile(`\w+(?:[./](?:\w+|…))*\.?(?:…|\*)?`)

// names reports whether a text names a symbol or a file, in full or by a pattern. A
// pattern for a whole package, or for everything, is not enough.
func names(text, symbol string) bool {
	return slices.ContainsFunc(namePattern.FindAllString(text, -1), func(word string) bool {
		pattern := strings.ReplaceAll(strings.TrimSuffix(word, "."), "…", "*")
		inPackage := strings.Contains(strings.ReplaceAll(pattern, ".*", "*"), ".")
		matches, _ := path.Match(pattern, symbol)
		return inPackage && matches
	})
}
