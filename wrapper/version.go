package signalwire

import (
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/seed-fbb712e3/signalwire-go"

// Version returns the version of this module in the program, such as "v1.2.3". It returns
// "(devel)" if the build information has no version, as when the program was built from a
// local copy or without module support.
//
// The User-Agent header of requests has the version as signalwire-go/1.2.3 or
// signalwire-go/devel.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	info, _ := debug.ReadBuildInfo()
	return moduleVersion(info)
})

const unknownVersion = "(devel)"

// moduleVersion returns the version of this module from the build information of a
// program. If the module is replaced, it returns the version of the replacement; a local
// folder has none.
func moduleVersion(info *debug.BuildInfo) string {
	if info == nil {
		return unknownVersion
	}
	for _, module := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if module.Path != modulePath {
			continue
		}
		if module.Replace != nil {
			module = module.Replace
		}
		if module.Version != "" {
			return module.Version
		}
	}
	return unknownVersion
}

// userAgent returns this library as a product for the User-Agent header (RFC 9110,
// section 10.1.5).
func userAgent() string {
	return "signalwire-go/" + strings.Trim(strings.TrimPrefix(Version(), "v"), "()")
}
