package swml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen/internal/swmljson"
)

// schema compiles the JSON Schema of SWML.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.SWML))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(pattern)
	require.NoError(t, compiler.AddResource("swml.json", document))
	compiled, err := compiler.Compile("swml.json")
	require.NoError(t, err)
	return compiled
}

// pattern compiles a regular expression of JavaScript. Of what Go lacks, the schema
// has what no text may be.
func pattern(text string) (jsonschema.Regexp, error) {
	if not, found := strings.CutPrefix(text, "^(?!"); found {
		return other(strings.TrimSuffix(not, "$).*$")), nil
	}
	return regexp.Compile(text)
}

type other string

func (o other) MatchString(text string) bool { return text != string(o) }
func (o other) String() string               { return string(o) }

// mistakes are what is wrong by the schema: of unions, in the variants whose type
// and required members are there.
func mistakes(err error) (found []string) {
	var e *jsonschema.ValidationError
	if !errors.As(err, &e) {
		return nil
	}
	if len(e.Causes) == 0 {
		return []string{fmt.Sprintf("/%s: %v", strings.Join(e.InstanceLocation, "/"), e.ErrorKind)}
	}
	var likely []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		if !slices.ContainsFunc(append(cause.Causes, cause), func(c *jsonschema.ValidationError) bool {
			_, required := c.ErrorKind.(*kind.Required)
			_, typed := c.ErrorKind.(*kind.Type)
			return (required || typed) && len(c.InstanceLocation) == len(e.InstanceLocation)
		}) {
			likely = append(likely, cause)
		}
	}
	if len(likely) == 0 {
		likely = e.Causes
	}
	for _, cause := range likely {
		found = append(found, mistakes(cause)...)
	}
	return found
}

// value decodes JSON so that no digit is lost.
func value(t testing.TB, text []byte) (v any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&v), "%s", text)
	return v
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}

// main is a document that consists of these steps.
func main(steps ...Verb) Document {
	return Document{Version: "1.0.0", Sections: map[string]Section{"main": steps}}
}

// TestEveryField: documents that have each field of each verb fit the schema, and
// are read as they were.
func TestEveryField(t *testing.T) {
	compiled := schema(t)
	seen := map[string]bool{}
	var byName map[string]swmljson.Rule
	require.NoError(t, json.Unmarshal([]byte(rules), &byName))
	names := verbNames(t)
	require.Len(t, names, 43)
	for _, name := range names {
		for variant := range 8 {
			f := filler{verb: name, variant: variant, seen: seen, rules: byName}
			v := reflect.New(typeOf(name)).Elem()
			f.fill(v, "", swmljson.Rule{})
			doc := main(v.Interface().(Verb))
			if name == "goto" {
				doc = main(Label(v.FieldByName("Label").String()), v.Interface().(Verb))
			}
			text := encode(t, doc)
			assert.Empty(t, mistakes(compiled.Validate(value(t, text))), "%s %d: %s", name, variant, text)
			back, err := Parse(text)
			require.NoError(t, err)
			assert.Equal(t, doc, back, "%s", text)
			assert.NoError(t, doc.Check(), "%s", text)
		}
	}
	for _, name := range names {
		for _, field := range fieldsOf(typeOf(name), map[reflect.Type]bool{}) {
			assert.True(t, seen[field], "%s is in none of the documents", field)
		}
	}
}

// typeOf returns the type of a verb.
func typeOf(name string) reflect.Type {
	i := slices.IndexFunc(verbs, func(verb swmljson.Verb) bool {
		return verb.Name == name
	})
	return reflect.TypeOf(verbs[i].Type).Elem()
}

func verbNames(t testing.TB) (names []string) {
	var document struct {
		Defs map[string]struct {
			AnyOf []struct {
				Ref string `json:"$ref"`
			}
			Properties map[string]any
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(api.SWML, &document))
	for _, verb := range document.Defs["SWMLMethod"].AnyOf {
		for name := range document.Defs[strings.TrimPrefix(verb.Ref, "#/$defs/")].Properties {
			names = append(names, name)
		}
	}
	return names
}

// fieldsOf are the fields with names in JSON that a type has in it.
func fieldsOf(t reflect.Type, seen map[reflect.Type]bool) (names []string) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return fieldsOf(t.Elem(), seen)
	case reflect.Struct:
		if seen[t] {
			return nil
		}
		seen[t] = true
		for i := range t.NumField() {
			f := t.Field(i)
			if name := nameOf(f); name != "" && name != "Extra" {
				names = append(names, t.Name()+"."+name)
			}
			names = append(names, fieldsOf(f.Type, seen)...)
		}
	}
	return names
}

// nameOf returns the name of a field in JSON.
func nameOf(f reflect.StructField) string {
	return strings.Trim(strings.TrimSuffix(f.Tag.Get("json"), ",omitzero"), "-")
}

// filler sets the fields of a verb. Of what excludes each other it sets one, which
// depends on the variant.
type filler struct {
	verb    string
	variant int
	depth   int
	seen    map[string]bool
	rules   map[string]swmljson.Rule
}

