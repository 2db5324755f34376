// Syncgateways makes a Space have the SIP gateways that a file lists.
//
//	go run ./wrapper/examples/syncgateways -file gateways.json
//	go run ./wrapper/examples/syncgateways -file gateways.json -apply
//
// The file is a JSON array of gateways, each with a name, a uri, its encryption,
// ciphers and codecs. The name says which gateway is meant. Without -apply the program
// prints what it would do; with -prune it deletes gateways that are not listed. It skips
// gateways that are as listed, so that it can be interrupted, and run again to do the
// rest. It needs the environment variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and
// SIGNALWIRE_API_TOKEN.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func main() {
	file := flag.String("file", "gateways.json", "the gateways that there should be")
	apply := flag.Bool("apply", false, "do it, and not only print it")
	prune := flag.Bool("prune", false, "delete the gateways that are not in the file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	wanted, err := read(*file)
	var client *signalwire.Client
	if err == nil {
		client, err = signalwire.NewFromEnv()
	}
	if err == nil {
		err = run(ctx, client, os.Stdout, wanted, *prune, *apply)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// read reads the file.
func read(name string) ([]gen.SIPGatewayCreate, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var gateways []gen.SIPGatewayCreate
	if err := decoder.Decode(&gateways); err != nil {
		return nil, fmt.Errorf("syncgateways: %s: %w", name, err)
	}
	return gateways, nil
}

// step is something to do.
type step struct {
	what string
	do   func(ctx context.Context) error
}

func run(ctx context.Context, client *signalwire.Client, out io.Writer, wanted []gen.SIPGatewayCreate, prune, apply bool) error {
	steps, err := plan(ctx, client, wanted, prune)
	if err != nil {
		return err
	}
	if !apply {
		for _, s := range steps {
			fmt.Fprintln(out, s.what)
		}
		fmt.Fprintf(out, "%d to do; -apply does it\n", len(steps))
		return nil
	}
	failed := 0
	for i, s := range steps {
		err := s.do(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("syncgateways: interrupted: %d of %d are done. Run it again to do the rest", i-failed, len(steps))
		}
		if err != nil {
			failed++
			fmt.Fprintf(out, "%d of %d: %s: %v\n", i+1, len(steps), s.what, err)
			continue
		}
		fmt.Fprintf(out, "%d of %d: %s\n", i+1, len(steps), s.what)
	}
	fmt.Fprintf(out, "%d of %d are done, %d failed\n", len(steps)-failed, len(steps), failed)
	if failed > 0 {
		return fmt.Errorf("syncgateways: %d failed. Run it again to try them again", failed)
	}
	return nil
}

// plan compares what there is with what is wanted.
func plan(ctx context.Context, client *signalwire.Client, wanted []gen.SIPGatewayCreate, prune bool) ([]step, error) {
	there := map[string]*gen.SIPGatewayResource{}
	for gateway, err := range client.SIPGateways.All(ctx) {
		if err != nil {
			return nil, err
		}
		name := gateway.SIPGateway.Name
		if there[name] != nil {
			return nil, fmt.Errorf("syncgateways: there are two gateways with the name %q", name)
		}
		there[name] = gateway
	}
	var steps []step
	var errs error
	listed := map[string]bool{}
	for _, w := range wanted {
		if listed[w.Name] {
			errs = errors.Join(errs, fmt.Errorf("syncgateways: the file has two gateways with the name %q", w.Name))
		}
		listed[w.Name] = true
		gateway := there[w.Name]
		if gateway == nil {
			steps = append(steps, step{"create " + w.Name, func(ctx context.Context) error {
				_, err := client.SIPGateways.Create(ctx, w)
				return err
			}})
			continue
		}
		change, differs, err := difference(gateway, w)
		if err != nil {
			return nil, err
		}
		if differs {
			text, _ := json.Marshal(change)
			steps = append(steps, step{"update " + w.Name + " " + string(text), func(ctx context.Context) error {
				_, err := client.SIPGateways.Update(ctx, gateway.ID, change)
				return err
			}})
		}
	}
	if prune {
		for _, name := range slices.Sorted(maps.Keys(there)) {
			if !listed[name] {
				steps = append(steps, deletion(client, name, there[name].ID))
			}
		}
	}
	return steps, errs
}

// difference returns what has to be changed of a gateway, whose update is a PATCH. Where the
// update replaces the resource, the Edit method has to send it.
func difference(gateway *gen.SIPGatewayResource, wanted gen.SIPGatewayCreate) (gen.SIPGatewayUpdate, bool, error) {
	before, err := signalwire.PatchFrom[gen.SIPGatewayUpdate](gateway)
	if err != nil {
		return gen.SIPGatewayUpdate{}, false, err
	}
	change, differs := signalwire.Diff(before, gen.SIPGatewayUpdate{
		Name:       &wanted.Name,
		URI:        &wanted.URI,
		Encryption: &wanted.Encryption,
		Ciphers:    wanted.Ciphers,
		Codecs:     wanted.Codecs,
	})
	return change, differs, nil
}

func deletion(client *signalwire.Client, name string, id uuid.UUID) step {
	return step{"delete " + name, func(ctx context.Context) error {
		err := client.SIPGateways.Delete(ctx, id)
		if errors.Is(err, signalwire.ErrNotFound) {
			return nil // somebody else was faster
		}
		return err
	}}
}
