// Command cmd generates the client of SignalWire's API from OpenAPI descriptions, and
// reports what a new version of the API changes.
//
//	go run ./api/cmd generate
//	go run ./api/cmd import [-into gen [-lose-names]] [-omit] [-out FOLDER] DOCUMENT...
//	go run ./api/cmd changes [OLD [NEW]]
//	go run ./api/cmd compat [-examples] [OLD]
//
// generate makes api/openapi.yaml, api/openapi.json and the generated files in gen/ from
// our own descriptions. import makes a client of published documents; api/README.md is
// the guide to it. changes reports what a new version of the API changes for callers.
// compat fails if the Go API breaks callers and CHANGELOG.md does not say so.
//
// The work is done by the packages below api/internal. Begin reading at package pipeline.
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
  changes [OLD [NEW]]                         report what NEW changes for callers of OLD
  compat [-examples] [OLD]                    fail if callers of OLD break and CHANGELOG.md does not say so
`

func main() {
	debug.SetGCPercent(400) // Most memory is in use until the end; collecting it often only costs time.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprint(os.Stderr, pipeline.FormatError(err))
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
		lose := flags.Bool("lose-names", false, "with -into: even if names of package gen are lost")
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
		_ = flags.Parse(args)
		report, err := pipeline.Changes(ctx, root, flags.Arg(0), flags.Arg(1))
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
