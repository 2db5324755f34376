package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// union is what all unions have in common.
type union interface {
	Value() any
	IsZero() bool
}

// variant is a type that a union can hold.
type variant struct {
	union, held reflect.Type
	// says is the JSON by which the variant is known. What of it New… does not
	// set, whoever makes the value has to.
	says string
	make func(held any) union
}

func of[T any, U union](build func(T) U, says ...string) variant {
	return variant{reflect.TypeFor[U](), reflect.TypeFor[T](), strings.Join(says, ""), func(held any) union { return build(held.(T)) }}
}

// variants are all of them, which TestVariants compares with the source.
var variants = []variant{
	of(NewAIChatRequest[AIChatCreateConversation], `{"method":"create_conversation"}`),
	of(NewAIChatRequest[AIChatSendMessage], `{"method":"chat"}`),
	of(NewAIChatRequest[AIChatEndConversation], `{"method":"end_conversation"}`),
	of(NewAIChatRequest[AIChatDelete], `{"method":"delete"}`),
	of(NewAIChatRequest[AIChatLog], `{"method":"chat_log"}`),
	of(NewAIChatRequest[AIChatSummarize], `{"method":"summarize"}`),
	of(NewAIChatResponse[AIChatConversationCreated]),
	of(NewAIChatResponse[AIChatReply]),
	of(NewAIChatResponse[AIChatConversationEnded]),
	of(NewAIChatResponse[AIChatConversationDeleted]),
	of(NewAIChatResponse[AIChatTranscript]),
	of(NewAIChatResponse[AIChatSummary]),
	of(NewAIChatResponse[AIChatErrorResponse]),
	of(NewAddressChannels[AudioChannel]),
	of(NewAddressChannels[MessagingChannel]),
	of(NewAddressChannels[VideoChannel]),
	of(NewCallFlowDeploy[CallFlowDeployByDocumentVersion]),
	of(NewCallFlowDeploy[CallFlowDeployByVersionID]),
	of(NewDialParams[DialURLParams]),
	of(NewDialParams[DialSWMLParams]),
	of(NewDetectConfig[DetectMachineConfig]),
	of(NewDetectConfig[DetectFaxConfig]),
	of(NewDetectConfig[DetectDigitConfig]),
	of(NewLiveTranscribeAction[LiveTranscribeStartAction]),
	of(NewLiveTranscribeAction[LiveSummarizeAction]),
	of(NewLiveTranscribeAction[LiveStopAction]),
	of(NewLiveTranslateAction[LiveTranslateStartAction]),
	of(NewLiveTranslateAction[LiveSummarizeAction]),
	of(NewLiveTranslateAction[LiveTranslateInjectAction]),
	of(NewLiveTranslateAction[LiveStopAction]),
	of(NewPlayItem[PlayAudioItem]),
	of(NewPlayItem[PlayTTSItem]),
	of(NewPlayItem[PlaySilenceItem]),
	of(NewPlayItem[PlayRingtoneItem]),
	of(NewCallCommand[DialCommand], `{"command":"dial"}`),
	of(NewCallCommand[UpdateCallCommand], `{"command":"update"}`),
	of(NewCallCommand[HangupCommand], `{"command":"calling.end"}`),
	of(NewCallCommand[DisconnectCommand], `{"command":"calling.disconnect"}`),
	of(NewCallCommand[AIHoldCommand], `{"command":"calling.ai_hold"}`),
	of(NewCallCommand[AIUnholdCommand], `{"command":"calling.ai_unhold"}`),
	of(NewCallCommand[AIMessageCommand], `{"command":"calling.ai_message"}`),
	of(NewCallCommand[AIStopCommand], `{"command":"calling.ai.stop"}`),
	of(NewCallCommand[AISidecarCommand], `{"command":"calling.ai_sidecar"}`),
	of(NewCallCommand[AISidecarPokeCommand], `{"command":"calling.ai_sidecar.poke"}`),
	of(NewCallCommand[AISidecarAskCommand], `{"command":"calling.ai_sidecar.ask"}`),
	of(NewCallCommand[AISidecarStopCommand], `{"command":"calling.ai_sidecar.stop"}`),
	of(NewCallCommand[AISidecarStatusCommand], `{"command":"calling.ai_sidecar.status"}`),
	of(NewCallCommand[PlayCommand], `{"command":"calling.play"}`),
	of(NewCallCommand[PlayPauseCommand], `{"command":"calling.play.pause"}`),
	of(NewCallCommand[PlayResumeCommand], `{"command":"calling.play.resume"}`),
	of(NewCallCommand[PlayStopCommand], `{"command":"calling.play.stop"}`),
	of(NewCallCommand[PlayVolumeCommand], `{"command":"calling.play.volume"}`),
	of(NewCallCommand[RecordCommand], `{"command":"calling.record"}`),
	of(NewCallCommand[RecordPauseCommand], `{"command":"calling.record.pause"}`),
	of(NewCallCommand[RecordResumeCommand], `{"command":"calling.record.resume"}`),
	of(NewCallCommand[RecordStopCommand], `{"command":"calling.record.stop"}`),
	of(NewCallCommand[CollectCommand], `{"command":"calling.collect"}`),
	of(NewCallCommand[CollectStopCommand], `{"command":"calling.collect.stop"}`),
	of(NewCallCommand[CollectStartInputTimersCommand], `{"command":"calling.collect.start_input_timers"}`),
	of(NewCallCommand[DetectCommand], `{"command":"calling.detect"}`),
	of(NewCallCommand[DetectStopCommand], `{"command":"calling.detect.stop"}`),
	of(NewCallCommand[TapCommand], `{"command":"calling.tap"}`),
	of(NewCallCommand[TapStopCommand], `{"command":"calling.tap.stop"}`),
	of(NewCallCommand[TranscribeCommand], `{"command":"calling.transcribe"}`),
	of(NewCallCommand[TranscribeStopCommand], `{"command":"calling.transcribe.stop"}`),
	of(NewCallCommand[StreamCommand], `{"command":"calling.stream"}`),
	of(NewCallCommand[StreamStopCommand], `{"command":"calling.stream.stop"}`),
	of(NewCallCommand[DenoiseCommand], `{"command":"calling.denoise"}`),
	of(NewCallCommand[DenoiseStopCommand], `{"command":"calling.denoise.stop"}`),
	of(NewCallCommand[LiveTranscribeCommand], `{"command":"calling.live_transcribe"}`),
	of(NewCallCommand[LiveTranslateCommand], `{"command":"calling.live_translate"}`),
	of(NewCallCommand[TransferCommand], `{"command":"calling.transfer"}`),
	of(NewCallCommand[SendFaxStopCommand], `{"command":"calling.send_fax.stop"}`),
	of(NewCallCommand[ReceiveFaxStopCommand], `{"command":"calling.receive_fax.stop"}`),
	of(NewCallCommand[ReferCommand], `{"command":"calling.refer"}`),
	of(NewCallCommand[UserEventCommand], `{"command":"calling.user_event"}`),
	of(NewCall[CallLeg]),
	of(NewCall[FabricDeviceLeg]),
	of(NewTapDevice[TapDeviceRTP]),
	of(NewTapDevice[TapDeviceWS]),
	of(NewUpdateCallParams[UpdateCallURLParams]),
	of(NewUpdateCallParams[UpdateCallSWMLParams]),
	of(NewDocumentCreate[DocumentCreateBySentence]),
	of(NewDocumentCreate[DocumentCreateBySlidingWindow]),
	of(NewDocumentCreate[DocumentCreateByPage]),
	of(NewDocumentCreate[DocumentCreateByParagraph]),
	of(NewConferenceLog[CXMLConferenceLog]),
	of(NewConferenceLog[RelayConferenceLog]),
	of(NewConferenceLog[VideoConferenceLog]),
	of(NewMessageCreate[SMSMessage]),
	of(NewMessageCreate[WhatsAppMessage]),
	of(NewMessageCreate[WhatsAppTemplateMessage]),
	of(NewWhatsAppMessage[WhatsAppTextMessage], `{"message_type":"whatsapp_media_text"}`),
	of(NewWhatsAppMessage[WhatsAppImageMessage], `{"message_type":"whatsapp_media_image"}`),
	of(NewWhatsAppMessage[WhatsAppAudioMessage], `{"message_type":"whatsapp_media_audio"}`),
	of(NewWhatsAppMessage[WhatsAppVideoMessage], `{"message_type":"whatsapp_media_video"}`),
	of(NewWhatsAppMessage[WhatsAppDocumentMessage], `{"message_type":"whatsapp_media_document"}`),
	of(NewWhatsAppMessage[WhatsAppStickerMessage], `{"message_type":"whatsapp_media_sticker"}`),
	of(NewWhatsAppMessage[WhatsAppLocationMessage], `{"message_type":"whatsapp_media_location"}`),
	of(NewWhatsAppMessage[WhatsAppContactsMessage], `{"message_type":"whatsapp_media_contacts"}`),
	of(NewWhatsAppMessage[WhatsAppReactionMessage], `{"message_type":"whatsapp_media_reaction"}`),
	of(NewWhatsAppMessage[WhatsAppInteractiveCTAMessage], `{"message_type":"whatsapp_interactive_cta"}`),
	of(NewWhatsAppMessage[WhatsAppInteractiveListMessage], `{"message_type":"whatsapp_interactive_list"}`),
	of(NewWhatsAppMessage[WhatsAppInteractiveReplyButtonMessage], `{"message_type":"whatsapp_interactive_reply_button"}`),
	of(NewWhatsAppMessage[WhatsAppInteractiveLocationRequestMessage], `{"message_type":"whatsapp_interactive_location_request_message"}`),
	of(NewCallRecording[PSTNRecording]),
	of(NewCallRecording[SIPRecording]),
	of(NewCallRecording[WebRTCRecording]),
	of(NewCallRecording[ConferenceRecording]),
	of(NewResource[AIAgentResource]),
	of(NewResource[CallFlowResource]),
	of(NewResource[CXMLWebhookResource]),
	of(NewResource[ResourceCXMLScript]),
	of(NewResource[CXMLApplicationResource]),
	of(NewResource[DialogflowAgentResource]),
	of(NewResource[FreeSWITCHConnectorResource]),
	of(NewResource[RelayApplicationResource]),
	of(NewResource[SIPCredentialResource]),
	of(NewResource[SIPGatewayResource]),
	of(NewResource[SubscriberResource]),
	of(NewResource[SWMLWebhookResource]),
	of(NewResource[SWMLScriptResource]),
	of(NewResource[ConferenceRoomResource]),
	of(NewSWMLScript[CallingSWMLScript]),
	of(NewSWMLScript[MessagingSWMLScript]),
	of(NewSWMLScriptCreate[CallingSWMLScriptCreate]),
	of(NewSWMLScriptCreate[MessagingSWMLScriptCreate]),
	of(NewSWMLScriptUpdate[CallingSWMLScriptUpdate]),
	of(NewSWMLScriptUpdate[MessagingSWMLScriptUpdate]),
	of(NewVideoLog[VideoSessionLog]),
	of(NewVideoLog[DiscardedLog]),
	of(NewVoiceLog[RelayVoiceLog]),
	of(NewVoiceLog[VideoRoomVoiceLog]),
	of(NewVoiceLog[DialogflowVoiceLog]),
	of(NewVoiceLog[FabricVoiceLog]),
	of(NewVoiceLog[DiscardedLog]),
	of(NewBrandCreate[ManagedBrandCreate]),
	of(NewBrandCreate[CSPBrandCreate]),
	of(NewCampaignCreate[ManagedCampaignCreate]),
	of(NewCampaignCreate[PartnerCampaignCreate]),
}

