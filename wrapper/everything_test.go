package signalwire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// clientMethod is a method of the client and what it hands to its caller.
type clientMethod struct {
	method
	name      string
	typ       reflect.Type
	calls     string // the method of the caller that it calls, with these:
	op        gen.Operation
	read      string // id of the operation that an edit reads with
	args      gen.Args
	responses bool // with a body
}

// noter is a [gen.Caller] that takes note of what a method hands to it.
type noter struct{ noted *clientMethod }

func (n noter) Call(_ context.Context, op *gen.Operation, args gen.Args, out any, _ ...gen.CallOption) error {
	n.noted.calls, n.noted.op, n.noted.args, n.noted.responses = "Call", *op, args, out != nil
	return errors.New("only noted")
}

func (n noter) Edit(ctx context.Context, read, update *gen.Operation, args gen.Args, _ func() error, out any, _ ...gen.CallOption) (bool, error) {
	err := n.Call(ctx, update, args, out)
	n.noted.calls, n.noted.read = "Edit", read.ID
	return false, err
}

func (n noter) Pages(ctx context.Context, op *gen.Operation, args gen.Args, page func() any, _ ...gen.CallOption) iter.Seq2[any, error] {
	_ = n.Call(ctx, op, args, page())
	n.noted.calls = "Pages"
	return func(func(any, error) bool) {}
}

// clientMethods are those that execute operations.
var clientMethods = sync.OnceValue(func() (all []*clientMethod) {
	for _, one := range methods() {
		m := &clientMethod{method: one, name: one.Name, typ: one.Type}
		called := m.of(gen.NewClient(noter{m}))
		args := []reflect.Value{reflect.ValueOf(context.Background())}
		for j := 1; j < m.typ.NumIn()-1; j++ {
			args = append(args, reflect.Zero(m.typ.In(j)))
		}
		if out := called.Call(args); out[0].Kind() == reflect.Func {
			for range out[0].Seq2() { // it calls when it is read
			}
		}
		all = append(all, m)
	}
	return all
})

// methodOf returns the method that calls an operation and does nothing else.
func methodOf(t *testing.T, id string) *clientMethod {
	t.Helper()
	i := slices.IndexFunc(clientMethods(), func(m *clientMethod) bool { return m.op.ID == id && m.calls == "Call" })
	require.GreaterOrEqual(t, i, 0, "no method for %s", id)
	return clientMethods()[i]
}

// security is the kinds of credentials that an operation takes, of which any
// will do; none if it takes none.
func (d described) security() (kinds []gen.Security) {
	security := d.Security
	if security == nil {
		security = description().Security
	}
	for _, alternative := range security {
		for kind := range alternative {
			kinds = append(kinds, gen.Security(kind))
		}
	}
	return kinds
}

// Each operation of the description is one method, and the other methods are
// ways to call one of them that has a method.
func TestEveryOperationIsAMethod(t *testing.T) {
	t.Parallel()
	wanted := map[string]described{}
	for _, d := range description().Operations {
		wanted[d.ID] = d
	}
	require.Len(t, wanted, len(description().Operations), "ids are unique")
	count := map[string]int{}
	for _, m := range clientMethods() {
		count[m.calls]++
		d, ok := wanted[m.op.ID]
		require.True(t, ok, "%s calls %s, which is no operation", m.name, m.op.ID)
		status, body := d.success()
		require.Equal(t, []string{d.Method, d.Path, status}, []string{m.op.Method, m.op.Path, strconv.Itoa(m.op.Success)}, m.name)
		require.Equal(t, d.security(), m.op.Security, m.name)
		require.Equal(t, body != nil, m.responses, m.name)
		require.Equal(t, d.RequestBody != nil, m.args.Body != nil, m.name)
		if m.read != "" {
			read := wanted[m.read]
			require.Equal(t, []string{"GET", d.Path}, []string{read.Method, read.Path}, m.name)
		}
	}
	require.Equal(t, len(wanted), count["Call"])
	for id := range wanted {
		methodOf(t, id)
	}
	t.Logf("%d operations; methods: %v", len(wanted), count)
}

