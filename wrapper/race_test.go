//go:build race

package signalwire_test

// raceEnabled reports whether the race detector is on, with which tests take ten
// times as long.
const raceEnabled = true
