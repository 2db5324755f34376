package overlay

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// TestShortcuts: the short way to the targets of many actions finds what the
// JSONPath library finds.
func TestShortcuts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../openapi.yaml")
	require.NoError(t, err)
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &document))
	root := document.Content[0]
	for short, long := range map[string]string{
		`$.components.schemas..properties.params`:     `$.components.schemas..properties['params']`,
		`$.components.schemas..properties.name`:       `$.components.schemas..properties['name']`,
		`$.components.schemas..properties.properties`: `$.components.schemas..properties['properties']`,
		`$.components.schemas..properties.nowhere`:    `$.components.schemas..properties['nowhere']`,

		`$..[?@['$ref'] == '#/components/schemas/uuid']`:            `$..[? @['$ref'] == '#/components/schemas/uuid']`,
		`$..[?@['$ref'] == '#/components/schemas/Nothing']`:         `$..[? @['$ref'] == '#/components/schemas/Nothing']`,
		`$..[?@['$ref'] && search(@['$ref'], '/SWML[.]A|/[Ss]ip')]`: `$..[? @['$ref'] && search(@['$ref'], '/SWML[.]A|/[Ss]ip')]`,

		`$.components.schemas[?search(@.title, '^AIAgent')].properties.hints.items`:   `$.components.schemas[? search(@.title, '^AIAgent')].properties.hints.items`,
		`$.components.schemas[?!search(@.title, '^SWML[.]')]..properties[?@.enum]`:    `$.components.schemas[? !search(@.title, '^SWML[.]')]..properties[?@.enum]`,
		`$.components.schemas[?!search(@.title, '^SWML[.]')]..[?@['$ref'] && @.type]`: `$.components.schemas[? !search(@.title, '^SWML[.]')]..[?@['$ref'] && @.type]`,
	} {
		fast, err := query(root, short)
		require.NoError(t, err)
		slow, err := query(root, long)
		require.NoError(t, err)
		require.ElementsMatch(t, slow, fast, short)
	}
}
