package signalwiretest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// corpus takes what the client sends and what the Space responds, one line of JSON a
// request, if the environment names a file; see wrapper/internal/ajv.
const corpus = "SIGNALWIRE_CORPUS"

type exchange struct {
	Operation string            `json:"operation"`
	Method    string            `json:"method"`
	Template  string            `json:"template"`
	Path      string            `json:"path"`
	Query     map[string]string `json:"query"`
	Request   json.RawMessage   `json:"request,omitempty"`
	Status    int               `json:"status"`
	Response  json.RawMessage   `json:"response,omitempty"`

	header http.Header
}

// tap is a transport that notes the last exchange.
type tap struct {
	http.RoundTripper
	last exchange
}

func (t *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	t.last = exchange{Method: req.Method, Path: req.URL.EscapedPath(), Query: map[string]string{}, header: req.Header}
	for name, values := range req.URL.Query() {
		t.last.Query[name] = values[0]
	}
	if req.Body != nil {
		t.last.Request, _ = io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(t.last.Request))
	}
	resp, err := t.RoundTripper.RoundTrip(req)
	if err == nil {
		response, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(response))
		t.last.Status = resp.StatusCode
		if len(response) > 0 {
			t.last.Response = response
		}
	}
	return resp, err
}

// goMethods are the generated client's methods, by the operation that they call:
// the index of the group, and that of the method in it.
var goMethods = sync.OnceValue(func() map[string][2]int {
	methods := map[string][2]int{}
	caller := &lastOperation{}
	var described struct {
		Paths map[string]map[string]struct {
			Group    struct{ Name string }     `json:"x-go-group"`
			Commands []struct{ Method string } `json:"x-go-commands"`
		}
	}
	if err := json.Unmarshal(api.OpenAPI, &described); err != nil {
		panic(err)
	}
	commands := map[string]bool{} // what goes through the method of an operation
	for _, item := range described.Paths {
		for _, op := range item {
			for _, command := range op.Commands {
				commands[op.Group.Name+"."+command.Method] = true
			}
		}
	}
	client := reflect.ValueOf(gen.NewClient(caller)).Elem()
	for i := range client.NumField() {
		group := client.Field(i).Addr()
		for j := range group.NumMethod() {
			caller.id = ""
			method := group.Method(j)
			args := []reflect.Value{reflect.ValueOf(context.Background())}
			for k := 1; k < method.Type().NumIn()-1; k++ {
				args = append(args, reflect.Zero(method.Type().In(k)))
			}
			method.Call(args)
			if caller.id != "" && !commands[client.Type().Field(i).Name+"."+group.Type().Method(j).Name] {
				methods[caller.id] = [2]int{i, j}
			}
		}
	}
	return methods
})

type lastOperation struct{ id string }

func (l *lastOperation) Pages(context.Context, *gen.Operation, gen.Args, func() any, ...gen.CallOption) iter.Seq2[any, error] {
	return nil
}

func (l *lastOperation) Call(_ context.Context, op *gen.Operation, _ gen.Args, _ any, _ ...gen.CallOption) error {
	l.id = op.ID
	return errors.New("noted")
}

func (l *lastOperation) Edit(context.Context, *gen.Operation, *gen.Operation, gen.Args, func() error, any, ...gen.CallOption) (bool, error) {
	return false, errors.New("not of interest")
}

// TestClientOnEveryOperation calls every operation of the description with the
// real client, with a full and with a minimal body: the Space accepts the
// request, the client decodes the response, and what it decodes encodes to what
// came. Each request has the credentials that its operation asks for.
func TestClientOnEveryOperation(t *testing.T) {
	var mu sync.Mutex
	var lines bytes.Buffer
	operations := New(t).description.operations()
	require.Len(t, goMethods(), len(operations), "each operation is a method, and each method an operation")
	t.Run("operations", func(t *testing.T) {
		for i, op := range operations {
			t.Run(op.method+" "+op.template, func(t *testing.T) {
				if RaceEnabled && i%32 != 5 {
					t.Skip("a few are enough for the race detector")
				}
				t.Parallel()
				require.NoError(t, op.load())
				for _, full := range []bool{true, false} {
					line := callOnce(t, op, full)
					encoded, err := json.Marshal(line)
					require.NoError(t, err)
					mu.Lock()
					lines.Write(append(encoded, '\n'))
					mu.Unlock()
				}
			})
		}
	})
	if file := os.Getenv(corpus); file != "" {
		require.NoError(t, os.WriteFile(file, lines.Bytes(), 0o600))
	}
}

