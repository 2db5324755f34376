package signalwire_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// isEdit reports whether the method reads a resource first.
func (m method) isEdit() bool { return strings.HasPrefix(m.method, "Edit") }

// isList reports whether the method returns an iterator.
func (m method) isList() bool { return m.Type.Out(0).Kind() == reflect.Func }

// call calls the method with arguments that filler makes up, and returns the
// last error. Of a list it reads at most ten things.
func (m method) call(ctx context.Context, client *signalwire.Client, f *filler, opts ...gen.CallOption) (err error) {
	out := m.of(client).Call(m.arguments(ctx, f, opts))
	if !m.isList() {
		err, _ = out[len(out)-1].Interface().(error)
		return err
	}
	n := 0
	for _, failure := range out[0].Seq2() {
		err, _ = failure.Interface().(error)
		if n++; n == 10 {
			break
		}
	}
	return err
}

func (m method) arguments(ctx context.Context, f *filler, opts []gen.CallOption) []reflect.Value {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < m.Type.NumIn()-1; i++ {
		argument := reflect.New(argumentType(m.Type.In(i))).Elem()
		if argument.Kind() == reflect.Func { // what an edit is given to change the resource
			argument = reflect.MakeFunc(argument.Type(), func(patch []reflect.Value) []reflect.Value {
				f.fill(patch[0].Elem(), false, 0)
				return []reflect.Value{reflect.Zero(reflect.TypeFor[error]())}
			})
		} else {
			f.fill(argument, false, 0)
		}
		in = append(in, argument)
	}
	for _, o := range opts {
		in = append(in, reflect.ValueOf(o))
	}
	return in
}

// filler makes up values that the client's own checks accept.
type filler struct {
	*rand.Rand
	// secret is what fields hold that the description marks as secret, and
	// secretID those of them that are UUIDs. They are always set.
	secret   string
	secretID uuid.UUID
	// filled counts the secrets that were set.
	filled int
	// used notes the variants that were chosen in unions; those that never
	// were come first.
	used map[reflect.Type][]bool
}

func newFiller(seed uint64) *filler {
	return &filler{Rand: rand.New(rand.NewPCG(seed, 0)), secret: canaryPassword, secretID: canaryID, used: map[reflect.Type][]bool{}}
}

// done reports whether each variant of each union was chosen.
func (f *filler) done() bool {
	for _, used := range f.used {
		if slices.Contains(used, false) {
			return false
		}
	}
	return true
}

func (f *filler) text() string {
	b := make([]byte, 1+f.IntN(12))
	for i := range b {
		b[i] = byte('a' + f.IntN(26))
	}
	return string(b)
}

func (f *filler) id() (id uuid.UUID) {
	for i := range id {
		id[i] = byte(f.IntN(256))
	}
	id[0] |= 1 // never zero
	return id
}

