package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/event"
)

func TestCallsArriveOnceAndAreCounted(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		r.track("before") // it was set up
		id := r.add(p, Rules{Filter: Filter{Types: []string{"track"}}})
		a := r.track("ada", "bob", "ada")
		again := raw(a[0], "track", map[string]any{"event": "Message Sent", "userId": "ada"})
		other := raw("event-identify-1", "identify", map[string]any{"userId": "ada"})
		refused := event.Raw{Reject: &event.Reject{Code: "x"}, JSON: []byte("{}")}
		r.append(event.Request{Source: "web", Protocol: "segment", ReceivedAt: time.Now(), Calls: []event.Raw{again, other, refused}})
		time.Sleep(2 * time.Second)
		p.want(t, a...)
		r.wantCounts(id, map[string]int64{"received": 5, "filtered": 1, "duplicate": 1, "delivered": 3})
		r.stop()
		r.start() // nothing comes again
		b := r.track("cyd")
		time.Sleep(2 * time.Second)
		p.want(t, append(a, b...)...)
	})
}

func TestACallIsWrittenAsSegmentHasIt(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		r.add(p, Rules{})
		now := time.Now().UTC().Format(timeForm)
		r.append(event.Request{Source: "web", Protocol: "segment", ReceivedAt: time.Now(), Calls: []event.Raw{
			raw("event-0123456789", "track", map[string]any{"event": "Item Purchased", "userId": 7, "anonymousId": nil, "context": map[string]any{"x": 1.50},
				"properties": map[string]any{"b": 1, "a": "é"}, "_metadata": map[string]any{}, "integrations": map[string]any{"All": true}}),
		}})
		time.Sleep(time.Second)
		want := `{"type":"track","messageId":"event-0123456789","timestamp":"` + now + `","originalTimestamp":"` + now + `","receivedAt":"` + now +
			`","userId":"7","context":{"x":1.5},"event":"Item Purchased","integrations":{"All":true},"properties":{"a":"é","b":1}}`
		if len(p.messages()) != 1 || string(p.messages()[0].Call) != want {
			t.Fatalf("got %s\nwant %s", p.messages()[0].Call, want)
		}
		if m := p.messages()[0]; m.Event.Kind != event.KindProduct || m.Event.ProductEvent != "Item Purchased" || m.Attempt != 1 {
			t.Errorf("row %+v, attempt %d", m.Event, m.Attempt)
		}
	})
}

func TestARetriedCallHoldsBackItsPersonAlone(t *testing.T) {
	p := newPlace("shop")
	p.batch = destination.Batch{Messages: 3, Parallel: 2}
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		r.add(p, Rules{})
		p.says(func(m *destination.Message) destination.Result {
			if m.Event.UserID == "ada" && m.Attempt < 4 {
				return destination.Result{Err: errors.New("500")}
			}
			return destination.Result{}
		})
		ids := r.track("ada", "bob", "ada", "cyd", "ada", "bob")
		time.Sleep(500 * time.Millisecond)
		if got := p.seen(); len(got) != 3 || slices.Contains(got, ids[2]) {
			t.Errorf("got %q; want the calls of bob and cyd, of %q", got, ids)
		}
		time.Sleep(time.Minute)
		if want := []string{ids[0], ids[2], ids[4]}; !slices.Equal(p.of("ada"), want) {
			t.Errorf("ada's calls came as %q, want %q", p.of("ada"), want)
		}
	})
}

// One client is one person before and after the login: its calls keep their order.
func TestOrderHoldsOverALogin(t *testing.T) {
	p := newPlace("shop")
	p.batch = destination.Batch{Parallel: 4}
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		r.add(p, Rules{})
		p.says(func(m *destination.Message) destination.Result {
			if m.ID == "event-anonymous-1" && m.Attempt < 3 {
				return destination.Result{Err: errors.New("500")}
			}
			return destination.Result{}
		})
		r.append(event.Request{Source: "web", Protocol: "segment", ReceivedAt: time.Now(), Calls: []event.Raw{
			raw("event-anonymous-1", "track", map[string]any{"event": "A", "anonymousId": "x"}),
			raw("event-identify-12", "identify", map[string]any{"userId": "ada", "anonymousId": "x"}),
			raw("event-known-12345", "track", map[string]any{"event": "B", "userId": "ada"}),
		}})
		time.Sleep(time.Minute)
		p.want(t, "event-anonymous-1", "event-identify-12", "event-known-12345")
	})
}

