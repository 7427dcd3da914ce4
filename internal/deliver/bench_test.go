package deliver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/webhook"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/secret"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

// null is a kind of destination that takes everything and does nothing with it, after a while.
type null struct {
	name  string
	batch destination.Batch
	wait  time.Duration
	fails bool
	n     atomic.Int64
}

// Spec implements destination.Destination.
func (n *null) Spec() destination.Spec {
	return destination.Spec{Name: n.name, Title: n.name, Ordered: true}
}

// Open implements destination.Destination.
func (n *null) Open(destination.Settings, destination.Env) (destination.Sender, error) { return n, nil }

// Batch implements destination.Sender.
func (n *null) Batch() destination.Batch { return n.batch }

// Send implements destination.Sender.
func (n *null) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	pause(ctx, n.wait)
	if n.fails {
		return destination.All(len(messages), destination.Result{Err: destination.ErrUnavailable})
	}
	n.n.Add(int64(len(messages)))
	return destination.All(len(messages), destination.Result{})
}

// Test implements destination.Sender.
func (*null) Test(context.Context) error { return nil }

// Close implements destination.Sender.
func (*null) Close() error { return nil }

// course is a log of calls and a server's deliveries, for measuring.
type course struct {
	*Deliver
	b     *testing.B
	log   *memlog.Log
	calls int
}

// newCourse logs calls of about 600 bytes of 1,000 people, a hundred in a request, after destinations are set up,
// paused.
func newCourse(b *testing.B, calls int, kinds ...destination.Destination) (*course, []string) {
	b.Helper()
	dir := b.TempDir()
	meta, err := metastore.Open(b.Context(), metastore.Config{Path: filepath.Join(dir, "debrief.sqlite")})
	if err != nil {
		b.Fatal(err)
	}
	c := &course{b: b, log: memlog.New(0), calls: calls}
	c.Deliver, err = New(b.Context(), Config{
		Workspace: metastore.DefaultWorkspace, Meta: meta, Secrets: secret.New(filepath.Join(dir, "key")), Kinds: kinds,
		Logs: []Log{{Name: "main", Log: c.log, Stored: true}}, Vocabularies: []vocab.Vocabulary{segment.Vocabulary{}},
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	})
	if err != nil {
		b.Fatal(err)
	}
	var ids []string
	for _, k := range kinds {
		name := k.Spec().Name
		settings := destination.Settings{}
		if name == "webhook" {
			settings["url"] = "http://placeholder"
		}
		one, err := c.Create(b.Context(), Draft{Name: name, Kind: name, Settings: settings}, "bench")
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, one.ID)
	}
	text := bytes.Repeat([]byte("what people write "), 20)
	for n := 0; n < calls; {
		request := event.Request{Workspace: "default", Source: "web", Protocol: "segment", ReceivedAt: time.Now()}
		for range 100 {
			n++
			request.Calls = append(request.Calls, raw(fmt.Sprintf("event-%012d", n), "track", map[string]any{
				"event": "Message Sent", "userId": fmt.Sprint("user-", n%1000), "properties": map[string]any{"conversationId": n / 10, "message_body": string(text)},
			}))
		}
		if _, err := c.log.Append(b.Context(), event.AppendRequest(nil, &request)); err != nil {
			b.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
		_ = meta.Close()
	})
	return c, ids
}

// run lets a destination deliver until n has counted all calls, and returns how long that took.
func (c *course) run(id string, n *atomic.Int64) time.Duration {
	c.b.Helper()
	begin := time.Now()
	if _, err := c.Enable(c.b.Context(), id, true); err != nil {
		c.b.Fatal(err)
	}
	for n.Load() < int64(c.calls) {
		time.Sleep(time.Millisecond)
	}
	return time.Since(begin)
}

// bare reads and decodes the log, and hands every call to nobody.
func (c *course) bare() time.Duration {
	begin := time.Now()
	reader, n := c.log.Reader(0), 0
	for n < c.calls {
		rec, _, err := reader.TryNext()
		if err != nil {
			c.b.Fatal(err)
		}
		request, err := event.DecodeRequest(bytes.Clone(rec.Data))
		if err != nil {
			c.b.Fatal(err)
		}
		n += len(request.Calls)
	}
	return time.Since(begin)
}

