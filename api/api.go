// Package api holds the description of SignalWire's REST API from which
// package gen is generated: the two documents that SignalWire publishes, the
// overlay with our corrections, and what becomes of them.
package api

import _ "embed"

// OpenAPI is the merged and corrected description, an OpenAPI 3.1 document as
// JSON. The same is in openapi.yaml for people to read.
//
//go:embed openapi.json
var OpenAPI []byte