// tape is a transport that keeps the responses.
type tape struct {
	http.Transport
	status int
	body   []byte
}

func (tape *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := tape.Transport.RoundTrip(r)
	if err == nil {
		tape.status = resp.StatusCode
		tape.body, err = io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(tape.body))
	}
	return resp, err
}

// exchange is a line of the corpus that wrapper/internal/ajv reads.
type exchange struct {
	Operation string            `json:"operation"`
	Method    string            `json:"method"`
	Template  string            `json:"template"`
	Path      string            `json:"path"`
	Query     map[string]string `json:"query"`
	Request   json.RawMessage   `json:"request,omitempty"`
	Status    int               `json:"status"`
	Response  json.RawMessage   `json:"response,omitempty"`
}

// corpus writes all exchanges to the file that SIGNALWIRE_CORPUS names,
// if it does, for wrapper/internal/ajv.
type corpus [][]exchange

func (c corpus) write(t *testing.T) {
	file := os.Getenv("SIGNALWIRE_CORPUS")
	if file == "" {
		return
	}
	var text []byte
	for _, exchange := range slices.Concat(c...) {
		line, err := json.Marshal(exchange)
		require.NoError(t, err)
		text = append(append(text, line...), '\n')
	}
	require.NoError(t, os.WriteFile(file, text, 0o600))
}

// Every operation takes full and minimal requests that fit its schemas, with
// each alternative of a union, and whatever the response has comes out of the method
// as it was sent.
func TestEverything(t *testing.T) {
	t.Parallel()
	all := make(corpus, len(description().Operations))
	t.Cleanup(func() { all.write(t) })
	for i, d := range description().Operations {
		t.Run(d.ID, func(t *testing.T) {
			if raceEnabled && i%32 != 5 {
				t.Skip("a few are enough for the race detector")
			}
			t.Parallel()
			e := newExperiment(t, d)
			e.refusals(newAuthor(false, 0, d.ID))
			for turn := range max(1, countVariants(d.RequestBody.json()), countVariants(e.response)) {
				e.call(newAuthor(false, turn, d.ID), turn == 0)
				e.call(newAuthor(true, turn, d.ID), true)
			}
			e.call(newAuthor(false, 0, d.ID), false)
			e.call(newAuthor(true, 0, d.ID), false)
			require.False(t, e.lost, "Value of a union is not all that it holds")
			all[i] = e.done
		})
	}
}

// countVariants counts the alternatives of a union, or of one in a union or in a
// list.
func countVariants(s schema) int {
	s = resolve(s)
	union := slices.Concat(list(s["oneOf"]), list(s["anyOf"]))
	n := len(union)
	for _, variant := range union {
		n = max(n, countVariants(variant.(schema)))
	}
	items, _ := s["items"].(schema)
	properties, _ := s["properties"].(schema)
	data, _ := properties["data"].(schema)
	for _, inner := range []schema{items, data} {
		if inner != nil {
			n = max(n, countVariants(inner))
		}
	}
	return n
}

// experiment calls one operation.
type experiment struct {
	*testing.T
	described
	method   *clientMethod
	status   int    // of a success
	response schema // of its body; nil if it has none
	space    *signalwiretest.Space
	tape     *tape
	client   *signalwire.Client
	done     []exchange
	lost     bool // Value of a union was not all that it holds
}

func newExperiment(t *testing.T, d described) *experiment {
	e := &experiment{T: t, described: d, method: methodOf(t, d.ID), space: signalwiretest.New(t), tape: &tape{}}
	status, response := d.success()
	e.status, e.response = must(strconv.Atoi(status)), response
	e.client = e.space.Client(signalwire.WithTransport(e.tape), signalwire.WithMaxAttempts(1))
	return e
}

// arguments are what a call is made with, as JSON values.
type arguments struct {
	at          string // the path, filled
	path, query map[string]any
	body        any // nil if there is none
}

