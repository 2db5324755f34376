package signalwire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// TestSWMLInDryRuns: a dry run shows a document without the secrets in it.
func TestSWMLInDryRuns(t *testing.T) {
	t.Parallel()
	contents, err := gen.NewSWML(swml.Document{Sections: map[string]swml.Section{"main": {
		swml.Answer{Username: "ada", Password: "correct-horse"},
		swml.Play{URL: "say:Your card is 4111 1111 1111 1111."},
		swml.Set{"card_number": int64(4111111111111111)},
		swml.AI{Prompt: &swml.AIPrompt{Text: "x"}, SWAIG: &swml.SWAIG{Functions: []swml.SWAIGFunction{{Function: "f", WebHookAuthPassword: "correct-horse"}}}},
	}}})
	require.NoError(t, err)
	shown := dryRunOfScript(t, contents)
	require.Contains(t, shown, `say:Your card is [redacted].`)
	require.Contains(t, shown, `"username":"ada"`)
}

// dryRunOfScript returns the body that a dry run of creating a script shows, and requires that
// it has neither the password nor the card number.
func dryRunOfScript(t *testing.T, contents gen.SWML) (shown string) {
	_, err := signalwiretest.New(t).Client().SWMLScripts.Create(t.Context(), gen.CallingSWMLScriptCreate{Name: "x", Contents: contents},
		signalwire.WithDryRun(func(r signalwire.DryRunRequest) { shown = string(r.Body) }))
	require.ErrorIs(t, err, signalwire.ErrDryRun)
	require.NotContains(t, shown, "correct-horse")
	require.NotContains(t, shown, "4111")
	return shown
}

// TestYAMLInDryRuns: a script can be YAML, in a string.
func TestYAMLInDryRuns(t *testing.T) {
	t.Parallel()
	const document = "sections:\n  main:\n  - answer: {username: ada, password: correct-horse}\n  - play: say:Your card is 4111 1111 1111 1111.\n" +
		"  - ai:\n      SWAIG:\n        functions:\n        - web_hook_auth_password: |\n            correct-horse\n"
	contents, err := json.Marshal(document)
	require.NoError(t, err)
	shown := dryRunOfScript(t, contents)
	require.Contains(t, shown, "username: ada")
}
