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

// examples are the files that show callers what to write, as git writes paths. Each
// of those in packages stands alone: it uses nothing of other files of its package.
var examples = []string{"wrapper/examples", ":(glob)**/example_test.go", ":(glob)**/readme_test.go"}

// brokenExamples compiles the examples of a revision against the module in root,
// in a folder that is a module of its own as a caller's would be, and returns
// the files that do not compile.
func brokenExamples(ctx context.Context, root, rev, dir string) (broken []goapi.Change, err error) {
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
		m := filepath.Dir(mod)
		if _, err := goapi.Run(ctx, m, "go", "mod", "edit", "-replace="+module+"="+root); err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, "go", "test", "-mod=mod", "-vet=off", "-run=^$", "./...") // It builds what has no tests, too.
		cmd.Dir = m
		out, err := cmd.CombinedOutput()
		errs := compileErrors(dir, m, string(out))
		if err != nil && len(errs) == 0 {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
		}
		broken = append(broken, errs...)
	}
	return broken, err
}

var compileError = regexp.MustCompile(`(?m)^(\S+\.go):(\d+.*)$`)

// compileErrors are the errors in what the go command printed in module, with
// files as they are called in dir.
func compileErrors(dir, module, output string) (errs []goapi.Change) {
	for _, m := range compileError.FindAllStringSubmatch(output, -1) {
		if file, err := filepath.Rel(dir, filepath.Join(module, m[1])); err == nil {
			errs = append(errs, goapi.Change{Symbol: filepath.ToSlash(file), What: m[2], Breaks: true})
		}
	}
	return errs
}
