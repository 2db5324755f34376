// Package api holds the description of SignalWire's REST API from which
// package gen is generated, and that of SWML. README.md in this folder says what
// each file is.
package api

import _ "embed"

//go:generate go run ./cmd generate

// OpenAPI is the merged and corrected description, an OpenAPI 3.1 document as
// JSON. The same is in openapi.yaml for people to read.
//
//go:embed openapi.json
var OpenAPI []byte

// SWML and SWMLMessaging are the JSON Schemas of SWML for calls and for messages,
// without descriptions. The descriptions are in swml.yaml and
// swml-messaging.yaml, from which these are made, and packages gen/swml and
// gen/swml/messaging.
var (
	//go:embed swml.json
	SWML []byte
	//go:embed swml-messaging.json
	SWMLMessaging []byte
)
