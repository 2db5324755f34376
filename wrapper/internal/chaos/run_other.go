//go:build !linux

package main

import (
	"fmt"
	"io"
)

func run(_ settings, out io.Writer) error {
	_, err := fmt.Fprintln(out, "chaos: skipped, as it needs Linux")
	return err
}