// onlyIn are the verbs in which the schema has a field, where it does not have it
// in all of those that share the type.
var onlyIn = map[string]string{
	"SWAIG.native_functions": "ai", "SWAIG.includes": "ai", "SWAIG.internal_fillers": "ai", "SWAIG.mcp_servers": "ai ai_sidecar",
	"SWAIGDefaults.web_hook_auth_user": "ai ai_sidecar amazon_bedrock", "SWAIGFunction.fillers": "ai", "SWAIGFunction.argument": "ai",
	"SWAIGFunction.skip_fillers": "ai", "SWAIGFunction.wait_file": "ai", "SWAIGFunction.wait_file_loops": "ai", "SWAIGFunction.wait_for_fillers": "ai",
	"SWAIGFunction.purpose": "ai ai_sidecar", "SWAIGFunction.web_hook_auth_user": "ai ai_sidecar", "SWAIGFunction.web_hook_auth_password": "ai ai_sidecar",
	"SWAIGFunction.active": "ai amazon_bedrock", "SWAIGFunction.meta_data": "ai amazon_bedrock", "SWAIGFunction.meta_data_token": "ai amazon_bedrock",
	"SWAIGFunction.data_map": "ai amazon_bedrock", "DataMapWebhook.required_args": "ai", "Output.post_process": "ai",
}

var forOneParty = []string{"username", "password", "name", "codec", "realtime", "status_url_method", "authorization_bearer_token", "custom_parameters"}

func (f *filler) skips(t reflect.Type, name string) bool {
	if verbs, found := onlyIn[t.Name()+"."+name]; found && !slices.Contains(strings.Fields(verbs), f.verb) {
		return true
	}
	switch t.Name() {
	case "Connect":
		return f.variant > 1 && slices.Contains(forOneParty, name)
	case "Context":
		return name == "pom" && f.variant%2 == 0 || name == "text" && f.variant%2 == 1
	case "Condition":
		return f.variant == 1 && name != "else"
	case "Action":
		return false
	case "POMSection":
		return name == "subsections" && f.depth > 12
	}
	return false
}

func (f *filler) fill(v reflect.Value, name string, rule swmljson.Rule) {
	f.depth++
	defer func() { f.depth-- }()
	switch x := v.Addr().Interface().(type) {
	case *Schema:
		*x = Schema{Type: SchemaTypeObject, Properties: f.properties(), Required: []string{"string"}}
		return
	case *Section:
		*x = Section{Hangup{Reason: HangupReasonBusy}, Play{URL: "say:x"}}
		return
	case *OneOrMany[Action]:
		*x = f.actions()
		return
	case *Confirm:
		*x = Confirm{URL: "https://example.com/x"}
		if f.variant%2 == 0 {
			*x = Confirm{Steps: Section{Hangup{}}}
		}
		return
	case *ToolResult:
		if f.verb == "amazon_bedrock" {
			x.Short = "x"
			return
		}
	case *any:
		*x = "${x}"
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text(name, rule))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name, rule)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), name, rule)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		f.fill(value, name, rule)
		v.SetMapIndex(reflect.ValueOf("default"), value)
	case reflect.Struct:
		f.object(v, name, rule)
	}
}

func (f *filler) object(v reflect.Value, name string, rule swmljson.Rule) {
	t := v.Type()
	group := f.rules[t.Name()+"."].Choice
	if strings.HasPrefix(t.Name(), "Value[") {
		v.FieldByName("JSON").Set(reflect.ValueOf(number(t, rule)))
		return
	}
	whole := 0
	for i := range t.NumField() {
		field := t.Field(i)
		tag := nameOf(field)
		switch {
		case tag == "Extra" || field.Name == "Short":
		case tag == "":
			if whole == f.variant%2 || t.NumField() == 1 {
				f.fill(v.Field(i), name, rule)
			}
			whole++
		case slices.Contains(group, tag) && slices.Index(group, tag) != f.variant/2%len(group) || f.skips(t, tag):
		default:
			f.seen[t.Name()+"."+tag] = true
			f.fill(v.Field(i), tag, f.rules[t.Name()+"."+tag])
		}
	}
}

func text(name string, rule swmljson.Rule) string {
	if rule.Enum != nil {
		return rule.Enum[0]
	}
	switch name {
	case "hard_stop_time":
		return "1h30m"
	case "action":
		return "stop"
	case "filter_from", "filter_to":
		return "prompt:x"
	}
	return "https://example.com/x"
}

func number(t reflect.Type, rule swmljson.Rule) any {
	n := 1.5
	if rule.Limits != nil {
		n = rule.Limits[0]
	}
	switch t {
	case reflect.TypeFor[Value[bool]]():
		return true
	case reflect.TypeFor[Value[int]]():
		return Of(int(n)).JSON
	}
	return Of(n).JSON
}

// properties are arguments of a function, of each kind that there is.
func (f *filler) properties() map[string]Schema {
	number := Schema{Type: SchemaTypeInteger, Description: "x", Enum: []any{json.Number("1"), json.Number("2")}, Default: json.Number("1")}
	text := Schema{Type: SchemaTypeString, Description: "x", Enum: []any{"a"}, Default: "a"}
	all := map[string]Schema{
		"string": text, "integer": number,
		"number":  {Type: SchemaTypeNumber, Enum: []any{json.Number("1.5")}, Default: json.Number("2.5")},
		"boolean": {Type: SchemaTypeBoolean, Default: true},
		"array":   {Type: SchemaTypeArray, Items: &text},
		"object":  {Type: SchemaTypeObject, Properties: map[string]Schema{"a": number}, Required: []string{"a"}},
	}
	if f.verb != "ai_sidecar" {
		text.Nullable, text.Pattern, text.Format = Of(true), "^a$", StringFormatEmail
		all["string"] = text
		all["null"] = Schema{Type: SchemaTypeNull, Description: "x"}
		all["one"], all["all"] = Schema{OneOf: []Schema{text}}, Schema{AllOf: []Schema{text}}
		all["any"], all["const"] = Schema{AnyOf: []Schema{text, number}}, Schema{Const: "a"}
	}
	for _, name := range []string{"type", "properties", "required", "description", "enum", "default", "items", "nullable", "pattern", "format", "oneOf", "allOf", "anyOf", "const"} {
		f.seen["Schema."+name] = true
	}
	return all
}