func (f *filler) fill(v reflect.Value, sensitive bool, depth int) {
	if sensitive {
		f.filled++
	}
	switch out := v.Addr().Interface().(type) {
	case *uuid.UUID:
		if *out = f.id(); sensitive {
			*out = f.secretID
		}
		return
	case *time.Time:
		*out = time.Unix(f.Int64N(1<<33), f.Int64N(1e9)).UTC()
		return
	case *gen.SWML:
		f.filled++
		*out = gen.SWML(fmt.Sprintf(`{"version":"1.0.0","sections":{"main":["answer",
			{"request":{"url":"https://user:%[1]s@example.com/?api_key=%[1]s","headers":{"Authorization":"Bearer %[1]s"}}},
			{"connect":{"to":"sip:alice:%[1]s@example.com","password":"%[1]s","headers":[{"name":"X-Token","value":"%[1]s"}]}},
			{"ai":{"SWAIG":{"functions":[{"web_hook_url":"x","web_hook_auth_user":"x","web_hook_auth_password":"%[1]s"}]}}}
		]}}`, f.secret))
		return
	case interface{ Valid() bool }:
		values := typeinfo.Values(v.Type())
		value := values[f.IntN(len(values))]
		if v.Kind() == reflect.String {
			v.SetString(value)
		} else {
			n, _ := strconv.ParseInt(value, 10, 64)
			v.SetInt(n)
		}
		return
	}
	if fills, ok := unions[v.Type()]; ok {
		v.Set(fills[f.choose(v.Type(), len(fills))](f, depth))
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.SetString(f.text()); sensitive {
			v.SetString(f.secret)
		}
	case reflect.Bool:
		v.SetBool(f.IntN(2) > 0)
	case reflect.Int64:
		v.SetInt(f.Int64N(100))
	case reflect.Float64:
		v.SetFloat(float64(f.IntN(100)) / 4)
	case reflect.Interface:
		v.Set(reflect.ValueOf(f.text()))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), sensitive, depth)
		if sensitive {
			f.filled--
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+f.IntN(2), 2))
		for i := range v.Len() {
			f.fill(v.Index(i), sensitive, depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if f.fill(value, sensitive, depth+1); key.Kind() == reflect.Bool { // a nullable.Nullable
			key.SetBool(true)
		} else {
			f.fill(key, false, depth)
		}
		v.SetMapIndex(key, value)
		if value.Kind() == reflect.Interface && key.Kind() == reflect.String { // no type says what is in it
			f.filled++
			v.SetMapIndex(reflect.ValueOf("api_secret"), reflect.ValueOf(f.secret))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				panic(fmt.Sprintf("%v has fields that are not exported: it may be a union that is missing from variants_gen_test.go", v.Type()))
			}
			secret := field.Tag.Get("sensitive") == "true"
			optional := strings.Contains(field.Tag.Get("json")+field.Tag.Get("form"), ",omit")
			if secret || !optional || depth < 8 && f.IntN(3) > 0 {
				f.fill(v.Field(i), secret, depth+1)
				setListed(field, v.Field(i), f.Rand)
				if text := reflect.Indirect(v.Field(i)); strings.HasSuffix(field.Name, "URL") && text.Kind() == reflect.String && !secret {
					f.filled++
					text.SetString("https://user:" + f.secret + "@example.com/")
				}
			}
		}
	default:
		panic(fmt.Sprintf("no values for %v", v.Type()))
	}
}

// choose returns a variant of a union, one that was not used before if
// there is any.
func (f *filler) choose(union reflect.Type, n int) int {
	if f.used[union] == nil {
		f.used[union] = make([]bool, n)
	}
	choice := slices.Index(f.used[union], false)
	if choice < 0 {
		choice = f.IntN(n)
	}
	f.used[union][choice] = true
	return choice
}

// variant makes up a union that holds one of the types it can hold.
type variant struct {
	union reflect.Type
	fill  func(f *filler, depth int) reflect.Value
}

func newVariant[U, T any](construct func(T) U) variant {
	return variant{reflect.TypeFor[U](), func(f *filler, depth int) reflect.Value {
		var held T
		f.fill(reflect.ValueOf(&held).Elem(), false, depth+1)
		return reflect.ValueOf(construct(held))
	}}
}

// unions are the variants by the union.
var unions = map[reflect.Type][]func(*filler, int) reflect.Value{}

func init() {
	for _, v := range variants {
		unions[v.union] = append(unions[v.union], v.fill)
	}
}

const canaryPassword = "canaryPasswordOfASIPEndpoint7Kq2"

var canaryID = uuid.MustParse("ca9a7ca9-a7c0-4ffe-9bad-c0de5ec7e7ed")

// scanner finds secrets in text.
type scanner struct {
	needles map[string]string // what to look for, in lower case, and what it is
}

