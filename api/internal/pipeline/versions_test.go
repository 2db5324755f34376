package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipeline"
	"github.com/stretchr/testify/require"
)

const root = "../../.."

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// readClient returns the generated files of a client, concatenated.
func readClient(t *testing.T, out string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(out, "gen", "*.gen.go"))
	require.NoError(t, err)
	var client strings.Builder
	for _, file := range files {
		client.WriteString(read(t, file))
	}
	return client.String()
}

// signatures returns the signatures of the methods of a client.
func signatures(t *testing.T, out string) []string {
	t.Helper()
	var lines []string
	for _, found := range regexp.MustCompile(`(?m)^func \(s \*(\w+)\) (.*) \{$`).FindAllStringSubmatch(readClient(t, out), -1) {
		lines = append(lines, found[1]+"."+found[2])
	}
	return lines
}

// A published version is imported, and then the next one, which is divided into other
// files, one of them a page of the reference. Both clients compile. An import that fails
// leaves the last one unchanged.
func TestImportTwoVersions(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles two clients")
	}
	t.Parallel()
	const folder = "testdata/versions/"
	out := filepath.Join(t.TempDir(), "out")

	_, err := pipeline.Import(t.Context(), root, []string{folder + "first/signalwire-rest.yaml", folder + "first/fabric.yaml"}, out, pipeline.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{
		"AlsoHere.Get(ctx context.Context, opts ...CallOption) (*SIPCredential, error)",
		"OnlyHere.Get(ctx context.Context, opts ...CallOption) (*FabricStatus, error)",
		"SIPCredentials.List(ctx context.Context, opts ...CallOption) (*SIPCredential, error)",
		"SIPEndpoints.List(ctx context.Context, params ListSIPEndpointsParams, opts ...CallOption) (*SIPEndpointList, error)",
		"SIPEndpoints.Pages(ctx context.Context, params ListSIPEndpointsParams, opts ...CallOption) iter.Seq2[*SIPEndpointList, error]",
		"SIPEndpoints.All(ctx context.Context, params ListSIPEndpointsParams, opts ...CallOption) iter.Seq2[*SIPEndpoint, error]",
		"SIPGateways.Get(ctx context.Context, id uuid.UUID, opts ...CallOption) (*SIPGatewayResource, error)",
		"SIPGateways.Update(ctx context.Context, id uuid.UUID, body SIPGatewayUpdate, opts ...CallOption) (*SIPGatewayResource, error)",
		"SIPGateways.Edit(ctx context.Context, id uuid.UUID, change func(*SIPGatewayUpdate) error, opts ...CallOption) (*SIPGatewayResource, bool, error)",
		"Things.CreateThingNew(ctx context.Context, body ThingCreate, opts ...CallOption) (*ThingCreateSchema, error)",
		"Things.CreateThingNewer(ctx context.Context, opts ...CallOption) (*Status, error)",
	}, signatures(t, out))
	client := readClient(t, out)
	require.Contains(t, client, "Script SWML ")
	require.NotContains(t, client, "WebhooksDone")
	report := read(t, filepath.Join(out, "REPORT.md"))
	for _, line := range []string{
		"schema `SipEndpoint`: testdata/versions/first/signalwire-rest.yaml:41 wins over testdata/versions/first/fabric.yaml:55",
		"references to the second one now refer to `FabricSipEndpoint`, which is equal",
		"schema `Status`: ",
		"now called `Fabric.Status`",
		"operation `GET /api/fabric/resources/sip_endpoints`: testdata/versions/first/signalwire-rest.yaml:8 wins over testdata/versions/first/fabric.yaml:26",
		"the operationId is `list_sip_endpoints` here (testdata/versions/first/signalwire-rest.yaml:9) and stays `list_sip_credentials`, as shipped",
		"operationId: create_thing_new_things",
		"webhook `thingDone` (testdata/versions/first/signalwire-rest.yaml:32)",
	} {
		require.True(t, strings.Contains(report, line), "the report does not say: %s", line)
	}
	require.Contains(t, read(t, filepath.Join(out, "INDEX.md")), "[`SIPGateways.Update`]")

	_, err = pipeline.Import(t.Context(), root, []string{folder + "second/endpoints.yaml", folder + "second/page.md"}, out, pipeline.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{
		"Scripts.Create(ctx context.Context, body SWMLScriptCreate, opts ...CallOption) error",
		"SIPEndpoints.List(ctx context.Context, params ListSIPEndpointsParams, opts ...CallOption) (*SIPEndpointList, error)",
		"SIPEndpoints.Pages(ctx context.Context, params ListSIPEndpointsParams, opts ...CallOption) iter.Seq2[*SIPEndpointList, error]",
		"SIPEndpoints.All(ctx context.Context, params ListSIPEndpointsParams, opts ...CallOption) iter.Seq2[*SIPEndpoint, error]",
		"SIPGateways.Update(ctx context.Context, id uuid.UUID, body SIPGatewayUpdate, opts ...CallOption) (*SIPGatewayResource, error)",
	}, signatures(t, out))
	report = read(t, filepath.Join(out, "REPORT.md"))
	for _, line := range []string{
		"schema `Encryption`: testdata/versions/second/endpoints.yaml:22 wins over testdata/versions/second/page.md:63",
		"now called `Page.Encryption`",
		"- `GET /api/fabric/resources/sip_gateways/{id}`, `get_sip_gateway`",
	} {
		require.True(t, strings.Contains(report, line), "the report does not say: %s", line)
	}

	require.Contains(t, report, "## Names that are gone")
	require.Contains(t, report, "- `gen.SIPGateways.Get`")
	require.NotContains(t, report, "- `gen.SIPGateways.Update`\n")

	before := read(t, filepath.Join(out, "openapi.yaml"))
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("openapi: 3.1.0\npaths: [\n"), 0o600))
	_, err = pipeline.Import(t.Context(), root, []string{folder + "second/endpoints.yaml", broken}, out, pipeline.Options{})
	require.ErrorContains(t, err, "broken.yaml:2: ")
	require.Equal(t, before, read(t, filepath.Join(out, "openapi.yaml")))
	left, err := filepath.Glob(filepath.Join(filepath.Dir(out), ".*"))
	require.NoError(t, err)
	require.Empty(t, left)

	_, err = pipeline.Import(t.Context(), root, []string{folder + "second/page.md"}, "testdata", pipeline.Options{})
	require.ErrorContains(t, err, "testdata: exists and was not made by this command")
}
