package send

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Meter shows progress: a bar that is drawn over itself on a terminal, else a line now and then.
type Meter struct {
	W        io.Writer
	Terminal bool

	last  time.Duration
	drawn bool
}

const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 5 * time.Second
	barWidth    = 30
)

// Show draws the state of a run, if it is time to.
func (m *Meter) Show(s Summary) {
	every := lineEvery
	if m.Terminal {
		every = redrawEvery
	}
	if s.Elapsed-m.last < every {
		return
	}
	m.last = s.Elapsed
	if !m.Terminal {
		_, _ = fmt.Fprintf(m.W, "%s\n", figures(s))
		return
	}
	m.drawn = true
	_, _ = fmt.Fprintf(m.W, "\r%s %s\x1b[K", bar(s.Done), figures(s))
}

// Clear removes the bar, so that other text can follow.
func (m *Meter) Clear() {
	if m.drawn {
		_, _ = io.WriteString(m.W, "\r\x1b[K")
	}
}

func bar(done float64) string {
	if done < 0 {
		return ""
	}
	full := int(done * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f %%", strings.Repeat("█", full), strings.Repeat("·", barWidth-full), done*100)
}

func figures(s Summary) string {
	text := fmt.Sprintf("%d sent, %.0f/s", s.Accepted+s.Rejected, s.rate())
	if n := s.Rejected + s.Invalid; n > 0 {
		text += fmt.Sprintf(", %d refused", n)
	}
	if s.Retries > 0 {
		text += fmt.Sprintf(", %d retries", s.Retries)
	}
	return text
}

func (s Summary) rate() float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return float64(s.Accepted+s.Rejected) / s.Elapsed.Seconds()
}

// Print writes the summary for people, one fact a line.
func (s Summary) Print(w io.Writer) error {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("accepted", "%d", s.Accepted)
	row("rejected", "%d", s.Rejected)
	if s.Invalid > 0 {
		row("invalid", "%d", s.Invalid)
	}
	if s.Skipped > 0 {
		row("skipped", "%d lines, sent before", s.Skipped)
	}
	row("requests", "%d", s.Requests)
	row("retries", "%d", s.Retries)
	row("duration", "%s", s.Elapsed.Round(time.Millisecond))
	row("rate", "%.0f/s", s.rate())
	for _, code := range slices.SortedFunc(maps.Keys(s.Reasons), func(a, b string) int {
		if s.Reasons[a] != s.Reasons[b] {
			return int(s.Reasons[b] - s.Reasons[a])
		}
		return strings.Compare(a, b)
	}) {
		row("reason", "%s ×%d", code, s.Reasons[code])
	}
	for _, x := range s.Examples {
		row("line", "%d: %s: %s", x.Line, x.Code, x.Message)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