// actions are all actions, each alone, or one.
func (f *filler) actions() OneOrMany[Action] {
	var all []Action
	for i := range reflect.TypeFor[Action]().NumField() {
		field := reflect.TypeFor[Action]().Field(i)
		name := nameOf(field)
		if name == "Extra" {
			continue
		}
		action := reflect.New(reflect.TypeFor[Action]()).Elem()
		f.seen["Action."+name], f.seen["Document.version"], f.seen["Document.sections"] = true, true, true
		switch name {
		case "SWML", "transfer":
			doc := main(Hangup{})
			action.Set(reflect.ValueOf(Action{SWML: &doc, Transfer: Of(true)}))
		default:
			f.fill(action.Field(i), name, swmljson.Rule{})
		}
		all = append(all, action.Interface().(Action))
	}
	if f.variant == 0 {
		return One(all[len(all)-1])
	}
	return Many(all...)
}

// TestForms: what stands in place of an object is written and read as it was, and
// fits the schema where that has it.
func TestForms(t *testing.T) {
	compiled := schema(t)
	nested := main(Play{URL: "say:x"})
	for _, test := range []struct {
		step   Verb
		want   string
		schema bool
	}{
		{Answer{}, `{"answer":{}}`, true},
		{Answer{Short: Null}, `{"answer":null}`, false},
		{Answer{Short: NameOnly}, `"answer"`, false},
		{Hangup{Short: NameOnly}, `"hangup"`, false},
		{Answer{MaxDuration: Of(0)}, `{"answer":{"max_duration":0}}`, true},
		{Answer{MaxDuration: Var[int]("longest")}, `{"answer":{"max_duration":"${longest}"}}`, true},
		{Answer{Extra: map[string]any{"codecs": "", "new": nil}}, `{"answer":{"codecs":"","new":null}}`, false},
		{Play{URL: "${record_call_url}"}, `{"play":{"url":"${record_call_url}"}}`, true},
		{Play{URLs: []string{"say:a", "silence:1"}}, `{"play":{"urls":["say:a","silence:1"]}}`, true},
		{Play{URLs: []string{}}, `{"play":{"urls":[]}}`, true},
		{Play{Short: "say:a"}, `{"play":"say:a"}`, false},
		{Play{Short: []any{"say:a", "say:b"}}, `{"play":["say:a","say:b"]}`, false},
		{Play{URL: "say:a", Volume: Of(-3.5), AutoAnswer: Of(false)}, `{"play":{"auto_answer":false,"url":"say:a","volume":-3.5}}`, true},
		{Prompt{Play: One("say:a")}, `{"prompt":{"play":"say:a"}}`, true},
		{Prompt{Play: Many("say:a"), DigitTimeout: Of(2.0)}, `{"prompt":{"digit_timeout":2,"play":["say:a"]}}`, true},
		{Sleep{Duration: Of(-1)}, `{"sleep":{"duration":-1}}`, true},
		{Sleep{Short: json.Number("500")}, `{"sleep":500}`, true},
		{Sleep{Short: "${pause}"}, `{"sleep":"${pause}"}`, true},
		{Label("again"), `{"label":"again"}`, true},
		{Label(""), `{"label":""}`, true},
		{Label("label"), `{"label":"label"}`, true},
		{Unknown{JSON: "label"}, `"label"`, false},
		{Unset{Names: One("unset")}, `{"unset":"unset"}`, true},
		{Set{"a": json.Number("1"), "b": json.Number("0.5"), "c": nil, "d": []any{true, "x"}}, `{"set":{"a":1,"b":0.5,"c":null,"d":[true,"x"]}}`, true},
		{Set{}, `{"set":{}}`, true},
		{Unset{Names: One("a")}, `{"unset":"a"}`, true},
		{Unset{Names: Many("a", "b")}, `{"unset":["a","b"]}`, true},
		{Return{}, `{"return":{}}`, true},
		{Return{Short: json.Number("5")}, `{"return":5}`, true},
		{Return{Short: Null}, `{"return":null}`, true},
		{Return{Short: []any{"a"}}, `{"return":["a"]}`, true},
		{Return{Extra: map[string]any{"sum": json.Number("5")}}, `{"return":{"sum":5}}`, true},
		{Cond{{When: "a == 1", Then: Section{Hangup{}}}, {Else: Section{}}}, `{"cond":[{"then":[{"hangup":{}}],"when":"a == 1"},{"else":[]}]}`, true},
		{Switch{Variable: "a", Case: map[string]Section{"1": {Hangup{}}}}, `{"switch":{"case":{"1":[{"hangup":{}}]},"variable":"a"}}`, true},
		{Connect{To: "+15555550100", Confirm: Confirm{URL: "https://example.com/x"}}, `{"connect":{"confirm":"https://example.com/x","to":"+15555550100"}}`, true},
		{Connect{To: "+15555550100", Confirm: Confirm{Steps: Section{Play{URL: "say:a"}}}}, `{"connect":{"confirm":[{"play":{"url":"say:a"}}],"to":"+15555550100"}}`, true},
		{Connect{SerialParallel: [][]ConnectDestination{{{To: "a"}}, {{To: "b"}, {To: "c"}}}}, `{"connect":{"serial_parallel":[[{"to":"a"}],[{"to":"b"},{"to":"c"}]]}}`, true},
		{Connect{To: "a", Result: Result{Cond: []Condition{{Else: Section{Hangup{}}}}}}, `{"connect":{"result":[{"else":[{"hangup":{}}]}],"to":"a"}}`, true},
		{Connect{To: "a", Result: Result{Switch: &Switch{Variable: "x", Case: map[string]Section{}}}}, `{"connect":{"result":{"case":{},"variable":"x"},"to":"a"}}`, true},
		{Execute{Dest: "main", Params: map[string]any{"n": json.Number("1")}, OnReturn: Section{Hangup{}}}, `{"execute":{"dest":"main","on_return":[{"hangup":{}}],"params":{"n":1}}}`, true},
		{Execute{Short: "main"}, `{"execute":"main"}`, false},
		{Transfer{Short: "https://example.com/x"}, `{"transfer":"https://example.com/x"}`, false},
		{Request{URL: "https://example.com", Method: HTTPMethodPOST, Body: "a=b"}, `{"request":{"body":"a=b","method":"POST","url":"https://example.com"}}`, true},
		{Request{URL: "https://example.com", Method: HTTPMethodPOST, Body: map[string]any{"a": "b"}}, `{"request":{"body":{"a":"b"},"method":"POST","url":"https://example.com"}}`, true},
		{SendSMS{ToNumber: "+1", FromNumber: "+2", Body: "a"}, `{"send_sms":{"body":"a","from_number":"+2","to_number":"+1"}}`, true},
		{SendSMS{ToNumber: "+1", FromNumber: "+2", Media: []string{"https://example.com/a"}}, `{"send_sms":{"from_number":"+2","media":["https://example.com/a"],"to_number":"+1"}}`, true},
		{LiveTranscribe{Action: &TranscribeAction{Short: "stop"}}, `{"live_transcribe":{"action":"stop"}}`, true},
		{LiveTranscribe{Action: &TranscribeAction{Short: "summarize"}}, `{"live_transcribe":{"action":"summarize"}}`, true},
		{LiveTranslate{Action: &TranslateAction{Inject: &TranslateInject{Message: "a", Direction: PartyRemoteCaller}}}, `{"live_translate":{"action":{"inject":{"direction":"remote-caller","message":"a"}}}}`, true},
		{AI{Prompt: &AIPrompt{Text: "a"}, Hints: []Hint{{Short: "a"}, {Hint: "a", Pattern: "b", Replace: "c"}}}, `{"ai":{"hints":["a",{"hint":"a","pattern":"b","replace":"c"}],"prompt":{"text":"a"}}}`, true},
		{AI{Prompt: &AIPrompt{Text: "a"}, Languages: []Language{{Name: "a", Code: Many("en", "fr"), Voice: "v"}}}, `{"ai":{"languages":[{"code":["en","fr"],"name":"a","voice":"v"}],"prompt":{"text":"a"}}}`, true},
		{AI{Extra: map[string]any{"prompt": "a"}}, `{"ai":{"prompt":"a"}}`, false},
		{AI{Prompt: &AIPrompt{Text: "a"}, Params: &AIParams{AttentionTimeout: Of(0), Extra: map[string]any{"background_file_loops": nil, "own": json.Number("1")}}}, `{"ai":{"params":{"attention_timeout":0,"background_file_loops":null,"own":1},"prompt":{"text":"a"}}}`, true},
		{AI{Prompt: &AIPrompt{Text: "a"}, SWAIG: &SWAIG{Functions: []SWAIGFunction{{Function: "f", Description: "d", DataMap: &DataMap{Output: &Output{Response: &ToolResult{Short: "ok"}, Action: One(Action{SWML: &nested})}}}}}},
			`{"ai":{"SWAIG":{"functions":[{"data_map":{"output":{"action":{"SWML":{"sections":{"main":[{"play":{"url":"say:x"}}]},"version":"1.0.0"}},"response":"ok"}},"description":"d","function":"f"}]},"prompt":{"text":"a"}}}`, true},
		{AI{Prompt: &AIPrompt{Text: "a"}, Multilingual: &Multilingual{Languages: []MultilingualLanguage{}, Fillers: Fillers{All: []string{"a"}}, TurnFillers: Fillers{ByLanguage: map[string][]string{"en": {"b"}}}}}, `{"ai":{"multilingual":{"fillers":["a"],"languages":[],"turn_fillers":{"en":["b"]}},"prompt":{"text":"a"}}}`, true},
		{AISidecar{Lang: "en-US", Prompt: &AISidecarPrompt{Short: "a"}}, `{"ai_sidecar":{"lang":"en-US","prompt":"a"}}`, true},
		{Unknown{JSON: map[string]any{"dial": map[string]any{"to": "a"}}}, `{"dial":{"to":"a"}}`, false},
		{Unknown{JSON: map[string]any{"answer": map[string]any{}, "hangup": map[string]any{}}}, `{"answer":{},"hangup":{}}`, false},
		{Unknown{JSON: "dial"}, `"dial"`, false},
		{Unknown{JSON: json.Number("5")}, `5`, false},
		{Unknown{}, `null`, false},
		{Unknown{JSON: map[string]any{"label": json.Number("5")}}, `{"label":5}`, false},
		{Unknown{JSON: map[string]any{"cond": map[string]any{}}}, `{"cond":{}}`, false},
	} {
		doc := main(test.step)
		text := encode(t, doc)
		require.Equal(t, `{"sections":{"main":[`+test.want+`]},"version":"1.0.0"}`, string(text))
		back, err := Parse(text)
		require.NoError(t, err)
		require.Equal(t, doc, back, "%s", text)
		require.Equal(t, test.schema, compiled.Validate(value(t, text)) == nil, "%s", text)
	}
}

