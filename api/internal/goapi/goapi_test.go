package goapi

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	api := func(text string) API {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "gen"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "gen", "a.go"), []byte("package gen\n"+text), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "gen", "a_test.go"), []byte("package gen\nfunc Test"+text[:1]+"() {}\n"), 0o600))
		api, err := Read(dir, "gen/*.go", "wrapper/*.go")
		require.NoError(t, err)
		return api
	}
	before := api(`
type Client struct{}
type A struct { Field nullable.Nullable[int]; same iter.Seq[int]; Plain []int; Kept string }
type B iter.Seq[int]
type Gone struct { Field int }
type Enum string
const OfEnum, Other Enum = "x", "y"
const OfAlias Alias = "z"
type Alias = A
type Open interface { Call() }
type Sealed interface { Call(); own() }
type Embedding struct { A; *pkg.B }
const One, Two = 1, "2"
const Typed Alias = "x"
var Err = errors.New("x")
func (c *Client) All(a, b int) iter.Seq2[A, error] { return nil }
func (c *Client) Same(ctx map[string]any) iter.Seq2[A, error] { return nil }
func (c *Client) Gone() iter.Seq[int] { return nil }
func (own) Exported() {}
func Own() Local[int] { return nil }
`)
	after := api(`
type Client struct{}
type A struct { Field nullable.Nullable[string]; same iter.Seq[string]; Plain []int; More int; Kept string }
type B iter.Seq[string]
type Alias struct { Field int }
type Open interface { Call(); Other() }
type Sealed interface { Call(); Other(); own() }
type Embedding struct { A }
const One, Two = 1, "3"
const Typed Alias = "x"
var Err = other()
func (c *Client) All(x, y int) iter.Seq2[*A, error] { return nil }
func (c *Client) Same(context map[string]interface{}) iter.Seq2[A, error] { return nil }
func Own() Local[string] { return nil }
`)
	require.Equal(t, []Change{
		{"gen.A.Field", "changed from nullable.Nullable[int] to nullable.Nullable[string]", true},
		{"gen.A.More", Added, false},
		{"gen.Alias", "changed from = A to struct", true},
		{"gen.B", "changed from iter.Seq[int] to iter.Seq[string]", true},
		{"gen.Client.All", "changed from func(int, int) iter.Seq2[A, error] to func(int, int) iter.Seq2[*A, error]", true},
		{"gen.Client.Gone", Removed, true},
		{"gen.Embedding.B", Removed, true},
		{"gen.Enum", Removed, true},
		{"gen.Gone", Removed, true},
		{"gen.Open.Other", Added, true},
		{"gen.Own", "changed from func() Local[int] to func() Local[string]", true},
		{"gen.Sealed.Other", Added, false},
		{"gen.Two", `changed from "2" to "3"`, true},
	}, Compare(before, after))
	require.Empty(t, Compare(before, before))
}

// repository is a clone of a repository with the commits, each a text of file.
func repository(t *testing.T, commits ...string) (clone string, git func(args ...string) string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git command")
	}
	origin := t.TempDir()
	clone = filepath.Join(t.TempDir(), "clone")
	in := func(dir string, args ...string) string {
		out, err := Run(t.Context(), dir, "git", append([]string{
			"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false",
		}, args...)...)
		require.NoError(t, err)
		return strings.TrimSpace(string(out))
	}
	in(origin, "init", "--quiet")
	for _, text := range commits {
		require.NoError(t, os.WriteFile(filepath.Join(origin, "file"), []byte(text), 0o600))
		in(origin, "add", "file")
		in(origin, "commit", "--quiet", "-m", text)
	}
	in(origin, "clone", "--quiet", origin, clone)
	return clone, func(args ...string) string { return in(clone, args...) }
}

func TestRevision(t *testing.T) {
	t.Parallel()
	clone, git := repository(t, "one", "two")
	is := func(want, rev string) {
		t.Helper()
		got, err := Revision(t.Context(), clone, rev)
		require.NoError(t, err)
		require.Equal(t, git("rev-parse", want), got)
	}
	is("HEAD~1", "")
	is("HEAD~1", "HEAD~1")

	require.NoError(t, os.WriteFile(filepath.Join(clone, "file"), []byte("three"), 0o600))
	is("HEAD", "")

	git("commit", "--quiet", "-am", "three")
	git("commit", "--quiet", "--allow-empty", "-m", "four")
	is("origin/main", "")

	git("tag", "-m", "first", "v0.1.0", "HEAD~1")
	is("HEAD~1", "")

	_, err := Revision(t.Context(), clone, "nowhere")
	require.ErrorContains(t, err, `no revision "nowhere"`)
}

func TestRevisionOfFirstCommit(t *testing.T) {
	t.Parallel()
	clone, _ := repository(t, "one")
	rev, err := Revision(t.Context(), clone, "")
	require.NoError(t, err)
	require.Empty(t, rev)
}

func TestCheckout(t *testing.T) {
	t.Parallel()
	clone, _ := repository(t, "one", "two")
	dir := t.TempDir()
	require.NoError(t, Checkout(t.Context(), clone, "HEAD~1", dir))
	text, err := os.ReadFile(filepath.Join(dir, "file"))
	require.NoError(t, err)
	require.Equal(t, "one", string(text))
	require.ErrorContains(t, Checkout(t.Context(), clone, "nowhere", dir), "nowhere")
}