func TestADownPlaceGetsEverythingLaterAndNothingIsGivenUp(t *testing.T) {
	p, other := newPlace("shop"), newPlace("other")
	bubble(t, []*place{p, other}, func(t *testing.T, r *rig) {
		id := r.add(p, Rules{})
		r.add(other, Rules{})
		p.says(down)
		var ids []string
		for i := range 100 {
			ids = append(ids, r.track(fmt.Sprint("person ", i%7))...)
			time.Sleep(30 * time.Minute) // two days
		}
		other.want(t, ids...)
		s := r.status(id)
		if s.State != StateDown || s.Dead != 0 || s.NextTry.IsZero() || time.Since(s.Oldest) < 49*time.Hour {
			t.Errorf("status %+v", s)
		}
		if said, err := r.Problems(t.Context()); err != nil || len(said) != 1 || said[0] != `destination "shop" is down: no answer: unavailable` {
			t.Errorf("problems %q, %v", said, err)
		}
		if tries := len(p.times()); tries < 100 || tries > 3000 {
			t.Errorf("%d tries in 50 hours", tries)
		}
		r.stop()
		r.start()
		p.says(nil)
		time.Sleep(20 * time.Minute)
		got := p.seen()
		slices.Sort(got)
		if !slices.Equal(got, ids) {
			t.Errorf("got %d of %d calls", len(got), len(ids))
		}
		if s := r.status(id); s.State != StateWorking || s.Waiting != 0 || s.InHand != 0 {
			t.Errorf("status %+v", s)
		}
	})
}

func TestACallIsGivenUpWhileOthersGoOn(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		id := r.add(p, Rules{RetryHours: 2})
		p.says(func(m *destination.Message) destination.Result {
			if m.Event.UserID == "ada" {
				return destination.Result{Err: &destination.StatusError{Status: 500, Text: "no"}}
			}
			return destination.Result{}
		})
		bad := r.track("ada")
		var want []string
		for range 30 {
			want = append(want, r.track("bob")...)
			time.Sleep(3 * time.Minute)
		}
		if s := r.status(id); s.Waiting != 1 || s.Dead != 0 {
			t.Errorf("after 90 minutes: %+v", s)
		}
		time.Sleep(time.Hour)
		if s := r.status(id); s.Waiting != 0 || s.Dead != 1 || !s.Failures[0].GivenUp {
			t.Errorf("after 150 minutes: %+v", s)
		}
		p.want(t, want...)
		dead, n, err := r.meta.DeadCalls(t.Context(), id, "", 0, 10)
		if err != nil || n != 1 || dead[0].EventID != bad[0] || dead[0].Code != "gave_up" || dead[0].Reason != "500: no" {
			t.Fatalf("dead calls %+v, %v", dead, err)
		}
		p.says(nil)
		if n, err := r.ReplayDead(t.Context(), id, "", nil); n != 1 || err != nil {
			t.Errorf("replayed %d, %v", n, err)
		}
		time.Sleep(2 * time.Second)
		p.want(t, append(want, bad...)...)
		if s := r.status(id); s.Dead != 0 || s.Waiting != 0 {
			t.Errorf("after the replay: %+v", s)
		}
	})
}

func TestWhatAPlaceRefusesIsGivenUpAtOnceWithoutItsContent(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		id := r.add(p, Rules{})
		p.says(func(m *destination.Message) destination.Result {
			return destination.Result{Err: &destination.Discarded{Code: "400", Reason: "bad value Hunter2 for key s3cret-key of Ada"}}
		})
		r.append(event.Request{Source: "web", Protocol: "segment", ReceivedAt: time.Now(), Calls: []event.Raw{
			raw("event-0123456789", "track", map[string]any{"event": "Login", "userId": "ada", "properties": map[string]any{"password": "hunter2!"}}),
		}})
		time.Sleep(3 * time.Second)
		const want = "bad value … for key … of …"
		if s := r.status(id); s.Dead != 1 || len(s.Failures) != 1 || s.Failures[0].Reason != want || s.State != StateWorking {
			t.Errorf("status %+v, want the reason %q", s, want)
		}
		r.wantCounts(id, map[string]int64{"received": 1, "discarded 400": 1})
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		r.add(p, Rules{})
		p.says(func(m *destination.Message) destination.Result {
			if len(p.sends) == 1 {
				return destination.Result{Err: &destination.StatusError{Status: 429}, RetryAfter: 90 * time.Second}
			}
			return destination.Result{}
		})
		r.track("ada", "bob")
		time.Sleep(time.Hour)
		if len(p.times()) != 3 || p.times()[1].Sub(p.times()[0]) < 90*time.Second {
			t.Errorf("sent at %v; want nothing for 90 s after the first", p.times())
		}
	})
}

