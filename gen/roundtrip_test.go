package gen_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	gotypes "go/types"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// union is what all unions have in common, and enum all enumerations.
type (
	union interface {
		Raw() json.RawMessage
		Value() any
		IsZero() bool
	}
	enum interface {
		Valid() bool
	}
)

// variant is a type that a union can hold.
type variant struct {
	union, held reflect.Type
	build       func(held any) union // calls New…
	// field is the one that says which variant it is, if there is one, by what
	// it says. New… sets it if the variant is stamped, else whoever makes the
	// value has to.
	field, says string
	stamped     bool
}

func newVariant[T any, U union](build func(T) U) variant {
	v := variant{union: reflect.TypeFor[U](), held: reflect.TypeFor[T](), build: func(held any) union { return build(held.(T)) }}
	v.field, v.says, v.stamped = gen.Discriminator(new(U), v.held)
	return v
}

// mistaken are variants that Value takes, at times, for another of the union: both can
// say that there was no such conversation, and then are the same.
var mistaken = map[string]bool{"AIChatConversationDeleted": true}

// sameShape are variants that nothing but the value of an enumeration distinguishes from
// another, for which one is taken that has a newer value.
var sameShape = map[string]bool{"AIChatConversationDeleted": true, "AIChatConversationEnded": true}

// maker makes random values: in round 0 with everything that is optional, in
// round 1 with nothing of it, then with a part.
type maker struct {
	*rand.Rand
	round int
	newer bool // enumerations have values that no description lists
}

const rounds = 6

func newMaker(name string, round int) *maker {
	seed := fnv.New64()
	fmt.Fprint(seed, name)
	return &maker{Rand: rand.New(rand.NewPCG(seed.Sum64(), uint64(round))), round: round}
}

const id = "6f1c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f"

// deep is where values end that could go on for ever.
const deep = 12

// sets reports whether to set what is optional.
func (m *maker) sets(depth int) bool {
	return depth < deep && (m.round == 0 || m.round > 1 && m.IntN(2) == 0)
}

func pick[T any](m *maker, from []T) T { return from[m.IntN(len(from))] }

func (m *maker) text() string {
	return pick(m, []string{"", "a", "two words", `"quoted" \ /`, "<a href='?x=1&y=2'>", "line\nline\u2028line", "naïve 🎉", "null", "0"})
}

// json is any JSON value, as [json.Unmarshal] has it in an interface.
func (m *maker) json(depth int) any {
	switch n := m.IntN(6); {
	case n == 0 && depth < deep:
		return map[string]any{"k": m.json(depth + 3), m.text(): m.json(depth + 3)}
	case n == 1 && depth < deep:
		return []any{m.json(depth + 3), nil}
	case n == 2:
		return m.IntN(2) == 0
	case n == 3:
		return float64(m.IntN(1e6)) / 8
	}
	return m.text()
}

