package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	ServeIfAsked()
	os.Exit(m.Run())
}

// BenchmarkDoor compares the door, with authentication, checks, redaction hook and the log on disk, with a
// bare handler, in turn. -benchtime=9x means nine rounds; the ratios are what counts.
func BenchmarkDoor(b *testing.B) {
	for _, calls := range []int{1, 20, 100} {
		b.Run(fmt.Sprintf("calls=%d", calls), func(b *testing.B) {
			figures, err := Door{Dir: b.TempDir(), Connections: 64, Calls: calls, Rounds: b.N, Slice: time.Second}.Measure(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(figures.Ratio, "ratio")
			b.ReportMetric(figures.DoorEvents, "events/s")
			b.ReportMetric(figures.BareRequests*float64(calls), "bare-events/s")
			b.ReportMetric(float64(figures.DoorCPUEvent)/1e3, "cpu-µs/event")
			b.ReportMetric(float64(figures.BareCPU)/1e3, "bare-cpu-µs/request")
		})
	}
}

// TestMeasureCountsWhatIsAnswered: a short run of the whole benchmark, so that it works when asked for.
func TestMeasureCountsWhatIsAnswered(t *testing.T) {
	for _, calls := range []int{1, 3} {
		got, err := Door{Dir: t.TempDir(), Connections: 2, Calls: calls, Rounds: 2, Slice: 50 * time.Millisecond}.Measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.Ratio <= 0 || got.DoorEvents < got.DoorRequests*float64(calls)*0.99 || got.DoorCPUEvent <= 0 {
			t.Errorf("figures of requests with %d calls make no sense: %+v", calls, got)
		}
	}
}

// TestRequestsAreRealistic: every request is a sound one of its own, and its calls get ids of their own.
func TestRequestsAreRealistic(t *testing.T) {
	type call struct{ Type, Event, UserID, MessageID string }
	bodies, ids := map[string]bool{}, map[string]bool{}
	next, size := uint64(1), 0
	const requests, calls = 50, 20
	c := newCaller(1)
	for range requests {
		r := c.newRequest(calls)
		next = r.stamp(next, time.Now())
		head, body, _ := bytes.Cut(r.bytes, []byte("\r\n\r\n"))
		if want := fmt.Sprintf("Content-Length: %d", len(body)); !bytes.Contains(head, []byte(want)) {
			t.Fatalf("header %q does not say %q", head, want)
		}
		var batch struct{ Batch []call }
		if err := json.Unmarshal(body, &batch); err != nil || len(batch.Batch) != calls {
			t.Fatalf("batch of %d calls: %v", len(batch.Batch), err)
		}
		for _, call := range batch.Batch {
			if call.Type != "track" || call.UserID == "" || ids[call.MessageID] {
				t.Fatalf("call %+v is incomplete, or its id was there before", call)
			}
			ids[call.MessageID] = true
		}
		if bodies[string(body)] {
			t.Fatal("two requests are the same")
		}
		bodies[string(body)] = true
		size += len(body)
	}
	if mean := size / requests / calls; mean < 800 || mean > 950 {
		t.Errorf("a call has %d bytes on average, want about 875", mean)
	}
}

// TestBareHandlerAnswers: what the door is compared with does answer 200.
func TestBareHandlerAnswers(t *testing.T) {
	addr, err := listen(http.HandlerFunc(answerBare))
	if err != nil {
		t.Fatal(err)
	}
	got, err := newLoad(1, 2).run(t.Context(), addr, 20*time.Millisecond)
	if err != nil || got.requests == 0 {
		t.Errorf("got %d answers, %v", got.requests, err)
	}
}

// TestPathCountsEveryEvent: a short run against the whole server, which fails unless all that was sent can
// be asked for.
func TestPathCountsEveryEvent(t *testing.T) {
	got, err := Path{Dir: t.TempDir(), Connections: 2, Calls: 3, Length: 200 * time.Millisecond}.Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Events == 0 || got.Probes == 0 || got.CPUEvent <= 0 || got.Queryable > got.Accepted {
		t.Errorf("figures make no sense: %+v", got)
	}
}
