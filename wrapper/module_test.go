package signalwire_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/seed-fbb712e3/signalwire-go"

// goCommand returns a go command. It downloads what the command that runs this test did not
// need of the modules in go.mod, such as the go.mod files of their own requirements.
func goCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local", "GO111MODULE=on")
	return cmd
}

// runGo runs the go command and returns what it prints.
func runGo(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := goCommand(t, dir, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), stderr.String())
	return string(out)
}

func needGo(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	t.Parallel()
}

// outside are the packages of a list that are not in the standard library, nor vendored
// in it.
func outside(list []string) (packages []string) {
	for _, p := range list {
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			packages = append(packages, p)
		}
	}
	return packages
}

// TestImports: what programs get with the library is small, and has nothing of
// what only this repository needs.
func TestImports(t *testing.T) {
	needGo(t)
	for dir, want := range map[string][]string{
		"gen":     {"github.com/google/uuid", "github.com/oapi-codegen/nullable", modulePath + "/gen", modulePath + "/gen/redact", modulePath + "/gen/typeinfo"},
		"wrapper": {"github.com/google/uuid", "github.com/oapi-codegen/nullable", "github.com/apapsch/go-jsonmerge/v2", "github.com/oapi-codegen/runtime/types", "github.com/oapi-codegen/runtime", modulePath + "/gen", modulePath + "/gen/redact", modulePath + "/gen/typeinfo", modulePath + "/wrapper/internal/codec", modulePath + "/wrapper"},
		// Nobody else gets the types for SWML.
		"gen/swml":           {modulePath + "/gen/redact", modulePath + "/gen/typeinfo", modulePath + "/gen/internal/swmljson", modulePath + "/gen/swml"},
		"gen/swml/messaging": {modulePath + "/gen/redact", modulePath + "/gen/typeinfo", modulePath + "/gen/internal/swmljson", modulePath + "/gen/swml", modulePath + "/gen/swml/messaging"},
		// Nobody else gets the webhooks, which do not need the client.
		"gen/events":      {"github.com/google/uuid", "github.com/oapi-codegen/nullable", modulePath + "/gen", modulePath + "/gen/redact", modulePath + "/gen/typeinfo", modulePath + "/gen/events"},
		"wrapper/webhook": {"github.com/google/uuid", "github.com/oapi-codegen/nullable", modulePath + "/gen", modulePath + "/gen/redact", modulePath + "/gen/typeinfo", modulePath + "/gen/events", modulePath + "/wrapper/webhook"},
		// Nobody else gets the rate limiter.
		"wrapper/pace": {"github.com/google/uuid", "github.com/oapi-codegen/nullable", modulePath + "/gen", modulePath + "/gen/redact", modulePath + "/gen/typeinfo", "golang.org/x/time/rate", modulePath + "/wrapper/pace"},
	} {
		all := strings.Fields(runGo(t, "..", "list", "-deps", "./"+dir))
		require.ElementsMatch(t, want, outside(all), dir)
		for _, p := range []string{"testing", "net/http/httptest", "flag", "os/exec"} {
			require.NotContains(t, all, p, dir)
		}
	}
}

// TestTidyForeignModule: `go mod tidy` in a module that uses package signalwiretest
// finds all that it looks for in the requirements of this one, and requires nothing but
// what is imported.
func TestTidyForeignModule(t *testing.T) {
	needGo(t)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":      "module example.com/app\n\ngo 1.25.0\n\nrequire " + modulePath + " v0.0.0\n\nreplace " + modulePath + " => " + strconv.Quote(root) + "\n",
		"app_test.go": "package app\n\nimport _ \"" + modulePath + "/wrapper/signalwiretest\"\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	out, err := goCommand(t, dir, "mod", "tidy").CombinedOutput()
	require.NoError(t, err, string(out))
	require.NotContains(t, string(out), "finding module for package", "tools.go has to import it")
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	required := regexp.MustCompile(`(?m)^\t(\S+) v\S+ // indirect$`).FindAllStringSubmatch(string(mod), -1)
	imported := runGo(t, dir, "list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}{{end}}", "./...")
	require.NotEmpty(t, required)
	for _, r := range required {
		require.Contains(t, strings.Fields(imported), r[1])
	}
}

