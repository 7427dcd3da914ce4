package js

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// message is a line that the machine says. Which fields there are tells what it is; prelude.js writes them.
type message struct {
	// Questions: at once, or with an id that the answer has.
	Now   string
	Later string
	ID    int
	ask

	Log      *string // a line of the console
	Level    string
	Handlers []string // of the code; its top level has run
	Result   *int     // the call with this number is done
	Call     json.RawMessage
	Error    *told
	Emit     json.RawMessage // a call of a source function
	End      *struct {
		Stalled bool // something waits for what never comes
		Error   *told
	}
}

// hear takes what the machine says. It takes nothing on trust: the function may write such lines itself.
func (m *machine) hear(line []byte) {
	var msg message
	if err := json.Unmarshal(line, &msg); err != nil {
		m.fail(&Error{Name: Crashed, Message: "the function said what is not understood"})
		return
	}
	r := m.run
	switch {
	case msg.Now != "":
		m.answerNow(&msg)
	case msg.Later != "":
		m.answerLater(&msg)
	case msg.Log != nil:
		r.log(msg.Level, *msg.Log)
	case msg.Handlers != nil:
		r.began, r.report.Handlers = true, msg.Handlers
	case msg.Result != nil:
		m.result(&msg)
	case msg.Emit != nil:
		m.emit(msg.Emit)
	case msg.End != nil:
		m.end(&msg)
	}
}

// log adds a line to the console.
func (r *run) log(level, text string) {
	room := r.e.limits.Console - len(r.report.Console)
	if room <= 0 {
		return
	}
	if level == "warn" || level == "error" {
		text = level + ": " + text
	}
	text = r.shown(text, room)
	if len(text) < room {
		text += "\n"
	}
	r.report.Console += text
}

// result notes what became of the next call, and gives the one after it its own time.
func (m *machine) result(msg *message) {
	r := m.run
	done := Result{}
	switch call := bytes.TrimSpace(msg.Call); {
	case len(r.report.Results) >= r.want():
		m.fail(&Error{Name: Crashed, Message: "the function said more results than there are calls"})
		return
	case msg.Error != nil:
		done.Err = r.failure(*msg.Error)
		done.Broke = done.Err.Name == OutOfMemory
	case r.job.Insert && (len(call) == 0 || call[0] != '{'):
		done.Err = &Error{Name: "InvalidEventPayload", Message: "the function returned no event"}
	case r.job.Insert:
		done.Call = bytes.Clone(call)
	}
	r.report.Results = append(r.report.Results, done)
	m.timer.Reset(r.e.limits.Time)
}

func (m *machine) emit(call json.RawMessage) {
	r := m.run
	switch {
	case len(r.report.Emitted) >= r.e.limits.Emitted:
		m.fail(&Error{Name: TooMuch, Message: fmt.Sprintf("the function made more than %d calls", r.e.limits.Emitted)})
	case r.job.Request != nil:
		r.report.Emitted = append(r.report.Emitted, bytes.Clone(call))
	}
}

// end is the last that the machine says.
func (m *machine) end(msg *message) {
	r := m.run
	switch {
	case msg.End.Stalled:
		m.fail(&Error{Name: Timeout, Message: "the function waits for a promise that nothing will settle"})
		return
	case msg.End.Error != nil && r.want() == 0:
		m.fail(r.failure(*msg.End.Error))
		return
	case msg.End.Error != nil:
		r.fill(r.want(), Result{Err: r.failure(*msg.End.Error)})
	case len(r.report.Results) < r.want():
		m.fail(&Error{Name: Crashed, Message: "the function ended before its calls"})
		return
	}
	m.mu.Lock()
	m.ended = true
	m.mu.Unlock()
}

// take counts a question that takes a while. It returns false when there are too many.
func (m *machine) take() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting >= maxWaiting {
		return false
	}
	m.waiting++
	return true
}

// reply answers a question that took a while.
func (m *machine) reply(v later) {
	m.mu.Lock()
	m.waiting--
	m.mu.Unlock()
	m.answer(v)
}

// later is the answer to a question that takes a while.
type later struct {
	ID          int    `json:"id"`
	Value       any    `json:"value,omitempty"`
	Error       string `json:"error,omitempty"`
	Unreachable bool   `json:"unreachable,omitempty"` // trying again may help
}

func (m *machine) answerLater(msg *message) {
	if !m.take() {
		m.answer(later{ID: msg.ID, Error: fmt.Sprintf("more than %d requests and timers at once", maxWaiting)})
		return
	}
	switch msg.Later {
	case "timer":
		wait := min(time.Duration(msg.MS)*time.Millisecond, time.Hour) // longer than any run
		m.work.Go(func() {
			t := time.NewTimer(wait)
			defer t.Stop()
			select {
			case <-t.C:
				m.reply(later{ID: msg.ID})
			case <-m.ctx.Done():
			}
		})
	case "fetch":
		if m.run.fetches--; m.run.fetches < 0 {
			m.reply(later{ID: msg.ID, Error: "the function makes too many requests"})
			return
		}
		m.run.report.Fetches++
		m.work.Go(func() {
			select {
			case m.places <- struct{}{}:
				defer func() { <-m.places }()
				m.reply(m.fetch(msg.ID, &msg.ask))
			case <-m.ctx.Done():
			}
		})
	default:
		m.reply(later{ID: msg.ID, Error: "there is no " + strings.ToValidUTF8(msg.Later, "")})
	}
}
