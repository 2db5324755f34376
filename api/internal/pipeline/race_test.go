//go:build race

package pipeline

func init() { RaceEnabled = true }
