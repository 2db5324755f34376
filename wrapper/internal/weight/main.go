// Weight measures what a program gets by using this library: it makes one in a
// module of its own that changes a SIP gateway, and one that does so by hand
// with net/http and encoding/json, and compares them. It prints a table and
// fails if a figure is above its limit, so that none grows unnoticed.
//
//	go run ./wrapper/internal/weight
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	module = "github.com/seed-fbb712e3/signalwire-go"
	app    = "example.com/app"
	plain  = "example.com/plain"
)

// figure is what is measured of the program that uses the library. Its limit
// is where somebody should look, and leaves room for what other machines and
// versions of Go do otherwise.
type figure struct {
	what, unit string
	limit      float64
	of         func(*consumer) (float64, error)
}

// figures are measured in this order: the later ones build on what the earlier
// ones have left in the build cache.
var figures = []figure{
	{"packages vendored", "", 12, (*consumer).vendoredPackages},
	{"source vendored, for each operation of the API", "kB", 5.93, (*consumer).vendoredPerOperation},
	{"modules in go.sum", "", 25, (*consumer).sumModules},
	{"CPU time to compile package gen", "s", 10, (*consumer).genCPU},
	{"CPU time to compile and link the rest", "s", 15, (*consumer).restCPU},
	{"binary, over the one by hand", "MB", 0.72, (*consumer).binaryGrowth},
	{"the same, both stripped (-s -w)", "MB", 0.55, (*consumer).strippedGrowth},
	{"CPU time to compile package gen/swml", "s", 2, (*consumer).swmlCPU},
	{"binary that serves typed SWML, over one that serves bytes", "MB", 0.25, (*consumer).swmlGrowth},
	{"CPU time to compile package gen/events", "s", 2, (*consumer).eventsCPU},
	{"binary that checks and decodes webhooks, over one that serves bytes", "MB", 0.3, (*consumer).webhookGrowth},
}

const appSource = `package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"` + module + `/gen"
	signalwire "` + module + `/wrapper"
)

func main() {
	client, err := signalwire.New("acme", signalwire.WithCredentials("project", "token"))
	if err != nil {
		panic(err)
	}
	gateway, err := client.SIPGateways.Update(context.Background(), uuid.Nil, gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-1")})
	fmt.Println(gateway, err)
}
`

// serverSource is a program that uses the library and serves SWML, which is built
// as %[2]s says.
const serverSource = `package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"` + module + `/gen"
	%[1]s
	signalwire "` + module + `/wrapper"
)

func main() {
	client, err := signalwire.New("acme", signalwire.WithCredentials("project", "token"))
	if err != nil {
		panic(err)
	}
	fmt.Println(client.SIPGateways.Update(context.Background(), uuid.Nil, gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-1")}))
	fmt.Println(http.ListenAndServe("localhost:8080", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		doc, _ := gen.NewSWML(%[2]s)
		_, _ = w.Write(doc)
	})))
}
`

// webhookSource is what such a program has in place of its handler to receive a
// webhook.
const webhookSource = `webhook.Responder(hooks(), events.InboundCall, func(_ context.Context, in *events.InboundCallPayload) (gen.SWML, error) {
		return gen.NewSWML(in.Call.From)
	})`

// withWebhook is the program that serves bytes, which receives a webhook instead.
func withWebhook() string {
	source := fmt.Sprintf(serverSource, `"`+module+`/gen/events"
	"`+module+`/wrapper/webhook"`, untypedSWML)
	before, rest, _ := strings.Cut(source, "http.HandlerFunc(")
	_, after, _ := strings.Cut(rest, "\n\t})))\n")
	return before + webhookSource + "))\n" + after + `
func hooks() *webhook.Hooks {
	h, err := webhook.New("https://hooks.example.com", "key")
	if err != nil {
		panic(err)
	}
	return h
}
`
}

const untypedSWML = `map[string]any{"sections": map[string]any{"main": []any{map[string]any{"answer": map[string]any{}}}}}`