// newScanner looks for either half of each secret, in case it was cut, as it
// is, in base64 (RFC 4648, both alphabets) from whichever place on, in hex, and
// as package fmt prints bytes.
func newScanner(secrets map[string]string) *scanner {
	s := &scanner{map[string]string{}}
	for name, secret := range secrets {
		for i, half := range []string{secret[:len(secret)/2], secret[len(secret)/2:]} {
			name := fmt.Sprintf("%s, half %d, ", name, i+1)
			b := []byte(half)
			s.needles[half] = name + "plain"
			for before := range 3 {
				// The characters that bytes around the secret have a part in are left out.
				encoded := base64.StdEncoding.EncodeToString(append(make([]byte, before), b...))
				middle := encoded[(before*8+5)/6 : (before+len(b))*8/6]
				s.needles[middle] = name + "base64"
				s.needles[strings.NewReplacer("+", "-", "/", "_").Replace(middle)] = name + "base64"
			}
			s.needles[hex.EncodeToString(b)] = name + "hex"
			s.needles[fmt.Sprintf("% x", b)] = name + "hex with spaces"
			s.needles[strings.Trim(fmt.Sprint(b), "[]")] = name + "decimal"
			syntax := fmt.Sprintf("%#v", b)
			s.needles[syntax[strings.Index(syntax, "{")+1:len(syntax)-1]] = name + "Go syntax"
		}
	}
	lower := map[string]string{}
	for needle, name := range s.needles {
		lower[strings.ToLower(needle)] = name
	}
	s.needles = lower
	return s
}

// find returns what it finds, and around it the text.
func (s *scanner) find(text string) map[string]string {
	found := map[string]string{}
	text = strings.ToLower(text)
	for needle, name := range s.needles {
		if i := strings.Index(text, needle); i >= 0 {
			found[name] = text[max(0, i-300):min(len(text), i+100)]
		}
	}
	return found
}

// require demands that a text holds no secret.
func (s *scanner) require(t *testing.T, what, text string) {
	t.Helper()
	require.NotEmpty(t, text, what)
	for name, around := range s.find(text) {
		t.Errorf("%s shows a secret (%s): …%s…", what, name, around)
	}
}

// canaries are the secrets of a Space, and those in bodies.
func canaries(space *signalwiretest.Space) *scanner {
	return newScanner(map[string]string{
		"token":    space.APIToken,
		"project":  space.ProjectID,
		"bearer":   strings.TrimPrefix(space.BearerToken, "subscriber-"),
		"password": canaryPassword,
		"id":       canaryID.String(),
	})
}

// text is a place for text from several goroutines.
type text struct {
	mu sync.Mutex
	b  strings.Builder
}

func (t *text) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(b)
}

func (t *text) add(s string) { _, _ = t.Write([]byte(s + "\n")) }

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// collector is a place for everything that a client lets out.
type collector struct{ logs, failures, infos text }

func (c *collector) options() []signalwire.Option {
	return []signalwire.Option{
		signalwire.WithMaxAttempts(1), // nobody wants to wait here
		signalwire.WithLogger(slog.New(slog.NewTextHandler(&c.logs, nil))),
		signalwire.WithLogger(slog.New(slog.NewJSONHandler(&c.logs, nil))),
		signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) { c.infos.add(fmt.Sprintf("%v %+v", info, info)) }),
	}
}

// add notes the forms of an error.
func (c *collector) add(t *testing.T, err error) {
	t.Helper()
	var failure *signalwire.Error
	require.ErrorAs(t, err, &failure)
	c.failures.add(fmt.Sprintf("%v %+v %#v %s %q %v %+v %v", err, err, err, err, err, *failure, []any{err}, failure.Items))
	encoded, err := json.Marshal(failure)
	require.NoError(t, err)
	c.failures.add(string(encoded) + fmt.Sprintf("%v %+v %#v %q", failure.Err, failure.Err, failure.Err, failure.Err))
	slog.New(slog.NewTextHandler(&c.failures, nil)).Error("x", "err", failure)
	slog.New(slog.NewJSONHandler(&c.failures, nil)).Error("x", "err", failure)
}

