package compat

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

const module = "github.com/seed-fbb712e3/signalwire-go"

// examples are git pathspecs of the files that show callers what to write. Each example
// in a package compiles alone: it uses nothing of other files of the package.
var examples = []string{"wrapper/examples", ":(glob)**/example_test.go", ":(glob)**/readme_test.go"}

// exampleBreaks compiles the examples of revision rev against the work tree in root, and
// returns the compile errors. It writes the examples into dir and makes that a module
// of its own, as the module of a caller is.
func exampleBreaks(ctx context.Context, root, rev, dir string) (breaks []goapi.Change, err error) {
	if err := goapi.Checkout(ctx, root, rev, dir, examples...); err != nil {
		return nil, err
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			return nil, err
		}
	}
	if _, err := goapi.Run(ctx, dir, "go", "mod", "edit", "-module=example.com/earlier", "-require="+module+"@v0.0.0"); err != nil {
		return nil, err
	}
	modules, err := filepath.Glob(filepath.Join(dir, "wrapper", "examples", "*", "go.mod"))
	for _, mod := range append(modules, filepath.Join(dir, "go.mod")) {
		folder := filepath.Dir(mod)
		if _, err := goapi.Run(ctx, folder, "go", "mod", "edit", "-replace="+module+"="+root); err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, "go", "test", "-mod=mod", "-vet=off", "-run=^$", "./...") // It also compiles packages without tests.
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		errs := compileErrors(dir, folder, string(out))
		if err != nil && len(errs) == 0 {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
		}
		breaks = append(breaks, errs...)
	}
	return breaks, err
}

var compileError = regexp.MustCompile(`(?m)^(\S+\.go):(\d+.*)$`)

// compileErrors returns the compile errors in the output of the go command, which ran in
// the folder module. The names of their files are relative to dir.
func compileErrors(dir, module, output string) (errs []goapi.Change) {
	for _, m := range compileError.FindAllStringSubmatch(output, -1) {
		if file, err := filepath.Rel(dir, filepath.Join(module, m[1])); err == nil {
			errs = append(errs, goapi.Change{Symbol: filepath.ToSlash(file), Description: m[2], Breaks: true})
		}
	}
	return errs
}
