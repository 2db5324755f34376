// Buynumber buys a phone number and has its calls handled by SWML from a URL.
//
//	go run ./wrapper/examples/buynumber -areacode 503 -url https://example.com/calls
//	go run ./wrapper/examples/buynumber -areacode 503 -url https://example.com/calls -buy
//
// Without -buy it shows which number it would buy. With -number it takes that one,
// and does not buy it if the project has it. So if it was interrupted, or failed, after
// it bought a number, run it again with that number. It needs the environment variables
// SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func main() {
	var o order
	flag.StringVar(&o.areacode, "areacode", "", "area code of the number to buy")
	flag.StringVar(&o.number, "number", "", "number to buy, or to use if the project has it, in E.164 format")
	flag.StringVar(&o.url, "url", "", "URL that responds to calls with SWML")
	flag.BoolVar(&o.buy, "buy", false, "buy the number; this costs money")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := signalwire.NewFromEnv()
	if err == nil {
		err = run(ctx, client, os.Stdout, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// order is what to buy.
type order struct {
	areacode, number, url string
	buy                   bool
}

func run(ctx context.Context, client *signalwire.Client, out io.Writer, o order) error {
	if o.url == "" || (o.areacode == "") == (o.number == "") {
		return errors.New("buynumber: expected -url, and either -areacode or -number")
	}
	if o.number == "" {
		found, err := search(ctx, client, o.areacode)
		if err != nil {
			return err
		}
		o.number = found
	}
	id, owned, err := find(ctx, client, o.number)
	if err != nil {
		return err
	}
	switch {
	case owned:
		fmt.Fprintln(out, "The project has", o.number)
	case !o.buy:
		fmt.Fprintln(out, "With -buy, this would buy", o.number)
		return nil
	default:
		if id, err = purchase(ctx, client, o.number); err != nil {
			return fmt.Errorf("%w\nLook whether the project has %s, and run this again with -number %[2]s", err, o.number)
		}
		fmt.Fprintln(out, "Bought", o.number)
	}

	// The update can be repeated without harm.
	number, err := client.PhoneNumbers.Update(ctx, id, gen.PhoneNumberUpdate{
		CallHandler:        signalwire.Ptr(gen.PhoneNumberCallHandlerRelayScript),
		CallRelayScriptURL: signalwire.Ptr(o.url),
	})
	if err != nil {
		return fmt.Errorf("%w\nThe project has %s now; run this again with -number %[2]s", err, o.number)
	}
	fmt.Fprintln(out, "Calls to", number.Number, "are handled by", o.url)
	return nil
}

// search returns a number that can be bought.
func search(ctx context.Context, client *signalwire.Client, areacode string) (string, error) {
	available, err := client.PhoneNumbers.Search(ctx, gen.SearchAvailablePhoneNumbersParams{
		Areacode:   signalwire.Ptr(areacode),
		MaxResults: signalwire.Ptr[int64](1),
	})
	if err != nil {
		return "", err
	}
	if len(available.Data) == 0 {
		return "", fmt.Errorf("buynumber: no number with area code %s is available", areacode)
	}
	return available.Data[0].E164, nil
}

// find returns the id of a number that the project has.
func find(ctx context.Context, client *signalwire.Client, number string) (id uuid.UUID, owned bool, err error) {
	for n, err := range client.PhoneNumbers.All(ctx, gen.ListPhoneNumbersParams{FilterNumber: &number}) {
		if err != nil {
			return uuid.Nil, false, err
		}
		if n.Number == number { // The filter is for a part of it.
			return n.ID, true, nil
		}
	}
	return uuid.Nil, false, nil
}

// purchase buys a number once. A purchase whose outcome is unknown is not repeated.
func purchase(ctx context.Context, client *signalwire.Client, number string) (uuid.UUID, error) {
	bought, err := client.PhoneNumbers.Purchase(ctx, gen.PhoneNumberPurchase{Number: number})
	if err == nil {
		return bought.ID, nil
	}
	if errors.Is(err, signalwire.ErrOutcomeUnknown) || errors.Is(err, signalwire.ErrUnreadable) {
		if id, owned, findErr := find(ctx, client, number); findErr == nil && owned {
			return id, nil
		}
	}
	return uuid.Nil, err
}
