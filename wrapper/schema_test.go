package signalwire_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/api"
)

// schema is a JSON Schema of the description, or a reference to one.
type schema = map[string]any

// described is an operation as the description has it.
type described struct {
	ID           string                `json:"operationId"`
	Security     []map[string][]string // nil: as most operations have it
	Parameters   []parameter
	RequestBody  *content
	Responses    map[string]content
	Method, Path string `json:"-"`

	Group    struct{ Name string }     `json:"x-go-group"`
	Commands []struct{ Method string } `json:"x-go-commands"`
}

type parameter struct {
	Name, In string
	Required bool
	Schema   schema
}

type content struct {
	Required bool
	Content  map[string]struct{ Schema schema }
}

// json is the schema of a JSON body, or nil.
func (c *content) json() schema {
	if c == nil {
		return nil
	}
	return c.Content["application/json"].Schema
}

// success is the status of a successful response, and the schema of its body.
func (d described) success() (string, schema) {
	for _, status := range slices.Sorted(maps.Keys(d.Responses)) {
		if response := d.Responses[status]; status[0] == '2' {
			return status, response.json()
		}
	}
	return "", nil
}

// description is what package api has.
var description = sync.OnceValue(func() (d struct {
	Security   []map[string][]string
	Operations []described
	Components struct{ Schemas map[string]schema }
}) {
	var document struct {
		Paths map[string]map[string]described
	}
	for _, into := range []any{&d, &document} {
		if err := json.Unmarshal(api.OpenAPI, into); err != nil {
			panic(err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(document.Paths[path])) {
			operation := document.Paths[path][method]
			operation.Method, operation.Path = strings.ToUpper(method), path
			d.Operations = append(d.Operations, operation)
		}
	}
	return d
})

// resolve follows references, and makes one schema of those that allOf joins.
func resolve(s schema) schema {
	for s["$ref"] != nil {
		beside := s // what is beside a reference narrows it
		s = description().Components.Schemas[strings.TrimPrefix(s["$ref"].(string), "#/components/schemas/")]
		for _, keyword := range []string{"enum", "minProperties"} {
			if beside[keyword] != nil {
				s = maps.Clone(s)
				s[keyword] = beside[keyword]
			}
		}
	}
	parts := list(s["allOf"])
	if parts == nil {
		return s
	}
	whole, properties, required := schema{}, schema{}, []any{}
	for _, part := range parts {
		part := resolve(part.(schema))
		maps.Copy(whole, part)
		maps.Copy(properties, part["properties"].(schema))
		required = append(required, list(part["required"])...)
	}
	whole["properties"], whole["required"] = properties, required
	return whole
}

// author makes up values that fit a schema: full ones have whatever they can
// have, others what they must.
type author struct {
	*rand.Rand
	full bool
	turn int // which of its alternatives a union is; goes on with each union
	// spoil counts down to the object that gets a field it cannot have; then it
	// is negative.
	spoil int
	swml  int // how deep in SWML a value is
}

func newAuthor(full bool, turn int, seed string) *author {
	var key [32]byte
	copy(key[:], fmt.Sprint(turn, full, seed))
	return &author{Rand: rand.New(rand.NewChaCha8(key)), full: full, turn: turn}
}

// deep is where full values end.
const deep = 9

// examples are texts for each pattern of the description.
var examples = map[string]string{
	`^#[0-9a-fA-F]{6}$`:             "#0a1B2c",
	`^[A-Za-z0-9_-]+$`:              "a_b-1",
	`^[A-Za-z0-9_\-]+$`:             "a_b-1",
	`^(?:\d+h)?(?:\d+m)?(?:\d+s)?$`: "1h30m",
	`^(?!next$).*$`:                 "step",
	`^[a-z0-9]+(-[a-z0-9]+)*$`:      "a-room-1",
	`^\S+$`:                         "one-word",
	`^prompt:.+$`:                   "prompt:hello",
	`^(http|https)://`:              "https://example.com/",
	`^[a-z0-9_]*$`:                  "a_1",
	`^(http://.*|https://.*|ring: ?[0-9.]*: ?[a-zA-Z]{2}|say: ?.*|silence: ?[0-9.]*|ring: ?[a-zA-Z]{2})$`: "say: hello",
}

func list(v any) []any { all, _ := v.([]any); return all }

func number(v any, or float64) float64 {
	if n, ok := v.(float64); ok {
		return n
	}
	return or
}

func (a *author) value(s schema, depth int) any {
	s = resolve(s)
	if s["x-go-type"] == "SWML" { // which a Space does not validate
		a.swml++
		defer func() { a.swml-- }()
	}
	full := a.full && depth < deep
	if union := slices.Concat(list(s["oneOf"]), list(s["anyOf"])); union != nil {
		chosen := union[a.turn%len(union)].(schema)
		a.turn++
		if depth >= deep {
			chosen = slices.MinFunc(union, func(x, y any) int { return height(x.(schema), nil) - height(y.(schema), nil) }).(schema)
		}
		both := maps.Clone(s) // what stands beside the union holds as well
		delete(both, "oneOf")
		delete(both, "anyOf")
		maps.Copy(both, resolve(chosen))
		return a.value(both, depth)
	}
	if only, ok := s["const"]; ok {
		return only
	}
	if values := list(s["enum"]); values != nil {
		return values[a.IntN(len(values))]
	}
	kind, _ := s["type"].(string)
	if kinds := list(s["type"]); kinds != nil { // one of them is null
		kind = kinds[a.IntN(len(kinds))].(string)
		if full && kind == "null" {
			kind = kinds[0].(string)
		}
	}
	switch kind {
	case "null":
		return nil
	case "boolean":
		return a.IntN(2) == 0
	case "integer", "number":
		low := number(s["minimum"], number(s["exclusiveMinimum"], -1)+1)
		high := number(s["maximum"], low+1000)
		v := low + float64(a.IntN(int(high-low)+1))
		if kind == "number" && v+0.5 <= high {
			v += 0.5
		}
		return v
	case "string":
		return a.text(s)
	case "array":
		all, n := []any{}, int(number(s["minItems"], 0))
		if full {
			n = max(n, int(min(2, number(s["maxItems"], 2))))
		}
		items, _ := s["items"].(schema)
		for range n {
			all = append(all, a.value(items, depth+1))
		}
		return all
	case "":
		if s["properties"] == nil {
			return []any{a.text(schema{}), 1.5, true, schema{"a": []any{}}, []any{"<&>"}}[a.IntN(5)]
		}
	}
	object := map[string]any{}
	properties, _ := s["properties"].(schema)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		// What distinguishes it from another alternative of a union is always there.
		property := properties[name].(schema)
		if full || slices.Contains(list(s["required"]), any(name)) || len(list(resolve(property)["enum"])) == 1 {
			object[name] = a.value(property, depth+1)
		}
	}
	for _, rest := range []string{"additionalProperties", "unevaluatedProperties"} {
		isNeeded := full || float64(len(object)) < number(s["minProperties"], 0)
		if more, ok := s[rest].(schema); ok && isNeeded && object["more"] == nil && s["x-go-type"] != "struct{}" { // this is left empty
			object["more"] = a.value(more, depth+1)
		}
	}
	// Objects are closed unless they say otherwise. SWML has them without end, so
	// not all are tried.
	if s["additionalProperties"] == nil && s["unevaluatedProperties"] == nil && depth < 4 && a.spoil > 0 && a.swml == 0 {
		if a.spoil--; a.spoil == 0 {
			object["no such field"] = 1
			a.spoil = -1
		}
	}
	return object
}