// TestReadAsItWas: what is odd in a document is written as it was.
func TestReadAsItWas(t *testing.T) {
	for _, text := range []string{
		`{}`,
		`{"sections":{"main":null}}`,
		`{"sections":{"main":[null]}}`,
		`{"sections":{"main":"x","other":[{"answer":{}}]}}`,
		`{"sections":[]}`,
		`{"sections":null,"version":null}`,
		`{"version":1,"extra":{"a":[1,{"b":null}]},"Version":"x"}`,
		`{"sections":{"main":[{"play":{"URL":"a","url":"b","Url":"c"}}]}}`,
		`{"sections":{"main":[{"Play":{"url":"b"}}]}}`,
		`{"sections":{"main":[{"set":{"big":9007199254740993,"huge":123456789012345678901234567890,"tiny":1e-400,"point":1.0,"exp":1E5,"minus":-0}}]}}`,
		`{"sections":{"main":[{"answer":{"max_duration":9007199254740993.5}},{"answer":{"max_duration":9007199254740993}},{"answer":{"max_duration":[1]}}]}}`,
		`{"sections":{"main":[{"ai":{"params":{"energy_level":18014398509481985,"ai_volume":1.0}}}]}}`,
		`{"sections":{"main":[{"ai":{"SWAIG":{"functions":[{"function":"a"},"b"]},"hints":["",{}],"languages":"x"}}]}}`,
		`{"sections":{"main":[{"":{}},{"connect":[{"to":"a"}]},{"connect":""},{"connect":{"":1}},[],true,1.50]}}`,
		`{"sections":{"main":[{"connect":{"result":{},"confirm":"","to":""}}]}}`,
		`{"sections":{"main":[{"play":{"url":"<a href='x'>&amp;</a>\u2028\ud83d\ude00\u0000"}}]}}`,
	} {
		doc, err := Parse([]byte(text))
		require.NoError(t, err, text)
		back := encode(t, doc)
		require.Equal(t, value(t, []byte(text)), value(t, back), "%s", back)
		again, err := Parse(back)
		require.NoError(t, err)
		require.Equal(t, doc, again)
		require.Equal(t, string(back), string(encode(t, again)))
	}
}

