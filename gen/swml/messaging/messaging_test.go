package messaging_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml/messaging"
)

// TestForms: documents with each verb in each form fit the schema, if that has the
// form, and are read as they were.
func TestForms(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.SWMLMessaging))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("swml-messaging.json", document))
	schema, err := compiler.Compile("swml-messaging.json")
	require.NoError(t, err)

	hello := messaging.Reply{Body: "Hello."}
	for _, test := range []struct {
		step   messaging.Verb
		want   string
		schema bool
	}{
		{messaging.Reply{Short: "Thanks."}, `{"reply":"Thanks."}`, true},
		{messaging.Reply{To: "+1", From: "+2", StatusURL: "https://example.com/s", Body: "a", Media: []string{"https://example.com/a.png"}}, `{"reply":{"body":"a","from":"+2","media":["https://example.com/a.png"],"status_url":"https://example.com/s","to":"+1"}}`, true},
		{messaging.Reply{Media: []string{"https://example.com/a.png"}}, `{"reply":{"media":["https://example.com/a.png"]}}`, true},
		{messaging.Reply{Switch: &messaging.ReplySwitch{
			Variable: "message.body", Transform: messaging.SwitchTransformLowercaseTrim,
			Case:    map[string]messaging.Reply{"hours": {Short: "9 to 5"}, "hello": hello},
			Default: &messaging.Reply{Short: "What?"},
		}}, `{"reply":{"switch":{"case":{"hello":{"body":"Hello."},"hours":"9 to 5"},"default":"What?","transform":"lowercase_trim","variable":"message.body"}}}`, true},
		{messaging.Receive{}, `{"receive":{}}`, true},
		{messaging.Receive{Short: swml.NameOnly}, `"receive"`, false},
		{messaging.Receive{Short: swml.Null}, `{"receive":null}`, false},
		{messaging.Request{URL: "https://example.com", Method: messaging.HTTPMethodPATCH, Headers: map[string]string{"X-A": "b"}, Body: "a=b", Timeout: swml.Of(2.5), SaveVariables: swml.Of(true)},
			`{"request":{"body":"a=b","headers":{"X-A":"b"},"method":"PATCH","save_variables":true,"timeout":2.5,"url":"https://example.com"}}`, true},
		{messaging.Request{URL: "https://example.com", Body: map[string]any{"a": json.Number("1")}}, `{"request":{"body":{"a":1},"url":"https://example.com"}}`, true},
		{messaging.Execute{Dest: "main", Params: map[string]any{"a": "b"}}, `{"execute":{"dest":"main","params":{"a":"b"}}}`, true},
		{messaging.Transfer{Dest: "https://example.com", Method: messaging.HTTPMethodGET, Params: map[string]any{"a": json.Number("1")}}, `{"transfer":{"dest":"https://example.com","method":"GET","params":{"a":1}}}`, true},
		{messaging.Switch{Variable: "a", Transform: messaging.SwitchTransformTrim, Case: map[string]messaging.Section{"1": {messaging.Receive{}}}, Default: messaging.Section{}},
			`{"switch":{"case":{"1":[{"receive":{}}]},"default":[],"transform":"trim","variable":"a"}}`, true},
		{messaging.Label("a"), `{"label":"a"}`, true},
		{messaging.Goto{Label: "a", Max: swml.Of(3)}, `{"goto":{"label":"a","max":3}}`, true},
		{messaging.Return{Short: "x"}, `{"return":"x"}`, true},
		{messaging.Return{}, `{"return":{}}`, true},
		{messaging.Unknown{JSON: map[string]any{"play": "say:a"}}, `{"play":"say:a"}`, false},
	} {
		doc := messaging.Document{Version: "1.0.0", Sections: map[string]messaging.Section{"main": {test.step}}}
		text, err := gen.NewSWML(doc)
		require.NoError(t, err)
		require.Equal(t, `{"sections":{"main":[`+test.want+`]},"version":"1.0.0"}`, string(text))
		back, err := messaging.Parse(text)
		require.NoError(t, err)
		require.Equal(t, doc, back)
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, test.schema, schema.Validate(instance) == nil, "%s", text)
	}
}

func TestCheck(t *testing.T) {
	doc := messaging.Document{Sections: map[string]messaging.Section{"main": {
		messaging.Reply{}, messaging.Reply{Short: "a"}, messaging.Goto{Label: "a"}, messaging.Execute{Dest: "b"}, nil,
		messaging.Request{Method: "HEAD", Timeout: swml.Of(9.0)},
		messaging.Switch{Transform: "rot13"},
	}}}
	require.EqualError(t, doc.Check(), `sections.main[0].reply: one of body, media, switch is needed
sections.main[4]: the step is nil
sections.main[5].request.method: "HEAD" is none of GET, POST, PUT, PATCH, DELETE, and no variable
sections.main[5].request.timeout: 9 is not between 0 and 5
sections.main[6].switch.transform: "rot13" is none of lowercase, uppercase, trim, lowercase_trim, uppercase_trim, and no variable
sections.main[2].goto.label: there is no label "a" in section main
sections.main[3].execute.dest: there is no section "b"`)
}

func TestUnmarshal(t *testing.T) {
	const text = `{"sections":{"main":["receive",{"reply":{"body":"a","new":1}},{"dance":{}}]}}`
	var doc messaging.Document
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	parsed, err := messaging.Parse([]byte(text))
	require.NoError(t, err)
	require.Equal(t, parsed, doc)
	back, err := json.Marshal(doc)
	require.NoError(t, err)
	require.Equal(t, text, string(back))
}
