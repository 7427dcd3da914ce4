package send

import (
	"strings"
	"testing"
	"time"
)

func TestMeterDrawsABarOnATerminalAndLinesElsewhere(t *testing.T) {
	at := func(d time.Duration) Summary {
		return Summary{Accepted: 500, Rejected: 2, Retries: 1, Elapsed: d, Done: 0.5}
	}
	var b strings.Builder
	bar := &Meter{W: &b, Terminal: true}
	bar.Show(at(time.Second))
	bar.Show(at(time.Second + 10*time.Millisecond)) // too soon
	if got := b.String(); strings.Count(got, "\r") != 1 || !strings.Contains(got, "███████████████···············]  50 % 502 sent, 502/s, 2 refused, 1 retries") {
		t.Errorf("bar %q", got)
	}
	bar.Clear()
	if !strings.HasSuffix(b.String(), "\r\x1b[K") {
		t.Errorf("not cleared: %q", b.String())
	}
	b.Reset()
	lines := &Meter{W: &b}
	for _, d := range []time.Duration{time.Second, 5 * time.Second, 6 * time.Second, 11 * time.Second} {
		lines.Show(at(d))
	}
	lines.Clear()
	if got := b.String(); strings.Count(got, "\n") != 2 || strings.ContainsAny(got, "\r\x1b█") {
		t.Errorf("lines %q", got)
	}
}