func TestBatchesAreGathered(t *testing.T) {
	p := newPlace("shop")
	p.batch = destination.Batch{Messages: 10, Wait: 5 * time.Second}
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		r.add(p, Rules{})
		r.track("ada", "bob")
		time.Sleep(4 * time.Second)
		p.want(t)
		r.track("ada")
		time.Sleep(2 * time.Second)
		if len(p.seen()) != 3 || len(p.times()) != 1 {
			t.Errorf("got %q in %d sends, want 3 in one", p.seen(), len(p.times()))
		}
		var people []string
		for i := range 25 {
			people = append(people, fmt.Sprint(i))
		}
		r.track(people...)
		time.Sleep(time.Second)
		if len(p.times()) != 3 {
			t.Errorf("%d sends of full batches, want 2", len(p.times())-1)
		}
		time.Sleep(5 * time.Second)
		if len(p.times()) != 4 || len(p.seen()) != 28 {
			t.Errorf("%d sends, %d calls", len(p.times()), len(p.seen()))
		}
	})
}

func TestAPausedDestinationWaits(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		id := r.add(p, Rules{})
		a := r.track("ada")
		time.Sleep(2 * time.Second)
		if _, err := r.Enable(t.Context(), id, false); err != nil {
			t.Fatal(err)
		}
		b := r.track("ada")
		time.Sleep(time.Hour)
		p.want(t, a...)
		if s := r.status(id); s.State != StatePaused {
			t.Errorf("status %+v", s)
		}
		if _, err := r.Enable(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		p.want(t, append(a, b...)...)
	})
}

// stages is an Inserter of three functions.
type stages struct{}

func (s stages) Insert(_ context.Context, function string, calls []json.RawMessage) ([]json.RawMessage, []error) {
	made, errs := make([]json.RawMessage, len(calls)), make([]error, len(calls))
	for i, call := range calls {
		made[i], errs[i] = s.insert(function, call)
	}
	return made, errs
}

func (stages) insert(function string, call json.RawMessage) (json.RawMessage, error) {
	switch function {
	case "drop":
		if strings.Contains(string(call), `"bob"`) {
			return nil, nil
		}
	case "mark":
		return json.RawMessage(strings.Replace(string(call), "Message Sent", "Marked", 1)), nil
	case "refuse":
		if strings.Contains(string(call), `"cyd"`) && strings.Contains(string(call), "Marked") {
			return nil, &destination.Discarded{Code: "ValidationError", Reason: "no"}
		}
	}
	return call, nil
}

func TestFunctionsRunInOrderBeforeTheMapping(t *testing.T) {
	p := newPlace("shop")
	p.mapping = json.RawMessage(`{"@path":"$."}`)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, p)
		r.config.Inserter = stages{}
		r.start()
		defer func() { r.stop(); _ = r.meta.Close() }()
		id := r.add(p, Rules{Functions: []string{"drop", "mark", "refuse"}, Mapping: json.RawMessage(`{"what":{"@path":"$.event"},"who":{"@path":"$.userId"}}`)})
		r.track("ada", "bob", "cyd")
		time.Sleep(3 * time.Second)
		if len(p.messages()) != 1 || string(p.messages()[0].Payload) != `{"what":"Marked","who":"ada"}` {
			t.Errorf("got %+v", p.messages())
		}
		r.wantCounts(id, map[string]int64{"received": 3, "dropped": 1, "discarded ValidationError": 1, "delivered": 1})
	})
}

// moody is an Inserter that fails now and then, for reasons that pass.
type moody struct {
	mu    sync.Mutex
	fails func(call json.RawMessage) bool
}

func (m *moody) Insert(_ context.Context, _ string, calls []json.RawMessage) ([]json.RawMessage, []error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	made, errs := slices.Clone(calls), make([]error, len(calls))
	for i, call := range calls {
		if m.fails(call) {
			made[i], errs[i] = nil, errors.New("not now")
		}
	}
	return made, errs
}

func TestACallThatAFunctionFailsKeepsOnlyItsPersonWaiting(t *testing.T) {
	p := newPlace("shop")
	p.batch = destination.Batch{Messages: 10, Wait: time.Second}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, p)
		left := 3
		r.config.Inserter = &moody{fails: func(call json.RawMessage) bool {
			if !strings.Contains(string(call), `"n":1}`) || left == 0 {
				return false
			}
			left--
			return true
		}}
		r.start()
		defer func() { r.stop(); _ = r.meta.Close() }()
		id := r.add(p, Rules{Functions: []string{"moody"}})
		ids := r.track("ada", "bob", "ada", "bob", "ada")
		time.Sleep(1500 * time.Millisecond)
		p.want(t, ids[1], ids[3])
		time.Sleep(time.Minute)
		p.want(t, ids[1], ids[3], ids[0], ids[2], ids[4])
		r.wantCounts(id, map[string]int64{"received": 5, "retried error": 3, "delivered": 5})
	})
}

