// Command patch changes a SIP gateway and a subscriber's SIP credential, and
// prints what is sent and what comes back.
//
// Without configuration, it changes those of a Space inside the process. If
// SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN are set, it
// changes those in that Space whose ids are -gateway, -subscriber and -credential.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func main() {
	var ids ids
	flag.TextVar(&ids.gateway, "gateway", uuid.Nil, "id of the SIP gateway to change")
	flag.TextVar(&ids.subscriber, "subscriber", uuid.Nil, "id of the subscriber whose credential to change")
	flag.TextVar(&ids.credential, "credential", uuid.Nil, "id of the SIP credential to change")
	flag.Parse()
	if err := run(context.Background(), ids); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type ids struct{ gateway, subscriber, credential uuid.UUID }

func run(ctx context.Context, ids ids) error {
	var client *signalwire.Client
	if os.Getenv(signalwire.EnvSpace)+os.Getenv(signalwire.EnvBaseURL) == "" {
		space, err := signalwiretest.Start()
		if err != nil {
			return err
		}
		defer space.Close()
		ids = seed(space)
		client = space.Client()
		fmt.Println("A Space in this process, as " + signalwire.EnvSpace + " is not set:")
	} else {
		var err error
		if client, err = signalwire.NewFromEnv(); err != nil {
			return err
		}
		if ids.gateway == uuid.Nil || ids.subscriber == uuid.Nil || ids.credential == uuid.Nil {
			return errors.New("patch: expected -gateway, -subscriber and -credential, the ids of what to change")
		}
		fmt.Println("The Space at " + client.Host() + ":")
	}
	defer client.CloseIdleConnections()

	// A call with this option shows its request and sends nothing.
	dryRun := signalwire.WithDryRun(func(r signalwire.DryRunRequest) { fmt.Println("sends:   ", string(r.Body)) })

	title("Change two fields of a SIP gateway")
	change := gen.SIPGatewayUpdate{
		Name:   signalwire.Ptr("edge-1"),
		Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU},
	}
	_, err := client.SIPGateways.Update(ctx, ids.gateway, change, dryRun)
	if !errors.Is(err, signalwire.ErrDryRun) {
		return err
	}
	gateway, err := client.SIPGateways.Update(ctx, ids.gateway, change)
	if err != nil {
		return err
	}
	printGateway(gateway)

	title("Change a SIP credential: a new password, and no caller id")
	secret := gen.SubscriberSIPCredentialUpdate{
		Password: signalwire.Ptr("correct horse battery staple"),
		CallerID: signalwire.Ptr(""), // sent as ""
	}
	_, err = client.SubscriberSIPCredentials.Update(ctx, ids.subscriber, ids.credential, secret, dryRun)
	if !errors.Is(err, signalwire.ErrDryRun) {
		return err
	}
	credential, err := client.SubscriberSIPCredentials.Update(ctx, ids.subscriber, ids.credential, secret)
	if err != nil {
		return err
	}
	fmt.Printf("response: username %q, caller id %q\n", credential.Username, credential.CallerID)

	title("The difference between two states of the gateway, with no call")
	before, err := signalwire.PatchFrom[gen.SIPGatewayUpdate](gateway)
	if err != nil {
		return err
	}
	after := before
	after.Encryption = signalwire.Ptr(gen.EncryptionRequired)
	difference, _ := signalwire.Diff(before, after)
	_, err = client.SIPGateways.Update(ctx, ids.gateway, difference, dryRun)
	if !errors.Is(err, signalwire.ErrDryRun) {
		return err
	}

	title("What an edit would send (dry run)")
	addCodec := func(g *gen.SIPGatewayUpdate) error {
		g.Codecs = append(g.Codecs, gen.CodecG722) // g arrives filled with the current values
		return nil
	}
	_, _, err = client.SIPGateways.Edit(ctx, ids.gateway, addCodec, signalwire.WithDryRun(func(r signalwire.DryRunRequest) {
		fmt.Println(r)
	}))
	if !errors.Is(err, signalwire.ErrDryRun) {
		return err
	}

	title("The edit itself: reads, changes, sends the difference")
	gateway, changed, err := client.SIPGateways.Edit(ctx, ids.gateway, addCodec)
	if err != nil {
		return err
	}
	fmt.Println("changed:", changed)
	printGateway(gateway)

	title("What does not exist")
	_, err = client.SIPGateways.Update(ctx, uuid.MustParse("00000000-0000-4000-8000-000000000000"), change)
	if !errors.Is(err, signalwire.ErrNotFound) {
		return fmt.Errorf("patch: expected ErrNotFound, got: %w", err)
	}
	fmt.Println(err)
	return nil
}

func printGateway(g *gen.SIPGatewayResource) {
	fmt.Printf("response: name %q, codecs %v, encryption %s\n", g.SIPGateway.Name, g.SIPGateway.Codecs, g.SIPGateway.Encryption)
}

func title(text string) { fmt.Printf("\n%s\n", text) }

// seed puts something to change into a Space in the process.
func seed(space *signalwiretest.Space) ids {
	subscriber := uuid.MustParse("7d5b3c1a-9c2e-4f60-8a4d-2b6f0e913c55")
	return ids{
		gateway: space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{
			Name:       "edge",
			URI:        "sip:pbx.example.com",
			Encryption: gen.EncryptionOptional,
			Ciphers:    []gen.Cipher{gen.CipherAESCM128HMACSHA180},
			Codecs:     []gen.Codec{gen.CodecPCMU},
		}}),
		subscriber: subscriber,
		credential: space.Put(gen.SubscriberSIPCredential{
			Username: "alice",
			CallerID: "+15555550100",
		}, subscriber),
	}
}
