package gen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// SWML is JSON: a document in SignalWire Markup Language, or a part of one. It keeps the
// JSON of a response byte for byte, so that elements of SWML that are newer than this
// package are not lost, and package signalwire sends it unchanged. (encoding/json removes
// white space from it.) A nil SWML means that there is no document; an optional field
// that is nil is not sent.
//
// Packages gen/swml and gen/swml/messaging have types for documents. [NewSWML] converts
// them to SWML, and their functions Parse convert SWML to them. Of a part of a document,
// such as the prompt of an AI agent, their functions Encode make a []byte, which can be
// assigned to a SWML, and their functions Decode read it.
type SWML []byte

// NewSWML returns v as SWML. A SWML, [json.RawMessage] or []byte has to be valid JSON,
// and is copied without a byte order mark before it, with which some editors save files.
// Any other value is encoded with [json.Marshal]: a document of package
// gen/swml, a type of the program, or maps and slices. A string becomes a JSON string:
// use it for the URL of a document, in a field that accepts a document or its URL.
func NewSWML(v any) (SWML, error) {
	var text []byte
	switch v := v.(type) {
	case SWML:
		text = v
	case json.RawMessage:
		text = v
	case []byte:
		text = v
	default:
		text, err := json.Marshal(v)
		return text, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(text, new(json.RawMessage)), &syntax) {
		return nil, fmt.Errorf("SWML: %w after %d bytes; expected valid JSON", syntax, syntax.Offset)
	}
	return append(SWML(nil), text...), nil
}

// Raw returns the JSON of s.
func (s SWML) Raw() json.RawMessage { return json.RawMessage(s) }

// String returns the JSON of s without secrets, such as passwords. Raw returns all of it.
func (s SWML) String() string { return string(redact.JSON(s, nil)) }

// LogValue returns the JSON that String returns, for package slog.
func (s SWML) LogValue() slog.Value { return redact.LogValue(redact.JSON(s, nil)) }

// MarshalJSON returns s unchanged, or null if s is nil.
func (s SWML) MarshalJSON() ([]byte, error) {
	if s == nil {
		return []byte("null"), nil
	}
	return s, nil
}

// UnmarshalJSON sets s to a copy of text.
func (s *SWML) UnmarshalJSON(text []byte) error {
	*s = append(SWML(nil), text...)
	return nil
}

// Decode decodes the document into the value that v points to, with [json.Unmarshal]. For
// the types of gen/swml and gen/swml/messaging, use their functions Parse.
func (s SWML) Decode(v any) error { return json.Unmarshal(s, v) }
