// A use of a deprecated field, which staticcheck has to report: see make lint.
package main

import "github.com/seed-fbb712e3/signalwire-go/gen"

func main() { println(gen.PhoneNumberUpdate{}.CallRelayContext) }