var parameterName = regexp.MustCompile(`\{([^}]*)\}`)

func (e *experiment) arguments(a *author) arguments {
	args := arguments{path: map[string]any{}, query: map[string]any{}}
	for _, p := range e.Parameters {
		if p.In == "path" {
			args.path[p.Name] = a.value(p.Schema, 0)
		} else if a.full || p.Required {
			args.query[p.Name] = a.value(p.Schema, 0)
		}
	}
	args.at = parameterName.ReplaceAllStringFunc(e.Path, func(name string) string { return url.PathEscape(args.path[strings.Trim(name, "{}")].(string)) })
	if s := e.RequestBody.json(); s != nil {
		args.body = a.value(s, 0)
	}
	return args
}

// values returns the context and the arguments as the parameters of a method.
func (e *experiment) values(m *clientMethod, args arguments) []reflect.Value {
	e.Helper()
	in := []reflect.Value{reflect.ValueOf(e.Context())}
	decode := func(v any) {
		p := reflect.New(argumentType(m.typ.In(len(in))))
		text := must(json.Marshal(v))
		require.NoError(e, json.Unmarshal(text, p.Interface()), "%s", text)
		in = append(in, p.Elem())
	}
	for _, name := range parameterName.FindAllStringSubmatch(e.Path, -1) {
		decode(args.path[name[1]])
	}
	if m.args.Query != nil {
		decode(args.query)
	}
	if args.body != nil {
		decode(args.body)
	}
	return in
}

// note adds an exchange to those for it.
func (e *experiment) note(args arguments) exchange {
	x := exchange{Operation: e.ID, Method: e.Method, Template: e.Path, Path: args.at, Query: map[string]string{}, Status: e.tape.status}
	for name, v := range args.query {
		x.Query[name] = fmt.Sprint(v)
	}
	if args.body != nil {
		x.Request = must(json.Marshal(args.body))
	}
	if json.Valid(e.tape.body) {
		x.Response = e.tape.body
	}
	e.done = append(e.done, x)
	return x
}

// isItem reports whether the operation is about one of many.
func (e *experiment) isItem() bool {
	return e.Method != http.MethodPost && strings.HasSuffix(e.Path, "}")
}

// refusals asks for what the Space refuses: without credentials, what is not
// there, with a body that is no object, and with a field too many in each of the
// objects in the body.
func (e *experiment) refusals(a *author) {
	e.Helper()
	args := e.arguments(a)
	ask := func(want int, authorize bool, body any) {
		r, err := http.NewRequestWithContext(e.Context(), e.Method, e.space.URL+args.at, bytes.NewReader(must(json.Marshal(body))))
		require.NoError(e, err)
		r.Header.Set("Content-Type", "application/json")
		if kinds := e.security(); authorize && slices.Contains(kinds, gen.SecurityBearer) {
			r.Header.Set("Authorization", "Bearer "+e.space.BearerToken)
		} else if authorize && len(kinds) > 0 {
			r.SetBasicAuth(e.space.ProjectID, e.space.APIToken)
		}
		_, err = e.tape.RoundTrip(r)
		require.NoError(e, err)
		require.Equal(e, want, e.tape.status, "%s", e.tape.body)
		if _, ok := e.Responses[strconv.Itoa(want)]; ok && want != http.StatusUnprocessableEntity {
			e.note(args) // the request is right, and the response has to be
		}
	}
	if len(e.security()) > 0 {
		ask(http.StatusUnauthorized, false, args.body)
	}
	if e.isItem() {
		ask(http.StatusNotFound, true, args.body)
		e.put(a, args)
	}
	if args.body == nil {
		return
	}
	ask(http.StatusUnprocessableEntity, true, []any{})
	for object := 1; ; object++ {
		a := newAuthor(true, 0, e.ID)
		a.spoil = object
		body := a.value(e.RequestBody.json(), 0)
		if a.spoil > 0 {
			break // there are not so many
		}
		ask(http.StatusUnprocessableEntity, true, body)
	}
}

