// Ivr answers calls of a bakery with a menu: opening hours, an order that is taken
// by a person, and a mailbox for when nobody is there.
//
//	go run ./wrapper/examples/ivr -listen localhost:8080
//
// It serves SWML. Create a SWML webhook with its public URL, and have it handle the calls
// to a phone number. The test beside this file makes the calls without a telephone.
package main

import (
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
)

func main() {
	listen := flag.String("listen", "localhost:8080", "where to listen")
	staff := flag.String("staff", "+15555550100", "who takes orders")
	flag.Parse()
	log.Printf("The SWML of the menu is at http://%s/", *listen)
	server := &http.Server{Addr: *listen, Handler: handler(*staff), ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// handler responds to each call with the menu.
func handler(staff string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		document, err := gen.NewSWML(menu(staff))
		if err != nil {
			http.Error(w, "no menu", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document)
	})
}

// menu is what happens in a call.
func menu(staff string) swml.Document {
	say := func(text string) swml.Play { return swml.Play{URL: "say:" + text} }
	return swml.Document{Version: "1.0.0", Sections: map[string]swml.Section{
		"main": {
			swml.Answer{},
			say("Welcome to the bakery."),
			swml.Label("menu"),
			swml.Prompt{
				Play:           swml.One("say:Press 1 for opening hours, 2 to order."),
				MaxDigits:      swml.Of(1),
				InitialTimeout: swml.Of(8.0),
			},
			swml.Switch{
				Variable: "prompt_value",
				Case: map[string]swml.Section{
					"1": {say("We are open from 6 to 18 o'clock."), swml.Goto{Label: "menu", Max: swml.Of(3)}},
					"2": {swml.Transfer{Dest: "order"}},
				},
				Default: swml.Section{say("I did not understand."), swml.Goto{Label: "menu", Max: swml.Of(2)}},
			},
			say("Goodbye."),
			swml.Hangup{},
		},
		"order": {
			swml.Connect{
				To:      staff,
				Timeout: swml.Of(20),
				Result: swml.Result{Switch: &swml.Switch{
					Variable: "connect_result",
					Case:     map[string]swml.Section{"connected": {swml.Hangup{}}},
					Default:  swml.Section{swml.Transfer{Dest: "mailbox"}},
				}},
			},
		},
		"mailbox": {
			say("Nobody is free. Tell us what you want after the tone."),
			swml.Record{Beep: swml.Of(true), MaxLength: swml.Of(60.0), Terminators: "#"},
			swml.SendSMS{FromNumber: "${call.to}", ToNumber: staff, Body: "${call.from} left a message: ${record_url}"},
			say("Thank you. Goodbye."),
			swml.Hangup{},
		},
	}}
}
