package gen

//go:generate go run ../api/generate call.go swml.go union.go
