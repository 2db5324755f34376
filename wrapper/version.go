package signalwire

import (
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/seed-fbb712e3/signalwire-go"

// Version returns the version of this module that the program was built with,
// such as "v1.2.3". It is "(devel)" if the build information does not say: the
// program was built from a local copy, or without module support.
//
// Requests have it in their User-Agent header, as signalwire-go/1.2.3 or
// signalwire-go/devel.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	info, _ := debug.ReadBuildInfo()
	return moduleVersion(info)
})

const unknownVersion = "(devel)"

// moduleVersion returns the version of this module in a program. A replacement
// counts with its own version, which a local folder does not have.
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

// userAgent returns this library as a product of RFC 9110, section 10.1.5.
func userAgent() string {
	return "signalwire-go/" + strings.Trim(strings.TrimPrefix(Version(), "v"), "()")
}