// maker makes random values. The first ones it makes of a type have everything
// that is optional, and then nothing of it.
type maker struct {
	*rand.Rand
	round int
	newer bool // makes values of enumerations that no description lists
}

const rounds = 12

func newMaker(t reflect.Type, round int) *maker {
	seed := uint64(round)
	for _, c := range t.String() {
		seed = seed*131 + uint64(c)
	}
	return &maker{Rand: rand.New(rand.NewPCG(seed, 1)), round: round}
}

// set tells whether to set what is optional.
func (m *maker) set(depth int) bool {
	return depth < 9 && (m.round == 0 || m.round > 1 && m.IntN(2) == 0)
}

var texts = []string{"", "a", "two words", `"quoted" \ /`, "<a href='?x=1&y=2'>", "line\nline\u2028line", "naïve 🎉", "null", "0"}

func (m *maker) text() string { return texts[m.IntN(len(texts))] }

// json is any JSON value, as [json.Unmarshal] has it in an interface.
func (m *maker) json(depth int) any {
	switch n := m.IntN(7); {
	case n == 0 && depth < 9:
		return map[string]any{"k": m.json(depth + 3), m.text(): m.json(depth + 3)}
	case n == 1 && depth < 9:
		return []any{m.json(depth + 3), m.json(depth + 3)}
	case n == 2:
		return m.IntN(2) == 0
	case n == 3:
		return float64(m.IntN(1e6)) / 8
	}
	return m.text()
}

