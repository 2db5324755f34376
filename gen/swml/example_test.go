package swml_test

import (
	"fmt"
	"log"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
)

func Example() {
	doc := swml.Document{Sections: map[string]swml.Section{"main": {
		swml.Answer{},
		swml.Prompt{Play: swml.One("say:Press 1 for sales, 2 to talk to our assistant."), MaxDigits: swml.Of(1)},
		swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{
			"1": {swml.Connect{To: "+15555550100", Timeout: swml.Var[int]("ring_for")}},
			"2": {swml.AI{
				Prompt: &swml.AIPrompt{Text: "You help callers of a bakery."},
				SWAIG: &swml.SWAIG{Functions: []swml.SWAIGFunction{{
					Function:    "opening_hours",
					Description: "Returns when the bakery is open on a day of the week.",
					Parameters: &swml.Schema{Type: swml.SchemaTypeObject, Properties: map[string]swml.Schema{
						"day": {Type: swml.SchemaTypeString, Description: "The day, such as Monday."},
					}},
					WebHookURL: "https://example.com/swaig",
				}}},
			}},
		}, Default: swml.Section{swml.Hangup{}}},
	}}}
	if err := doc.Check(); err != nil {
		fmt.Println(err)
	}
	contents, err := gen.NewSWML(doc)
	fmt.Println(string(contents), err)

	script := gen.CallingSWMLScript{Contents: contents}
	back, err := swml.Parse(script.Contents)
	fmt.Println(back.Sections["main"][1].(swml.Prompt).MaxDigits.Get())
	fmt.Println(back.Sections["main"][2].(swml.Switch).Case["1"], err)
	// Output:
	// {"sections":{"main":[{"answer":{}},{"prompt":{"max_digits":1,"play":"say:Press 1 for sales, 2 to talk to our assistant."}},{"switch":{"case":{"1":[{"connect":{"timeout":"${ring_for}","to":"+15555550100"}}],"2":[{"ai":{"SWAIG":{"functions":[{"description":"Returns when the bakery is open on a day of the week.","function":"opening_hours","parameters":{"properties":{"day":{"description":"The day, such as Monday.","type":"string"}},"type":"object"},"web_hook_url":"https://example.com/swaig"}]},"prompt":{"text":"You help callers of a bakery."}}}]},"default":[{"hangup":{}}],"variable":"prompt_value"}}]}} <nil>
	// 1 true
	// [{"connect":{"timeout":"${ring_for}","to":"+15555550100"}}] <nil>
}

// The prompt and the functions of an AI agent that the API manages.
func ExampleEncode() {
	prompt, err := swml.Encode(swml.AIPrompt{Text: "You help callers of a bakery."})
	if err != nil {
		log.Fatal(err)
	}
	functions, err := swml.Encode(swml.SWAIG{Functions: []swml.SWAIGFunction{{
		Function: "price", Description: "Returns the price of a bread.", WebHookURL: "https://example.com/price",
	}}})
	if err != nil {
		log.Fatal(err)
	}
	agent := gen.AIAgentCreate{Name: "bakery", Prompt: prompt, SWAIG: functions}
	fmt.Println(agent.Prompt)
	fmt.Println(agent.SWAIG)
	// Output:
	// {"text":"You help callers of a bakery."}
	// {"functions":[{"description":"Returns the price of a bread.","function":"price","web_hook_url":"https://example.com/price"}]}
}
