package signalwire

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestModuleVersion(t *testing.T) {
	t.Parallel()
	app := debug.Module{Path: "example.com/app", Version: "v9.9.9"}
	other := &debug.Module{Path: "github.com/google/uuid", Version: "v1.6.0"}
	for name, test := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"no build information":  {nil, "(devel)"},
		"not a dependency":      {&debug.BuildInfo{Main: app, Deps: []*debug.Module{other}}, "(devel)"},
		"a dependency":          {&debug.BuildInfo{Main: app, Deps: []*debug.Module{other, {Path: modulePath, Version: "v1.2.3"}}}, "v1.2.3"},
		"replaced by a folder":  {&debug.BuildInfo{Main: app, Deps: []*debug.Module{{Path: modulePath, Version: "v1.2.3", Replace: &debug.Module{Path: "../signalwire-go"}}}}, "(devel)"},
		"replaced by a fork":    {&debug.BuildInfo{Main: app, Deps: []*debug.Module{{Path: modulePath, Version: "v1.2.3", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.2.4"}}}}, "v1.2.4"},
		"the main module":       {&debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "v0.2.0+dirty"}}, "v0.2.0+dirty"},
		"the main module, bare": {&debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "(devel)"}}, "(devel)"},
	} {
		require.Equal(t, test.want, moduleVersion(test.info), name)
	}
}
