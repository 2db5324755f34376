// Package peers measures this library against other clients of the same kind:
// what one writes by hand, what oapi-codegen and ogen generate with their own
// templates from the same description, and twilio-go.
//
// It is a module of its own, so that nobody else gets what it needs. The
// generated clients are not kept: `make peers` generates and runs. Generate
// before `go mod tidy` too.
package peers

//go:generate go run ./internal/reduce ../../../api/openapi.json description.gen.json
//go:generate go run -C ../../.. github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config wrapper/internal/peers/internal/stock/config.yaml wrapper/internal/peers/description.gen.json
//go:generate go tool ogen -config internal/ogen/config.yaml -target internal/ogen -package ogen description.gen.json
