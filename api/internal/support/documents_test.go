package support_test

import (
	"encoding/json"
	"flag"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

var documents = flag.String("documents", "testdata/vendors", "a folder of documents to carry or refuse")

// call is what a method is called with, as JSON.
type call struct {
	Path   []any          `json:"path"`
	Params map[string]any `json:"params"`
	Body   any            `json:"body"`
}

// TestDocuments imports each document of a folder: it is refused by name and place,
// or each of its operations sends what the document says, and reads the response.
// Another library validates the requests, by the document as it is.
func TestDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a client")
	}
	files, err := filepath.Glob(filepath.Join(*documents, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	refused := regexp.MustCompile(`^\S+\.yaml:\d+: .*(not supported|expected an exported Go identifier|is no component of the document|expected one server|has no server|has to be a scheme)`)
	dir := t.TempDir()
	var carried []string
	specs, calls := map[string]*openapi3.T{}, map[string]call{}
	for i, file := range files {
		_, _, err := client(t, false, file)
		if err != nil {
			for line := range strings.Lines(strings.TrimSpace(err.Error())) {
				require.Regexp(t, refused, line)
			}
			t.Log(err)
			continue
		}
		name := "d" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		spec, err := openapi3.NewLoader().LoadFromFile(file)
		require.NoError(t, err)
		specs[name] = spec
		for path, item := range spec.Paths.Map() {
			for method, o := range item.Operations() {
				if c, err := sampleCall(path, item, o); err != nil { // such as one that is required in itself
					t.Logf("%s: %s %s: no sample of its body: %v", file, method, path, err)
				} else {
					calls[method+" /"+name+path] = c
				}
			}
		}
		carried = append(carried, apart(t, file, name, dir))
	}
	var lock sync.Mutex
	got := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
		spec := specs[name]
		for path, item := range spec.Paths.Map() {
			o := item.GetOperation(r.Method)
			values := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[^{}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "([^/]+)") + "$").FindStringSubmatch("/" + rest)
			if o == nil || values == nil {
				continue
			}
			parameters := map[string]string{}
			for i, part := range regexp.MustCompile(`\{([^{}]*)\}`).FindAllStringSubmatch(path, -1) {
				parameters[part[1]] = values[i+1]
			}
			err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters,
				Route:   &routers.Route{Spec: spec, Path: path, PathItem: item, Method: r.Method, Operation: o},
				Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}})
			if err != nil {
				http.Error(w, err.Error(), http.StatusTeapot)
				return
			}
			got[r.Method+" /"+name+path] = true
			respond(w, r, o)
			return
		}
		http.Error(w, "no such operation", http.StatusTeapot)
	}))
	defer server.Close()
	samples, err := json.Marshal(calls)
	require.NoError(t, err)
	out := run(t, carried, strings.Replace(callsAll, "SAMPLES", "`"+string(samples)+"`", 1), server.URL)
	require.Empty(t, string(out))
	require.Equal(t, slices.Sorted(maps.Keys(calls)), slices.Sorted(maps.Keys(got)))
	t.Logf("%d of %d documents are carried", len(carried), len(files))
}

// apart writes a document whose paths and operations no other has.
func apart(t *testing.T, file, name, dir string) string {
	set := tree.NewSet()
	root := set.Load(set.ReadFile(file))
	require.NoError(t, set.Err())
	tree.EachOperation(root, func(_, _, operation *yaml.Node) {
		if id := tree.Get(operation, "operationId"); id != nil {
			id.Value += "_" + name
		}
	})
	for _, item := range tree.Entries(tree.Get(root, "paths")) {
		tree.Remove(item, "servers")
	}
	tree.Remove(root, "servers")
	root.Content = append(root.Content, set.NewString("servers", root), set.Parse("[{url: 'https://x.example/"+name+"'}]", root))
	text, err := set.EncodeYAML("", root, file)
	require.NoError(t, err)
	apart := filepath.Join(dir, name+".yaml")
	require.NoError(t, os.WriteFile(apart, text, 0o600))
	return apart
}

func sampleCall(path string, item *openapi3.PathItem, o *openapi3.Operation) (c call, err error) {
	c = call{Params: map[string]any{}}
	inPath := map[string]any{}
	for _, p := range append(slices.Clone(item.Parameters), o.Parameters...) {
		if value := sample(p.Value.Schema, 0); p.Value.In == "path" {
			inPath[p.Value.Name] = value
		} else {
			c.Params[p.Value.Name] = value
		}
	}
	for _, part := range regexp.MustCompile(`\{([^{}]*)\}`).FindAllStringSubmatch(path, -1) {
		c.Path = append(c.Path, inPath[part[1]])
	}
	if o.RequestBody != nil {
		for name, media := range o.RequestBody.Value.Content {
			if c.Body = sample(media.Schema, 0); media.Schema != nil && media.Schema.Value.Format != "binary" {
				err = media.Schema.Value.VisitJSON(c.Body, openapi3.EnableJSONSchema2020())
			}
			if plain, _, _ := strings.Cut(name, ";"); plain != name {
				o.RequestBody.Value.Content[plain] = media // A parameter says nothing about JSON.
			}
		}
	}
	return c, err
}

// ofID is the pattern of ids that begin with what they are.
var ofID = regexp.MustCompile(`^\^([A-Z]+)\[0-9a-fA-F\]\{32\}\$$`)