// mapped is bare, with each call mapped and written as destinations get it: what no sender can do without.
func (c *course) mapped() time.Duration {
	begin := time.Now()
	reader, acceptor, n := c.log.Reader(eventlog.Position(0)), c.acceptor(), 0
	for n < c.calls {
		rec, _, err := reader.TryNext()
		if err != nil {
			c.b.Fatal(err)
		}
		request, err := event.DecodeRequest(bytes.Clone(rec.Data))
		if err != nil {
			c.b.Fatal(err)
		}
		n += len(acceptor.calls(&request, uint64(rec.Position)))
	}
	return time.Since(begin)
}

// BenchmarkDeliver measures calls per second to a destination that does nothing, in batches and one by one, against
// reading the log and mapping the calls alone: null_ratio is the share of that rate which remains.
func BenchmarkDeliver(b *testing.B) {
	for name, batch := range map[string]destination.Batch{"batches": {Messages: 500, Parallel: 2}, "single": {Parallel: 8}} {
		b.Run(name, func(b *testing.B) {
			const calls = 100_000
			var took, bare, mapped time.Duration
			for b.Loop() {
				n := &null{name: "null", batch: batch}
				c, ids := newCourse(b, calls, n)
				bare += c.bare()
				mapped += c.mapped()
				took += c.run(ids[0], &n.n)
			}
			rate := func(d time.Duration) float64 { return float64(calls*b.N) / d.Seconds() }
			b.ReportMetric(rate(took), "calls/s")
			b.ReportMetric(rate(mapped), "mapped/s")
			b.ReportMetric(rate(bare), "read/s")
			b.ReportMetric(mapped.Seconds()/took.Seconds(), "null_ratio")
		})
	}
}

// BenchmarkBesideOthers measures a destination beside one that is dead and one that takes a second for each call,
// against the same destination alone.
func BenchmarkBesideOthers(b *testing.B) {
	const calls = 100_000
	batch := destination.Batch{Messages: 500, Parallel: 2}
	var alone, beside []time.Duration
	for b.Loop() {
		n := &null{name: "null", batch: batch}
		c, ids := newCourse(b, calls, n)
		alone = append(alone, c.run(ids[0], &n.n))

		m := &null{name: "null", batch: batch}
		dead, slow := &null{name: "dead", fails: true}, &null{name: "slow", wait: time.Second}
		c, ids = newCourse(b, calls, m, dead, slow)
		for _, id := range ids[1:] {
			if _, err := c.Enable(b.Context(), id, true); err != nil {
				b.Fatal(err)
			}
		}
		beside = append(beside, c.run(ids[0], &m.n))
	}
	middle := func(all []time.Duration) float64 { slices.Sort(all); return all[len(all)/2].Seconds() }
	b.ReportMetric(calls/middle(alone), "alone_calls/s")
	b.ReportMetric(calls/middle(beside), "beside_calls/s")
	b.ReportMetric(middle(alone)/middle(beside), "ratio")
}

// BenchmarkWebhook measures a webhook on this machine against a program that posts the same bodies over as many
// connections.
func BenchmarkWebhook(b *testing.B) {
	const calls, connections = 20_000, 8
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n.Add(1)
	}))
	defer server.Close()
	var took, bare time.Duration
	for b.Loop() {
		c, ids := newCourse(b, calls, webhook.Destination{})
		if _, err := c.Update(b.Context(), ids[0], Draft{Name: "webhook", Settings: destination.Settings{"url": server.URL, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}); err != nil {
			b.Fatal(err)
		}
		n.Store(0)
		took += c.run(ids[0], &n)

		begin := time.Now()
		bodies := make(chan []byte, connections)
		var wg sync.WaitGroup
		for range connections {
			wg.Go(func() {
				for body := range bodies {
					resp, err := c.config.Client.Post(server.URL, "application/json", bytes.NewReader(body))
					if err != nil {
						b.Error(err)
						continue
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			})
		}
		body := bytes.Repeat([]byte("x"), 700)
		for range calls {
			bodies <- body
		}
		close(bodies)
		wg.Wait()
		bare += time.Since(begin)
	}
	b.ReportMetric(float64(calls*b.N)/took.Seconds(), "calls/s")
	b.ReportMetric(float64(calls*b.N)/bare.Seconds(), "bare/s")
	b.ReportMetric(bare.Seconds()/took.Seconds(), "ratio")
}
