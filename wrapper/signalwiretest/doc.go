// Package signalwiretest provides a SignalWire Space for tests: an HTTP server in the
// process of the test that accepts the requests that SignalWire accepts, refuses those
// that SignalWire refuses, and stores what they change.
//
//	space := signalwiretest.New(t)
//	client := space.Client()
//	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "edge-1"}})
//
// The client is a client of package signalwire. [Space.Put] stores a resource in the
// Space, [Get] returns one, and [Space.Requests] returns the requests that the Space
// has received. The clock of the Space and all values that it makes up are the same in
// every run.
//
// # Faults
//
// [Space.Inject] makes requests fail: with an error status, a timeout, the error page
// of a proxy or a broken connection, before or after the Space has executed the
// operation. At most one fault happens to a request, and faults happen in the order in
// which they were injected. Here a purchase is processed and its response is cut off,
// and the next request gets a Retry-After:
//
//	space.Inject(
//		signalwiretest.Fault{Kind: signalwiretest.CutBody(10), After: true},
//		signalwiretest.Fault{Kind: signalwiretest.RetryAfterSeconds(1)},
//	)
//
// [Respond] and [HTMLBody] simulate proxies that respond instead of the Space.
// [ProcessAfter] simulates a slow server that continues after its client has closed the
// connection. With [ProcessWhen], the test decides when the request is processed:
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
// A Space can deviate from the API's description, as real Spaces do:
//
//	space := signalwiretest.New(t,
//		signalwiretest.WithQuirks(),       // odd forms of the same values
//		signalwiretest.WithReplacingPUT(), // a PUT resets what it does not mention
//		signalwiretest.WithSeed(7),        // which odd forms, and all ids
//	)
//
// A program that passes its tests with [WithQuirks] and a few seeds does not depend on
// forms that a Space may change. One that passes them both with [WithReplacingPUT] and
// without it loses no settings in updates. [WithTLS] makes the Space speak HTTPS.
// [WithJournal] limits the number of requests that it remembers, for programs that send
// millions. [WithDescription] gives it another API.
//
// # SWML
//
// [Space.Run] simulates a call that a SWML document controls. It returns what the caller
// hears, who is connected, and which functions of an AI agent are called, so that a voice
// application can be tested without a telephone:
//
//	run := space.Run(t, doc, signalwiretest.WithInput("2"))
//	fmt.Println(run)
//
// [ValidateSWML] validates a document against SignalWire's JSON Schema, and
// [WithSWMLSchema] makes a Space validate the SWML in requests.
//
// # Webhooks
//
// [Space.Advance] moves the clock forward and lets things happen: a message is queued,
// sent and delivered; a call that was dialled rings, is answered and ends; a
// registration for 10DLC leaves the state pending. The Space posts each new state to
// the URL that the request named, signed with [Space.SigningKey]. Nothing happens
// before the clock is advanced, and nothing is random:
//
//	space.Handle("https://hooks.example.com", handler)
//	space.Script("create_message", signalwiretest.Step{State: "undelivered", Code: "30003"})
//	_, err := client.Messages.Create(ctx, message)
//	space.Advance(time.Minute)
//
// [Space.ReceiveCall] and [Space.ReceiveMessage] simulate inbound calls and messages,
// for which the Space requests SWML or cXML. [Space.Deliver] and [Space.Post] send any
// request of package events. [Space.DeliverAll] makes the Space send requests late,
// twice, out of order, unsigned or signed with an old key. [Space.Callbacks] returns
// all requests that the Space has sent.
//
// # What it does
//
// A Space has no code for individual operations. It does what the description of the
// API says, from which the client is generated, too:
//
//   - It checks the credentials as the security of the operation requires.
//   - A request that does not match the description gets status 422 and the fields that
//     are wrong, in the form that the operation has for errors. It gets 400 if its body
//     is not JSON, 413 if the body is longer than 10 MiB, 415 if it has another type, and
//     404 for an id that does not exist or is not valid. SWML in a request can be any
//     JSON; see [WithSWMLSchema].
//   - A path that ends in an id is a resource: GET reads it, PATCH and PUT merge the
//     fields of the request into it, and DELETE deletes it with all resources below it.
//     Any other path is a list, to which POST adds a resource and of which GET reads a
//     page, or a singleton, which always exists.
//   - Every other operation is a command. It changes nothing but the resource that it
//     returns, if it returns one, and counts as an effect. A PUT that is a command, such as
//     the verification of a caller ID, also lets that resource reach the next state.
//   - Messages, calls and faxes are in their logs at once. Logs are sorted, newest
//     first, and have their filters: for times, and for deleted entries, which have a
//     discarded_at. A filter that is neither a date nor a time has no effect. The header
//     Date of a success has the time of the Space's clock.
//   - A search for phone numbers finds the numbers that a test has put and that are not
//     bought yet, or else numbers that are made up to match. A look-up finds every number
//     in E.164 format. For a number that a test has put, it returns the members that were
//     put.
//   - Responses match the description. They have the values that requests have set,
//     where the description has a member for them. Other required values are made up, and
//     then stay the same. Values that can be written but not read, such as passwords, are
//     in no response; [Space.GetAt] returns them.
//   - A resource below another one, such as a subscriber's SIP credential, requires the
//     other one to exist only if the Space has, or had, any resource of that type.
//
// # What it does not do
//
// Without the clock being advanced, only requests change anything. No domain is
// verified, and a resource gets no addresses; a test that needs them uses
// [Space.PutAt]. Filters of lists other than logs and numbers that can be bought are
// validated but have no effect. A Space does not know rules that the description lacks:
// which names are taken, which ids in a request exist, which scopes a token has, and
// how many requests a second are allowed.
//
// A Space has no files: the URL of a recording that it makes up leads nowhere. For a
// test of a download, put a recording whose URL is that of an httptest.Server.
package signalwiretest
