package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load sends requests over connections that stay open, each connection one after another, as fast as
// they are answered. It is kept light, since it shares the machine with what it measures: requests are
// made beforehand, and of an answer only status and length are read.
type load struct {
	calls    int     // in a request
	rate     float64 // calls a second at most; 0 sets no bound
	requests [][]request
	sent     *atomic.Uint64 // numbers the calls
}

// differing is how many different requests each connection has.
const differing = 8

// newLoad makes the requests for so many connections.
func newLoad(connections, calls int) *load {
	l := &load{calls: calls, requests: make([][]request, connections), sent: new(atomic.Uint64)}
	for i := range l.requests {
		c := newCaller(uint64(i))
		for range differing {
			l.requests[i] = append(l.requests[i], c.newRequest(calls))
		}
	}
	return l
}

// bytesPerCall is the mean size of a call's JSON with its share of the envelope and header.
func (l *load) bytesPerCall() int {
	total, calls := 0, 0
	for _, requests := range l.requests {
		for _, r := range requests {
			total += len(r.bytes)
			calls += l.calls
		}
	}
	return total / calls
}

// result is what a load has seen.
type result struct {
	requests int
	wall     time.Duration
}

func (r result) perSecond() float64 { return float64(r.requests) / r.wall.Seconds() }

// run sends to addr for so long. Any answer but 200 is an error.
func (l *load) run(ctx context.Context, addr string, length time.Duration) (result, error) {
	conns := make([]net.Conn, len(l.requests))
	for i := range conns {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return result{}, err
		}
		defer conn.Close()
		conns[i] = conn
	}
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var total atomic.Int64
	errs := make([]error, len(conns))
	start, before := time.Now(), l.sent.Load()
	var wg sync.WaitGroup
	for i, conn := range conns {
		wg.Go(func() {
			n, err := l.drive(ctx, conn, l.requests[i], func(call uint64) time.Time {
				return start.Add(time.Duration(float64(call-before) / l.rate * float64(time.Second)))
			})
			total.Add(int64(n))
			errs[i] = err
		})
	}
	wg.Wait()
	return result{requests: int(total.Load()), wall: time.Since(start)}, errors.Join(errs...)
}

// drive sends over one connection until ctx ends, and returns how many requests were answered. With a
// rate, a call is not sent before its time is due.
func (l *load) drive(ctx context.Context, conn net.Conn, requests []request, due func(call uint64) time.Time) (int, error) {
	buf := make([]byte, 4096)
	for n := 0; ; n++ {
		if n > 0 && ctx.Err() != nil {
			return n, nil
		}
		r := requests[n%len(requests)]
		first := l.sent.Add(uint64(l.calls)) - uint64(l.calls)
		if l.rate > 0 {
			pause(ctx, time.Until(due(first)))
		}
		r.stamp(first, time.Now())
		if _, err := conn.Write(r.bytes); err != nil {
			return n, err
		}
		if err := readAnswer(conn, buf); err != nil {
			return n, err
		}
	}
}

var (
	headEnd       = []byte("\r\n\r\n")
	statusOK      = []byte("HTTP/1.1 200 ")
	contentLength = []byte("\r\nContent-Length: ")
)

// readAnswer reads one answer that fits into buf.
func readAnswer(conn net.Conn, buf []byte) error {
	have := 0
	for {
		n, err := conn.Read(buf[have:])
		if err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		have += n
		end := bytes.Index(buf[:have], headEnd)
		if end < 0 {
			continue
		}
		if !bytes.HasPrefix(buf, statusOK) {
			return fmt.Errorf("answered %q", buf[:have])
		}
		length := 0
		if i := bytes.Index(buf[:end], contentLength); i >= 0 {
			value := buf[i+len(contentLength) : end]
			if j := bytes.IndexByte(value, '\r'); j >= 0 {
				value = value[:j]
			}
			if length, err = strconv.Atoi(string(value)); err != nil {
				return fmt.Errorf("answered with a length of %q", value)
			}
		}
		if have >= end+len(headEnd)+length {
			return nil
		}
	}
}
