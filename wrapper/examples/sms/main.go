// Sms sends a message and waits until it is delivered, or until it is known that it
// will not be.
//
//	go run ./wrapper/examples/sms -from +15555550100 -to +15555550199 -body Hello
//	go run ./wrapper/examples/sms -id ID
//
// It asks the message log, so that it needs no public address. A server that has one
// gives the message a StatusCallback, and package webhook receives its states.
//
// It may be interrupted while it waits; with -id it goes on waiting for a message that
// was sent. It needs the environment variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID
// and SIGNALWIRE_API_TOKEN.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func main() {
	var message gen.SMSMessage
	var id uuid.UUID
	flag.StringVar(&message.From, "from", "", "phone number of the project that sends")
	flag.StringVar(&message.To, "to", "", "phone number that receives")
	body := flag.String("body", "Hello", "text of the message")
	wait := flag.Duration("wait", 2*time.Minute, "how long to wait for the message to be delivered")
	flag.TextVar(&id, "id", uuid.Nil, "id of a message that was sent, to wait for")
	flag.Parse()
	message.Body = body

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *wait)
	defer cancel()
	client, err := signalwire.NewFromEnv()
	if err == nil {
		err = run(ctx, client, os.Stdout, message, id, time.Second)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run sends the message, unless it was sent as id, and asks for its status now and
// then, until it is delivered.
func run(ctx context.Context, client *signalwire.Client, out io.Writer, message gen.SMSMessage, id uuid.UUID, interval time.Duration) error {
	if id == uuid.Nil {
		var err error
		if id, err = send(ctx, client, message); err != nil {
			return err
		}
		fmt.Fprintln(out, "sent as", id)
	}
	last := gen.MessageLogStatus("")
	for {
		log, err := client.MessageLogs.Get(ctx, id)
		switch {
		case errors.Is(err, signalwire.ErrNotFound): // The log is behind.
		case err != nil:
			return fmt.Errorf("%w\nGo on with -id %s", err, id)
		case log.Status != last:
			last = log.Status
			fmt.Fprintln(out, last)
		}
		switch last {
		case gen.MessageLogStatusDelivered, gen.MessageLogStatusReceived:
			return nil
		case gen.MessageLogStatusFailed, gen.MessageLogStatusUndelivered:
			return fmt.Errorf("sms: %s: %s %s", last, value(log.ErrorCode), value(log.ErrorMessage))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("sms: %w\nGo on with -id %s", context.Cause(ctx), id)
		case <-time.After(interval):
		}
	}
}

// send sends the message once. If it is not known whether it was sent, the message log
// may tell.
func send(ctx context.Context, client *signalwire.Client, message gen.SMSMessage) (uuid.UUID, error) {
	sent, err := client.Messages.Create(ctx, message)
	if err == nil {
		return sent.ID, nil
	}
	if errors.Is(err, signalwire.ErrOutcomeUnknown) || errors.Is(err, signalwire.ErrUnreadable) {
		settled, settleErr := client.Settle(ctx, err)
		if settleErr == nil && settled.State == signalwire.SettlementFound {
			return uuid.Parse(settled.ID)
		}
	}
	return uuid.Nil, err
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
