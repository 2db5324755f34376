// Space serves a SignalWire Space of package signalwiretest on loopback, for front ends,
// for programs in other languages, and for trying requests by hand. It prints its URL
// and its credentials, which are the same in every run, and then the requests that it
// gets.
//
//	go run ./wrapper/signalwiretest/space
//
// A Go program that has these in its environment reaches it with signalwire.NewFromEnv.
//
// Its clock advances as time passes, so that messages and calls go through their states,
// and webhooks on loopback are called. The flag -speed sets by how many seconds it
// advances in a second.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8089", "where to listen, on loopback")
	speed := flag.Int("speed", 1, "seconds of the Space's clock in a second; 0 lets nothing happen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *listen, *speed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves a Space until ctx is done. It writes to out, and returns an error if the
// address is not on loopback or cannot be listened on.
func run(ctx context.Context, out io.Writer, listen string, speed int) error {
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("space: -listen %q: expected an address on loopback, such as 127.0.0.1:8089", listen)
	}
	lines := make(chan string, 1000)
	space, err := signalwiretest.Start(signalwiretest.WithAddress(listen), signalwiretest.WithJournal(1000),
		signalwiretest.WithWatch(func(r signalwiretest.Request) {
			select {
			case lines <- r.String():
			case <-ctx.Done():
			}
		}))
	if err != nil {
		return err
	}
	defer space.Close()
	fmt.Fprintf(out, "SIGNALWIRE_BASE_URL=%s\nSIGNALWIRE_PROJECT_ID=%s\nSIGNALWIRE_API_TOKEN=%s\nSIGNALWIRE_BEARER_TOKEN=%s\nSIGNALWIRE_SIGNING_KEY=%s\n",
		space.URL, space.ProjectID, space.APIToken, space.BearerToken, space.SigningKey())
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case line := <-lines:
			fmt.Fprintln(out, line)
		case <-tick.C:
			if speed > 0 {
				space.Advance(time.Duration(speed) * time.Second)
			}
		case <-ctx.Done():
			return nil
		}
	}
}
