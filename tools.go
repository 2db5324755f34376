//go:build tools

// Package tools pins the code generator that `go generate ./...` runs, so that
// everyone who regenerates runs the same version. It is never built.
package tools

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
