// Package signalwiretest has a SignalWire Space that runs inside of a test: an
// HTTP server on this machine that accepts the requests that SignalWire accepts,
// refuses those that it refuses, and stores what they change.
//
//	space := signalwiretest.New(t)
//	client := space.Client()
//	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "edge-1"}})
//
// The client is a real one, of package signalwire. [Space.Put] and [Get] set and
// read what the Space has, and [Space.Requests] returns what it was asked. Its
// clock and all that it makes up are the same in every run.
//
// # Faults
//
// [Space.Inject] makes things go wrong: statuses, timeouts, pages of proxies,
// connections that break, before or after the Space has done what it was asked.
// At most one fault happens to each request, in the order in which they were injected.
// Here a purchase is processed and its response is cut off, and the next
// request gets a Retry-After:
//
//	space.Inject(
//		signalwiretest.Fault{Kind: signalwiretest.CutBody(10), After: true},
//		signalwiretest.Fault{Kind: signalwiretest.RetryAfterSeconds(1)},
//	)
//
// [Respond] and [HTMLBody] are proxies that respond instead of the Space.
// [ProcessAfter] is a slow server that does not stop when its client has gone, and
// [ProcessWhen] the same for a test that decides when it is done:
//
//	release := make(chan struct{})
//	space.Inject(signalwiretest.Fault{Kind: signalwiretest.ProcessWhen(release)})
//	_, err := client.SIPGateways.Update(ctx, id, first)  // times out
//	_, err = client.SIPGateways.Update(ctx, id, second)  // is acknowledged
//	close(release)                                     // the first one takes effect
//	space.WaitIdle()
//
// # Options
//
// A Space can be less kind than the API's description, as real ones are:
//
//	space := signalwiretest.New(t,
//		signalwiretest.WithQuirks(),       // odd forms of the same values
//		signalwiretest.WithReplacingPUT(), // a PUT resets what it does not mention
//		signalwiretest.WithSeed(7),        // which odd forms, and all ids
//	)
//
// A test that passes with a few seeds of [WithQuirks] does not depend on forms
// that a Space may change. With [WithReplacingPUT] and without it, a program
// keeps what it does not mean to change. [WithTLS] makes the Space speak HTTPS,
// [WithJournal] limits how many requests it remembers, for programs that send
// millions, and [WithDescription] gives it another API.
//
// # SWML
//
// [Space.Run] makes a call to a number that has a SWML document, and returns what
// the caller hears, who is connected, and which functions of an AI agent are
// called, so that a voice application is tested without a telephone:
//
//	run := space.Run(t, doc, signalwiretest.WithInput("2"))
//	fmt.Println(run)
//
// [ValidateSWML] validates a document against SignalWire's JSON Schema, and
// [WithSWMLSchema] makes a Space do so with the SWML in requests.
//
// # Webhooks
//
// [Space.Advance] moves the clock and lets things happen: a message is queued, sent and
// delivered, a call that was dialled rings, is answered and ends, what is registered for
// 10DLC leaves pending. Each posts its states to the URL that its request named, signed
// with [Space.SigningKey]. Nothing happens before, and nothing is random:
//
//	space.Handle("https://hooks.example.com", handler)
//	space.Script("create_message", signalwiretest.Step{State: "undelivered", Code: "30003"})
//	_, err := client.Messages.Create(ctx, message)
//	space.Advance(time.Minute)
//
// [Space.ReceiveCall] and [Space.ReceiveMessage] are calls and messages that come in, for
// which the Space fetches SWML or cXML. [Space.Deliver] and [Space.Post] send any request
// of package events. [Space.DeliverAll] sends requests late, twice, out of order, unsigned
// or with an old key. [Space.Callbacks] returns all that was sent.
//
// # What it does
//
// There is no code for any operation. All that a Space knows is the description
// of the API that the client is generated from:
//
//   - Credentials are checked as the operation's security says.
//   - A request that does not match the description is refused with status 422 and
//     the fields that are wrong, in the form that the operation has for it; with
//     400 if its body is not JSON, 413 if it is longer than 10 MiB, 415 if it is
//     of another type. An id that does not exist, or is no id, gets 404. SWML in
//     it can be any JSON; see [WithSWMLSchema].
//   - A path that ends in an id is a resource: GET reads it, PATCH and PUT merge
//     the fields of the request into it, DELETE deletes it and what is below it.
//     A path without one is a list, which POST adds to and GET reads a page of;
//     or else the only one of its kind, which is always there.
//   - Every other operation is a command. It changes nothing but the resource
//     that it responds with, if it does, and counts as an effect.
//   - What is sent or called is in the message log, the voice log or the fax log at
//     once. Logs are newest first, and have their filters: times, and what was deleted,
//     which has a discarded_at. The header Date of a success has the Space's own time.
//   - A search for numbers finds those that a test has put and that are not bought yet,
//     or else numbers that are made up to fit it. A look-up knows every number in E.164
//     format, and of one that a test has put what was put.
//   - Responses match the description. What a request set is in them where they
//     have a field for it; what they require beside that is made up and then
//     stays. What can be written but not read, such as a password, is kept
//     where [Space.GetAt] shows it, and is in no response.
//   - A resource below another, such as a subscriber's SIP credential, needs the
//     other only if the Space has some of that kind.
//
// # What it does not do
//
// Nothing happens but what the requests say, until the clock is advanced. No domain is
// verified, and a resource gets no addresses; a test that needs such a thing puts it
// there ([Space.PutAt]). Filters of lists other than those of logs and of numbers that
// can be bought are checked and have no effect. Rules that the description does not have are not
// known: which names are taken, which ids in a request exist, which scopes a
// token has, how many requests a second are allowed.
package signalwiretest