// value makes a value that survives being encoded and decoded: what JSON or a
// type's documentation takes for the same as another is not made, such as SWML
// that is nil where it is required.
func (m *maker) value(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch p := v.Addr().Interface().(type) {
	case *uuid.UUID:
		m.fill(p[:])
		return v
	case *time.Time:
		*p = time.Unix(m.Int64N(4e9), m.Int64N(1e9)).UTC()
		return v
	case *SWML:
		*p, _ = NewSWML(m.json(depth))
		return v
	case interface{ IsSpecified() bool }: // a nullable
		null := !m.set(depth)
		v.Set(reflect.MakeMap(t))
		element := reflect.Zero(t.Elem())
		if !null {
			element = m.value(t.Elem(), depth+1)
		}
		v.SetMapIndex(reflect.ValueOf(!null), element)
		return v
	case union:
		all := slices.DeleteFunc(slices.Clone(variants), func(variant variant) bool { return variant.union != t })
		return reflect.ValueOf(all[m.IntN(len(all))].random(m, depth+1))
	case interface{ Values() []string }:
		values := p.Values()
		text := values[m.IntN(len(values))]
		if v.Kind() == reflect.String {
			text = `"` + text + `"`
		}
		if m.newer {
			text = map[bool]string{true: `"newer"`, false: "987654"}[v.Kind() == reflect.String]
		}
		must(json.Unmarshal([]byte(text), v.Addr().Interface()))
		return v
	}
	switch t.Kind() {
	case reflect.Struct:
		m.fields(v, depth)
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(m.value(t.Elem(), depth))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 0, 3))
		for range m.IntN(4) {
			if depth < 9 {
				v.Set(reflect.Append(v, m.value(t.Elem(), depth+1)))
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		for range m.IntN(4) {
			v.SetMapIndex(m.value(t.Key(), depth+1), m.value(t.Elem(), depth+1))
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(m.json(depth)))
	case reflect.String:
		v.SetString(m.text())
	case reflect.Bool:
		v.SetBool(m.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(m.Int32()) - 1<<30)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(m.IntN(1e6)-5e5) / 8)
	default:
		panic(fmt.Sprintf("no values of %v are made", t))
	}
	return v
}

