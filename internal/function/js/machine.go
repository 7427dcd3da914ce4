package js

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// machine is one machine at work: the server's end of the two pipes.
type machine struct {
	run    *run
	ctx    context.Context
	cancel context.CancelFunc
	name   string
	timer  *time.Timer
	work   sync.WaitGroup // requests and timers
	places chan struct{}  // of requests

	line      bytes.Buffer // begun by the machine
	rest      []byte       // of the line that it reads
	began     bool         // it has read something
	complaint complaint

	mu      sync.Mutex
	inbox   [][]byte
	arrived chan struct{} // closed when something is put into an empty inbox; nil: nobody waits
	waiting int           // requests and timers not answered yet
	broke   *Error
	ended   bool // the job came to its end
}

// maxWaiting bounds the requests and timers of a machine that are not answered yet.
const maxWaiting = 1000

// late ends a machine that took too long.
func (m *machine) late() {
	m.fail(&Error{Name: Timeout, Message: fmt.Sprintf("the function took more than %v", m.run.e.limits.Time)})
}

// fail ends the machine, unless it has ended or broken already.
func (m *machine) fail(err *Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broke == nil && !m.ended {
		m.broke = err
	}
	m.cancel()
}

// dead reports whether nothing that the machine says counts any more.
func (m *machine) dead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.broke != nil || m.ended || m.ctx.Err() != nil
}

// tell puts a line into the machine's inbox.
func (m *machine) tell(line []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inbox = append(m.inbox, line)
	if m.arrived != nil {
		close(m.arrived)
		m.arrived = nil
	}
}

// answer tells the machine a value or an error.
func (m *machine) answer(v any) {
	line, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("BUG: encode answer to a function: %v", err))
	}
	m.tell(line)
}

// next waits for a line. It returns false when the machine is to end.
func (m *machine) next() ([]byte, bool) {
	for {
		m.mu.Lock()
		if len(m.inbox) > 0 {
			line := append(m.inbox[0], '\n')
			m.inbox = m.inbox[1:]
			if len(m.inbox) > 0 {
				line = append([]byte{'+'}, line...) // more is there
			}
			m.mu.Unlock()
			return line, true
		}
		if m.arrived == nil {
			m.arrived = make(chan struct{})
		}
		arrived := m.arrived
		m.mu.Unlock()
		select {
		case <-arrived:
		case <-m.ctx.Done():
			return nil, false
		}
	}
}

// sleep is the engine's: its timers wait by it. It ends with the machine.
func (m *machine) sleep(ns int64) {
	t := time.NewTimer(time.Duration(ns))
	defer t.Stop()
	select {
	case <-t.C:
	case <-m.ctx.Done():
	}
}

// reader is what the machine reads.
type reader struct{ m *machine }

// Read hands over lines. It runs while the machine waits, so that its memory may be touched.
func (r reader) Read(p []byte) (int, error) {
	m := r.m
	if !m.began {
		m.began = true
		if err := m.limitStack(); err != nil {
			m.run.e.cfg.Log.Error("functions cannot be run", "error", err)
			m.fail(&Error{Name: Crashed, Message: err.Error()})
			return 0, io.EOF
		}
	}
	if len(m.rest) == 0 {
		line, ok := m.next()
		if !ok {
			return 0, io.EOF
		}
		m.rest = line
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

func (m *machine) limitStack() error {
	memory := m.run.e.machines.Module(m.name).Memory()
	view, _ := memory.Read(0, memory.Size())
	return limitStack(view)
}

// writer is what the machine writes to: lines of messages.
type writer struct{ m *machine }

// Write takes messages. It never fails: a machine that may not go on is ended.
func (w writer) Write(p []byte) (int, error) {
	m := w.m
	if m.dead() {
		return len(p), nil
	}
	if m.run.output += len(p); m.run.output > m.run.e.limits.Output {
		m.fail(&Error{Name: TooMuch, Message: fmt.Sprintf("the function said more than %d bytes", m.run.e.limits.Output)})
		return len(p), nil
	}
	for rest := p; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			m.line.Write(rest)
			break
		}
		m.line.Write(rest[:i])
		rest = rest[i+1:]
		if !m.dead() {
			m.hear(m.line.Bytes())
		}
		m.line.Reset()
	}
	return len(p), nil
}

// complaint keeps the beginning of what the engine writes when it dies.
type complaint struct{ bytes.Buffer }

// Write takes it all.
func (c *complaint) Write(p []byte) (int, error) {
	if room := 2<<10 - c.Len(); room > 0 {
		c.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}
