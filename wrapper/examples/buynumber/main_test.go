package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

const (
	number = "+15035550123"
	url    = "https://example.com/calls"
)

// forSale is a Space in which one number can be bought.
func forSale(t *testing.T) *signalwiretest.Space {
	space := signalwiretest.New(t)
	space.PutAt("/api/relay/rest/phone_numbers/search/11111111-2222-4333-8444-555555555555", map[string]any{"e164": number})
	return space
}

// buy runs the program and returns what it printed.
func buy(ctx context.Context, space *signalwiretest.Space, o order) (string, error) {
	var out strings.Builder
	err := run(ctx, space.Client(), &out, o)
	return out.String(), err
}

// handled returns the URL that handles calls to the number.
func handled(t *testing.T, space *signalwiretest.Space) string {
	for n, err := range space.Client().PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{}) {
		require.NoError(t, err)
		require.Equal(t, number, n.Number)
		require.NotNil(t, n.CallRelayScriptURL)
		return *n.CallRelayScriptURL
	}
	return ""
}

func TestBuy(t *testing.T) {
	t.Parallel()
	space := forSale(t)
	out, err := buy(t.Context(), space, order{areacode: "503", url: url})
	require.NoError(t, err)
	require.Equal(t, "With -buy, this would buy +15035550123\n", out)
	require.Zero(t, space.Effects("purchase_phone_number"))

	out, err = buy(t.Context(), space, order{areacode: "503", url: url, buy: true})
	require.NoError(t, err)
	require.Equal(t, "Bought +15035550123\nCalls to +15035550123 are handled by https://example.com/calls\n", out)
	require.Equal(t, url, handled(t, space))
	require.Equal(t, 1, space.Effects("purchase_phone_number"))
}

// The number is bought once, although the response to the purchase, and then the
// update, does not arrive.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	space := forSale(t)
	cut := signalwiretest.Fault{Operation: "purchase_phone_number", Kind: signalwiretest.CloseConnection(), After: true}
	refused := signalwiretest.Fault{Operation: "update_phone_number", Kind: signalwiretest.EmptyBody(422)}
	space.Inject(cut, refused)
	out, err := buy(t.Context(), space, order{areacode: "503", url: url, buy: true})
	require.ErrorContains(t, err, "run this again with -number +15035550123")
	require.Equal(t, "Bought +15035550123\n", out)

	out, err = buy(t.Context(), space, order{number: number, url: url, buy: true})
	require.NoError(t, err)
	require.Equal(t, "The project has +15035550123\nCalls to +15035550123 are handled by https://example.com/calls\n", out)
	require.Equal(t, 1, space.Effects("purchase_phone_number"))
}

func TestNothing(t *testing.T) {
	t.Parallel()
	space := forSale(t)
	_, err := buy(t.Context(), space, order{areacode: "206", url: url})
	require.ErrorContains(t, err, "no number with area code 206 is available")
	_, err = buy(t.Context(), space, order{})
	require.ErrorContains(t, err, "expected -url")
}
