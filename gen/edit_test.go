package gen_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// edit is what an Edit method hands to its caller.
type edit struct {
	method    string
	group     string // the name of the type
	update    *gen.Operation
	body, out reflect.Type
}

// recorder is a [gen.Caller] that records the call of an Edit method.
type recorder struct{ *edit }

var errRecorded = errors.New("only recorded")

func (recorder) Call(context.Context, *gen.Operation, gen.Args, any, ...gen.CallOption) error {
	return errRecorded
}

func (recorder) Pages(context.Context, *gen.Operation, gen.Args, func() any, ...gen.CallOption) iter.Seq2[any, error] {
	return func(func(any, error) bool) {}
}

func (r recorder) Edit(_ context.Context, _, update *gen.Operation, args gen.Args, _ func() error, out any, _ ...gen.CallOption) (bool, error) {
	r.update, r.body, r.out = update, reflect.TypeOf(args.Body).Elem(), reflect.TypeOf(out).Elem()
	return false, errRecorded
}

// edits calls every Edit method.
func edits(t *testing.T) (all []edit) {
	var e edit
	client := reflect.ValueOf(gen.NewClient(recorder{&e})).Elem()
	for i := range client.NumField() {
		group := client.Field(i).Addr()
		for j := range group.NumMethod() {
			e = edit{method: client.Type().Field(i).Name + "." + group.Type().Method(j).Name, group: group.Type().Elem().Name()}
			if !strings.Contains(e.method, ".Edit") {
				continue
			}
			call := group.Method(j)
			args := []reflect.Value{reflect.ValueOf(t.Context())}
			for k := 1; k < call.Type().NumIn()-1; k++ {
				args = append(args, reflect.Zero(call.Type().In(k)))
			}
			require.ErrorIs(t, call.Call(args)[2].Interface().(error), errRecorded, e.method)
			all = append(all, e)
		}
	}
	return all
}

// jsonFields are the fields of a struct by their names in JSON.
func jsonFields(t reflect.Type) map[string]reflect.StructField {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	fields := map[string]reflect.StructField{}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
				fields[name] = t.Field(i)
			}
		}
	}
	return fields
}

// TestEditRules checks that every field of an update that can be edited is
// either a member of the settings in the response or said to be write-only, and
// that a secret is always the latter.
func TestEditRules(t *testing.T) {
	t.Parallel()
	all := edits(t)
	require.GreaterOrEqual(t, len(all), 31) // none is lost
	puts := 0
	for _, e := range all {
		rule := e.update.Edit
		require.NotNil(t, rule, e.method)
		if e.update.Method == "PUT" {
			puts++
		} else {
			require.False(t, rule.Full, "%s: PATCH sends what changes", e.method)
		}
		settings := jsonFields(e.out)
		if rule.Settings != "" {
			member, ok := settings[rule.Settings]
			require.True(t, ok, "%s: %s has no %s", e.method, e.out, rule.Settings)
			settings = jsonFields(member.Type)
		}
		fields := jsonFields(e.body)
		for name, field := range fields {
			member := name
			if other, ok := rule.Names[name]; ok {
				require.NotEqual(t, name, other, e.method)
				member = other
			}
			_, readable := settings[member]
			writeOnly := slices.Contains(rule.WriteOnly, name)
			if field.Tag.Get("sensitive") == "true" {
				require.True(t, writeOnly, "%s: %s is a secret", e.method, name)
			} else {
				require.NotEqual(t, writeOnly, readable, "%s: %s is either readable or write-only", e.method, name)
			}
		}
		for _, name := range rule.WriteOnly {
			require.Contains(t, fields, name, e.method)
		}
		for name := range rule.Names {
			require.Contains(t, fields, name, e.method)
		}
	}
	require.GreaterOrEqual(t, puts, 20)
}

// TestEditRulesOfNote are those that were looked at one by one.
func TestEditRulesOfNote(t *testing.T) {
	t.Parallel()
	rules := map[string]*gen.EditRule{}
	for _, e := range edits(t) {
		rules[e.method] = e.update.Edit
	}
	for method, want := range map[string]gen.EditRule{
		"SIPGateways.Edit":              {Settings: "sip_gateway"},
		"SubscriberSIPCredentials.Edit": {WriteOnly: []string{"password"}},
		"PhoneNumbers.Edit": { // a PUT that merges
			WriteOnly: []string{"call_ai_agent_id", "call_flow_id", "call_flow_version", "message_relay_application"},
		},
		"SIPCredentials.Edit":   {Settings: "sip_endpoint", Full: true},
		"CXMLScripts.Edit":      {Settings: "cxml_script", Names: map[string]string{"display_name": "name"}, Full: true},
		"Queues.Edit":           {Names: map[string]string{"name": "friendly_name"}, Full: true},
		"DialogflowAgents.Edit": {Settings: "dialogflow_agent", Names: map[string]string{"name": "display_name"}, Full: true},
		"Subscribers.Edit":      {Settings: "subscriber", Names: map[string]string{"timezone": "time_zone"}, WriteOnly: []string{"password"}, Full: true},
		"CXMLApplications.Edit": {
			Settings: "cxml_application", Names: map[string]string{"display_name": "friendly_name"},
			WriteOnly: []string{"account_sid"}, Full: true,
		},
	} {
		require.Equal(t, &want, rules[method], method)
	}
}

// The comment of each Edit method says whether it sends all values, and which values a
// read does not return.
func TestEditsSayWhatTheySend(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.gen.go")
	require.NoError(t, err)
	comments := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil && strings.HasPrefix(f.Name.Name, "Edit") {
				group := f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
				comments[group+"."+f.Name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
			}
		}
	}
	all := edits(t)
	require.Len(t, comments, len(all))
	for _, e := range all {
		comment := comments[e.group+strings.TrimPrefix(e.method, strings.Split(e.method, ".")[0])]
		require.Equal(t, e.update.Edit.Full, strings.Contains(comment, "sends all of them"), "%s: %s", e.method, comment)
		require.Equal(t, !e.update.Edit.Full, strings.Contains(comment, "those that change has altered"), "%s: %s", e.method, comment)
		if fields := e.update.Edit.WriteOnly; len(fields) > 0 {
			require.Contains(t, comment, "A read does not return "+strings.Join(fields, ", ")+", which ", e.method)
		}
	}
}