// value makes a value that is the same when it is encoded and decoded. That
// leaves out SWML and unions that are nil where they are required: they are
// sent as null, and hold null when they come back.
func (m *maker) value(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch p := v.Addr().Interface().(type) {
	case *uuid.UUID:
		for i := range p {
			p[i] = byte(m.Uint32())
		}
		return v
	case *time.Time:
		*p = time.Unix(m.Int64N(4e9), m.Int64N(1e9)).UTC()
		return v
	case *gen.SWML:
		text, err := json.Marshal(m.json(depth))
		must(err)
		*p = text
		return v
	case interface{ IsSpecified() bool }: // nullable: a map from whether there is a value
		full, element := m.IntN(2) == 0, reflect.Zero(t.Elem())
		if full {
			element = m.value(t.Elem(), depth+1)
		}
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(reflect.ValueOf(full), element)
		return v
	case union:
		// As it comes out of a response; TestEveryVariant has those that are built.
		_, u := pick(m, variantsOf(t)).random(m, depth+1)
		text, err := json.Marshal(u)
		must(err)
		must(json.Unmarshal(text, v.Addr().Interface()))
		return v
	case enum:
		text := pick(m, typeinfo.Values(t))
		if m.newer {
			text = "31415"
		}
		if v.Kind() == reflect.String {
			text = `"` + text + `"`
		}
		must(json.Unmarshal([]byte(text), p))
		return v
	}
	some := m.IntN(4) * min(1, max(0, deep-depth))
	switch t.Kind() {
	case reflect.Struct:
		m.fields(v, depth)
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(m.value(t.Elem(), depth))
	case reflect.Slice:
		if m.IntN(4) > 0 { // else it is nil
			v.Set(reflect.MakeSlice(t, 0, some))
			for range some {
				v.Set(reflect.Append(v, m.value(t.Elem(), depth+1)))
			}
		}
	case reflect.Map:
		if m.IntN(4) > 0 {
			v.Set(reflect.MakeMap(t))
			for range some {
				v.SetMapIndex(m.value(t.Key(), depth+1), m.value(t.Elem(), depth+1))
			}
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(m.json(depth)))
	case reflect.String:
		v.SetString(m.text())
	case reflect.Bool:
		v.SetBool(m.IntN(2) == 0)
	case reflect.Int64:
		v.SetInt(m.Int64() - 1<<62)
	case reflect.Float64:
		v.SetFloat(float64(m.IntN(1e6)-5e5) / 8)
	default:
		panic(fmt.Sprintf("no values of %v are made", t))
	}
	return v
}

func (m *maker) fields(v reflect.Value, depth int) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch name, options, _ := strings.Cut(f.Tag.Get("json"), ","); {
		case name == "-": // AdditionalProperties
			if m.sets(depth) {
				v.Field(i).Set(reflect.ValueOf(map[string]any{"other": m.json(depth), "<&>": m.json(depth)}))
			}
		case options == "" && f.Type.Kind() != reflect.Pointer || m.sets(depth):
			v.Field(i).Set(m.value(f.Type, depth+1))
		}
	}
}

func variantsOf(t reflect.Type) (all []variant) {
	for _, v := range variants {
		if v.union == t {
			all = append(all, v)
		}
	}
	return all
}

// random makes a value of the variant, as a program does that leaves to New…
// what New… does, and the union that holds it; and returns what the union
// should say it holds.
func (v variant) random(m *maker, depth int) (held, u any) {
	p := reflect.New(v.held)
	p.Elem().Set(m.value(v.held, depth))
	given := p.Elem().Interface()
	if v.field != "" {
		must(json.Unmarshal(fmt.Appendf(nil, `{%q:%q}`, v.field, v.says), p.Interface()))
	}
	held = p.Elem().Interface()
	if !v.stamped {
		given = held
	}
	return held, v.build(given)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// encode is how package signalwire encodes requests. Unlike [json.Marshal] it
// leaves < and & as they are.
func encode(t *testing.T, v any) string {
	t.Helper()
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return strings.TrimSuffix(buf.String(), "\n")
}

func decode(t *testing.T, text string, into reflect.Type) reflect.Value {
	t.Helper()
	p := reflect.New(into)
	require.NoError(t, json.Unmarshal([]byte(text), p.Interface()), text)
	return p.Elem()
}

// types are those of package gen that the methods of a client take or return,
// directly or inside of others.
func types() []reflect.Type {
	home := reflect.TypeFor[gen.Client]().PkgPath()
	found := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		if named := t.Name() != ""; found[t] || named && t.Kind() != reflect.Func && t.PkgPath() != home && t.Kind() != reflect.Map {
			return
		} else if named && t.PkgPath() == home {
			found[t] = true
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Func: // of an edit, or a sequence of pages
			for i := range t.NumIn() {
				visit(t.In(i))
			}
		case reflect.Struct:
			for i := range t.NumField() {
				if t.Field(i).IsExported() {
					visit(t.Field(i).Type)
				}
			}
			for _, v := range variantsOf(t) {
				visit(v.held)
			}
		}
	}
	visit(reflect.TypeFor[gen.ErrorItem]()) // which is in the errors of package signalwire
	var methods []reflect.Type
	client := reflect.TypeFor[gen.Client]()
	for i := range client.NumField() {
		group := reflect.PointerTo(client.Field(i).Type)
		for j := range group.NumMethod() {
			methods = append(methods, group.Method(j).Type)
		}
	}
	for _, method := range methods {
		for j := 1; j < method.NumIn(); j++ {
			switch in := method.In(j); {
			case in == reflect.TypeFor[[]gen.CallOption]():
			case in.PkgPath() == home && in.Kind() == reflect.Interface: // one of several kinds of request
				visit(in.Method(0).Type.In(0))
			default:
				visit(in)
			}
		}
		for j := range method.NumOut() {
			visit(method.Out(j))
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b reflect.Type) int { return strings.Compare(a.Name(), b.Name()) })
}

