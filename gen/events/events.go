// Package events has types for the requests that SignalWire sends to the URLs of
// its customers: webhooks about calls, messages, AI agents and campaigns.
//
// Each kind of request has a descriptor, such as [MessageStatus], and the type of
// its body, such as [MessageStatusPayload]. Package webhook, which checks where
// requests come from, takes the descriptors. A body alone is decoded by
// [json.Unmarshal].
//
// No member of a body is required, and a member that is absent or null is the zero
// value. Enumerations are open. A member that this package does not know, or whose
// value is of another type than SignalWire documents, is in the field Extra of its
// object, and is written again by [json.Marshal], which leaves out zero values.
// Numbers in free-form values are [json.Number], so that no digit is lost.
//
// SignalWire may deliver a request several times, late, or not at all. The requests
// have no id and signatures have no time, so a receiver has to be idempotent: the
// method Key of a payload returns the same string for the same event.
package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
)

// Signing is how requests of a kind are signed.
type Signing string

const (
	// SigningUnknown is the signing of kinds of which SignalWire does not say
	// whether they are signed.
	SigningUnknown Signing = ""
	// SigningNone means that requests are not signed.
	SigningNone Signing = "none"
	// SigningSHA1 is the hex HMAC-SHA1 of URL and body.
	SigningSHA1 Signing = "sha1"
	// SigningSHA256 is [SigningSHA1] and, in a header of its own, the hex
	// HMAC-SHA256 of URL and body.
	SigningSHA256 Signing = "sha256"
	// SigningForm is the base64 HMAC-SHA1 of the URL and the sorted parameters of
	// a form.
	SigningForm Signing = "form"
)

// Signed reports whether SignalWire signs requests of this kind if the project has
// a signing key.
func (s Signing) Signed() bool { return s != SigningUnknown && s != SigningNone }

// Credentials says whether the user name and the password in the URL of a webhook
// are a part of the URL that is signed.
type Credentials string

const (
	// CredentialsUnknown is that of kinds of which SignalWire does not say.
	CredentialsUnknown Credentials = ""
	// CredentialsKept means that they are signed, too.
	CredentialsKept Credentials = "kept"
	// CredentialsStripped means that the URL is signed without them.
	CredentialsStripped Credentials = "stripped"
)

// Kind is what is known about a kind of request without the types of its body and
// its response.
type Kind struct {
	ID          string // in SignalWire's description, such as message_status_callback
	Signing     Signing
	Credentials Credentials
	Form        bool     // the body is a form, or the query of a GET; otherwise JSON
	EventTypes  []string // the values of event_type in such a body; nil if it has none
	SetBy       []string // the fields and SWML members that set the URL
}

// Webhook describes a kind of request with a body of type P, which is responded to
// with an R.
type Webhook[P, R any] struct{ Kind }

// None is the response to a request of which only the status counts.
type None struct{}

// CXML is an XML document, which controls a call or a message.
type CXML string

// Secret is a string that is not printed and not logged, such as the number of a
// payment card. Convert it to a string to use it.
type Secret string

// String returns a placeholder.
func (Secret) String() string { return "[redacted]" }

// GoString returns a placeholder.
func (Secret) GoString() string { return "[redacted]" }

// LogValue returns a placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// unmarshal decodes a JSON object into the struct that v points to.
func unmarshal(data []byte, v any) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	object := reflect.ValueOf(v).Elem()
	object.SetZero()
	last := object.NumField() - 1
	for i := range last {
		name := memberName(object.Type().Field(i))
		raw, found := members[name]
		if !found {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if decoder.Decode(object.Field(i).Addr().Interface()) != nil {
			object.Field(i).SetZero()
			continue
		}
		delete(members, name)
	}
	if len(members) > 0 {
		object.Field(last).Set(reflect.ValueOf(members))
	}
	return nil
}

// marshal encodes a struct as unmarshal decodes it.
func marshal(v any) ([]byte, error) {
	object := reflect.ValueOf(v)
	last := object.NumField() - 1
	members := map[string]any{}
	for name, raw := range object.Field(last).Interface().(map[string]json.RawMessage) {
		members[name] = raw
	}
	for i := range last {
		if field := object.Field(i); !field.IsZero() {
			members[memberName(object.Type().Field(i))] = field.Interface()
		}
	}
	return json.Marshal(members)
}

func memberName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// key joins the values that an event is known by. Where all are absent it is a hash
// of the payload.
func key(id string, payload any, values ...any) string {
	parts, known := []string{id}, false
	for _, value := range values {
		v := reflect.ValueOf(value)
		known = known || !v.IsZero()
		text := ""
		switch {
		case v.IsZero():
		case v.CanFloat():
			text = strconv.FormatFloat(v.Float(), 'f', -1, 64)
		case v.CanInt():
			text = strconv.FormatInt(v.Int(), 10)
		case v.Kind() == reflect.String:
			text = escapeKey.Replace(v.String())
		default:
			encoded, _ := json.Marshal(value)
			text = escapeKey.Replace(string(encoded))
		}
		parts = append(parts, text)
	}
	if !known {
		encoded, _ := json.Marshal(payload)
		sum := sha256.Sum256(encoded)
		parts = []string{id, hex.EncodeToString(sum[:])}
	}
	return strings.Join(parts, "/")
}

// escapeKey keeps apart what key joins.
var escapeKey = strings.NewReplacer("%", "%25", "/", "%2F")
