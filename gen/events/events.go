// Package events has types for the requests that SignalWire sends to the webhooks of
// its customers: about calls, messages, AI agents and campaigns.
//
// Each kind of request has a descriptor, such as [MessageStatus], and a type for its
// body, such as [MessageStatusPayload]. Package webhook, which verifies that requests
// come from SignalWire, takes the descriptors. [json.Unmarshal] decodes a body alone.
//
// No member of a body is required. A member that is absent or null has the zero value.
// Enumerations can have values that are not documented. A member that this package does
// not know, or whose value has another type than SignalWire documents, is in the field
// Extra of its object. [json.Marshal] encodes the members in Extra, too, and leaves out
// zero values. Numbers in free-form values are [json.Number], so that no digit is lost.
// Package fmt prints, and package slog logs, a payload as JSON without passwords, tokens,
// and the numbers of payment cards. They do not if the verb is %#v or one that is not for
// strings, such as %d, or if the payload is in an unexported field, on which package fmt
// calls no methods.
//
// SignalWire may deliver a request several times, late, or not at all. Requests have no
// id and signatures have no time, so a receiver has to be idempotent: the method Key of
// a payload returns the same string for the same event, and another string for another
// event. If a payload lacks a value that identifies its event, or has it in another type,
// Key depends on the whole payload.
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

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// Signing is the method by which SignalWire signs requests of a kind.
type Signing string

const (
	// SigningUnknown is for kinds of which SignalWire does not document whether they
	// are signed.
	SigningUnknown Signing = ""
	// SigningNone means that requests are not signed.
	SigningNone Signing = "none"
	// SigningSHA1 is the HMAC-SHA1 of the URL and the body, in hexadecimal.
	SigningSHA1 Signing = "sha1"
	// SigningSHA256 is [SigningSHA1] and, in another header, the HMAC-SHA256 of the URL
	// and the body, in hexadecimal.
	SigningSHA256 Signing = "sha256"
	// SigningForm is the HMAC-SHA1 of the URL and the sorted parameters of a form, in
	// base64.
	SigningForm Signing = "form"
)

// Signed reports whether SignalWire signs requests in this way if the project has a
// signing key. It is false for [SigningUnknown].
func (s Signing) Signed() bool { return s != SigningUnknown && s != SigningNone }

// Credentials says whether the user name and the password in the URL of a webhook are
// part of the URL that is signed.
type Credentials string

const (
	// CredentialsUnknown is for kinds of which SignalWire does not document this.
	CredentialsUnknown Credentials = ""
	// CredentialsKept means that they are part of the signed URL.
	CredentialsKept Credentials = "kept"
	// CredentialsStripped means that they are removed from the URL before it is signed.
	CredentialsStripped Credentials = "stripped"
)

// Kind describes a kind of request, except the types of its body and its response.
type Kind struct {
	ID          string      // the id in SignalWire's description, such as message_status_callback
	Signing     Signing     // how SignalWire signs it
	Credentials Credentials // whether the signed URL has its credentials
	Form        bool        // parameters are a form, or the query of a GET; otherwise the body is JSON
	EventTypes  []string    // the values of event_type in the body; nil if it has none
	SetBy       []string    // the fields of the API and the members of SWML that set the URL
}

// Webhook describes a kind of request with a body of type P and a response body of type
// R.
type Webhook[P, R any] struct{ Kind }

// None is the response body of requests whose response needs no body: only its status
// counts.
type None struct{}

// CXML is a cXML document. It is the response to a request for the document that
// controls a call or a message.
type CXML string

// Secret is a string, such as the number of a payment card, that package fmt does not
// show, but by verbs that are not for strings, such as %d, and that package slog shows
// neither by itself nor in a payload. [json.Marshal] encodes it, and so does a
// [slog.JSONHandler] in a slice or a map of payloads. To use it, convert it to a string.
type Secret string

// String returns a placeholder.
func (Secret) String() string { return "[redacted]" }

// GoString returns a placeholder.
func (Secret) GoString() string { return "[redacted]" }

// LogValue returns a placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// withoutSecrets returns the JSON of a payload without its secrets.
func withoutSecrets(payload any) json.RawMessage {
	text, _ := json.Marshal(payload)
	return redact.JSON(text, func(name string) bool { // of a card
		return name == "expiration_date" || name == "ExpirationDate"
	})
}

// unmarshal decodes a JSON object into the struct that v points to. The last field of
// the struct is Extra, which gets the members that no other field can hold.
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

// marshal encodes a struct that unmarshal can decode, Extra included, and leaves out
// zero values.
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

// memberName returns the name that a field of a struct has in JSON.
func memberName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// key returns the key of an event, which consists of the id of its kind and the values
// that identify the event. If there are none, or if one of them is zero, other events can
// have the same values: then the key ends with a hash of the payload.
func key(id string, payload any, values ...any) string {
	parts, identified := []string{id}, len(values) > 0
	for _, value := range values {
		v := reflect.ValueOf(value)
		text := ""
		switch {
		case v.IsZero():
			identified = false
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
	if !identified {
		encoded, _ := json.Marshal(payload)
		sum := sha256.Sum256(encoded)
		parts = append(parts, hex.EncodeToString(sum[:]))
	}
	return strings.Join(parts, "/")
}

// escapeKey escapes the values in a key, which slashes separate.
var escapeKey = strings.NewReplacer("%", "%25", "/", "%2F")
