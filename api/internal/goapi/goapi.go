// Package goapi compares the exported Go API of two states of this module.
package goapi

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Packages are those that other programs import, by their folder.
var Packages = []string{"gen", "wrapper", "wrapper/signalwiretest"}

// Run runs a command in dir and returns what it prints.
func Run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(exit.Stderr))
	}
	return out, err
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
	head, tag := commit("HEAD"), git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
	base, before := git("merge-base", "HEAD", "origin/main"), commit("HEAD~1")
	switch {
	case tag != "":
		return commit(tag), nil
	case base != "" && base != head:
		return base, nil
	case git("status", "--porcelain") != "":
		return head, nil
	case before == "" && git("rev-parse", "--is-shallow-repository") == "true":
		return "", errors.New("this is a shallow clone: fetch its history, so that there is something to compare with")
	}
	return before, nil
}

// Checkout writes the files of a revision into dir: all, or those of some paths as
// git writes them.
func Checkout(ctx context.Context, root, rev, dir string, paths ...string) error {
	archive, err := Run(ctx, root, "git", append([]string{"archive", "--format=zip", rev, "--"}, paths...)...)
	if err != nil {
		return err
	}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}
