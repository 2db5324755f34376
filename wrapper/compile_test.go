package signalwire_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNullCompilesOnlyWhereItExists: a field that the API lets be null takes
// null, a value or nothing, and no other field takes null.
func TestNullCompilesOnlyWhereItExists(t *testing.T) {
	needGo(t)
	for expression, compiles := range map[string]bool{
		`gen.SIPCredentialUpdate{CallingHandlerResourceID: signalwire.Null[uuid.UUID]()}`:      true,
		`gen.SIPCredentialUpdate{CallingHandlerResourceID: signalwire.Value(uuid.New())}`:      true,
		`gen.SIPCredentialUpdate{CallingHandlerResourceID: signalwire.Ptr(uuid.New())}`:        false,
		`gen.SIPCredentialUpdate{Username: signalwire.Null[string]()}`:                         false,
		`gen.SIPGatewayUpdate{Name: signalwire.Null[string]()}`:                                false,
		`gen.SIPGatewayUpdate{Codecs: signalwire.Null[[]gen.Codec]()}`:                         false,
		`gen.SubscriberSIPCredentialUpdate{CallerID: signalwire.Null[string]()}`:               false,
		`gen.SubscriberSIPCredentialUpdate{Encryption: signalwire.Ptr(gen.EncryptionDefault)}`: true,
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `package main

import (
	"github.com/google/uuid"

	"%[1]s/gen"
	signalwire "%[1]s/wrapper"
)

var (
	_ = %[2]s
	_ = uuid.Nil
	_ = signalwire.Ptr[int]
)

func main() {}
`, modulePath, expression), 0o600))
			command := exec.CommandContext(t.Context(), "go", "vet", file)
			command.Dir = ".."
			out, err := command.CombinedOutput()
			if compiles {
				require.NoError(t, err, "%s", out)
			} else {
				require.Error(t, err)
				require.Contains(t, string(out), "cannot use signalwire.")
			}
		})
	}
}