// kindOf sorts types into unions, enumerations and others.
func kindOf(t reflect.Type) string {
	switch reflect.Zero(t).Interface().(type) {
	case union:
		return "union"
	case enum:
		return "enumeration"
	}
	return t.Kind().String()
}

// source is the generated file: the names of its types, and for each New… the
// types that its constraint lists.
func source(t *testing.T) (declared []string, constraints map[string][]string) {
	t.Helper()
	client := reflect.TypeFor[gen.Client]()
	groups := []string{client.Name()}
	for i := range client.NumField() {
		groups = append(groups, client.Field(i).Type.Name())
	}
	constraints = map[string][]string{}
	for _, d := range generated(t) {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				spec, ok := spec.(*ast.TypeSpec)
				if !ok || !spec.Name.IsExported() || slices.Contains(groups, spec.Name.Name) {
					continue
				}
				_, choice := spec.Type.(*ast.InterfaceType)
				if union, isHead := strings.CutSuffix(spec.Name.Name, "Head"); !choice && (!isHead || !slices.Contains(declared, union)) {
					declared = append(declared, spec.Name.Name)
				}
			}
		case *ast.FuncDecl:
			if name, isNew := strings.CutPrefix(d.Name.Name, "New"); isNew && d.Type.TypeParams != nil {
				ast.Inspect(d.Type.TypeParams.List[0].Type, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						constraints[name] = append(constraints[name], id.Name)
					}
					return true
				})
			}
		}
	}
	return declared, constraints
}

func TestEveryTypeIsReached(t *testing.T) {
	t.Parallel()
	declared, _ := source(t)
	count := map[string]int{"variant": len(variants)}
	var reached []string
	for _, t := range types() {
		count[kindOf(t)]++
		reached = append(reached, t.Name())
	}
	byHand := []string{"ErrorItem", "SWML"}
	reached = slices.DeleteFunc(reached, func(name string) bool { return slices.Contains(byHand, name) })
	slices.Sort(declared)
	require.Equal(t, declared, reached)
	t.Logf("%d types: %v", len(reached), count)
}

// Every value of every type is the same after it was encoded and decoded, and
// its JSON is the same when it is encoded again: what was unset, nil or empty is
// so again.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, typ := range types() {
		t.Run(typ.Name(), func(t *testing.T) {
			t.Parallel()
			for round := range rounds {
				for _, newer := range []bool{false, true} { // a response may have newer values of enumerations
					m := newMaker(typ.Name(), round)
					m.newer = newer
					v := m.value(typ, 0)
					text := encode(t, v.Interface())
					back := decode(t, text, typ)
					require.Equal(t, v.Interface(), back.Interface(), text)
					require.Equal(t, text, encode(t, back.Interface()))
				}
			}
		})
	}
}