func (a *author) text(s schema) string {
	text := []string{"text", "two words", "naïve <&> 🎉", `"quoted"`}[a.IntN(4)]
	format, _ := s["format"].(string)
	if s["x-go-type"] == "uuid.UUID" { // of some ids the overlay says it, and their schema does not
		format = "uuid"
	}
	switch format {
	case "uuid":
		id := [16]byte{6: 0x40, 8: 0x80, 15: byte(a.IntN(256))}
		id[0] = byte(a.IntN(255) + 1)
		return uuid.UUID(id).String()
	case "date-time":
		return time.Unix(a.Int64N(4e9), 0).UTC().Format(time.RFC3339)
	case "uri":
		text = "https://example.com/?a=1&b=%20"
	}
	if pattern, ok := s["pattern"].(string); ok {
		if text, ok = examples[pattern]; !ok {
			panic(fmt.Sprintf("examples has none for the pattern %q", pattern))
		}
	}
	for float64(len([]rune(text))) < number(s["minLength"], 0) {
		text += "a"
	}
	if most := int(number(s["maxLength"], 1e9)); len([]rune(text)) > most {
		text = string([]rune(text)[:most])
	}
	return text
}

// height is how deep values of a schema are at least.
func height(s schema, above []string) int {
	const endless = 1 << 20
	if ref, ok := s["$ref"].(string); ok {
		if slices.Contains(above, ref) {
			return endless
		}
		return height(resolve(s), append(slices.Clip(above), ref))
	}
	least := 0
	for _, name := range []string{"oneOf", "anyOf"} {
		for i, variant := range list(s[name]) {
			if h := height(variant.(schema), above); i == 0 || h < least {
				least = h
			}
		}
	}
	if s["allOf"] != nil {
		return height(resolve(s), above)
	}
	properties, _ := s["properties"].(schema)
	for _, name := range list(s["required"]) {
		if property, ok := properties[name.(string)].(schema); ok {
			least = max(least, 1+height(property, above))
		}
	}
	if items, ok := s["items"].(schema); ok && number(s["minItems"], 0) > 0 {
		least = max(least, 1+height(items, above))
	}
	return min(least, endless)
}