// TestPublicDocuments: documents as they are in public come back equal.
func TestPublicDocuments(t *testing.T) {
	file, err := os.ReadFile("testdata/public.txt")
	require.NoError(t, err)
	count := 0
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		count++
		doc, err := Parse([]byte(line))
		require.NoError(t, err, line)
		require.Equal(t, value(t, []byte(line)), value(t, encode(t, doc)), line)
		var same Document
		require.NoError(t, json.Unmarshal([]byte(line), &same), line)
		require.Equal(t, doc, same, line)
	}
	require.GreaterOrEqual(t, count, 40)
}

// TestDuplicateNames: the last of several members with one name counts, as in
// encoding/json, and is written once.
func TestDuplicateNames(t *testing.T) {
	doc, err := Parse([]byte(`{"version":"a","version":"b","sections":{"main":[{"play":{"url":"a","url":"b"}}]}}`))
	require.NoError(t, err)
	require.Equal(t, `{"sections":{"main":[{"play":{"url":"b"}}]},"version":"b"}`, string(encode(t, doc)))
}

// TestExtraOfField: a member in Extra counts more than the field, and is written once.
func TestExtraOfField(t *testing.T) {
	require.Equal(t, `[{"play":{"url":"b"}}]`, string(encode(t, Section{Play{URL: "a", Extra: map[string]any{"url": "b"}}})))
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{``, `null`, `5`, `"x"`, `[]`, `{`, `{} {}`, `{"a":}`, "\ufeff", "\ufeff\ufeff{}"} {
		_, err := Parse([]byte(text))
		require.Error(t, err, text)
		require.Error(t, json.Unmarshal([]byte(text), new(Document)), text)
		require.Error(t, Decode([]byte(text), new(Document)), text)
	}
	_, err := json.Marshal(main(Set{"a": func() {}}))
	require.Error(t, err)
}

// TestByteOrderMark: a file is read also if an editor saved it with a byte order mark.
func TestByteOrderMark(t *testing.T) {
	doc, err := Parse([]byte("\ufeff" + `{"version":"1.0.0","sections":{"main":[{"hangup":{}}]}}`))
	require.NoError(t, err)
	require.Equal(t, main(Hangup{}).Sections, doc.Sections)
	var step Hangup
	require.NoError(t, Decode([]byte("\ufeff"+`{"hangup":{"reason":"busy"}}`), &step))
	require.Equal(t, Hangup{Reason: "busy"}, step)
}

