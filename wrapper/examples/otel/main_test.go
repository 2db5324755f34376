package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestSpans: each request has a span that is named after its operation.
func TestSpans(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"get_sip_gateway", "update_sip_gateway"} {
		if strings.Count(out.String(), `"Name": "`+operation+`"`) != 1 {
			t.Errorf("no span of %s in:\n%s", operation, &out)
		}
	}
}
