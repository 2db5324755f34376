//go:build race

package signalwire_test

// raceEnabled tells tests that they take ten times as long.
const raceEnabled = true