func TestEnumerations(t *testing.T) {
	t.Parallel()
	constants := map[string][]string{} // by the name of their type
	for _, d := range generated(t) {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.CONST {
			for _, spec := range d.Specs {
				spec := spec.(*ast.ValueSpec)
				value := gotypes.ExprString(spec.Values[0])
				if text, err := strconv.Unquote(value); err == nil {
					value = text
				}
				if typ, ok := spec.Type.(*ast.Ident); ok {
					constants[typ.Name] = append(constants[typ.Name], value)
				}
			}
		}
	}
	for _, typ := range types() {
		if kindOf(typ) != "enumeration" {
			continue
		}
		quote := map[bool]string{true: `"`}[typ.Kind() == reflect.String]
		require.Equal(t, reflect.SliceOf(typ), reflect.Zero(typ).MethodByName("Values").Type().Out(0))
		values := typeinfo.Values(typ)
		require.NotEmpty(t, values)
		require.ElementsMatch(t, constants[typ.Name()], values, "%v", typ)
		for _, value := range append(values, "31415") {
			v := decode(t, quote+value+quote, typ).Interface()
			require.Equal(t, value != "31415", v.(enum).Valid(), "%v: %s", typ, value)
			require.Equal(t, quote+value+quote, encode(t, v))
		}
	}
}

// structs are those types that are neither unions nor of another kind.
func structs() []reflect.Type {
	return slices.DeleteFunc(types(), func(t reflect.Type) bool { return kindOf(t) != "struct" })
}

// Fields that no description has are dropped, but where a type has
// AdditionalProperties.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	const unknown = `"of the future":{"a":[1]}`
	for _, typ := range structs() {
		for round := range 2 {
			text := encode(t, newMaker(typ.Name(), round).value(typ, 0).Interface())
			with := strings.Replace("{"+unknown+","+text[1:], ",}", "}", 1)
			want := text
			if _, keeps := typ.FieldByName("AdditionalProperties"); keeps {
				want = with
			}
			require.JSONEq(t, want, encode(t, decode(t, with, typ).Interface()), "%v", typ)
		}
	}
}

// Null is accepted in every field. It is the same as no field at all, but where
// the type can tell the difference: a nullable is null, and SWML and unions hold
// null and are sent as null again.
func TestNull(t *testing.T) {
	t.Parallel()
	for _, typ := range structs() {
		for i := range typ.NumField() {
			name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			null := fmt.Sprintf(`{%q:null}`, name)
			v := decode(t, null, typ)
			kept := true
			held := v.Field(i).Interface()
			if v.Field(i).Kind() == reflect.Pointer { // a pointer to a union has its methods
				require.Zero(t, held, "%v: %s", typ, null)
				held = nil
			}
			switch field := held.(type) {
			case interface{ IsNull() bool }:
				require.True(t, field.IsNull(), "%v: %s", typ, null)
			case gen.SWML:
				require.Equal(t, "null", string(field), "%v: %s", typ, null)
			case union:
				require.Nil(t, field.Value(), "%v: %s", typ, null)
			default:
				require.Zero(t, field, "%v: %s", typ, null)
				kept = options == ""
			}
			var members map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte(encode(t, v.Interface())), &members))
			require.Equal(t, kept, members[name] != nil, "%v: %s", typ, null)
		}
	}
}

// Absent, null and a value are three things where a request can tell them apart.
func TestNullable(t *testing.T) {
	t.Parallel()
	for want, field := range map[string]nullable.Nullable[uuid.UUID]{
		`null`:         nullable.NewNullNullable[uuid.UUID](),
		`"` + id + `"`: nullable.NewNullableWithValue(uuid.MustParse(id)),
	} {
		text := encode(t, gen.SIPCredentialUpdate{CallingHandlerResourceID: field})
		require.Contains(t, text, `"calling_handler_resource_id":`+want)
		require.Equal(t, field, decode(t, text, reflect.TypeFor[gen.SIPCredentialUpdate]()).Interface().(gen.SIPCredentialUpdate).CallingHandlerResourceID)
	}
	require.False(t, decode(t, `{}`, reflect.TypeFor[gen.SIPCredentialUpdate]()).Interface().(gen.SIPCredentialUpdate).CallingHandlerResourceID.IsSpecified())
}

