package gen

//go:generate go run ../api/merge -overlay ../api/overlay.yaml -out ../api/openapi.yaml -json ../api/openapi.json -config ../oapi-config.yaml -beside call.go -beside swml.go -beside union.go ../api/fabric.yaml ../api/signalwire-rest.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config ../oapi-config.yaml ../api/openapi.yaml
//go:generate go run ../api/index -description ../api/openapi.json -client signalwire.gen.go -out INDEX.md