func callOnce(t *testing.T, op *operation, full bool) exchange {
	t.Helper()
	space := New(t)
	m := space.newMaker(space.state)
	transport := &tap{RoundTripper: loopback}
	client := space.Client(signalwire.WithTransport(transport), signalwire.WithMaxAttempts(1))
	at, ok := goMethods()[op.id]
	require.True(t, ok, "%s is no method", op.id)
	method := reflect.ValueOf(client.Client).Elem().Field(at[0]).Addr().Method(at[1])

	args := []reflect.Value{reflect.ValueOf(t.Context())}
	var ids []string
	for i := 1; i < method.Type().NumIn()-1; i++ {
		parameter := method.Type().In(i)
		if parameter.Kind() == reflect.Interface { // one of several kinds of request
			parameter = parameter.Method(0).Type.In(0)
		}
		arg := reflect.New(parameter)
		switch {
		case len(ids) < len(op.parameters) && arg.Elem().Type() == reflect.TypeFor[uuid.UUID]():
			id := uuid.New()
			ids = append(ids, id.String())
			arg.Elem().Set(reflect.ValueOf(id))
		case len(ids) < len(op.parameters):
			ids = append(ids, uuid.NewString())
			arg.Elem().SetString(ids[len(ids)-1])
		case strings.HasSuffix(arg.Elem().Type().Name(), "Params"):
			query := map[string]any{}
			for _, p := range op.filter.Operation.Parameters {
				if full && p.Value.In == "query" {
					query[p.Value.Name] = m.make(p.Value.Name, p.Value.Schema.Value, 0)
				}
			}
			require.NoError(t, json.Unmarshal(encode(query), arg.Interface()))
		default:
			body := m.make("", op.request, 0) // with what is required
			if full {
				body = everything(m, "", op.request, 0)
			}
			require.NoError(t, json.Unmarshal(encode(body), arg.Interface()), "%s", encode(body))
		}
		args = append(args, arg.Elem())
	}
	path := fillPath(op.route.shape, ids...)
	if op.role == readItem || op.role == changeItem || op.role == deleteItem {
		space.PutAt(path, map[string]any{})
	}
	results := method.Call(args)
	err, _ := results[len(results)-1].Interface().(error)
	require.NoError(t, err, "%s\n%s", transport.last.Request, transport.last.Response)
	line := transport.last
	line.Operation, line.Template = op.id, op.template

	authorization := line.header.Get("Authorization")
	switch s := op.filter.Operation.Security; {
	case s != nil && len(*s) == 0:
		require.Empty(t, authorization)
	case s != nil && (*s)[0]["SignalWireBearerAuth"] != nil:
		require.Equal(t, "Bearer "+space.BearerToken, authorization)
	default:
		require.True(t, strings.HasPrefix(authorization, "Basic "), authorization)
	}
	if len(results) == 2 {
		again, err := json.Marshal(results[0].Interface())
		require.NoError(t, err)
		require.Equal(t, withoutNulls(t, line.Response), withoutNulls(t, again), "what was decoded is not what came")
	}
	return line
}

// everything makes up a value with all the fields that a schema has.
func everything(m *maker, name string, s *openapi3.Schema, depth int) any {
	s = flattenAllOf(s)
	alternatives := variants(s)
	switch {
	case depth > 8 || len(s.Enum) > 0 || s.Const != nil:
	case len(alternatives) > 0:
		made, _ := m.make(name, s, depth).(map[string]any) // knows the discriminator
		value := everything(m, name, alternatives[0], depth+1)
		if object, ok := value.(map[string]any); ok && s.Discriminator != nil {
			object[s.Discriminator.PropertyName] = made[s.Discriminator.PropertyName]
		}
		return value
	case len(s.Properties) > 0:
		object := map[string]any{}
		for property, schema := range s.Properties {
			object[property] = everything(m, property, schema.Value, depth+1)
		}
		return object
	case s.Items != nil:
		return []any{everything(m, name, s.Items.Value, depth+1)}
	}
	return m.make(name, s, depth)
}

// withoutNulls decodes JSON and leaves out null fields, which the Go types do
// not tell from absent ones.
func withoutNulls(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(text, &v), "%s", text)
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				if value == nil {
					delete(v, name)
				} else {
					walk(value)
				}
			}
		case []any:
			for _, value := range v {
				walk(value)
			}
		}
	}
	walk(v)
	return v
}

// TestUnknownFieldIsRefused with the description of SignalWire itself, which
// has closed objects without saying so in each.
func TestUnknownFieldIsRefused(t *testing.T) {
	t.Parallel()
	space := New(t)
	path := "/api/fabric/resources/sip_gateways/" + uuid.NewString()
	space.PutAt(path, map[string]any{})
	req, err := http.NewRequest(http.MethodPatch, space.URL+path, strings.NewReader(`{"nmae":"x"}`))
	require.NoError(t, err)
	req.SetBasicAuth(space.ProjectID, space.APIToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := loopback.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	response, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, "%s", response)
	require.Contains(t, string(response), `"attribute":"nmae"`)
}