// What New… is given, Value returns; also after a journey as JSON.
func TestEveryVariant(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		t.Run(v.union.Name()+"/"+v.held.Name(), func(t *testing.T) {
			t.Parallel()
			missed := 0
			for round := range 4 * rounds {
				held, u := v.random(newMaker(v.held.Name(), round), 0)
				text := encode(t, u)
				if v.field != "" {
					require.Contains(t, text, fmt.Sprintf("%q:%q", v.field, v.says))
				}
				require.False(t, u.(union).IsZero())
				require.JSONEq(t, encode(t, held), text)
				back := decode(t, text, v.union).Interface()
				require.Equal(t, held, u.(union).Value())
				require.Equal(t, text, encode(t, back))
				require.Equal(t, text, string(back.(union).Raw()))
				if got := back.(union).Value(); mistaken[v.held.Name()] && reflect.TypeOf(got) != v.held {
					missed++
				} else {
					require.Equal(t, held, got, text)
				}
			}
			require.Equal(t, mistaken[v.held.Name()], missed > 0, "strike it from the list")
		})
	}
}

// TestVariantsWithNewerValues: with a value of an enumeration that no description
// lists, Value returns what it would without, or JSON, and nothing else.
func TestVariantsWithNewerValues(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		if sameShape[v.held.Name()] {
			continue
		}
		for round := range rounds {
			m := newMaker(v.held.Name(), round)
			m.newer = true
			_, u := v.random(m, 0)
			text := encode(t, u)
			got := decode(t, text, v.union).Interface().(union).Value()
			if _, raw := got.(json.RawMessage); !raw {
				require.Equal(t, v.held, reflect.TypeOf(got), "%v: %s", v.union, text)
			}
		}
	}
}

