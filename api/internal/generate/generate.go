// Package generate makes the Go client of an OpenAPI description.
//
// ReadConfig reads oapi-config.yaml and the templates in gen/templates. Client adds the
// limits of values to their descriptions, runs oapi-codegen with these templates, and
// rewrites some comments and names of its output. Compile
// type-checks the result. Split divides it into a file for each group of operations.
// Errors of the generator and of the compiler have the position in the description that
// they are about, as far as it can be found.
package generate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"golang.org/x/tools/go/packages"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// ReadConfig reads oapi-config.yaml, with the templates and the version of oapi-codegen
// in the module that it is in, and calls SetUp.
func ReadConfig(file string) (c codegen.Configuration, err error) {
	folder := filepath.Dir(file)
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	for name, template := range c.OutputOptions.UserTemplates {
		text, err := os.ReadFile(filepath.Join(folder, "gen", template))
		if err != nil {
			return c, err
		}
		c.OutputOptions.UserTemplates[name] = string(text) + "\n" // With a newline, it is not taken as a file name.
	}
	mod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return c, err
	}
	_, required, _ := strings.Cut(string(mod), "github.com/oapi-codegen/oapi-codegen/v2 ")
	version, _, _ := strings.Cut(required, "\n")
	c.NoVCSVersionOverride = &version
	return c, SetUp(c)
}

// SetUp makes oapi-codegen's functions for names work as c says. They read global
// variables, which a run of the generator sets: SetUp runs it on an empty document.
func SetUp(c codegen.Configuration) error {
	c = codegen.Configuration{PackageName: c.PackageName, Generate: codegen.GenerateOptions{Models: true}, OutputOptions: c.OutputOptions}
	_, err := codegen.Generate(&openapi3.T{OpenAPI: "3.1.0", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}, c)
	return err
}

// Places returns the position (file:line) of what a name stands for: a Go type or
// method, a schema, a path or an operationId. It returns "" for other names.
type Places func(name string) string

func init() { codegen.TemplateFunctions["sentence"] = sentence }

// Client generates the client of a description, as one Go file. An error of the
// generator has the position of what it names.
func Client(c codegen.Configuration, description []byte, places Places) ([]byte, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // With it, the generator keeps the order of the description.
	var client string
	doc, err := loader.LoadFromData(description)
	if err == nil {
		describeLimits(doc)
		describeFields(doc, c.OutputOptions.ExcludeSchemas)
		removeNulls(doc)
		client, err = codegen.Generate(doc, c)
	}
	if err == nil {
		return []byte(rewriteComments(client)), nil
	}
	if _, place := longestName(err.Error(), places); place != "" {
		err = fmt.Errorf("%w (%s)", err, place)
	}
	return nil, fmt.Errorf("the generator: %w", err)
}

var word = regexp.MustCompile(`[\w./{}-]+`)

// longestName returns the longest word of a text that has a position in the
// description, and that position.
func longestName(text string, places Places) (name, place string) {
	for _, word := range word.FindAllString(text, -1) {
		word = strings.TrimRight(word, ".")
		found := cmp.Or(places(word), places(strings.TrimPrefix(word, "op")))
		if found != "" && len(word) > len(name) {
			name, place = word, found
		}
	}
	return name, place
}

var declaration = regexp.MustCompile(`^(type|func|var) `)

// clientName is the name of the client in errors of the compiler.
const clientName = "signalwire.gen.go"

// Compile type-checks a client together with the other Go files of its package, which
// are all in one folder. An error has the position in the description that the
// declaration with the error was generated from.
func Compile(ctx context.Context, beside []tree.File, client []byte, places Places) error {
	dir, err := filepath.Abs(filepath.Dir(beside[0].Name))
	if err != nil {
		return err
	}
	files := []string{clientName}
	for _, file := range beside {
		files = append(files, filepath.Base(file.Name))
	}
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir, Overlay: map[string][]byte{filepath.Join(dir, clientName): client},
		Mode: packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, files...)
	if err != nil {
		return fmt.Errorf("compiling the client: %w", err)
	}
	lines := strings.Split(string(client), "\n")
	for _, problem := range loaded[0].TypeErrors { // The files are one package.
		position := problem.Fset.Position(problem.Pos)
		position.Filename = filepath.Base(position.Filename)
		at, message := position.String(), problem.Msg
		if line := position.Line; position.Filename == clientName {
			for line > 1 && !declaration.MatchString(lines[line-1]) {
				line--
			}
			if name, place := longestName(lines[line-1], places); place != "" {
				at, message = place+": "+name, message+" ("+at+")"
			}
		}
		err = errors.Join(err, fmt.Errorf("%s: %s", at, message))
	}
	if err == nil && len(loaded[0].Errors) > 0 { // Others, such as a syntax error.
		err = loaded[0].Errors[0]
	}
	if err != nil {
		return fmt.Errorf("the client does not compile:\n%w", err)
	}
	return nil
}