// TestParts: encoding/json knows the parts of documents, but for steps alone, for what is
// in Extra, which it does not leave out, and for parts that can have a secret: it fails.
func TestParts(t *testing.T) {
	for _, test := range []struct {
		part any
		want string
	}{
		{&AIPrompt{Text: "a", TopP: Of(0.5), Contexts: map[string]Context{"default": {}}}, `{"contexts":{"default":{}},"text":"a","top_p":0.5}`},
		{&DataMap{Output: &Output{Response: &ToolResult{Short: "a"}}}, `{"output":{"response":"a"}}`},
		{&Output{Action: Many(Action{Extra: Extra{"new": true}}, Action{SWML: &Document{Extra: Extra{"new": true}}})}, `{"action":[{"new":true},{"SWML":{"new":true}}]}`},
		{&Result{Switch: &Switch{Case: map[string]Section{"1": {Hangup{}}}}}, `{"case":{"1":[{"hangup":{}}]}}`},
		{&Confirm{Steps: Section{}}, `[]`},
		{&Language{Code: Many("a")}, `{"code":["a"]}`},
		{&Section{Unknown{JSON: "dance"}, Answer{Extra: Extra{"new": true}}}, `["dance",{"answer":{"new":true}}]`},
		{&Unknown{JSON: "dance"}, `"dance"`},
	} {
		require.JSONEq(t, test.want, string(encode(t, test.part)))
		for _, decode := range []func([]byte, any) error{json.Unmarshal, Decode} {
			back := reflect.New(reflect.TypeOf(test.part).Elem())
			require.NoError(t, decode([]byte(test.want), back.Interface()), test.want)
			require.Equal(t, test.part, back.Interface())
		}
	}
	for want, part := range map[string]any{
		`{"new":"b","text":"a"}`:           AIPrompt{Text: "a", Extra: Extra{"new": "b"}},
		`{"functions":[{"function":"f"}]}`: SWAIG{Functions: []SWAIGFunction{{Function: "f"}}},
		`{"play":{"url":"a"}}`:             &Play{URL: "a"},
		`{"play":"a"}`:                     Play{Short: "a"},
		`"answer"`:                         Answer{Short: NameOnly},
		`{"answer":null}`:                  Answer{Short: Null},
		`{"connect":{"new":1,"to":"a"}}`:   Connect{To: "a", Extra: Extra{"new": json.Number("1")}},
		`{"switch":{"variable":"a"}}`:      Switch{Variable: "a"},
		`{"ai":{"prompt":{"text":"say"}}}`: AI{Prompt: &AIPrompt{Text: "say"}},
	} {
		_, err := json.Marshal(part)
		require.ErrorContains(t, err, "use Encode", want)
		text, err := Encode(part)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
		back := reflect.New(reflect.Indirect(reflect.ValueOf(part)).Type())
		require.NoError(t, Decode(text, back.Interface()))
		require.Equal(t, reflect.Indirect(reflect.ValueOf(part)).Interface(), back.Elem().Interface())
	}
	for _, other := range []string{`{"url":"a"}`, `{"answer":{}}`, `"answer"`, `{}`, `[]`, `{"play":5.5,"answer":{}}`} {
		require.Error(t, Decode([]byte(other), new(Play)), "%s is no step play", other)
	}
}

// TestCycle: a value that contains itself is an error, wherever the cycle is, as it is
// for json.Marshal. What is only there twice, or is deep, is none.
func TestCycle(t *testing.T) {
	steps := make(Section, 2)
	steps[0], steps[1] = Switch{Case: map[string]Section{"1": steps, "2": steps}}, Cond{{Then: steps}}
	free := map[string]any{}
	free["a"] = []any{"x", free}
	sections, documents := Section{Set{}}, []map[string]any{{}}
	sections[0].(Set)["x"] = sections
	documents[0]["x"] = map[string]any{"y": &Document{Sections: map[string]Section{"main": {Return{Short: documents}}}}}
	schema, properties := &Schema{}, map[string]Schema{}
	schema.Items, properties["child"] = schema, Schema{Properties: properties}
	short, extra := &Return{}, Extra{}
	short.Short, extra["x"] = short, Play{Extra: extra}
	pom := []POMSection{{}}
	pom[0].Subsections = pom
	function := func(schema *Schema) Document {
		return main(AI{SWAIG: &SWAIG{Functions: []SWAIGFunction{{Parameters: schema}}}})
	}
	for _, doc := range []Document{
		main(steps...), main(sections...), main(Return{Short: documents}), main(Set{"a": free}), main(Play{Extra: free}), main(Unknown{JSON: free}),
		main(AI{Prompt: &AIPrompt{POM: pom}}), main(short), {Extra: extra}, function(schema), function(&Schema{Properties: properties}), {Extra: free},
	} {
		_, err := json.Marshal(doc)
		var unsupported *json.UnsupportedValueError
		require.ErrorAs(t, err, &unsupported)
		require.ErrorContains(t, err, "encountered a cycle via ")
		_, err = Encode(doc.Sections)
		require.Equal(t, doc.Sections != nil, err != nil)
		require.ErrorContains(t, doc.Check(), "encountered a cycle via ")
		require.Contains(t, fmt.Sprint(doc), "encountered a cycle via ")
	}

	once := Section{Play{URL: "say:a"}}
	require.NoError(t, main(append(Section{Set{"a": once, "b": []any{once}}, Cond{{Then: once}, {Then: once}}}, once...)...).Check())
	part := steps[:0:0] // begins where what it is in begins, and is shorter
	whole := append(part, Hangup{}, Hangup{})
	whole[1] = Switch{Default: whole[:1]}
	require.NoError(t, main(whole...).Check())
	deep := `{"sections":{"main":[` + strings.Repeat(`{"switch":{"default":[`, 3000) + strings.Repeat(`]}}`, 3000) + `]}}`
	doc, err := Parse([]byte(deep))
	require.NoError(t, err)
	require.Equal(t, deep, string(encode(t, doc)))
}

