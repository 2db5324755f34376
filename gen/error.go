package gen

// ErrorItem is one thing that is wrong with a request. The API describes it in
// several shapes, and package signalwire reads all of them as this one.
type ErrorItem struct {
	// Attribute is the field of the request that is wrong, where the error is about one.
	Attribute string `json:"attribute,omitempty"`

	// Code is a stable name of the error, for programs to compare with.
	Code string `json:"code"`

	// Message says what is wrong, for people to read.
	Message string `json:"message"`

	// Type is the kind of error.
	Type string `json:"type"`

	// URL is the page that explains the error.
	URL string `json:"url"`
}
