// Package generate makes the Go client of a description with oapi-codegen, as
// oapi-config.yaml and the templates in gen/templates say.
package generate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"golang.org/x/tools/go/packages"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// ReadConfig reads oapi-config.yaml, and sets the generator up.
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
		c.OutputOptions.UserTemplates[name] = string(text) + "\n" // More than a line is no file's name.
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

// SetUp sets the generator up to make names as c says: the functions that make them
// read the configuration of the last run.
func SetUp(c codegen.Configuration) error {
	c = codegen.Configuration{PackageName: c.PackageName, Generate: codegen.GenerateOptions{Models: true}, OutputOptions: c.OutputOptions}
	_, err := codegen.Generate(&openapi3.T{OpenAPI: "3.1.0", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}, c)
	return err
}

// Places finds what a name in Go or in a description stands for: the place where
// it was read, or "".
type Places func(name string) string

func init() { codegen.TemplateFunctions["sentence"] = sentence }

// Client generates the client. Errors have the place of what they name.
func Client(c codegen.Configuration, description []byte, places Places) ([]byte, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // The generator keeps the order of what has an origin.
	var client string
	doc, err := loader.LoadFromData(description)
	if err == nil {
		client, err = codegen.Generate(doc, c)
	}
	if err == nil {
		return []byte(mendComments(distinct(client))), nil
	}
	_, place := mentioned(err.Error(), places)
	if place == "" {
		place = refused(doc, c, places)
	}
	if place != "" {
		err = fmt.Errorf("%w (%s)", err, place)
	}
	return nil, fmt.Errorf("the generator: %w", err)
}

// refused returns the place of the first path that the generator refuses by itself,
// or "".
func refused(doc *openapi3.T, c codegen.Configuration, places Places) string {
	if doc == nil {
		return ""
	}
	for _, path := range doc.Paths.InMatchingOrder() {
		alone := &openapi3.T{OpenAPI: doc.OpenAPI, Info: doc.Info, Paths: openapi3.NewPaths(openapi3.WithPath(path, doc.Paths.Value(path)))}
		if _, err := codegen.Generate(alone, c); err != nil {
			return places(path)
		}
	}
	return ""
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

var word = regexp.MustCompile(`[\w./{}-]+`)

// mentioned returns the longest name in a text that stands for something in a
// description, and the place of that.
func mentioned(text string, places Places) (name, place string) {
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

// Compile reports what is wrong with a client in a package with other files, all of
// one folder. The error has the place of what the declaration was made from.
func Compile(ctx context.Context, beside []tree.File, name string, client []byte, places Places) error {
	dir, err := filepath.Abs(filepath.Dir(beside[0].Name))
	if err != nil {
		return err
	}
	files := []string{name}
	for _, file := range beside {
		files = append(files, filepath.Base(file.Name))
	}
	checked, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir, Overlay: map[string][]byte{filepath.Join(dir, name): client},
		Mode: packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, files...)
	if err != nil {
		return fmt.Errorf("compiling the client: %w", err)
	}
	lines := strings.Split(string(client), "\n")
	problems := checked[0].Errors // All files are of one package.
	isTypeError := func(p packages.Error) bool { return p.Kind == packages.TypeError }
	if slices.ContainsFunc(problems, isTypeError) { // The go command reports them, too, without places.
		problems = slices.DeleteFunc(problems, func(p packages.Error) bool { return !isTypeError(p) })
	}
	for _, problem := range problems {
		at, message := filepath.Base(problem.Pos), problem.Msg
		line := 0
		if n, _ := fmt.Sscanf(at, name+":%d", &line); n > 0 {
			for line > 1 && !declaration.MatchString(lines[line-1]) {
				line--
			}
			if declared, place := mentioned(lines[line-1], places); place != "" {
				at, message = place+": "+declared, message+" ("+at+")"
			}
		}
		err = errors.Join(err, fmt.Errorf("%s: %s", at, message))
	}
	if err != nil {
		return fmt.Errorf("the client does not compile:\n%w", err)
	}
	return nil
}
