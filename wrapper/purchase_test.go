package signalwire_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// TestSearchThenBuy buys what a search found, in the shape that Spaces send.
func TestSearchThenBuy(t *testing.T) {
	t.Parallel()
	var sent string
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			sent = string(body)
			_, _ = io.WriteString(w, `{"id":"11111111-2222-4333-8444-555555555555","number":"+15035550123"}`)
			return
		}
		_, _ = io.WriteString(w, `{"links":{},"data":[{"e164":"+15035550123","national_number_formatted":"(503) 555-0123",
			"region":"OR","country_code":"US","capabilities":["voice","sms"]}]}`)
	})
	for found, err := range client.PhoneNumbers.AllAvailable(t.Context(), gen.SearchAvailablePhoneNumbersParams{}) {
		require.NoError(t, err)
		require.Equal(t, []gen.PhoneNumberCapability{gen.PhoneNumberCapabilityVoice, gen.PhoneNumberCapabilitySMS}, found.Capabilities)
		number, err := client.PhoneNumbers.Purchase(t.Context(), gen.PhoneNumberPurchase{Number: found.E164})
		require.NoError(t, err)
		require.Equal(t, "+15035550123", number.Number)
	}
	require.JSONEq(t, `{"number":"+15035550123"}`, sent)
}