func TestUnionsThatHoldNothingKnown(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		none := reflect.Zero(v.union).Interface().(union)
		require.True(t, none.IsZero())
		require.Nil(t, none.Value())
		for _, text := range []string{`[1]`, `"x"`, `7`} {
			u := decode(t, text, v.union).Interface()
			require.Equal(t, text, encode(t, u))
			if textual := strings.HasPrefix(v.union.Name(), "Live"); !textual && !mistaken[v.union.Name()] {
				require.Equal(t, json.RawMessage(text), u.(union).Value(), "%v", v.union)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// Requests as a program writes them, with what it has to say and no more.
func TestUnionsAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	swml := gen.SWML(`{"version":"1.0.0"}`)
	for want, u := range map[string]union{
		`{"command":"dial","params":{"from":"+15550001","to":"+15550002","url":"https://example.com/?a=1&b=2"}}`:                  gen.NewCallCommand(gen.DialCommand{Params: gen.NewDialParams(gen.DialURLParams{From: "+15550001", To: ptr("+15550002"), URL: "https://example.com/?a=1&b=2"})}),
		`{"command":"dial","params":{"from":"a","swml":{"version":"1.0.0"}}}`:                                                     gen.NewCallCommand(gen.DialCommand{Params: gen.NewDialParams(gen.DialSWMLParams{From: "a", SWML: swml})}),
		`{"command":"calling.end","id":"` + id + `","params":{"reason":"busy"}}`:                                                  gen.NewCallCommand(gen.HangupCommand{ID: uuid.MustParse(id), Params: gen.HangupParams{Reason: ptr(gen.HangupReasonBusy)}}),
		`{"command":"calling.disconnect","id":"` + id + `","params":{}}`:                                                          gen.NewCallCommand(gen.DisconnectCommand{ID: uuid.MustParse(id)}),
		`{"command":"calling.play","id":"` + id + `","params":{"control_id":"c","play":[{"type":"tts","params":{"text":"hi"}}]}}`: gen.NewCallCommand(gen.PlayCommand{ID: uuid.MustParse(id), Params: gen.PlayParams{ControlID: "c", Play: []gen.PlayItem{gen.NewPlayItem(gen.PlayTTSItem{Type: gen.PlayItemTypeTTS, Params: gen.PlayTTSParams{Text: "hi"}})}}}),
		`{"jsonrpc":"2.0","id":"1","method":"chat","params":{"id":"c","message":"hi"}}`:                                           gen.NewAIChatRequest(gen.AIChatSendMessage{ID: "1", JSONRPC: gen.JSONRPCVersion20, Params: gen.AIChatSendMessageParams{ID: "c", Message: "hi"}}),
		`{"from":"+1","to":"+2","body":""}`:                                                                                       gen.NewMessageCreate(gen.SMSMessage{From: "+1", To: "+2", Body: ptr("")}),
		`{"from":"+1","to":"+2","message_type":"whatsapp_media_text","body":"hi"}`:                                                gen.NewMessageCreate(gen.NewWhatsAppMessage(gen.WhatsAppTextMessage{From: "+1", To: "+2", Body: "hi"})),
		`{"from":"+1","to":"+2","template_id":"t","body_template_parameters":["a"]}`:                                              gen.NewMessageCreate(gen.WhatsAppTemplateMessage{From: "+1", To: "+2", TemplateID: "t", BodyTemplateParameters: []string{"a"}}),
		`{"name":"b","csp_brand_reference":"B1","csp_self_registered":false}`:                                                     gen.NewBrandCreate(gen.CSPBrandCreate{Name: "b", CSPBrandReference: "B1"}),
		`{"name":"c","csp_campaign_reference":"C1","brand_id":"` + id + `"}`:                                                      gen.NewCampaignCreate(gen.PartnerCampaignCreate{Name: "c", CSPCampaignReference: "C1", BrandID: uuid.MustParse(id)}),
		`{"url":"u","chunking_strategy":"page","tags":[]}`:                                                                        gen.NewDocumentCreate(gen.DocumentCreateByPage{URL: "u", ChunkingStrategy: ptr(gen.ChunkingStrategyPage), Tags: []string{}}),
		`{"name":"s","script_type":"messaging","contents":{"version":"1.0.0"}}`:                                                   gen.NewSWMLScriptCreate(gen.MessagingSWMLScriptCreate{Name: "s", ScriptType: ptr(gen.PurposeMessaging), Contents: swml}),
		`{"script_type":"calling","status_callback_url":""}`:                                                                      gen.NewSWMLScriptUpdate(gen.CallingSWMLScriptUpdate{ScriptType: ptr(gen.PurposeCalling), StatusCallbackURL: ptr("")}),
	} {
		require.JSONEq(t, want, encode(t, u))
		require.NotContains(t, encode(t, u), `\u00`, "& stays &")
	}
}

// Responses as they come, and what a type switch finds in them.
func TestUnionsAsTheyAreRead(t *testing.T) {
	t.Parallel()
	const log = `"to":"a","from":"b","charge":0,"charge_details":[],"direction":"inbound","duration":1,"duration_ms":1,"url":null`
	for _, test := range []struct {
		into union
		text string
		want any
	}{
		{&gen.CallRecording{}, `"relay_pstn_leg_id":"` + id + `"`, gen.PSTNRecording{}},
		{&gen.CallRecording{}, `"relay_sip_leg_id":"` + id + `"`, gen.SIPRecording{}},
		{&gen.CallRecording{}, `"relay_webrtc_leg_id":"` + id + `"`, gen.WebRTCRecording{}},
		{&gen.CallRecording{}, `"relay_conference_id":"` + id + `"`, gen.ConferenceRecording{}},
		{&gen.VoiceLog{}, log + `,"type":"relay_pstn_call","source":"laml","status":"ended","billing_ms":1,"parent_id":null`, gen.RelayVoiceLog{}},
		{&gen.VoiceLog{}, log + `,"type":"video_room_sip_leg","source":"realtime_api","status":"ended"`, gen.VideoRoomVoiceLog{}},
		{&gen.VoiceLog{}, log + `,"type":"dialogflow_call","source":"dialogflow","status":"ended"`, gen.DialogflowVoiceLog{}},
		{&gen.VoiceLog{}, log + `,"type":"fabric_subscriber_device_leg","source":"realtime_api","status":null`, gen.FabricVoiceLog{}},
		{&gen.VoiceLog{}, `"discarded_at":"2026-01-01T00:00:00Z"`, gen.DiscardedLog{}},
		{&gen.VoiceLog{}, `"type":"relay_pstn_call","discarded_at":"2026-01-01T00:00:00Z"`, gen.DiscardedLog{}},
		{&gen.VoiceLog{}, log + `,"type":"relay_pstn_call","source":"laml","status":"of the future","billing_ms":1,"parent_id":null`, gen.RelayVoiceLog{}},
		{&gen.VoiceLog{}, log + `,"type":"relay_pstn_call","source":"of the future","status":"","billing_ms":1,"parent_id":null`, gen.RelayVoiceLog{}},
		{&gen.VoiceLog{}, log + `,"type":"of the future","source":"laml","status":"ended","billing_ms":1,"parent_id":null`, json.RawMessage{}},
		{&gen.VoiceLog{}, log + `,"type":"relay_pstn_call","source":"laml","status":"ended","billing_ms":1.5,"parent_id":null`, json.RawMessage{}},
		{&gen.ConferenceLog{}, `"type":"cxml_conference","status":"of the future"`, gen.CXMLConferenceLog{}},
		{&gen.ConferenceLog{}, `"type":"relay_conference"`, gen.RelayConferenceLog{}},
		{&gen.ConferenceLog{}, `"type":"video_room_session"`, gen.VideoConferenceLog{}},
		{&gen.Resource{}, `"type":"sip_gateway","sip_gateway":{"codecs":["of the future"]}`, gen.SIPGatewayResource{}},
		{&gen.Resource{}, `"type":"video_room"`, gen.ConferenceRoomResource{}},
		{&gen.Resource{}, `"type":"of_the_future"`, json.RawMessage{}},
	} {
		text := `{"id":"` + id + `","created_at":"2026-01-01T00:00:00Z","of the future":1,` + test.text + `}`
		require.NoError(t, json.Unmarshal([]byte(text), test.into))
		require.IsType(t, test.want, test.into.Value(), text)
		require.Equal(t, text, encode(t, test.into), "all of it is kept")
	}
}

// SWML is kept byte for byte by its own methods. [json.Marshal], which calls
// them, takes white space out of what any MarshalJSON returns, and writes <, >,
// &, U+2028 and U+2029 as escapes; package signalwire, which encodes as encode
// does, leaves all but the white space as it is.
func TestSWMLByteForByte(t *testing.T) {
	t.Parallel()
	const text = "{ \"sections\": {\n\t\"main\": [ {\"play\": \"say:<a&b>\u2028\"} ] }, \"n\": 1e2, \"n\": 1.0 }"
	var s gen.SWML
	require.NoError(t, s.UnmarshalJSON([]byte(text)))
	require.Equal(t, text, string(s))
	own, err := s.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, text, string(own))

	back := decode(t, `{"contents":`+text+`}`, reflect.TypeFor[gen.CallingSWMLScript]()).Interface().(gen.CallingSWMLScript)
	require.Equal(t, text, string(back.Contents), "what came in a response, with its white space")

	const compact = "{\"sections\":{\"main\":[{\"play\":\"say:<a&b>\u2028\"}]},\"n\":1e2,\"n\":1.0}"
	require.JSONEq(t, compact, encode(t, s))
	marshaled, err := json.Marshal(s)
	require.NoError(t, err)
	require.NotContains(t, string(marshaled), "\t")
	require.JSONEq(t, compact, string(marshaled))
}

// SWML can be made of any value, and decoded into one again.
func TestSWMLOfAnyValue(t *testing.T) {
	t.Parallel()
	type step struct {
		Play string `json:"play"`
	}
	values := []any{nil, true, 1.5, "https://example.com/swml", []any{"answer", "hangup"}, map[string]any{"version": "1.0.0"}, step{"say:<hi>"}, &step{"x"}, []step{{"a"}, {"b"}}}
	for round := range 100 {
		values = append(values, newMaker("SWML", round).json(0))
	}
	for _, v := range values {
		s, err := gen.NewSWML(v)
		require.NoError(t, err)
		want, err := json.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, string(want), string(s))
		var again any
		require.NoError(t, s.Decode(&again))
		require.JSONEq(t, string(want), encode(t, again))
	}
}
