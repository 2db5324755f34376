package gen

import (
	"encoding/json"
	"errors"
)

// SWML is a document in SignalWire Markup Language, or a part of one, as JSON.
// It is kept byte for byte as it came, and sent so by package signalwire (though
// not by encoding/json, which takes out white space), so nothing is lost of what
// SWML has learned since this package was made. Nil is no SWML at all, and where
// SWML may be absent it is left out. Packages gen/swml and gen/swml/messaging have
// types for documents; [NewSWML] takes them, and their Parse reads them.
type SWML []byte

// NewSWML returns v as SWML. A SWML, [json.RawMessage] or []byte is taken for
// JSON, and it is an error if it is not; anything else becomes what
// [json.Marshal] makes of it, so that a document can be written as maps, slices
// and strings or as types of the program's own. A string becomes a JSON string,
// which is how a field that takes a document or its URL takes the URL.
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
	if !json.Valid(text) {
		return nil, errors.New("not valid JSON")
	}
	return append(SWML(nil), text...), nil
}

// Raw returns s as the JSON it is.
func (s SWML) Raw() json.RawMessage { return json.RawMessage(s) }

// MarshalJSON returns s as it is, or null if it is nil.
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

// Decode puts the document into what v points to, as [json.Unmarshal] does. The types
// of gen/swml and gen/swml/messaging have a function Parse for that.
func (s SWML) Decode(v any) error { return json.Unmarshal(s, v) }
