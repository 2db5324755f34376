package signalwire_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// All operations are there, once each, in the order of their ids, which are
// spelled in one way.
func TestOperations(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, op := range signalwire.Operations() {
		require.Regexp(t, `^[a-z][a-z0-9]*(_[a-z0-9]+)*$`, op.ID)
		require.NotEmpty(t, op.Method)
		require.True(t, strings.HasPrefix(op.Path, "/"), op.Path)
		ids = append(ids, op.ID)
	}
	require.True(t, slices.IsSorted(ids))
	require.Equal(t, ids, slices.Compact(slices.Clone(ids)))
	require.Subset(t, ids, []string{"update_sip_gateway", "update_subscriber_sip_credential", "call_commands"})
}

// A command is sent with the constants that it has, and with what is given.
func TestCommands(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("11111111-2222-3333-4444-555555555555")
	for _, test := range []struct {
		name, want string
		send       func(context.Context, *signalwire.Client) error
	}{
		{"params that are a union, as one variant", `{"command":"dial","params":{"from":"+15550001","to":"+15550002","url":"https://example.com"}}`, func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Calls.Dial(ctx, gen.DialURLParams{From: "+15550001", To: signalwire.Ptr("+15550002"), URL: "https://example.com"})
			return err
		}},
		{"as another variant", `{"command":"dial","params":{"from":"+15550001","to":"+15550002","swml":{"sections":{}}}}`, func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Calls.Dial(ctx, gen.DialSWMLParams{From: "+15550001", To: signalwire.Ptr("+15550002"), SWML: gen.SWML(`{"sections":{}}`)})
			return err
		}},
		{"as the union", `{"command":"update","params":{"id":"` + id.String() + `","status":"completed","url":"https://example.com"}}`, func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Calls.Update(ctx, gen.NewUpdateCallParams(gen.UpdateCallURLParams{ID: id, URL: "https://example.com", Status: signalwire.Ptr(gen.UpdateCallStatusCompleted)}))
			return err
		}},
		{"an id", `{"command":"calling.end","id":"` + id.String() + `","params":{"reason":"busy"}}`, func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Calls.Hangup(ctx, id, gen.HangupParams{Reason: signalwire.Ptr(gen.HangupReasonBusy)})
			return err
		}},
		{"params with nothing in them", `{"command":"calling.denoise","id":"` + id.String() + `","params":{}}`, func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Calls.Denoise(ctx, id)
			return err
		}},
		{"constants", `{"id":"1","jsonrpc":"2.0","method":"delete","params":{"id":"c1"}}`, func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.AIChat.Delete(ctx, gen.AIChatConversationID{ID: "c1"})
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var sent signalwire.DryRunRequest
			client, err := signalwire.New("acme", credentials, signalwire.WithDryRun(func(r signalwire.DryRunRequest) { sent = r }))
			require.NoError(t, err)
			require.ErrorIs(t, test.send(t.Context(), client), signalwire.ErrDryRun)
			require.JSONEq(t, test.want, string(sent.Body))
		})
	}
}

// TestCallSites: the calls that people make most, as one writes them.
func TestCallSites(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	space := signalwiretest.New(t)
	client := space.Client()
	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "edge"}})
	subscriberID := space.Put(gen.SubscriberResource{})
	credentialID := space.Put(gen.SubscriberSIPCredential{}, subscriberID)
	space.PutAt("/api/fabric/resources/sip_gateways/"+id.String()+"/addresses/"+uuid.NewString(), map[string]any{"name": "edge"})

	gateway, err := client.SIPGateways.Update(ctx, id, gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-1")})
	require.NoError(t, err)
	require.Equal(t, "edge-1", gateway.SIPGateway.Name)
	gateway, changed, err := client.SIPGateways.Edit(ctx, id, func(g *gen.SIPGatewayUpdate) error {
		g.Name = signalwire.Ptr(*g.Name + "0")
		return nil
	})
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, "edge-10", gateway.SIPGateway.Name)
	credential, err := client.SubscriberSIPCredentials.Update(ctx, subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Username: signalwire.Ptr("ada")})
	require.NoError(t, err)
	require.Equal(t, "ada", credential.Username)

	available, err := client.PhoneNumbers.Search(ctx, gen.SearchAvailablePhoneNumbersParams{Areacode: signalwire.Ptr("503")})
	require.NoError(t, err)
	bought, err := client.PhoneNumbers.Purchase(ctx, gen.PhoneNumberPurchase{Number: available.Data[0].E164})
	require.NoError(t, err)
	for number, err := range client.PhoneNumbers.All(ctx, gen.ListPhoneNumbersParams{}) {
		require.NoError(t, err)
		require.Equal(t, bought.ID, number.ID)
	}

	message, err := client.Messages.Create(ctx, gen.SMSMessage{From: bought.Number, To: "+15555550199", Body: signalwire.Ptr("Hello")})
	require.NoError(t, err)
	require.NotZero(t, message.ID)
	call, err := client.Calls.Dial(ctx, gen.DialURLParams{From: bought.Number, To: signalwire.Ptr("+15555550199"), URL: "https://example.com/call.xml"})
	require.NoError(t, err)
	require.NotEmpty(t, call.Head().ID)
	addresses := 0
	for address, err := range client.SIPGateways.AllAddresses(ctx, id) {
		require.NoError(t, err)
		require.Equal(t, "edge", address.Name)
		addresses++
	}
	require.Equal(t, 1, addresses)
}