// call makes one call. The response is the Space's own, or else one that has as
// much in it as the request.
func (e *experiment) call(a *author, made bool) {
	e.Helper()
	args := e.arguments(a)
	in := e.values(e.method, args)
	e.put(a, args)
	if made && e.response != nil {
		response := string(must(json.Marshal(a.value(e.response, 0))))
		e.space.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondBody(e.status, "application/json", response), After: true})
	}
	out := e.method.of(e.client).Call(in)
	x := e.note(args)
	require.Nil(e, out[len(out)-1].Interface(), "%s", x.Request)
	require.Equal(e, e.status, e.tape.status)
	e.checkSent(args, x)
	e.lost = e.lost || loses(e, in[len(in)-1])
	if e.response == nil {
		require.Empty(e, e.tape.body)
		return
	}
	require.Equal(e, withoutNulls(e, e.tape.body), withoutNulls(e, must(json.Marshal(out[0].Interface()))))
	e.lost = e.lost || loses(e, out[0])
}

// checkSent compares what the Space got with what was to be sent.
func (e *experiment) checkSent(args arguments, x exchange) {
	e.Helper()
	journal := e.space.Requests()
	sent := journal[len(journal)-1]
	require.Equal(e, e.ID, sent.Operation)
	require.Equal(e, args.at, sent.Path)
	query := url.Values{}
	for name, text := range x.Query {
		query.Set(name, text)
	}
	require.Equal(e, query, sent.Query())
	require.Equal(e, x.Request != nil, len(sent.Body()) > 0)
	if x.Request != nil {
		require.JSONEq(e, string(x.Request), string(sent.Body()))
	}
	var want []string
	switch kinds := e.security(); {
	case slices.Contains(kinds, gen.SecurityBasic):
		r := http.Request{Header: http.Header{}}
		r.SetBasicAuth(e.space.ProjectID, e.space.APIToken)
		want = r.Header["Authorization"]
	case slices.Contains(kinds, gen.SecurityBearer):
		want = []string{"Bearer " + e.space.BearerToken}
	}
	require.Equal(e, want, sent.Header()["Authorization"], "credentials: just those that are asked for")
}

// put puts there what the operation is about.
func (e *experiment) put(a *author, args arguments) {
	e.Helper()
	properties, _ := resolve(e.response)["properties"].(schema)
	data, isList := properties["data"].(schema)
	switch {
	case e.isItem() && e.response == nil:
		e.space.PutAt(args.at, schema{})
	case e.isItem():
		e.space.PutAt(args.at, a.value(e.response, 0))
	case e.Method == http.MethodGet && isList:
		for _, id := range []uuid.UUID{gatewayID, credentialID} {
			e.space.PutAt(args.at+"/"+id.String(), a.value(data["items"].(schema), 0))
		}
	}
}

// withoutNulls decodes JSON and takes out the fields that are null: an optional
// field that is null comes out of a method as one that is absent.
func withoutNulls(t testing.TB, text []byte) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(text, &v), "%s", text)
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			maps.DeleteFunc(v, func(_ string, inner any) bool {
				walk(inner)
				return inner == nil
			})
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(v)
	return v
}

// loses reports whether there is a union in v whose Value is not all of it.
func loses(t testing.TB, v reflect.Value) bool {
	if u, ok := v.Interface().(interface{ Value() any }); ok && v.Kind() != reflect.Pointer {
		held := u.Value()
		if reflect.TypeOf(held) == reflect.TypeFor[json.RawMessage]() || !reflect.DeepEqual(withoutNulls(t, must(json.Marshal(u))), withoutNulls(t, must(json.Marshal(held)))) {
			return true
		}
		v = reflect.ValueOf(held)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && loses(t, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if loses(t, v.Index(i)) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && loses(t, v.Field(i)) {
				return true
			}
		}
	}
	return false
}