func (m *maker) fill(b []byte) {
	for i := range b {
		b[i] = byte(m.Uint32())
	}
}

func (m *maker) fields(v reflect.Value, depth int) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		pointer := f.Type.Kind() == reflect.Pointer
		switch {
		case name == "-": // AdditionalProperties
			if m.set(depth) {
				v.Field(i).Set(reflect.ValueOf(map[string]any{"other": m.json(depth), "<&>": m.json(depth)}))
			}
		case (options == "" && !pointer) || m.set(depth):
			v.Field(i).Set(m.value(f.Type, depth+1))
		}
	}
}

// random makes a union that holds the variant.
func (variant variant) random(m *maker, depth int) any {
	held := m.value(variant.held, depth)
	if variant.says != "" && !m.newer {
		p := reflect.New(variant.held)
		p.Elem().Set(held)
		must(json.Unmarshal([]byte(variant.says), p.Interface()))
		held = p.Elem()
	}
	return variant.make(held.Interface())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// encode is how package signalwire encodes requests.
func encode(t *testing.T, v any) string {
	t.Helper()
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return strings.TrimSuffix(buf.String(), "\n")
}

func TestX(t *testing.T) {
	n := 0
	bad := map[string]int{}
	for _, v := range variants {
		for round := range 200 {
			m := newMaker(v.held, round)
			u := v.random(m, 0).(union)
			got := u.Value()
			if reflect.TypeOf(got) != v.held {
				bad[fmt.Sprintf("%v <- %v: %T", v.union, v.held, got)]++
			} else if enc, want := encode(t, got), encode(t, u); enc != want {
				var a, b any
				must(json.Unmarshal([]byte(enc), &a))
				must(json.Unmarshal([]byte(want), &b))
				if !reflect.DeepEqual(a, b) {
					t.Errorf("%s %s", enc, want)
				}
			}
			n++
		}
	}
	for _, k := range slices.Sorted(maps.Keys(bad)) {
		fmt.Println(k, bad[k])
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "signalwire.gen.go", nil, 0)
	must(err)
	_ = f
	_ = ast.Print
}
