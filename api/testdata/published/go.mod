// The structure of published versions, for a test; a module of its own, so that
// nobody who uses this one downloads it.
module github.com/seed-fbb712e3/signalwire-go/api/testdata/published

go 1.25