func (c *collector) require(t *testing.T, secrets *scanner) {
	t.Helper()
	secrets.require(t, "an error", c.failures.String())
	secrets.require(t, "the log", c.logs.String())
	secrets.require(t, "a CallInfo", c.infos.String())
}

// TestCanary: the secrets of the client and those in bodies go through every
// method, to a server that does as it should, and to one that fails in every
// way, and are in nothing that anybody would print or log.
func TestCanary(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	responses := []http.HandlerFunc{
		say(200, "application/json", "{}"), say(401, "application/json", `{"error":"Unauthorized"}`), say(422, "application/json", documented),
		say(500, "text/html", "<html>"), say(503, "", ""), say(200, "application/json", "{\"id\":\xff"), say(200, "", ""), say(200, "application/json", "[[]]"),
		raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), raw("HTTP/1.1 200 OK\r\nA: b"), raw(""), raw("SSH-2.0-OpenSSH_9.9\r\n"),
		func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", "/x"); w.WriteHeader(307) },
		func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(429) },
	}
	server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) { responses[int(n.Add(1))%len(responses)](w, r) })
	var all collector
	client := dial(t, server.URL, append(all.options(), signalwire.WithBearerToken(canaryID.String()))...)
	failed, filled := 0, 0
	for i, m := range methods() {
		f := newFiller(uint64(i))
		for range 2 {
			if err := m.call(t.Context(), client, f); err != nil {
				failed++
				all.add(t, err)
			}
		}
		filled += f.filled
	}
	require.Greater(t, failed, len(methods()), "errors")
	require.Greater(t, filled, 80, "secrets in bodies")
	secrets := newScanner(map[string]string{"token": apiToken, "project": projectID, "bearer": canaryID.String(), "password": canaryPassword})
	all.require(t, secrets)
	var sent text
	for _, r := range seen.requests() {
		sent.add(fmt.Sprint(r.Header) + r.Body)
	}
	found := secrets.find(sent.String()) // or else the test shows nothing
	require.Contains(t, found, "password, half 1, plain")
	require.Contains(t, found, "bearer, half 1, plain")
}

// TestCanaryInASpace: so do they through a Space with faults, whose journal
// does not show them either. It is a selection of the methods that send secrets,
// as a Space takes its time for each operation that is new to it.
func TestCanaryInASpace(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	secrets := canaries(space)
	var all collector
	client := space.Client(all.options()...)
	kinds := []signalwiretest.FaultKind{
		signalwiretest.RespondStatus(401), signalwiretest.RespondStatus(422), signalwiretest.RespondStatus(500), signalwiretest.RetryAfterSeconds(0),
		signalwiretest.HTMLBody(502), signalwiretest.GarbageBody(200), signalwiretest.EmptyBody(200), signalwiretest.RespondBody(200, "application/json", "[[]]"),
		signalwiretest.CutBody(3), signalwiretest.CutHeader(), signalwiretest.CloseConnection(), signalwiretest.ResetConnection(),
		signalwiretest.Redirect(307, "https://example.com/"), signalwiretest.Delay(1),
	}
	random := rand.New(rand.NewPCG(1, 2))
	selection := []string{
		"SWMLWebhooks.Create", "AIAgents.Create", "SubscriberSIPCredentials.Create", "SubscriberSIPCredentials.Update",
		"SIPEndpoints.Create", "FreeSWITCHConnectors.Create", "SubscriberTokens.Create", "SubscriberTokens.Refresh",
		"SIPAddresses.Create", "GuestEmbedTokens.Create",
	}
	sending := 0
	for i, m := range methods() {
		if !slices.Contains(selection, m.Name) {
			continue
		}
		sending++
		f := newFiller(uint64(i))
		for n := range 5 {
			if n > 0 {
				space.Inject(signalwiretest.Fault{Kind: kinds[random.IntN(len(kinds))], After: random.IntN(2) > 0})
			}
			if err := m.call(t.Context(), client, f); err != nil {
				all.add(t, err)
			}
			space.ClearFaults()
		}
		require.NotZero(t, f.filled, m.Name)
	}
	require.Len(t, selection, sending)
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.RetryAfterSeconds(0)})
	_, err := client.SubscriberSIPCredentials.Create(t.Context(), subscriberID, gen.SubscriberSIPCredentialCreate{Username: "alice", Password: canaryPassword}, signalwire.WithMaxAttempts(2))
	require.NoError(t, err)
	require.Contains(t, all.logs.String(), "signalwire retry")
	all.require(t, secrets)

	journal := space.Requests()
	var printed text
	for _, r := range journal {
		printed.add(fmt.Sprintf("%v %+v %#v %s %q", r, r, r, r, r))
	}
	printed.add(forms(journal[0]) + fmt.Sprintf("%v %+v %#v", journal, space, space))
	encoded, err := json.Marshal(journal)
	require.NoError(t, err)
	printed.add(string(encoded))
	secrets.require(t, "the journal", printed.String())
}

