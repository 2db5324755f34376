// Package compat is the gate for programs that use this module: what breaks them
// has to be named in the newest section of CHANGELOG.md.
package compat

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

// Check compares the work tree with an earlier revision, by default the one that
// goapi.Revision returns: the exported Go API, or with examples whether those of
// the earlier revision still compile.
func Check(ctx context.Context, old string, examples bool) error {
	root, err := goapi.Root(ctx)
	if err != nil {
		return err
	}
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
	section := newest(string(changelog))
	temp, err := os.MkdirTemp("", "compatible")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	oldDir := filepath.Join(temp, "old")
	if err := goapi.Checkout(ctx, root, rev, oldDir); err != nil {
		return err
	}
	if examples {
		return compileExamples(ctx, root, rev, oldDir, filepath.Join(temp, "new"), section)
	}
	before, err := goapi.ReadAPI(oldDir, goapi.Packages...)
	if err != nil {
		return err
	}
	after, err := goapi.ReadAPI(root, goapi.Packages...)
	if err != nil {
		return err
	}
	changes := goapi.Compare(before, after)
	breaks, unnamed := 0, []string{}
	for _, change := range changes {
		if !change.Breaks {
			continue
		}
		breaks++
		if !named(section, change.Symbol) {
			unnamed = append(unnamed, "- `"+change.Symbol+"`: "+change.What)
		}
	}
	if len(unnamed) > 0 {
		return fmt.Errorf("changes since %.12s break callers, and the newest section of CHANGELOG.md does not name them. Name each, or several as in `gen.Client.All…`:\n%s", rev, strings.Join(unnamed, "\n"))
	}
	fmt.Printf("compatible: since %.12s the exported API changed in %d places; %d of these break callers, and CHANGELOG.md names them\n", rev, len(changes), breaks)
	return nil
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

var name = regexp.MustCompile(`\w+(?:[./]\w+)*\.?(?:…|\*)?`)

// named reports whether a text has a symbol or a file's name, either in full or as
// a beginning with an ellipsis or an asterisk. Methods of the client may go by
// Client.Name, as package signalwire has them, too.
func named(text, symbol string) bool {
	symbols := []string{symbol}
	if _, short, _ := strings.Cut(symbol, "."); strings.HasPrefix(short, "Client.") {
		symbols = append(symbols, short)
	}
	for _, word := range name.FindAllString(text, -1) {
		beginning := strings.TrimRight(word, "…*")
		several := beginning != word && strings.Contains(strings.TrimSuffix(beginning, "."), ".")
		for _, s := range symbols {
			if s == strings.TrimSuffix(word, ".") || several && strings.HasPrefix(s, beginning) {
				return true
			}
		}
	}
	return false
}
