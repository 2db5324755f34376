package signalwire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func ExampleNew() {
	client, err := signalwire.New("acme",
		signalwire.WithCredentials(os.Getenv("PROJECT"), os.Getenv("TOKEN")),
		signalwire.WithTimeout(10*time.Second),
		signalwire.WithUserAgent("billing/2.1"),
	)
	if err != nil {
		fmt.Println(err) // without the environment variables
		return
	}
	defer client.CloseIdleConnections()
	fmt.Println(client.Host())
}

// A proxy and a longer timeout for TLS handshakes, beside the defaults of net/http.
func ExampleWithTransport() {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example.com:3128"})
	transport.TLSHandshakeTimeout = 20 * time.Second
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 10 * time.Second}
	client, err := signalwire.New("acme", signalwire.WithCredentials("project-id", "api-token"), signalwire.WithTransport(transport))
	fmt.Println(client, err)
	// Output: signalwire.Client(acme.signalwire.com) <nil>
}

func ExampleNew_space() {
	for _, space := range []string{"acme", "acme.signalwire.com", "https://acme.signalwire.com", "http://acme.example"} {
		client, err := signalwire.New(space)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(client.Host())
	}
	// Output:
	// acme.signalwire.com
	// acme.signalwire.com
	// acme.signalwire.com
	// signalwire: space "http://acme.example": expected a Space's name (acme), host (acme.signalwire.com) or URL (https://acme.signalwire.com)
}

func ExampleClient_updateSIPGateway() {
	// In place of a Space.
	space := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL.Path, string(sent))
		fmt.Fprint(w, `{"id":"a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d","sip_gateway":{"name":"edge-1","codecs":["OPUS","PCMU"],"ciphers":[]}}`)
	}))
	defer space.Close()

	client, err := signalwire.New("acme", signalwire.WithCredentials("project-id", "api-token"), signalwire.WithBaseURL(space.URL))
	if err != nil {
		panic(err)
	}
	gateway, err := client.SIPGateways.Update(context.Background(), uuid.MustParse("a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"), gen.SIPGatewayUpdate{
		Name:    signalwire.Ptr("edge-1"),
		Codecs:  []gen.Codec{gen.CodecOPUS, gen.CodecPCMU},
		Ciphers: []gen.Cipher{}, // emptied; what is not named stays as it is
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(gateway.SIPGateway.Name, gateway.SIPGateway.Codecs)
	// Output:
	// PATCH /api/fabric/resources/sip_gateways/a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d {"ciphers":[],"codecs":["OPUS","PCMU"],"name":"edge-1"}
	// edge-1 [OPUS PCMU]
}

func ExampleClient_updateSubscriberSIPCredential() {
	// In place of a Space.
	space := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		fmt.Println(string(sent))
		fmt.Fprint(w, `{"id":"66666666-7777-4888-9999-aaaaaaaaaaaa","username":"alice","send_as":"","encryption":"required"}`)
	}))
	defer space.Close()

	client, err := signalwire.New("acme", signalwire.WithCredentials("project-id", "api-token"), signalwire.WithBaseURL(space.URL))
	if err != nil {
		panic(err)
	}
	subscriberID, credentialID := uuid.MustParse("11111111-2222-4333-8444-555555555555"), uuid.MustParse("66666666-7777-4888-9999-aaaaaaaaaaaa")
	credential, err := client.SubscriberSIPCredentials.Update(context.Background(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{
		Encryption: signalwire.Ptr(gen.EncryptionRequired),
		SendAs:     signalwire.Ptr(""), // "" is sent, nil is not
	}, signalwire.WithTimeout(5*time.Second))
	if err != nil {
		panic(err)
	}
	fmt.Println(credential.Username, credential.Encryption)
	// Output:
	// {"encryption":"required","send_as":""}
	// alice required
}

func ExampleError() {
	// In place of a Space.
	space := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"errors":[{"type":"validation_error","code":"missing_required_parameter","message":"can't be blank","attribute":"name","url":"https://developer.signalwire.com"}]}`)
	}))
	defer space.Close()

	client, err := signalwire.New("acme", signalwire.WithCredentials("project-id", "api-token"), signalwire.WithBaseURL(space.URL))
	if err != nil {
		panic(err)
	}
	_, err = client.SIPGateways.Update(context.Background(), uuid.MustParse("a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"), gen.SIPGatewayUpdate{Name: signalwire.Ptr("")})

	switch {
	case errors.Is(err, signalwire.ErrInvalid):
		fmt.Println("refused")
	case errors.Is(err, signalwire.ErrNotFound):
		fmt.Println("no such gateway")
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Println("too slow")
	}
	var failure *signalwire.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Operation, failure.Status)
		for _, item := range failure.Items {
			fmt.Println(item.Attribute, item.Code, item.Message)
		}
	}
	// Output:
	// refused
	// update_sip_gateway 422
	// name missing_required_parameter can't be blank
}

// The response to a purchase is lost. It is not repeated, but looked for.
func ExampleClient_Settle() {
	space, err := signalwiretest.Start() // in place of a real Space
	if err != nil {
		panic(err)
	}
	defer space.Close()
	space.Inject(signalwiretest.Fault{Operation: "purchase_phone_number", Kind: signalwiretest.CloseConnection(), After: true})
	client, ctx := space.Client(), context.Background()

	number, err := client.PhoneNumbers.Purchase(ctx, gen.PhoneNumberPurchase{Number: "+15555550100"})
	if errors.Is(err, signalwire.ErrOutcomeUnknown) || errors.Is(err, signalwire.ErrUnreadable) {
		settled, settleErr := client.Settle(ctx, err)
		if settleErr == nil && settled.State == signalwire.SettlementFound {
			number, err = client.PhoneNumbers.Get(ctx, uuid.MustParse(settled.ID))
		}
	}
	if err != nil {
		fmt.Println("look at the Space before you try again:", err)
		return
	}
	fmt.Println("bought", number.Number)
	// Output: bought +15555550100
}

// A list is read page by page, as far as the loop goes.
func ExampleClient_list() {
	space, err := signalwiretest.Start() // in place of a real Space
	if err != nil {
		panic(err)
	}
	defer space.Close()
	for _, name := range []string{"a", "b", "c"} {
		space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: name}})
	}

	for gateway, err := range space.Client().SIPGateways.All(context.Background()) {
		if err != nil {
			panic(err)
		}
		if gateway.SIPGateway.Name == "c" {
			break
		}
		fmt.Println(gateway.SIPGateway.Name)
	}
	// Output:
	// a
	// b
}