// TestCanaryDryRun: what a dry run shows of every request, with each variant
// of each union, has no secret in it, and all the rest.
func TestCanaryDryRun(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	secrets := canaries(space)
	client := space.Client()
	var shown text
	var requests atomic.Int32
	dry := signalwire.WithDryRun(func(r signalwire.DryRunRequest) {
		requests.Add(1)
		shown.add(r.String() + fmt.Sprintf("\n%+v %s %s\n", r, r.Header, r.Body))
		encoded, err := json.Marshal(r)
		require.NoError(t, err)
		shown.add(string(encoded))
	})
	filled := 0
	for i, m := range methods() {
		if m.isEdit() || m.isList() {
			continue // they send what others do, and an edit has to read first
		}
		f := newFiller(uint64(i))
		for n := 0; n == 0 || !f.done() && n < 500; n++ {
			before := shown.String()
			require.ErrorIs(t, m.call(t.Context(), client, f, dry), signalwire.ErrDryRun, m.Name)
			if found := secrets.find(strings.TrimPrefix(shown.String(), before)); len(found) > 0 {
				t.Errorf("a dry run of %s shows secrets: %s", m.Name, slices.Sorted(maps.Keys(found)))
				shown = text{}
				break
			}
			shown = text{}
		}
		require.True(t, f.done(), m.Name)
		filled += f.filled
	}
	require.Greater(t, filled, 80, "secrets in bodies")
	require.GreaterOrEqual(t, requests.Load(), int32(operations()))
	require.Empty(t, space.Requests(), "a dry run was sent")
}

// TestCanaryPanic: what an observer panics with, and the stack, show no secret.
func TestCanaryPanic(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, say(404, "application/json", documented))
	client := dial(t, server.URL, signalwire.WithBearerToken(canaryID.String()), signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) { panic(info) }))
	var all text
	for i, m := range methods() {
		func() {
			defer func() {
				v := recover()
				require.IsType(t, signalwire.CallInfo{}, v, m.Name)
				all.add(fmt.Sprintf("%v %+v %s", v, v, debug.Stack()))
			}()
			_ = m.call(t.Context(), client, newFiller(uint64(i)))
		}()
	}
	newScanner(map[string]string{"token": apiToken, "project": projectID, "bearer": canaryID.String(), "password": canaryPassword}).require(t, "a panic", all.String())
}

