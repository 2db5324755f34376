// Command chaos makes calls to a test Space through nginx and HAProxy, over
// HTTP/1.1 and HTTP/2, while these are reloaded and killed, lose the Space, and
// show pages of their own in place of its responses. It compares the
// results of the calls with what the Space has, and looks for goroutines,
// connections and memory that are left over.
//
//	go run ./wrapper/internal/chaos -duration 1m -seed 1
//
// It needs Linux. Where neither program is installed it says so and succeeds.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

// settings are what the flags set.
type settings struct {
	duration time.Duration
	calls    int64
	workers  int
	seed     uint64
}

func main() {
	var s settings
	flag.DurationVar(&s.duration, "duration", time.Minute, "how long to make calls, if -calls is not given")
	flag.Int64Var(&s.calls, "calls", 0, "how many calls to make")
	flag.IntVar(&s.workers, "workers", 4, "how many goroutines make them on each route")
	flag.Uint64Var(&s.seed, "seed", 1, "what happens when, and what the workers do")
	flag.Parse()
	if err := run(s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}