func TestDecodePart(t *testing.T) {
	var out Output
	require.NoError(t, Decode([]byte(`{"response":"ok","action":[{"SWML":{"sections":{"main":[{"hangup":{}}]}}},{"new":1}]}`), &out))
	require.Equal(t, Output{Response: &ToolResult{Short: "ok"}, Action: Many(Action{SWML: &Document{Sections: map[string]Section{"main": {Hangup{}}}}}, Action{Extra: map[string]any{"new": json.Number("1")}})}, out)
	require.Error(t, Decode([]byte(`[]`), &out))
}

func TestValues(t *testing.T) {
	n, ok := Of(5).Get()
	require.True(t, ok)
	require.Equal(t, 5, n)
	f, ok := Of(5.0).Get()
	require.True(t, ok)
	require.Equal(t, 5.0, f)
	_, ok = Var[int]("x").Get()
	require.False(t, ok)
	_, ok = Value[bool]{}.Get()
	require.False(t, ok)
	_, err := Encode(Of(math.NaN()))
	require.ErrorContains(t, err, "unsupported value: NaN")
	require.Equal(t, []string{"a"}, One("a").All())
	require.Equal(t, []string{"a", "b"}, Many("a", "b").All())
	require.Empty(t, OneOrMany[string]{}.All())
}

// TestCheck: all mistakes are found, with their places.
func TestCheck(t *testing.T) {
	nested := Document{Sections: map[string]Section{"start": {Goto{Label: "x"}}}}
	doc := Document{Version: "2", Sections: map[string]Section{
		"first": {
			nil, (*Play)(nil), Label("a"), Label("a"), Goto{Label: "a", Max: Of(101)}, Goto{Label: "b"}, Goto{Label: "${x}"},
			Execute{Dest: "second"}, Execute{Dest: "third"}, Transfer{Dest: "fourth"}, Transfer{Dest: "https://example.com"}, Transfer{Dest: "${x}"},
			Play{}, Play{URL: "a", URLs: []string{"b"}}, Play{Short: "say:a"}, Play{Extra: map[string]any{"url": 5}},
			Record{Format: "ogg"}, Record{Format: "${format}"}, Record{Format: RecordFormatMp3},
			Switch{Case: map[string]Section{"1": {Goto{Label: "a"}, Hangup{Reason: "bored"}}}},
			Connect{To: "a", CallStateEvents: []CallStatus{CallStatusEnded, "asleep"}, Result: Result{Cond: []Condition{{Else: Section{Play{Volume: Of(50.5), URL: "a"}}}}}},
			AI{Prompt: &AIPrompt{}, PostPrompt: &AIPostPrompt{Text: "a", POM: []POMSection{{}}}, Params: &AIParams{AttentionTimeout: Of(0), EnergyLevel: Var[float64]("x"), BargeMinWords: Of(0), AIModel: "gpt-9"}, SWAIG: &SWAIG{Functions: []SWAIGFunction{
				{DataMap: &DataMap{Output: &Output{Action: Many(Action{SWML: &nested}, Action{Say: "a", Stop: Of(true)})}}},
			}}},
			SendSMS{Body: "a", Media: []string{"b"}}, SendSMS{},
			AISidecar{Hints: []string{}}, AI{Prompt: &AIPrompt{Text: "a"}, Languages: []Language{{Code: Many("a", "b", "c", "d")}}},
			Unknown{JSON: "dial"},
		},
		"second": {Label("a"), Set{"x": nil}},
	}}
	var got []string
	for _, mistake := range doc.Check().(interface{ Unwrap() []error }).Unwrap() {
		got = append(got, mistake.Error())
	}
	require.Equal(t, []string{
		`sections.first[0]: the step is nil`,
		`sections.first[1]: the step is nil`,
		`sections.first[3].label: the label "a" in section first is there twice`,
		`sections.first[4].goto.max: 101 is not between 1 and 100`,
		`sections.first[12].play: one of url, urls is needed`,
		`sections.first[13].play: only one of url, urls is possible`,
		`sections.first[16].record.format: "ogg" is none of wav, mp3, mp4, and no variable`,
		`sections.first[19].switch.case.1[1].hangup.reason: "bored" is none of hangup, busy, decline, and no variable`,
		`sections.first[20].connect.call_state_events[1]: "asleep" is none of created, ringing, answered, ended, and no variable`,
		`sections.first[20].connect.result[0].else[0].play.volume: 50.5 is not between -40 and 40`,
		`sections.first[21].ai.params.barge_min_words: 0 is not between 1 and 99`,
		`sections.first[21].ai.post_prompt.pom[0]: one of body, bullets is needed`,
		`sections.first[21].ai.post_prompt: only one of text, pom is possible`,
		`sections.first[21].ai.prompt: one of text, pom is needed`,
		`sections.first[23].send_sms: one of body, media is needed`,
		`sections.first[24].ai_sidecar.hints: 0 is not at least 1`,
		`sections.first[25].ai.languages[0].code: 4 is not at most 3`,
		`version: "2" is none of 1.0.0, and no variable`,
		`sections.first[5].goto.label: there is no label "b" in section first`,
		`sections.first[8].execute.dest: there is no section "third"`,
		`sections.first[9].transfer.dest: there is no section "fourth"`,
		`sections.first[21].ai.SWAIG.functions[0].data_map.output.action[0].SWML.sections.start[0].goto.label: there is no label "x" in section start`,
		`sections.first[21].ai.SWAIG.functions[0].data_map.output.action[0].SWML.sections: there is no section "main"`,
		`sections: there is no section "main"`,
	}, got)
	require.NoError(t, main(Hangup{}).Check())
	require.EqualError(t, main(Execute{Short: "a"}, Transfer{Short: "b"}).Check(), "sections.main[0].execute: there is no section \"a\"\nsections.main[1].transfer: there is no section \"b\"")
	require.NoError(t, Document{Sections: map[string]Section{"main": {Execute{Short: "größer[1]"}, Hangup{}}, "größer[1]": {Label("a"), Goto{Label: "a"}}, "größer[2]": {
		Label("a"), Set{"x": 1}, Connect{To: "a", Confirm: Confirm{Steps: Section{Goto{Label: "a"}}}}}}}.Check())
	require.EqualError(t, main(Sleep{Duration: Value[int]{JSON: -7}}, Goto{Label: "a", Max: Value[int]{JSON: 500}}, Label("a")).Check(),
		"sections.main[0].sleep.duration: -7 is not at least -1\nsections.main[1].goto.max: 500 is not between 1 and 100")
	require.EqualError(t, main(Goto{Label: "menu.1"}, Goto{Label: "a: b"}, Label("a: b"), Goto{Label: "%{x}.y"}, Execute{Dest: "x.example/a"}).Check(), `sections.main[0].goto.label: there is no label "menu.1" in section main`)
	require.EqualError(t, Document{}.Check(), `sections: there is no section "main"`)
}

