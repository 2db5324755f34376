package gen_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// An object with a field that is a secret prints as its JSON without the secret, wherever
// it is in another value.
func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	const secret = "11111111-2222-3333-4444-555555555555"
	for _, value := range []any{
		gen.SubscriberSIPCredentialCreate{Username: "ada", Password: secret},
		&gen.SubscriberSIPCredentialUpdate{Username: ptr("ada"), Password: ptr(secret)},
		gen.SubscriberToken{Token: secret, RefreshToken: secret},
		gen.FreeSWITCHConnectorCreate{Token: uuid.MustParse(secret)},
		[]gen.ProjectToken{{Name: "ada", Token: secret}},
		struct{ Sent any }{gen.MFAVerification{Token: secret}},
		gen.SWML(`{"web_hook_auth_password":"` + secret + `"}`),
		gen.CallingSWMLScript{Contents: gen.SWML(`{"sections":{"main":[{"password":"` + secret + `"}]}}`)},
	} {
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("sent", "value", value)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("sent", "value", fmt.Sprint(value))
		fmt.Fprintf(&b, "%v %+v %s", value, value, value)
		require.NotContains(t, b.String(), secret)
		require.Contains(t, b.String(), "[redacted]")
	}
	unencodable := gen.AIAgentCreate{Prompt: gen.SWML(`{"password":"` + secret)}
	require.Contains(t, unencodable.String(), "gen.SWML", "says what cannot be encoded")
	require.NotContains(t, unencodable.String(), secret)
	require.JSONEq(t, unencodable.String(), logged(t, unencodable))
	credential := gen.SubscriberSIPCredentialCreate{Username: "ada", Password: secret}
	require.Equal(t, `{"password":"[redacted]","username":"ada"}`, credential.String())
	require.JSONEq(t, credential.String(), logged(t, credential))
	script := gen.SWML(`{"url":"https://ada:secret@example.com/"}`)
	require.Equal(t, `{"url":"https://[redacted]@example.com/"}`, script.String())
	require.JSONEq(t, script.String(), logged(t, script))
	require.Empty(t, fmt.Sprint(gen.SWML(nil)))
}
