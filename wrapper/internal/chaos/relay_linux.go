package main

import (
	"io"
	"net"
	"sync"
)

// relay stands between the proxies and the Space, which is in this process, and
// goes down in its place.
type relay struct {
	addr, to string

	mu       sync.Mutex
	listener net.Listener // nil while it is down
	conns    map[net.Conn]bool
	group    sync.WaitGroup
}

func startRelay(to string) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{addr: listener.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	r.serve(listener)
	return r, nil
}

func (r *relay) serve(listener net.Listener) {
	r.mu.Lock()
	r.listener = listener
	r.mu.Unlock()
	r.group.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", r.to)
			if err != nil || !r.add(near, far) {
				_ = near.Close()
				continue
			}
			r.group.Go(func() { r.pass(near, far) })
			r.group.Go(func() { r.pass(far, near) })
		}
	})
}

// add keeps the two sides of a connection, unless the relay has gone down.
func (r *relay) add(near, far net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener == nil {
		_ = far.Close()
		return false
	}
	r.conns[near], r.conns[far] = true, true
	return true
}

func (r *relay) pass(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = from.Close(), to.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, from)
	delete(r.conns, to)
}

// down resets all connections and refuses new ones.
func (r *relay) down() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener != nil {
		_ = r.listener.Close()
		r.listener = nil
	}
	for conn := range r.conns {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

// up takes connections again.
func (r *relay) up() error {
	listener, err := net.Listen("tcp", r.addr)
	if err == nil {
		r.serve(listener)
	}
	return err
}

// reset resets all connections.
func (r *relay) reset() error {
	r.down()
	return r.up()
}

func (r *relay) close() {
	r.down()
	r.group.Wait()
}
