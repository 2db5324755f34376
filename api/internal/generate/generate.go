// Package generate makes the Go client of a description with oapi-codegen, as
// oapi-config.yaml and the templates in gen/templates say.
package generate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"
)

// running is held while the generator runs, as it has a state of its own.
var running sync.Mutex

// Config is what oapi-config.yaml says.
type Config struct {
	codegen.Configuration `yaml:",inline"`

	Output string `yaml:"output"` // the file in gen/ to write
}

// ReadConfig reads oapi-config.yaml and the templates that it names, and sets the
// generator up to make names its way.
func ReadConfig(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var c Config
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	c.Configuration = c.UpdateDefaults()
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for name, template := range c.OutputOptions.UserTemplates {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "gen", template))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		c.OutputOptions.UserTemplates[name] = string(text) + "\n" // More than a line is no file's name.
	}
	version, err := generatorVersion(filepath.Join(filepath.Dir(file), "go.mod"))
	if err != nil {
		return nil, err
	}
	c.NoVCSVersionOverride = &version
	// The functions that make names read what the last run was told.
	running.Lock()
	defer running.Unlock()
	names := codegen.Configuration{PackageName: c.PackageName, Generate: codegen.GenerateOptions{Models: true}, OutputOptions: c.OutputOptions}
	_, err = codegen.Generate(&openapi3.T{OpenAPI: "3.1.0", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}, names)
	return &c, err
}

// generatorVersion is the version of the generator that go.mod asks for.
func generatorVersion(mod string) (string, error) {
	text, err := os.ReadFile(mod)
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`github\.com/oapi-codegen/oapi-codegen/v2 (v\S+)`).FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s: requires no github.com/oapi-codegen/oapi-codegen/v2", mod)
	}
	return string(found[1]), nil
}

// Places finds what a name in Go or in a description stands for: the place where
// it was read, or "".
type Places func(name string) string

// Client generates the client. Errors are told with the place of what they name.
func Client(c *Config, description []byte, places Places) ([]byte, error) {
	running.Lock()
	defer running.Unlock()
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // The generator keeps the order of what has an origin.
	doc, err := loader.LoadFromData(description)
	if err == nil {
		var text string
		if text, err = codegen.Generate(doc, c.Configuration); err == nil {
			return []byte(mendComments(distinct(text))), nil
		}
	}
	return nil, fmt.Errorf("the generator: %w%s", err, mentioned(err.Error(), places))
}

var (
	typeName     = regexp.MustCompile(`(?m)^type (\w+) `)
	enumConstant = regexp.MustCompile(`(?m)^\t(\w+)( +\w+ = )`)
)

// distinct gives a constant of an enumeration that would have the name of a type
// one of its own.
func distinct(client string) string {
	types := map[string]bool{}
	for _, found := range typeName.FindAllStringSubmatch(client, -1) {
		types[found[1]] = true
	}
	return enumConstant.ReplaceAllStringFunc(client, func(line string) string {
		if found := enumConstant.FindStringSubmatch(line); types[found[1]] {
			return "\t" + found[1] + "Value" + found[2] + line[len(found[0]):]
		}
		return line
	})
}

// mentioned is the place of the longest thing that a message names.
func mentioned(message string, places Places) string {
	longest, found := 0, ""
	for _, word := range regexp.MustCompile(`[\w./{}-]+`).FindAllString(message, -1) {
		word = strings.TrimRight(word, ".")
		if place := places(word); place != "" && len(word) > longest {
			longest, found = len(word), " ("+place+")"
		}
	}
	return found
}

// Compile reports what the compiler says of a client in a package with other
// files, all of one folder. What is wrong in the client is told with the place of
// what the declaration was made from.
func Compile(ctx context.Context, beside []string, name string, client []byte, places Places) error {
	temp, err := os.MkdirTemp("", "generate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	dir, err := filepath.Abs(filepath.Dir(beside[0]))
	if err != nil {
		return err
	}
	// The client is written elsewhere, and put in its place for the compiler alone.
	replacement, list := filepath.Join(temp, name), filepath.Join(temp, "overlay.json")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(dir, name): replacement}})
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(replacement, client, 0o600), os.WriteFile(list, overlay, 0o600)); err != nil {
		return err
	}
	args := []string{"build", "-gcflags=-e", "-overlay", list, name}
	for _, file := range beside {
		args = append(args, filepath.Base(file))
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	return fmt.Errorf("the client does not compile: %w\n%s", err, explain(string(output), name, client, places))
}

var compilerError = regexp.MustCompile(`(?m)^.*?([\w.]+\.go):(\d+):\d+: (.*)$`)

// explain adds to what the compiler says the places in the descriptions.
func explain(output, name string, client []byte, places Places) string {
	files := token.NewFileSet()
	parsed, _ := parser.ParseFile(files, name, client, parser.SkipObjectResolution)
	return compilerError.ReplaceAllStringFunc(output, func(text string) string {
		found := compilerError.FindStringSubmatch(text)
		line, err := strconv.Atoi(found[2])
		if err != nil || found[1] != name || parsed == nil {
			return text
		}
		for _, decl := range parsed.Decls {
			if files.Position(decl.Pos()).Line <= line && line <= files.Position(decl.End()).Line {
				for _, declared := range declaredNames(decl) {
					if place := places(declared); place != "" {
						return place + ": " + declared + ": " + found[3] + " (" + found[1] + ":" + found[2] + ")"
					}
				}
			}
		}
		return text
	})
}

// declaredNames are the names that a declaration makes and those that it uses,
// outermost first.
func declaredNames(decl ast.Decl) (names []string) {
	ast.Inspect(decl, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names = append(names, strings.TrimPrefix(id.Name, "op"))
		}
		return len(names) < 20
	})
	return names
}
