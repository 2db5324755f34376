package signalwiretest

import "time"

// StartTime is the time at which the clock of every Space starts.
var StartTime = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// tick advances the clock by a second for a request, unless a test has set the clock.
func (s *Space) tick() {
	if !s.frozen {
		s.clock = s.clock.Add(time.Second)
	}
}

// Now returns the time of the Space's clock. The clock starts at [StartTime] and
// advances by a second with each request. So times are the same in every run, and a
// change is later than what it changes.
func (s *Space) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// SetTime sets the clock to t and stops it: requests no longer advance it.
func (s *Space) SetTime(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock, s.frozen = t, true
}

// Advance moves the clock forward by d, and lets everything happen that is due by then:
// messages and calls pass through their states, and webhooks are called; see
// [Space.Script]. It returns when all of that is done. A clock that [Space.SetTime] has
// stopped remains stopped.
func (s *Space) Advance(d time.Duration) {
	s.tb.Helper()
	if invalid := atLeast("d", 0, d); invalid != "" {
		s.tb.Fatalf("signalwiretest: Advance: %s; SetTime sets the clock back", invalid)
	}
	s.mu.Lock()
	until := s.clock.Add(d)
	s.mu.Unlock()
	s.run(until)
}
