// Package lock keeps the names that package gen has, so that none is lost
// unnoticed when the description changes.
package lock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

// Header is the first line of the file.
const Header = "# The names in package gen, by what they stand for. Written by api/cmd; see README.md.\n"

// Names returns a line for each exported name of a generated client, sorted:
//
//	constant Codec.PCMU CodecPCMU
//	field SIPGateway.name Name
//	operation GET /api/fabric/resources AllResources
//	type SIPGateway
func Names(client []byte) ([]string, error) {
	names, err := goapi.ReadNames(client)
	if err != nil {
		return nil, err
	}
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for id, methods := range names.Methods {
		for _, method := range methods {
			add("operation %s %s", names.Paths[id], method)
		}
	}
	for _, name := range names.Types {
		add("type %s", name)
	}
	for typ, fields := range names.Fields {
		for member, field := range fields {
			add("field %s.%s %s", typ, member, field.Name)
		}
	}
	for typ, values := range names.Values {
		for value, name := range values {
			add("constant %s.%s %s", typ, value, name)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

// Write returns the file.
func Write(lines []string) []byte { return []byte(Header + strings.Join(lines, "\n") + "\n") }

// Lost returns the lines of the file that are not among those of now.
func Lost(file []byte, now []string) (lost []string) {
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSuffix(line, "\n")
		if _, found := slices.BinarySearch(now, line); !found && line != "" && !strings.HasPrefix(line, "#") {
			lost = append(lost, line)
		}
	}
	return lost
}
