//go:build race

package signalwiretest

// RaceEnabled tells tests that they take ten times as long.
const RaceEnabled = true
