package signalwiretest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// The context and the t of a test.
var (
	ctx = context.Background()
	t   = new(testing.T)
)

func ExampleNew() {
	space := signalwiretest.New(t)
	client := space.Client()
	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "edge-1"}})

	gateway, err := client.SIPGateways.Update(ctx, id, gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-2")})
	fmt.Println(gateway.DisplayName, err)
	// Output: edge-2 <nil>
}

func ExampleStart() {
	space, err := signalwiretest.Start()
	if err != nil {
		panic(err)
	}
	defer space.Close()

	_, err = space.Client().SIPGateways.Update(ctx, uuid.New(), gen.SIPGatewayUpdate{})
	fmt.Println(errors.Is(err, signalwire.ErrNotFound))
	// Output: true
}

// The response is lost, and the gateway has its new name all the same.
func ExampleSpace_Inject() {
	space := signalwiretest.New(t)
	client := space.Client(signalwire.WithMaxAttempts(1))
	id := space.Put(gen.SIPGatewayResource{})

	space.Inject(signalwiretest.Fault{Kind: signalwiretest.ResetConnection(), After: true})
	_, err := client.SIPGateways.Update(ctx, id, gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-2")})
	gateway, _ := signalwiretest.Get[gen.SIPGatewayResource](space, id)
	fmt.Println(err != nil, gateway.DisplayName)
	// Output: true edge-2
}

// The values are the same, whichever forms they come in.
func ExampleWithQuirks() {
	for seed := range uint64(20) {
		space := signalwiretest.New(t, signalwiretest.WithQuirks(), signalwiretest.WithSeed(seed))
		id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "edge-1"}})

		gateway, err := space.Client().SIPGateways.Get(ctx, id)
		if err != nil || gateway.ID != id || gateway.SIPGateway.Name != "edge-1" {
			fmt.Println(seed, gateway, err)
		}
	}
	// Output:
}

// Edit sends all settings where a PUT may replace, and the others stay.
func ExampleWithReplacingPUT() {
	space := signalwiretest.New(t, signalwiretest.WithReplacingPUT())
	id := space.Put(gen.RelayApplicationResource{RelayApplication: gen.RelayApplication{Name: "shop", Topic: "office"}})

	application, _, err := space.Client().RelayApplications.Edit(ctx, id, func(a *gen.RelayApplicationUpdate) error {
		a.Name = signalwire.Ptr("store")
		return nil
	})
	fmt.Println(application.RelayApplication.Name, application.RelayApplication.Topic, err)
	// Output: store office <nil>
}

func ExampleSpace_Requests() {
	space := signalwiretest.New(t)
	subscriber := uuid.New()
	credential := space.Put(gen.SubscriberSIPCredential{}, subscriber)

	_, _ = space.Client().SubscriberSIPCredentials.Update(ctx, subscriber, credential, gen.SubscriberSIPCredentialUpdate{
		Username: signalwire.Ptr("ann"),
		Password: signalwire.Ptr("hunter22"),
	})
	for _, r := range space.Requests() {
		fmt.Println(r.Method, r.Status, r.Effects, string(r.Body()))
	}
	// Output: PATCH 200 1 {"password":"hunter22","username":"ann"}
}
