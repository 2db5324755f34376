// Package goapi compares the exported Go API of two states of this module.
package goapi

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

const (
	module  = "github.com/seed-fbb712e3/signalwire-go"
	apidiff = "golang.org/x/exp/cmd/apidiff@v0.0.0-20261014143641-f0251eb4aa3e"
)

// Packages are those that other programs import, by their folder.
var Packages = []string{"gen", "wrapper", "wrapper/signalwiretest"}

// Change is a change of one exported symbol.
type Change struct {
	Symbol string // as a caller writes it: gen.SIPGateway.Name, gen.Client.UpdateSIPGateway
	What   string // "removed", "changed from string to *string"
	Breaks bool
}

// Run runs a command in dir and returns what it prints.
func Run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// Root is the folder of the module.
func Root(ctx context.Context) (string, error) {
	out, err := Run(ctx, ".", "git", "rev-parse", "--show-toplevel")
	return strings.TrimSpace(string(out)), err
}

// Revision is the commit that rev means. An empty rev is the state that callers
// have, as far as git tells: the last tag; before there is one, where the work
// left origin's main; on main itself the last commit if the work tree differs
// from it, else the one before. It is "" if there is nothing earlier.
func Revision(ctx context.Context, root, rev string) (string, error) {
	git := func(args ...string) string {
		out, err := Run(ctx, root, "git", args...)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	commit := func(rev string) string { return git("rev-parse", "--verify", "--quiet", rev+"^{commit}") }
	if rev != "" {
		if c := commit(rev); c != "" {
			return c, nil
		}
		return "", fmt.Errorf("git knows no revision %q here; if this is a shallow clone, fetch its history", rev)
	}
	head := commit("HEAD")
	if tag := git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"); tag != "" {
		return commit(tag), nil
	}
	if base := git("merge-base", "HEAD", "origin/main"); base != "" && base != head {
		return base, nil
	}
	if git("status", "--porcelain") != "" {
		return head, nil
	}
	if before := commit("HEAD~1"); before != "" {
		return before, nil
	}
	if git("rev-parse", "--is-shallow-repository") == "true" {
		return "", errors.New("this is a shallow clone: fetch its history, so that there is something to compare with")
	}
	return "", nil
}

// Checkout writes the files of a revision into dir.
func Checkout(ctx context.Context, root, rev, dir string) error {
	archive, err := Run(ctx, root, "git", "archive", "--format=tar", rev)
	if err != nil {
		return err
	}
	for files := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.Join(dir, filepath.FromSlash(header.Name))
		switch header.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(name, 0o755)
		case tar.TypeReg:
			var text []byte
			if text, err = io.ReadAll(files); err == nil {
				err = os.WriteFile(name, text, 0o644)
			}
		}
		if err != nil {
			return err
		}
	}
}

// Compare returns the changes of the exported API of packages between two
// folders that hold the module. A package that only the second has is new and
// breaks nobody.
func Compare(ctx context.Context, oldDir, newDir string, packages ...string) ([]Change, error) {
	temp, err := os.MkdirTemp("", "goapi")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	var changes []Change
	seen := map[string]bool{}
	for _, p := range packages {
		if _, err := os.Stat(filepath.Join(oldDir, p)); errors.Is(err, os.ErrNotExist) {
			continue
		}
		before := filepath.Join(temp, "old")
		if _, err := Run(ctx, oldDir, "go", "run", apidiff, "-w", before, path.Join(module, p)); err != nil {
			return nil, err
		}
		text, err := Run(ctx, newDir, "go", "run", apidiff, before, path.Join(module, p))
		if err != nil {
			return nil, err
		}
		generic, err := genericChanges(p, oldDir, newDir)
		if err != nil {
			return nil, err
		}
		for _, change := range append(Parse(p, string(text)), generic...) {
			if !seen[change.Symbol+change.What] { // what is embedded is reported twice
				seen[change.Symbol+change.What] = true
				changes = append(changes, change)
			}
		}
	}
	return changes, nil
}

// Parse reads what apidiff prints about the package in a folder.
func Parse(folder, text string) []Change {
	var changes []Change
	breaks := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch item, isItem := strings.CutPrefix(line, "- "); {
		case line == "Incompatible changes:":
			breaks = true
		case line == "Compatible changes:":
			breaks = false
		case isItem:
			symbol, what, _ := strings.Cut(item, ": ")
			changes = append(changes, Change{Symbol: symbolName(folder, symbol), What: plainTypes(what), Breaks: breaks})
		}
	}
	return changes
}

// symbolName makes gen.Client.Name of what apidiff calls (*Client).Name in
// package gen, and module/gen.(*Client).Name, method set of *Client elsewhere.
func symbolName(folder, symbol string) string {
	symbol, _, _ = strings.Cut(symbol, ", method set of ")
	if full, ok := strings.CutPrefix(symbol, module+"/"); ok {
		symbol = strings.Replace(full, "wrapper.", "signalwire.", 1)
	} else {
		symbol = packageName(folder) + "." + strings.TrimPrefix(symbol, "./")
	}
	return strings.NewReplacer("(", "", "*", "", ")", "").Replace(symbol)
}

// plainTypes shortens types to how a caller writes them.
func plainTypes(text string) string {
	text = strings.ReplaceAll(text, module+"/wrapper/", "")
	text = strings.ReplaceAll(text, module+"/wrapper.", "signalwire.")
	text = strings.ReplaceAll(text, module+"/", "")
	text = strings.ReplaceAll(text, "github.com/google/", "")
	return strings.ReplaceAll(text, "github.com/oapi-codegen/nullable.", "nullable.")
}

func packageName(folder string) string {
	if folder == "wrapper" {
		return "signalwire"
	}
	return path.Base(folder)
}