func TestABackfillSendsAPeriodOnceMore(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		var ids []string
		for range 1200 {
			ids = append(ids, r.track("ada")...)
			time.Sleep(time.Second)
		}
		r.file()
		id := r.add(p, Rules{})
		since, until := time.Now().Add(-1100*time.Second), time.Now().Add(-100*time.Second)
		if _, err := r.Backfill(t.Context(), id, until, since, "test"); !errors.Is(err, ErrInvalid) {
			t.Errorf("a period that ends before it begins: %v", err)
		}
		b, err := r.Backfill(t.Context(), id, since, until, "test")
		if err != nil || b.Total != 1000 {
			t.Fatalf("backfill %+v, %v", b, err)
		}
		time.Sleep(10 * time.Second)
		p.want(t, ids[100:1100]...)
		all, err := r.meta.Backfills(t.Context(), id)
		if err != nil || len(all) != 1 || all[0].State != "done" || all[0].Done != 1000 {
			t.Errorf("backfills %+v, %v", all, err)
		}
		live := r.track("ada")
		p.says(down)
		if b, err = r.Backfill(t.Context(), id, since, until, "test"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := r.CancelBackfill(t.Context(), id, b.ID); err != nil {
			t.Fatal(err)
		}
		p.says(nil)
		time.Sleep(time.Hour)
		got := p.seen()[1000:]
		if !slices.Contains(got, live[0]) || len(got) > 900 {
			t.Errorf("after cancelling %d calls came", len(got))
		}
	})
}

func TestALogThatWasTrimmedIsCaughtUpFromTheStore(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		id := r.add(p, Rules{})
		first := r.track("ada")
		time.Sleep(2 * time.Second)
		if _, err := r.Enable(t.Context(), id, false); err != nil {
			t.Fatal(err)
		}
		var missed []string
		for range 700 {
			missed = append(missed, r.track("ada")...)
			time.Sleep(time.Minute)
		}
		r.file()
		before, end := r.log.Bounds()
		if got := r.Keep("main", end); got >= end || got < before {
			t.Errorf("after 12 hours up to %d may be trimmed, of %d to %d; want what the destination has got", got, before, end)
		}
		time.Sleep(25 * time.Hour)
		r.Keep("main", end)
		if got := r.Keep("main", end); got != end {
			t.Errorf("after 37 hours up to %d may be trimmed, want %d", got, end)
		}
		if err := r.log.Trim(end); err != nil {
			t.Fatal(err)
		}
		last := r.track("ada")
		if _, err := r.Enable(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		p.want(t, slices.Concat(first, missed, last)...)
	})
}

func TestSecretsAreKeptAndNotShown(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		id := r.add(p, Rules{})
		one, err := r.meta.Destination(t.Context(), "default", id)
		if err != nil || strings.Contains(one.Settings+string(one.Secrets), "s3cret-key") {
			t.Fatalf("stored %+v, %v", one, err)
		}
		if _, err := r.Update(t.Context(), id, Draft{Name: "new name", Enabled: true}); err != nil {
			t.Errorf("update without the secret: %v", err)
		}
		if s, _, err := r.Settings(one); err != nil || s["key"] != "s3cret-key" {
			t.Errorf("settings %v, %v", s, err)
		}
		if _, err := r.Update(t.Context(), id, Draft{Name: "new name", Settings: destination.Settings{"key": "bad"}}); !errors.Is(err, ErrInvalid) {
			t.Errorf("a bad secret: %v", err)
		}
		p.says(func(*destination.Message) destination.Result {
			return destination.Result{Err: errors.New("key s3cret-key is refused")}
		})
		if err := r.Test(t.Context(), id); err == nil || err.Error() != "key … is refused" {
			t.Errorf("test says %v", err)
		}
	})
}

// A place that is down holds the cursor, so that calls are read again after a restart: they are counted once.
func TestCallsThatAreReadAgainAreCountedOnce(t *testing.T) {
	p := newPlace("shop")
	bubble(t, []*place{p}, func(t *testing.T, r *rig) {
		id := r.add(p, Rules{})
		p.says(func(*destination.Message) destination.Result {
			return destination.Result{Err: errors.New("no answer")}
		})
		r.track("ada", "bob", "cyd")
		for range 3 {
			time.Sleep(time.Minute)
			r.stop()
			r.start()
		}
		p.says(nil)
		time.Sleep(time.Hour)
		if got := r.counts(id); got["received"] != 3 || got["delivered"] != 3 {
			t.Errorf("counts are %v, want 3 received and delivered", got)
		}
	})
}
