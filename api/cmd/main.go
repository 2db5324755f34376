// Command cmd makes the client of SignalWire's API from descriptions of it, and
// says what a new version of them changes.
//
//	go run ./api/cmd generate
//	go run ./api/cmd import [-into gen [-lose-names]] [-omit] [-out FOLDER] DOCUMENT...
//	go run ./api/cmd changes [-out FILE] [OLD [NEW]]
//	go run ./api/cmd compat [-examples] [OLD]
//
// generate makes api/openapi.yaml and .json and what is generated in gen/ from our
// own descriptions, import a client from published ones; see api/README.md.
// changes reports what a new description changes for callers, and compat fails if
// the Go API breaks callers and CHANGELOG.md does not say so.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/compat"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
)

const usage = `usage: go run ./api/cmd COMMAND
  generate                                    make gen/ and api/openapi.* from our own descriptions
  import [-into gen [-lose-names]] [-omit] [-out FOLDER] DOCUMENT…
                                              make a client from published descriptions
  changes [-out FILE] [OLD [NEW]]             report what NEW changes for callers of OLD
  compat [-examples] [OLD]                    fail if callers of OLD break and CHANGELOG.md does not say so
`

func main() {
	debug.SetGCPercent(400) // The trees are needed to the end, so that there is little to collect.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprint(os.Stderr, pipeline.Lines(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet(command, flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	root, err := pipeline.Root()
	if err != nil {
		return err
	}
	switch command {
	case "generate":
		_ = flags.Parse(args)
		unapplied, err := pipeline.Generate(ctx, root)
		for _, correction := range unapplied {
			fmt.Fprintln(os.Stderr, "api: does not apply:", correction)
		}
		return err
	case "import":
		into := flags.String("into", "", `"gen" to replace the client in this module, too`)
		out := flags.String("out", ".regenerated", "the folder to make")
		lose := flags.Bool("lose-names", false, "with -into: even if names in api/names.lock are lost")
		omit := flags.Bool("omit", false, "leave out, and report, operations that are not supported")
		_ = flags.Parse(args)
		if flags.NArg() == 0 || *into != "" && *into != "gen" {
			break
		}
		summary, err := pipeline.Import(ctx, root, flags.Args(), *out, pipeline.Options{Into: *into == "gen", LoseNames: *lose, Omit: *omit})
		if err == nil {
			fmt.Println(summary)
		}
		return err
	case "changes":
		out := flags.String("out", "", "the Markdown file to write, in place of the standard output")
		_ = flags.Parse(args)
		report, err := pipeline.Changes(ctx, root, flags.Arg(0), flags.Arg(1))
		if err == nil && *out != "" {
			return os.WriteFile(*out, []byte(report), 0o644)
		}
		fmt.Print(report)
		return err
	case "compat":
		examples := flags.Bool("examples", false, "compile the earlier revision's examples")
		_ = flags.Parse(args)
		return compat.Check(ctx, root, flags.Arg(0), *examples)
	}
	flags.Usage()
	os.Exit(2)
	return nil
}