const typedSWML = `swml.Document{Sections: map[string]swml.Section{"main": {
	swml.Answer{},
	swml.Prompt{Play: swml.One("say:Press 1 for sales, 2 to talk to our assistant."), MaxDigits: swml.Of(1)},
	swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{
		"1": {swml.Connect{To: "+15555550100", Timeout: swml.Var[int]("ring_for")}},
		"2": {swml.AI{Prompt: &swml.AIPrompt{Text: "You help callers."}, SWAIG: &swml.SWAIG{Functions: []swml.SWAIGFunction{{Function: "price"}}}}},
	}, Default: swml.Section{swml.Hangup{}}},
}}}`

const plainSource = `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

type gateway struct {
	ID   string ` + "`json:\"id\"`" + `
	Name string ` + "`json:\"name\"`" + `
}

func main() {
	body, err := json.Marshal(map[string]string{"name": "edge-1"})
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequest(http.MethodPatch, "https://acme.signalwire.com/api/fabric/resources/sip_gateways/00000000-0000-0000-0000-000000000000", bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.SetBasicAuth("project", "token")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	var out gateway
	fmt.Println(out, json.NewDecoder(resp.Body).Decode(&out))
}
`

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "weight:", err)
		os.Exit(1)
	}
}

func run() error {
	c, err := newConsumer()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(c.dir) }()
	var above []error
	fmt.Println("| | measured | limit |\n|---|---:|---:|")
	for _, f := range figures {
		got, err := f.of(c)
		if err != nil {
			return fmt.Errorf("%s: %w", f.what, err)
		}
		fmt.Printf("| %s | %s | %s |\n", f.what, show(got, f.unit), show(f.limit, f.unit))
		if got > f.limit {
			above = append(above, fmt.Errorf("%s: %v %s, want at most %s", f.what, got, f.unit, show(f.limit, f.unit)))
		}
	}
	return errors.Join(above...)
}