// TestForeignModule builds a program in a module of its own, vendors what it
// needs, and builds it from that.
func TestForeignModule(t *testing.T) {
	needGo(t)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	read := func(name string) string {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		return string(text)
	}
	mod := read(filepath.Join(root, "go.mod"))
	require.Contains(t, mod, "module "+modulePath+"\n")
	goVersion := regexp.MustCompile(`(?m)^go .*$`).FindString(mod)
	uuidVersion := regexp.MustCompile(`github\.com/google/uuid v\S+`).FindString(mod)
	require.NotEmpty(t, uuidVersion)

	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/app\n\n" + goVersion + "\n\nrequire (\n\t" + uuidVersion + "\n\t" + modulePath + " v0.0.0\n)\n\nreplace " + modulePath + " => " + strconv.Quote(root) + "\n",
		"go.sum": read(filepath.Join(root, "go.sum")),
		"main.go": `package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"` + modulePath + `/gen"
	signalwire "` + modulePath + `/wrapper"
)

func main() {
	client, err := signalwire.New("acme")
	if err != nil {
		panic(err)
	}
	_, err = client.SIPGateways.Update(context.Background(), uuid.Nil, gen.SIPGatewayUpdate{Name: signalwire.Ptr("x")})
	fmt.Println(client, signalwire.Version(), errors.Is(err, signalwire.ErrInvalid))
}
`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}

	runGo(t, dir, "build", "-trimpath", "-mod=mod", "-o", filepath.Join(dir, "app"), ".")
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "app")).Output()
	require.NoError(t, err)
	require.Equal(t, "signalwire.Client(acme.signalwire.com) (devel) true\n", string(out))

	runGo(t, dir, "mod", "vendor")
	var vendored []string
	for line := range strings.Lines(read(filepath.Join(dir, "vendor", "modules.txt"))) {
		if !strings.HasPrefix(line, "#") {
			vendored = append(vendored, strings.TrimSpace(line))
		}
	}
	require.Equal(t, []string{"github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid", "github.com/oapi-codegen/nullable", "github.com/oapi-codegen/runtime", "github.com/oapi-codegen/runtime/types", modulePath + "/gen", modulePath + "/gen/redact", modulePath + "/gen/typeinfo", modulePath + "/wrapper", modulePath + "/wrapper/internal/codec"}, vendored)
	var files []string
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "vendor", modulePath), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, entry.Name())
			require.NotContains(t, path, "_test.go")
		}
		return err
	}))
	require.Contains(t, files, "sip_gateways.gen.go")

	// A release in place of the folder: its version is that of the tag.
	for _, name := range []string{"go.mod", "vendor/modules.txt"} {
		text := strings.ReplaceAll(read(filepath.Join(dir, name)), modulePath+" v0.0.0", modulePath+" v1.2.3")
		text = regexp.MustCompile(`(?m)^(replace |# `+modulePath+` => ).*\n`).ReplaceAllString(text, "")
		text = strings.ReplaceAll(text, " => "+root, "")
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	runGo(t, dir, "build", "-trimpath", "-mod=vendor", "-o", filepath.Join(dir, "app"), ".")
	out, err = exec.CommandContext(t.Context(), filepath.Join(dir, "app")).Output()
	require.NoError(t, err)
	require.Equal(t, "signalwire.Client(acme.signalwire.com) v1.2.3 true\n", string(out))
}

// TestReadmeGoDoc: what README says to look up with go doc is there, also beside a
// package of the standard library that is called gen, too.
func TestReadmeGoDoc(t *testing.T) {
	needGo(t)
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	found := regexp.MustCompile("`go doc ([^`]+)`").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, found)
	for _, command := range found {
		require.Contains(t, runGo(t, "..", "doc", command[1]), "github.com/seed-fbb712e3/signalwire-go/", command[1])
	}
}
