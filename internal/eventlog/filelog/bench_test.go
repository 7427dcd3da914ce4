package filelog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// bareWriter is the least that makes concurrent appends durable together: no frames, no checksums, no
// segments, no recovery. It is what the log is measured against.
type bareWriter struct {
	file file
	off  int64
	size int64

	mu      sync.Mutex
	work    sync.Cond
	pending []byte
	spare   []byte
	group   *bareGroup
	closed  bool
}

type bareGroup struct {
	done chan struct{}
	err  error
}

func newBareWriter(tb testing.TB, dir string) *bareWriter {
	f, err := openFile(filepath.Join(dir, "bare"), os.O_RDWR|os.O_CREATE)
	if err != nil {
		tb.Fatal(err)
	}
	w := &bareWriter{file: f}
	w.work.L = &w.mu
	go w.run()
	return w
}

func (w *bareWriter) append(record []byte) error {
	w.mu.Lock()
	if w.group == nil {
		w.group = &bareGroup{done: make(chan struct{})}
		w.work.Signal()
	}
	w.pending = append(w.pending, record...)
	g := w.group
	w.mu.Unlock()
	<-g.done
	return g.err
}

func (w *bareWriter) run() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for w.group == nil && !w.closed {
			w.work.Wait()
		}
		if w.group == nil {
			return
		}
		g, b := w.group, w.pending
		w.group, w.pending = nil, w.spare[:0]
		w.mu.Unlock()
		g.err = w.write(b)
		w.mu.Lock()
		w.spare = b
		close(g.done)
	}
}

func (w *bareWriter) write(b []byte) error {
	if w.off+int64(len(b)) > w.size { // the same allocation in advance as the log's
		if w.size >= 1<<30 {
			if err := w.file.Truncate(0); err != nil {
				return err
			}
			w.off, w.size = 0, 0
		}
		w.size += DefaultSegmentBytes
		if err := w.file.Allocate(w.size); err != nil {
			return err
		}
	}
	if _, err := w.file.WriteAt(b, w.off); err != nil {
		return err
	}
	w.off += int64(len(b))
	return w.file.Sync()
}

func (w *bareWriter) close() error {
	w.mu.Lock()
	w.closed = true
	w.work.Signal()
	w.mu.Unlock()
	return w.file.Close()
}

// BenchmarkAppendAgainstBare alternates between the log and a bare writer with group sync, in slices
// of a tenth of a second, and reports appends per second of both and the ratio.
func BenchmarkAppendAgainstBare(b *testing.B) {
	for _, c := range []struct{ producers, bytes int }{
		{1, 875}, {16, 875}, {64, 875}, {256, 875}, {64, 20 * 875}, {64, 100 * 875},
	} {
		b.Run(fmt.Sprintf("producers=%d/bytes=%d", c.producers, c.bytes), func(b *testing.B) {
			againstBare(b, c.producers, c.bytes)
		})
	}
}

func againstBare(b *testing.B, producers, bytes int) {
	dir := b.TempDir()
	log, err := Open(Config{Dir: filepath.Join(dir, "log")})
	if err != nil {
		b.Fatal(err)
	}
	bare := newBareWriter(b, dir)
	record := make([]byte, bytes)
	for i := range record {
		record[i] = byte('a' + i%26)
	}
	ctx := b.Context()
	ours := side{append: func() error { _, err := log.Append(ctx, record); return err }}
	theirs := side{append: func() error { return bare.append(record) }}
	var last eventlog.Position
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		theirs.run(b, producers)
		ours.run(b, producers)
		_, last = log.Bounds()
		if err := log.Trim(last); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(ours.rate(), "appends/s")
	b.ReportMetric(theirs.rate(), "bare/s")
	b.ReportMetric(ours.rate()/theirs.rate(), "ratio")
	b.ReportMetric(ours.cpuEach(), "cpu-µs/append")
	b.ReportMetric(theirs.cpuEach(), "bare-cpu-µs")
	if err := log.Close(); err != nil {
		b.Fatal(err)
	}
	if err := bare.close(); err != nil {
		b.Fatal(err)
	}
}

// side is one of the two that alternate.
type side struct {
	append  func() error
	appends int
	wall    time.Duration
	cpu     time.Duration
}

// run appends from so many goroutines for a slice of time.
func (s *side) run(b *testing.B, producers int) {
	ctx, cancel := context.WithTimeout(b.Context(), 100*time.Millisecond)
	defer cancel()
	counts := make([]int, producers)
	start, cpu := time.Now(), cpuTime(b)
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			for n := 0; ; n++ {
				if n%8 == 0 && ctx.Err() != nil {
					counts[p] = n
					return
				}
				if err := s.append(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	s.wall += time.Since(start)
	s.cpu += cpuTime(b) - cpu
	for _, n := range counts {
		s.appends += n
	}
}

func (s *side) rate() float64 { return float64(s.appends) / s.wall.Seconds() }

func (s *side) cpuEach() float64 { return float64(s.cpu.Microseconds()) / float64(s.appends) }

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
