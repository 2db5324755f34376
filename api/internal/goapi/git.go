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

// Run runs a command in dir and returns its standard output. If the command fails,
// the error has its standard error.
func Run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(exit.Stderr))
	}
	return out, err
}

// Revision returns the commit that a git revision such as v1.2.0 denotes. For an empty
// rev it returns the state that callers are most likely to have, the first of these
// that exists:
//
//   - the last release tag
//   - the commit at which the current branch left origin/main
//   - the last commit, if the work tree differs from it
//   - the commit before the last
//
// It returns "" if there is no earlier commit.
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

// Checkout writes the files of a revision into dir: all of them, or those that match
// git pathspecs.
func Checkout(ctx context.Context, root, rev, dir string, pathspecs ...string) error {
	archive, err := Run(ctx, root, "git", append([]string{"archive", "--format=zip", rev, "--"}, pathspecs...)...)
	if err != nil {
		return err
	}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}
