// Call calls a phone number and does there what a SWML document says, which is sent
// along.
//
//	go run ./wrapper/examples/call -from +15555550100 -to +15555550199 -say "Your table is ready."
//
// It needs the environment variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and
// SIGNALWIRE_API_TOKEN.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func main() {
	from := flag.String("from", "", "phone number of the project that calls")
	to := flag.String("to", "", "phone number that is called")
	text := flag.String("say", "Hello.", "what is said")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := signalwire.NewFromEnv()
	if err == nil {
		err = run(ctx, client, os.Stdout, *from, *to, *text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// document says the text, again if the called party presses 1.
func document(text string) swml.Document {
	return swml.Document{Version: "1.0.0", Sections: map[string]swml.Section{"main": {
		swml.Label("start"),
		swml.Play{URL: "say:" + text},
		swml.Prompt{Play: swml.One("say:Press 1 to hear this again."), MaxDigits: swml.Of(1)},
		swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{
			"1": {swml.Goto{Label: "start", Max: swml.Of(3)}},
		}},
		swml.Hangup{},
	}}}
}

func run(ctx context.Context, client *signalwire.Client, out io.Writer, from, to, text string) error {
	doc := document(text)
	if err := doc.Check(); err != nil {
		return err
	}
	instructions, err := gen.NewSWML(doc)
	if err != nil {
		return err
	}
	call, err := client.Calls.Dial(ctx, gen.DialSWMLParams{
		From: from,
		To:   signalwire.Ptr(to),
		SWML: instructions,
	})
	if errors.Is(err, signalwire.ErrOutcomeUnknown) || errors.Is(err, signalwire.ErrUnreadable) {
		// The call may have been placed. It is not repeated; the voice log may tell.
		settled, settleErr := client.Settle(ctx, err)
		if settleErr == nil && settled.State == signalwire.SettlementFound {
			fmt.Fprintln(out, "called; in the voice log as", settled.ID)
			return nil
		}
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "calls", to, "as", call.Head().ID)
	return nil
}