// sample is a value that a schema describes.
func sample(ref *openapi3.SchemaRef, depth int) any {
	if ref == nil || ref.Value == nil || depth > 4 {
		return nil
	}
	s := ref.Value
	is := func(name string) bool { return s.Type != nil && slices.Contains(s.Type.Slice(), name) }
	choices := append(slices.Clone(s.OneOf), s.AnyOf...)
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Const != nil:
		return s.Const
	case len(choices) > 0:
		if object, ok := sample(choices[len(choices)-1], depth+1).(map[string]any); ok {
			if d, ref := s.Discriminator, choices[len(choices)-1].Ref; d != nil {
				object[d.PropertyName] = ref[strings.LastIndex(ref, "/")+1:]
				for value, mapped := range d.Mapping {
					if mapped.Ref == ref {
						object[d.PropertyName] = value
					}
				}
			}
			return object
		}
		return sample(choices[0], depth+1)
	case len(s.Properties) > 0 || len(s.AllOf) > 0:
		object := map[string]any{}
		for _, part := range s.AllOf {
			members, _ := sample(part, depth+1).(map[string]any)
			maps.Copy(object, members)
		}
		for name, property := range s.Properties {
			if value := sample(property, depth+1); value != nil {
				object[name] = value
			}
		}
		return object
	case is("null"):
		return nil
	case ofID.MatchString(s.Pattern):
		return ofID.FindStringSubmatch(s.Pattern)[1] + strings.Repeat("0", 32)
	case is("array"):
		if item := sample(s.Items, depth+1); item != nil {
			return []any{item}
		}
		return []any{}
	case is("integer"):
		return 7
	case is("number"):
		return 1.5
	case is("boolean"):
		return true
	case is("string"):
		return map[string]string{"uuid": "00000000-0000-0000-0000-000000000001", "date": "2026-01-02", "date-time": "2026-01-02T03:04:05Z", "byte": "aGk=", "binary": "aGk=",
			"ipv4": "192.0.2.1", "email": "a@b.c", "uri": "https://x.example/", "time": "03:04:05Z", "duration": "P1D"}[s.Format] + map[bool]string{true: "a b"}[s.Format == "" || s.Format == "password"]
	}
	return map[string]any{}
}

// respond sends a response of a media type that the request accepts.
func respond(w http.ResponseWriter, r *http.Request, o *openapi3.Operation) {
	statuses := o.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		code := map[string]int{"200": 200, "201": 201, "202": 202, "204": 204}[status]
		for media, content := range statuses[status].Value.Content {
			if accept := r.Header.Get("Accept"); accept != media && accept != "" && statuses[status].Value.Content[accept] != nil {
				continue
			}
			w.Header().Set("Content-Type", media)
			w.WriteHeader(code)
			if strings.Contains(media, "json") {
				_ = json.NewEncoder(w).Encode(sample(content.Schema, 0))
			} else {
				_, _ = io.WriteString(w, "text")
			}
			return
		}
		w.WriteHeader(code)
		return
	}
}

// callsAll is a program that calls each operation, and prints what fails.
const callsAll = `package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"reflect"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

var samples = SAMPLES

// finder finds the operation of a method.
type finder struct {
	gen.Caller
	op *gen.Operation
}

func (f *finder) Call(_ context.Context, op *gen.Operation, _ gen.Args, _ any, _ ...gen.CallOption) error {
	f.op = op
	return errors.New("found")
}

func (f *finder) Edit(context.Context, *gen.Operation, *gen.Operation, gen.Args, func() error, any, ...gen.CallOption) (bool, error) {
	return false, nil
}

func (f *finder) Pages(context.Context, *gen.Operation, gen.Args, func() any, ...gen.CallOption) iter.Seq2[any, error] {
	return func(func(any, error) bool) {}
}

// argument is a type that an argument can have: one of several, of an interface.
func argument(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Interface && t.NumMethod() > 0 && t.Method(0).Type.NumIn() > 0 {
		return t.Method(0).Type.In(0)
	}
	return t
}

func main() {
	var calls map[string]struct {
		Path         []json.RawMessage
		Params, Body json.RawMessage
	}
	if err := json.Unmarshal([]byte(samples), &calls); err != nil {
		panic(err)
	}
	c, err := signalwire.New("acme", signalwire.WithBaseURL(os.Args[1]), signalwire.WithCredentials("p", "t"), signalwire.WithBearerToken("b"), signalwire.WithMaxAttempts(1))
	if err != nil {
		panic(err)
	}
	f := &finder{}
	finders, client := reflect.ValueOf(gen.NewClient(f)).Elem(), reflect.ValueOf(c.Client).Elem()
	for i := range client.NumField() {
		for j := range client.Field(i).Addr().NumMethod() {
			method := client.Field(i).Addr().Method(j)
			zero, args := []reflect.Value{reflect.ValueOf(context.Background())}, []reflect.Value{reflect.ValueOf(context.Background())}
			for k := 1; k < method.Type().NumIn()-1; k++ {
				zero = append(zero, reflect.New(argument(method.Type().In(k))).Elem())
			}
			f.op = nil
			if finders.Field(i).Addr().Method(j).Call(zero); f.op == nil {
				continue
			}
			sample, ok := calls[f.op.Method+" "+f.op.Path]
			if !ok {
				continue
			}
			values := append(sample.Path, sample.Body)
			for k := 1; k < method.Type().NumIn()-1; k++ {
				arg, value := reflect.New(argument(method.Type().In(k))), values[0]
				if len(values) == 1 && strings.HasSuffix(arg.Elem().Type().Name(), "Params") {
					value = sample.Params
				} else {
					values = values[1:]
				}
				if text, ok := arg.Interface().(*string); ok && value[0] != '"' {
					*text = string(value)
				} else if err := json.Unmarshal(value, arg.Interface()); err != nil {
					fmt.Println(f.op.Path, string(value), err)
				}
				args = append(args, arg.Elem())
			}
			results := method.Call(args)
			if err, _ := results[len(results)-1].Interface().(error); err != nil {
				fmt.Println(f.op.Method, f.op.Path, err)
			}
		}
	}
}
`
