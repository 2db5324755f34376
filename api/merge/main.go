// Command merge makes one OpenAPI 3.1 description out of several and applies an
// OpenAPI Overlay with our corrections to it.
//
//	go run ./api/merge -overlay overlay.yaml -out openapi.yaml [-json FILE] a.yaml b.yaml
//	go run ./api/merge -foreign -report REPORT.md … a.yaml b.yaml
//
// It exists because the published documents have servers with different base
// paths, and a client made from the merged description has one base URL. So the
// base path of a document's server becomes part of each of its paths. The common
// join tools make it a server of each path instead, which code generators ignore,
// and some rename or overwrite what is in their way without a word.
//
// The rules:
//
//   - Each document has one server, and their origins (scheme and host) are equal.
//   - What two documents say alike is merged into one; the order of keys, quoting
//     and comments do not matter. What they say differently is an error that names
//     both places: a name has one meaning in the merged description.
//   - Nothing but comments is dropped, and nothing renamed. Titles and versions are
//     joined with " + ", and a security requirement at the top that not all
//     documents share moves into the operations it applies to.
//   - An overlay action that matches or changes nothing is an error, so that a
//     correction goes once the published documents no longer need it.
//   - Operation ids are unique and each $ref resolves, and with -config no two types
//     or methods have one name in Go. This is checked after the overlay, which can
//     settle it; the error shows the lines to add.
//   - YAML that JSON has no equivalent for, such as anchors and tags, is refused.
//
// With -foreign, the documents are others than those that the overlay was written
// for: published ones, of any date and in any split. What is an error otherwise is
// then settled by rule where there is one, and the report says how:
//
//   - Precedence is the order of the command line. Of an operation, and of all else
//     that two documents have under one name, the first one's stays. `make generate`
//     puts signalwire-rest before fabric, since it calls the schemas that mean
//     something else there FabricSipEndpoint and so on, as the overlay does.
//   - Where operations that stay use a schema that lost, they come to refer to one
//     that says the same under another name, if there is one, else the schema is
//     called <Document><Name>. Two schemas say the same if they do in all but words,
//     and so does what they refer to.
//   - An operation that the description that we ship (-shipped) has, too, keeps its
//     operationId. Of others with one id, each gets one that ends in its path.
//   - Servers may differ in how they write the Space's name, and a path may have one
//     of its own. Without any, paths that begin with /api/ are taken as they are.
//   - Webhooks and callbacks go, as SignalWire sends them. References to parameters,
//     responses and request bodies are written out, and the titles of schemas are
//     their names. Schemas of SWML documents are called SWML.<Name>.
//   - Overlay actions that match or change nothing do no harm, and nothing is added
//     that would only give a name to what is not there.
//   - A schema that the generator excludes as an alias of another stays so if the
//     other is there and can hold it, else it is declared (-config-out). The same
//     goes for x-go-type.
//   - Of two types, methods or fields that would have one name in Go, one gets
//     another: not the one that we ship or that the overlay named.
//
// A document can also be a page of the reference, saved as text or Markdown with
// its line breaks.
//
// All errors of a step are reported together, and files are written only if there
// are none.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

func main() {
	debug.SetGCPercent(400) // The trees are needed to the end, so that there is little to collect.
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run is main without the process, for tests. It returns the exit code.
func run(args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("merge", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: merge [-overlay FILE] [-foreign [-report FILE]] -out FILE [-json FILE] DOCUMENT...")
		flags.PrintDefaults()
	}
	overlay := flags.String("overlay", "", "OpenAPI Overlay to apply to the merged description")
	out := flags.String("out", "", "where to write the merged description as YAML")
	jsonOut := flags.String("json", "", "where to write it as JSON too")
	foreign := flags.Bool("foreign", false, "take in documents that the overlay was not written for: settle by rule what differs, and report it")
	reportOut := flags.String("report", "", "where to write the report on foreign documents, as Markdown")
	shipped := flags.String("shipped", "", "the merged description that we ship, whose names foreign documents keep")
	config := flags.String("config", "", "configuration of oapi-codegen, to check the names that it would make")
	configOut := flags.String("config-out", "", "where to write the configuration that is right for foreign documents")
	var beside []string
	flags.Func("beside", "a Go file that will be compiled with what is generated, and whose names are taken; can be repeated", func(name string) error {
		beside = append(beside, name)
		return nil
	})
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	inputs := flags.Args()
	if len(inputs) == 0 || *out == "" {
		fmt.Fprintln(stderr, "merge: needs -out and at least one OpenAPI document")
		flags.Usage()
		return 2
	}
	if *overlay != "" {
		inputs = append(inputs, *overlay)
	}
	read := slices.Concat(inputs, beside, []string{*shipped, *config})
	for _, output := range []string{*out, *jsonOut, *reportOut, *configOut} {
		if output == "" || !slices.Contains(read, output) {
			read = append(read, output)
			continue
		}
		fmt.Fprintln(stderr, "merge: an output would overwrite another file of the command line; choose another name")
		return 2
	}

	job := job{inputs, *overlay != "", *foreign, *shipped, *config, beside, *out, *jsonOut, *reportOut, *configOut}
	if err := job.run(); err != nil {
		for line := range strings.Lines(err.Error()) {
			prefix := "merge: "
			if strings.HasPrefix(line, " ") {
				prefix = "" // Lines to copy into the overlay.
			}
			fmt.Fprintf(stderr, "%s%s\n", prefix, strings.TrimSuffix(line, "\n"))
		}
		return 1
	}
	return 0
}

// job is what the command line asks for. Of the inputs, the last may be an overlay.
type job struct {
	inputs                       []string
	overlay, foreign             bool
	shipped, config              string
	beside                       []string
	out, json, report, configOut string
}

// run reads all inputs and writes the outputs if there was no error.
func (j job) run() error {
	m := merger{files: map[*yaml.Node]string{}}
	var files []file
	for _, name := range j.inputs {
		files = append(files, m.read(name))
	}
	if j.foreign {
		m.intake = &intake{}
		if j.shipped != "" {
			m.intake.shipped = m.load(m.read(j.shipped))
		}
	}
	if j.config != "" {
		m.readGenerator(m.read(j.config), m.declarations(j.beside))
	}
	if err := m.err(); err != nil {
		return err
	}
	documents, corrections := files, []file(nil)
	if j.overlay {
		documents, corrections = files[:len(files)-1], files[len(files)-1:]
	}
	root, err := m.merge(documents, corrections)
	if err != nil {
		return err
	}
	text, err := m.encodeYAML(header(j.inputs), root, j.out)
	if err != nil {
		return err
	}
	outputs := []file{{j.out, text}}
	if j.json != "" {
		outputs = append(outputs, file{j.json, encodeJSON(root)})
	}
	if j.report != "" && m.intake != nil {
		outputs = append(outputs, file{j.report, m.intake.markdown(root)})
	}
	if j.configOut != "" && m.generator != nil {
		text, err := m.configuration()
		if err != nil {
			return err
		}
		outputs = append(outputs, file{j.configOut, text})
	}
	return writeFiles(outputs)
}

// header is the first line of the output; it names the inputs.
func header(inputs []string) string {
	var names []string
	for _, name := range inputs {
		names = append(names, filepath.Base(name))
	}
	if n := len(names); n > 1 {
		names = append(names[:n-2], names[n-2]+" and "+names[n-1])
	}
	return "# Code generated by api/merge from " + strings.Join(names, ", ") + ". DO NOT EDIT.\n"
}
