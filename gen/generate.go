package gen

//go:generate go run ../api/generate call.go capabilities.go swml.go union.go
