package signalwire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// Several processes that send from the same numbers share their limits: before
// each message they ask a small server, which one of them or any other host runs.
func ExampleWithLimiter() {
	tokens := httptest.NewServer(&tokenServer{interval: 10 * time.Millisecond, next: map[string]time.Time{}})
	defer tokens.Close()

	space, err := signalwiretest.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer space.Close()

	started := time.Now()
	var processes sync.WaitGroup
	for range 3 { // each with a client of its own, as separate processes have
		client := space.Client(signalwire.WithLimiter(askTokenServer(tokens.URL)))
		processes.Go(func() {
			message := gen.SMSMessage{From: "+15555550100", To: "+15555550101", Body: signalwire.Ptr("Hello")}
			if _, err := client.Messages.Create(context.Background(), message); err != nil {
				fmt.Println(err)
			}
		})
	}
	processes.Wait()
	fmt.Println("sent:", space.Effects("create_message"))
	fmt.Println("in turn:", time.Since(started) >= 20*time.Millisecond)
	// Output:
	// sent: 3
	// in turn: true
}

// askTokenServer waits until the server lets the sender go on.
func askTokenServer(server string) func(context.Context, gen.Operation, string) error {
	return func(ctx context.Context, _ gen.Operation, sender string) error {
		if sender == "" {
			return nil
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/?sender="+url.QueryEscape(sender), nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusNoContent {
			return errors.New("the token server said " + resp.Status)
		}
		return nil
	}
}

// tokenServer responds to one request of each sender in an interval, in the order
// in which they come.
type tokenServer struct {
	interval time.Duration

	mu   sync.Mutex
	next map[string]time.Time // when the sender may go on
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sender, now := r.FormValue("sender"), time.Now()
	s.mu.Lock()
	turn := s.next[sender]
	if turn.Before(now) {
		turn = now
	}
	s.next[sender] = turn.Add(s.interval)
	s.mu.Unlock()
	select {
	case <-time.After(time.Until(turn)):
		w.WriteHeader(http.StatusNoContent)
	case <-r.Context().Done():
	}
}
