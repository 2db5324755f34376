//go:build tools

// Package tools pins the code generator that `go generate ./...` runs, so that
// everyone who regenerates runs the same version. It is never built.
//
// It also imports what tests of a dependency of package signalwiretest import and no
// go.mod file on the way to them requires. Without that, `go mod tidy` in a module
// that uses signalwiretest adds a requirement of it there.
package tools

import (
	_ "github.com/kr/pretty"
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