// TestSecrets: a document is printed without its secrets, and with everything else.
func TestSecrets(t *testing.T) {
	const secret, card = "correct-horse", "4111 1111 1111 1111"
	doc := main(
		Answer{Username: "ada", Password: secret},
		Connect{To: "sip:bob:" + secret + "@example.com", Headers: []ConnectHeader{{Name: "Authorization", Value: secret}}, AuthorizationBearerToken: secret},
		AI{PostPromptURL: "https://u:" + secret + "@example.com/p", PostPromptAuthPassword: secret, SWAIG: &SWAIG{
			Defaults:  &SWAIGDefaults{WebHookAuthPassword: secret},
			Includes:  []SWAIGInclude{{AuthPassword: secret}},
			Functions: []SWAIGFunction{{WebHookAuthPassword: secret, MetaData: map[string]any{"api_key": secret, "card": "4111-1111-1111-1111"}}},
		}},
		Set{"password": secret, "card": card, "card_number": int64(4111111111111111), "phone": "+4915555550100"},
		Play{URL: "say:Your card is " + card + "."},
		Unknown{JSON: map[string]any{"new": map[string]any{"password": secret}}},
	)
	shown := fmt.Sprintf("%v %+v %s", doc, &doc, doc.Sections)
	require.NotContains(t, shown, secret)
	require.NotContains(t, shown, "4111")
	for _, s := range []string{`"username":"ada"`, "+4915555550100", "say:Your card is [redacted]."} {
		require.Contains(t, shown, s)
	}
	require.Contains(t, string(encode(t, doc)), secret)
	require.Equal(t, `"json: unsupported type: func()"`, main(Set{"a": func() {}}).String())
}

// TestDecodeRefuses what it has no place for, without showing the secrets in it, and what is
// no pointer.
func TestDecodeRefuses(t *testing.T) {
	err := Decode([]byte(`{"auth_password":"correct-horse"}`), new(Play))
	require.EqualError(t, err, `swml: cannot decode {"auth_password":"[redacted]"} into a *swml.Play`)
	err = Decode([]byte(`"https://ada:correct-horse@example.com"`), new(Document))
	require.EqualError(t, err, `swml: cannot decode "https://[redacted]@example.com" into a *swml.Document`)
	for _, to := range []any{nil, Sleep{}, (*Sleep)(nil)} {
		require.EqualError(t, Decode([]byte(`{"sleep":{}}`), to), fmt.Sprintf(`swml: cannot decode {"sleep":{}} into a %T`, to))
	}
}

// FuzzDecode: what is read is written so that it reads the same.
func FuzzDecode(f *testing.F) {
	file, err := os.ReadFile("testdata/public.txt")
	require.NoError(f, err)
	for line := range strings.Lines(string(file)) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"sections":{"main":[{"set":{"a":1e400,"b":-0,"c":1.0}},null,"answer",{"answer":null},{"":1}]},"":{"Extra":null}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := Parse(text)
		if err != nil {
			if tree := any(nil); json.Unmarshal(text, &tree) == nil && reflect.ValueOf(tree).Kind() == reflect.Map {
				t.Fatal("refused: ", err)
			}
			return
		}
		encoded := encode(t, doc)
		require.Equal(t, value(t, text), value(t, encoded))
		again, err := Parse(encoded)
		require.NoError(t, err)
		require.Equal(t, doc, again)
		_, _ = doc.Check(), doc.String()
	})
}
