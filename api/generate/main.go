// Command generate makes what is generated from the descriptions and the
// overlay: api/openapi.yaml and .json, and the client and the index in gen/. It
// is what go generate runs.
//
//	go run ../api/generate call.go capabilities.go swml.go union.go    (in gen/)
//
// The arguments are the files that are written by hand beside the client. The
// files are replaced when every step has succeeded and the client compiles with
// those; until then, and if one fails, they are left as they are.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := generate(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate does it in the working directory, which is gen/.
func generate(byHand []string) error {
	// On the same file system, so that the files only have to be renamed.
	temp, err := os.MkdirTemp("..", ".generating-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	in := func(name string) string { return filepath.Join(temp, filepath.Base(name)) }

	const description, asJSON, client, index = "../api/openapi.yaml", "../api/openapi.json", "signalwire.gen.go", "INDEX.md"
	merge := []string{"run", "../api/merge", "-overlay", "../api/overlay.yaml", "-out", in(description), "-json", in(asJSON), "-config", "../oapi-config.yaml"}
	for _, name := range byHand {
		merge = append(merge, "-beside", name)
	}
	config, err := os.ReadFile("../oapi-config.yaml")
	if err != nil {
		return err
	}
	// What the configuration says of the output counts for more than a flag.
	elsewhere := strings.Replace(string(config), "\noutput: "+client+"\n", "\noutput: "+filepath.ToSlash(in(client))+"\n", 1)
	if elsewhere == string(config) {
		return fmt.Errorf("../oapi-config.yaml: expected a line output: %s", client)
	}
	if err := os.WriteFile(in("oapi-config.yaml"), []byte(elsewhere), 0o600); err != nil {
		return err
	}
	for _, step := range [][]string{
		append(merge, "../api/fabric.yaml", "../api/signalwire-rest.yaml"),
		{"run", "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen", "-config", in("oapi-config.yaml"), in(description)},
		{"run", "../api/index", "-description", in(asJSON), "-client", in(client), "-out", in(index)},
	} {
		if err := run(step...); err != nil {
			return err
		}
	}
	if err := compiles(temp, client, in(client)); err != nil {
		return err
	}
	for _, name := range []string{description, asJSON, client, index} {
		if err := os.Rename(in(name), name); err != nil {
			return err
		}
	}
	return nil
}

// compiles tells what the compiler says of the package with a new file.
func compiles(temp, file, replacement string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	if replacement, err = filepath.Abs(replacement); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: replacement}})
	if err != nil {
		return err
	}
	name := filepath.Join(temp, "overlay.json")
	if err := os.WriteFile(name, overlay, 0o600); err != nil {
		return err
	}
	return run("build", "-overlay", name, ".")
}

func run(args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s %s: %w; nothing was replaced", args[0], args[1], err)
	}
	return nil
}
