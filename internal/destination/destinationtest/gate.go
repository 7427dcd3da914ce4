package destinationtest

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// gate is a TCP proxy before a place. Connections that are open when it changes are cut.
type gate struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	mode  mode
	conns map[net.Conn]bool
	heard chan struct{} // gets a value when a connection hangs that has sent something
}

type mode int

const (
	open mode = iota
	shut      // connections are closed at once
	hang      // connections are taken and read, and nothing is ever answered
	mute      // everything goes to the place, and its answer is cut off at the first byte
)

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: listener, to: to, conns: map[net.Conn]bool{}, heard: make(chan struct{}, 1)}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { g.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		g.set(shut)
		wg.Wait()
	})
	return g
}

func (g *gate) address() string { return g.listener.Addr().String() }

func (g *gate) set(m mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode = m
	for c := range g.conns {
		_ = c.Close()
	}
	clear(g.conns)
}

// keep remembers a connection, to be cut; it returns the mode that it lives in.
func (g *gate) keep(c net.Conn) mode {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns[c] = true
	return g.mode
}

func (g *gate) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	m := g.keep(c)
	switch m {
	case shut:
		return
	case hang:
		buffer := make([]byte, 1<<16)
		for {
			if _, err := c.Read(buffer); err != nil {
				return
			}
			select {
			case g.heard <- struct{}{}:
			default:
			}
		}
	}
	var d net.Dialer
	place, err := d.DialContext(context.Background(), "tcp", g.to)
	if err != nil {
		return
	}
	defer func() { _ = place.Close() }()
	if g.keep(place) != m {
		return // it changed meanwhile
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(place, c)
		_ = place.(*net.TCPConn).CloseWrite()
	})
	if m == mute {
		_, _ = io.CopyN(io.Discard, place, 1)
	} else {
		_, _ = io.Copy(c, place)
	}
	_ = c.Close()
	_ = place.Close()
	wg.Wait()
}

// fault is an HTTP server before a place's that can answer in its stead.
type fault struct {
	next http.Handler

	mu     sync.Mutex
	answer http.HandlerFunc // nil: the place answers
}

func (f *fault) set(answer http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// ServeHTTP implements http.Handler.
func (f *fault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	answer := f.answer
	f.mu.Unlock()
	if answer == nil {
		f.next.ServeHTTP(w, r)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	answer(w, r)
}

// status answers with a status and headers, given as key and value in turn.
func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, `{"error":"`+strconv.Itoa(code)+`"}`)
	}
}

// endless never ends its answer.
func endless(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	line := []byte(strings.Repeat("x", 1<<16))
	for r.Context().Err() == nil {
		if _, err := w.Write(line); err != nil {
			return
		}
	}
}
