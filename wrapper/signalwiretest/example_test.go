package signalwiretest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
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

// The Space refuses a field, by a rule that the description does not have.
func ExampleRespondBody() {
	space := signalwiretest.New(t)
	space.Inject(signalwiretest.Fault{
		Operation: "create_message",
		Kind:      signalwiretest.RespondBody(422, "application/json", `{"errors":[{"attribute":"to","code":"invalid","message":"is not a mobile number"}]}`),
	})
	_, err := space.Client().Messages.Create(ctx, gen.SMSMessage{From: "+15555550100", To: "+15555550199", Body: signalwire.Ptr("Hello")})

	var failure *signalwire.Error
	if errors.As(err, &failure) {
		for _, item := range failure.Items {
			fmt.Println(item.Attribute, item.Message)
		}
	}
	// Output: to is not a mobile number
}

// A message goes through its states, of which the Space notifies a handler.
func ExampleSpace_Advance() {
	space := signalwiretest.New(t)
	hooks, err := webhook.New("https://hooks.example.com", space.SigningKey())
	if err != nil {
		panic(err)
	}
	space.Handle("https://hooks.example.com", webhook.Handler(hooks, events.MessageStatus,
		func(_ context.Context, m *events.MessageStatusPayload) error {
			fmt.Println(m.Status)
			return nil
		}))

	_, err = space.Client().Messages.Create(ctx, gen.SMSMessage{
		From: "+15555550100", To: "+15555550199", Body: signalwire.Ptr("Hello"),
		StatusCallback: signalwire.Ptr("https://hooks.example.com/sms"),
	})
	if err != nil {
		panic(err)
	}
	space.Advance(time.Minute)
	// Output:
	// queued
	// sent
	// delivered
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
