package gen

import (
	"encoding/json"
	"maps"
	"slices"
)

// PhoneNumberCapabilities are what a phone number can be used for. Spaces send
// them as an array. SignalWire describes an object with a boolean for each
// instead, which is read as the array of those that are true.
type PhoneNumberCapabilities []PhoneNumberCapability

// UnmarshalJSON sets c to what either of the two has.
func (c *PhoneNumberCapabilities) UnmarshalJSON(text []byte) error {
	if len(text) == 0 || text[0] != '{' {
		return json.Unmarshal(text, (*[]PhoneNumberCapability)(c))
	}
	var has map[PhoneNumberCapability]bool
	if err := json.Unmarshal(text, &has); err != nil {
		return err
	}
	maps.DeleteFunc(has, func(_ PhoneNumberCapability, is bool) bool { return !is })
	*c = slices.Sorted(maps.Keys(has))
	return nil
}
