//go:build !race

package signalwiretest

// RaceEnabled reports whether the race detector is on, with which tests take ten
// times as long.
const RaceEnabled = false
