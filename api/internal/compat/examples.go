package compat

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

const module = "github.com/seed-fbb712e3/signalwire-go"

// isExample reports whether a file is code that shows callers what to write. Each
// of these stands alone: it uses nothing of other files of its package.
func isExample(file string) bool {
	switch {
	case strings.HasPrefix(file, "wrapper/examples/"):
		return true
	case strings.HasPrefix(file, "wrapper/"), strings.HasPrefix(file, "gen/"):
		return path.Base(file) == "example_test.go" || path.Base(file) == "readme_test.go"
	}
	return false
}

// compileExamples compiles the examples of oldDir against the module in root,
// in a folder that is a module of its own as a caller's would be.
func compileExamples(ctx context.Context, root, rev, oldDir, dir, section string) error {
	copied, modules := 0, []string{dir}
	err := filepath.WalkDir(oldDir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(oldDir, file)
		if err != nil || !isExample(filepath.ToSlash(relative)) {
			return err
		}
		to := filepath.Join(dir, relative)
		if entry.Name() == "go.mod" {
			modules = append(modules, filepath.Dir(to))
		}
		copied++
		return copyFile(file, to)
	})
	if err != nil {
		return err
	}
	if copied == 0 {
		return fmt.Errorf("%.12s has no examples; if they moved, tell isExample where", rev)
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		if err := copyFile(filepath.Join(root, file), filepath.Join(dir, file)); err != nil {
			return err
		}
	}
	if _, err := goapi.Run(ctx, dir, "go", "mod", "edit", "-module=example.com/earlier", "-require="+module+"@v0.0.0"); err != nil {
		return err
	}
	var failures []string
	for _, m := range modules {
		if _, err := goapi.Run(ctx, m, "go", "mod", "edit", "-replace="+module+"="+root); err != nil {
			return err
		}
		for _, args := range [][]string{{"build", "-mod=mod", "-o", os.DevNull, "./..."}, {"test", "-mod=mod", "-vet=off", "-run=^$", "./..."}} {
			cmd := exec.CommandContext(ctx, "go", args...)
			cmd.Dir = m
			if out, err := cmd.CombinedOutput(); err != nil {
				errs := compileErrors(dir, m, string(out))
				if len(errs) == 0 {
					return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
				}
				failures = append(failures, errs...)
			}
		}
	}
	slices.Sort(failures)
	failures = slices.Compact(failures) // what does not build does not test either
	var unnamed []string
	for _, failure := range failures {
		file, _, _ := strings.Cut(failure, ":")
		if !named(section, file) {
			unnamed = append(unnamed, failure)
		}
	}
	if len(unnamed) > 0 {
		return fmt.Errorf("examples of %.12s do not compile any more. If that has to be, name their files and what to write instead in the newest section of CHANGELOG.md:\n%s", rev, strings.Join(unnamed, "\n"))
	}
	fmt.Printf("compatible: %d files of examples of %.12s, %d errors, each in a file that CHANGELOG.md names\n", copied, rev, len(failures))
	return nil
}

var compileError = regexp.MustCompile(`(?m)^(\S+\.go)(:\d+.*)$`)

// compileErrors are the errors in what the go command printed in module, with
// files as they are called in dir.
func compileErrors(dir, module, output string) []string {
	var errs []string
	for _, m := range compileError.FindAllStringSubmatch(output, -1) {
		file, err := filepath.Rel(dir, filepath.Join(module, m[1]))
		if err != nil {
			file = m[1]
		}
		errs = append(errs, filepath.ToSlash(file)+m[2])
	}
	return errs
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