// TestCanaryThatIsRepeated: a Space that repeats the credentials and the whole
// request in its response to any operation does not get them into an error, a log
// or the facts of the call.
func TestCanaryThatIsRepeated(t *testing.T) {
	t.Parallel()
	var all collector
	var repeated text
	server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		password := "none"
		if strings.Contains(string(body), canaryPassword) {
			password = canaryPassword
		}
		echo := r.Header.Get("Authorization") + " " + r.URL.RawQuery + " " + password + " " + strings.Join(strings.Fields(string(body)), " ")
		repeated.add(echo)
		w.Header().Set("X-Request-Id", strings.Repeat("x", 980)+echo) // which is cut at a thousand
		w.Header().Set("Content-Type", "text/"+echo)
		w.Header().Set("Location", "https://"+password+"x/")
		w.Header().Set("X-Request", echo)
		encoded, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{
			"message": "refused: " + echo, "code": password, "attribute": projectID, "url": "https://example.com/" + apiToken,
		}}})
		w.WriteHeader([]int{422, 302, 200}[len(body)%3])
		_, _ = w.Write(encoded)
	})
	client := dial(t, server.URL, append(all.options(), signalwire.WithBearerToken(canaryID.String()))...)
	filled := 0
	for i, m := range methods() {
		f := newFiller(uint64(i))
		if err := m.call(t.Context(), client, f); err != nil {
			all.add(t, err)
		}
		filled += f.filled
	}
	require.GreaterOrEqual(t, len(seen.requests()), len(methods()))
	require.Greater(t, filled, 80, "secrets in bodies")
	secrets := newScanner(map[string]string{"token": apiToken, "project": projectID, "bearer": canaryID.String(), "password": canaryPassword})
	all.require(t, secrets)
	require.Contains(t, secrets.find(repeated.String()), "password, half 1, plain") // or else the test shows nothing
}

// TestCanaryIsSeen: the scanner finds the secrets where they are, in each of
// the forms that it looks for. So if something stopped to redact, the tests
// above would fail.
func TestCanaryIsSeen(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	secrets := canaries(space)
	_, err := space.Client(signalwire.WithMaxAttempts(1)).SubscriberSIPCredentials.Create(t.Context(), subscriberID, gen.SubscriberSIPCredentialCreate{Username: "alice", Password: canaryPassword})
	require.NoError(t, err)
	entry := space.Requests()[0]
	header, body := entry.Header(), entry.Body()
	require.Empty(t, secrets.find(fmt.Sprint(entry)))

	authorization := header.Get("Authorization")
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(authorization, "Basic "))
	require.NoError(t, err)
	dump, err := json.Marshal(struct{ Header, Body []byte }{decoded, body})
	require.NoError(t, err)
	for name, unredacted := range map[string]string{
		"the raw header, base64": fmt.Sprint(header),
		"the raw header, quoted": fmt.Sprintf("%#v", header),
		"decoded":                string(decoded),
		"upper case":             strings.ToUpper(string(decoded)),
		"hex":                    fmt.Sprintf("%x", decoded),
		"HEX":                    fmt.Sprintf("%X", decoded),
		"hex with spaces":        fmt.Sprintf("% x", decoded),
		"bytes":                  fmt.Sprint(decoded),
		"bytes in Go syntax":     fmt.Sprintf("%#v", decoded),
		"bytes in JSON":          string(dump),
		"base64 for URLs":        base64.URLEncoding.EncodeToString(decoded),
		"base64, moved":          base64.RawURLEncoding.EncodeToString(append([]byte("x"), decoded...)),
		"base64, moved by two":   base64.RawStdEncoding.EncodeToString(append([]byte("xy"), decoded...)),
		"the first 30 bytes":     string(decoded[:30]) + string(decoded[len(decoded)-30:]),
	} {
		found := strings.Join(slices.Sorted(maps.Keys(secrets.find(name+" "+unredacted))), "; ")
		require.Contains(t, found, "token", name)
		require.Contains(t, found, "project", name)
	}
	for name, unredacted := range map[string]string{
		"the raw body": string(body), "bytes": fmt.Sprint(body), "quoted": fmt.Sprintf("%q", body), "hex": fmt.Sprintf("%x", body),
		"base64": base64.StdEncoding.EncodeToString(body), "bytes in JSON": string(dump), "the first half": canaryPassword[:len(canaryPassword)/2],
	} {
		require.Contains(t, strings.Join(slices.Collect(maps.Keys(secrets.find(unredacted))), "; "), "password", name)
	}
	require.Empty(t, secrets.find("nothing of the kind"))
}
