package gen

// ErrorItem describes one problem with a request. The API returns problems in several
// shapes; package signalwire converts all of them to this type.
type ErrorItem struct {
	// Attribute is the name of the field of the request that is wrong. It is empty if the
	// problem does not concern a single field.
	Attribute string `json:"attribute,omitempty"`

	// Code identifies the problem for programs. It does not change when the message does.
	Code string `json:"code"`

	// Message describes the problem for people.
	Message string `json:"message"`

	// Type is the kind of error.
	Type string `json:"type"`

	// URL is the address of a page that explains the problem.
	URL string `json:"url"`
}