func show(n float64, unit string) string {
	if unit == "" {
		return fmt.Sprintf("%.0f", n)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", n), ".00") + " " + unit
}

// consumer is a program outside this module, in a directory of its own.
type consumer struct {
	dir   string
	cache string // the build cache, empty at first
}

func newConsumer() (*consumer, error) {
	root, _, err := command("", "", "list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return nil, fmt.Errorf("run it inside the repository: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(root), "go.mod"))
	if err != nil {
		return nil, err
	}
	goVersion := regexp.MustCompile(`(?m)^go .*$`).FindString(string(text))
	dir, err := os.MkdirTemp("", "weight")
	if err != nil {
		return nil, err
	}
	c := &consumer{dir: dir, cache: filepath.Join(dir, "cache")}
	mod := "module " + app + "\n\n" + goVersion + "\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + strconv.Quote(strings.TrimSpace(root)) + "\n"
	for name, text := range map[string]string{
		"app/go.mod":    mod,
		"app/main.go":   appSource,
		"bytes/go.mod":  mod,
		"bytes/main.go": fmt.Sprintf(serverSource, "", untypedSWML),
		"swml/go.mod":   mod,
		"swml/main.go":  fmt.Sprintf(serverSource, `"`+module+`/gen/swml"`, typedSWML),
		"hooks/go.mod":  mod,
		"hooks/main.go": withWebhook(),
		"plain/go.mod":  "module " + plain + "\n\n" + goVersion + "\n",
		"plain/main.go": plainSource,
	} {
		err = errors.Join(err, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	for _, program := range []string{"app", "bytes", "swml", "hooks"} {
		if err == nil {
			_, err = c.run(program, "mod", "tidy")
		}
	}
	if err == nil {
		_, err = c.run("app", "mod", "vendor")
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return c, nil
}

// run runs the go command in the directory of one of the programs, and
// returns the processor time it took.
func (c *consumer) run(program string, args ...string) (time.Duration, error) {
	_, used, err := command(filepath.Join(c.dir, program), c.cache, args...)
	return used, err
}

func (c *consumer) vendoredPackages() (float64, error) {
	text, err := os.ReadFile(filepath.Join(c.dir, "app", "vendor", "modules.txt"))
	n := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return float64(n), err
}

// vendoredPerOperation is the size of the vendored source, divided by the number of
// operations: 5.93 kB are 1.5 MB for 253. What an operation adds can be as large, so that
// SignalWire's next version is not too heavy for having more of them.
func (c *consumer) vendoredPerOperation() (float64, error) {
	root, _, err := command(filepath.Join(c.dir, "app"), "", "list", "-mod=mod", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return 0, err
	}
	locked, err := os.ReadFile(filepath.Join(strings.TrimSpace(root), "api", "names.lock"))
	if err != nil {
		return 0, err
	}
	var bytes int64
	err = filepath.WalkDir(filepath.Join(c.dir, "app", "vendor"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return float64(bytes) / 1e3 / float64(strings.Count("\n"+string(locked), "\noperation\t")), err
}

// sumModules is how many modules the program's go.sum names. They are more than
// are vendored: those that only the tests of others need are among them.
func (c *consumer) sumModules() (float64, error) {
	text, err := os.ReadFile(filepath.Join(c.dir, "app", "go.sum"))
	modules := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		path, _, _ := strings.Cut(line, " ")
		modules[path] = true
	}
	return float64(len(modules)), err
}

// genCPU is what compiling gen takes once all that it imports is compiled, in
// user and system time of the go command and the compiler together.
func (c *consumer) genCPU() (float64, error) {
	if _, err := c.run("plain", "build", "-trimpath", "-o", os.DevNull, "."); err != nil {
		return 0, err
	}
	imports, _, err := command(filepath.Join(c.dir, "app"), c.cache, "list", "-deps", ".")
	if err != nil {
		return 0, err
	}
	build := []string{"build", "-trimpath"}
	for _, path := range strings.Fields(imports) {
		if path != app && !strings.HasPrefix(path, module+"/") {
			build = append(build, path)
		}
	}
	if _, err := c.run("app", build...); err != nil {
		return 0, err
	}
	return c.least("app", "build", "-trimpath", module+"/gen")
}

// swmlCPU is what compiling gen/swml takes once all that it imports is compiled.
func (c *consumer) swmlCPU() (float64, error) {
	if _, err := c.run("swml", "build", "-trimpath", "log/slog", module+"/gen/internal/swmljson", module+"/gen/redact"); err != nil {
		return 0, err
	}
	return c.least("swml", "build", "-trimpath", module+"/gen/swml")
}

// eventsCPU is what compiling gen/events takes once gen is compiled.
func (c *consumer) eventsCPU() (float64, error) {
	return c.least("hooks", "build", "-trimpath", module+"/gen/events")
}

// restCPU is what building the program takes after that: package signalwire,
// the program itself, and linking.
func (c *consumer) restCPU() (float64, error) {
	return c.least("app", "build", "-trimpath", "-o", os.DevNull, ".")
}

// least is the least time of three that the go command takes, each time from
// the build cache as it is now: other work on the machine makes it longer,
// nothing makes it shorter.
func (c *consumer) least(program string, args ...string) (float64, error) {
	before := c.cache
	least := time.Duration(math.MaxInt64)
	for range 3 {
		copied, err := os.MkdirTemp(c.dir, "cache")
		if err != nil {
			return 0, err
		}
		if err := os.CopyFS(copied, os.DirFS(before)); err != nil {
			return 0, err
		}
		c.cache = copied
		used, err := c.run(program, args...)
		if err != nil {
			return 0, err
		}
		least = min(least, used)
	}
	return least.Seconds(), nil
}

func (c *consumer) binaryGrowth() (float64, error)   { return c.growth("plain", "app", "") }
func (c *consumer) strippedGrowth() (float64, error) { return c.growth("plain", "app", "-s -w") }
func (c *consumer) swmlGrowth() (float64, error)     { return c.growth("bytes", "swml", "") }
func (c *consumer) webhookGrowth() (float64, error)  { return c.growth("bytes", "hooks", "") }

// growth is how much larger the program to is than from. The linker pads segments to
// pages, so a small change can move it by 4 kB or more.
func (c *consumer) growth(from, to, ldflags string) (float64, error) {
	var size [2]int64
	for i, program := range []string{from, to} {
		binary := filepath.Join(c.dir, program+".bin")
		if _, err := c.run(program, "build", "-trimpath", "-ldflags="+ldflags, "-o", binary, "."); err != nil {
			return 0, err
		}
		info, err := os.Stat(binary)
		if err != nil {
			return 0, err
		}
		size[i] = info.Size()
	}
	return megabytes(size[1] - size[0]), nil
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// command runs the go command in a directory, and returns what it prints and
// the processor time of it and all that it started.
func command(dir, cache string, args ...string) (string, time.Duration, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if cache != "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+cache)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", 0, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
