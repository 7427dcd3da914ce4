package pipeline

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/vocab"
)

func TestEveryCallIsStoredWithItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		first := r.append(message(1), message(2))
		p, stop := r.start()
		second := r.append(message(3))
		settle()
		rows := r.rows()
		sameIDs(t, rows, []string{message(1).ID, message(2).ID, message(3).ID})
		f := func(n int, seq eventlog.Position, index int64) {
			t.Helper()
			e := rows[message(n).ID]
			if e.RequestSeq != int64(seq) || e.BatchIndex != index || e.Workspace != "default" || e.Source != "web" || string(e.Raw) != string(message(n).JSON) {
				t.Errorf("row %d: seq %d, index %d, workspace %q, source %q, raw %s", n, e.RequestSeq, e.BatchIndex, e.Workspace, e.Source, e.Raw)
			}
		}
		f(1, first, 0)
		f(2, first, 1)
		f(3, second, 0)
		if at, err := r.store.Cursor(t.Context()); err != nil || eventlog.Position(at) != second {
			t.Errorf("cursor %d, %v; want %d", at, err, second)
		}
		if l := p.Lag(); l.Cursor != second || l.End != second || l.Records != 0 || l.Delay != 0 {
			t.Errorf("lag %+v; want none", l)
		}
		if n := r.tallies.count(Accepted, ""); n != 3 {
			t.Errorf("%d calls counted as accepted, want 3", n)
		}
		if err := stop(); err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func TestSettingsOfTheSourceReachTheMapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.config.Settings = func(source string) vocab.Source { return vocab.Source{IDNamespace: source + "/"} }
		r.config.BodyHash = func(body string) string { return "hash of " + body }
		_, stop := r.start()
		r.append(message(1))
		settle()
		e := r.rows()[message(1).ID]
		if e.ConversationID != "web/c1" || e.BodyHash != "hash of Hi 1" {
			t.Errorf("conversation %q, hash %q", e.ConversationID, e.BodyHash)
		}
		_ = stop()
	})
}

func TestRepeatedCallsAreCountedAndStoredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_, stop := r.start()
		changed := message(2)
		changed.JSON = []byte(strings.Replace(string(changed.JSON), "Message Sent", "Message Received", 1))
		r.append(message(1), message(2), message(1))
		settle()
		r.append(message(3), message(1), changed)
		settle()
		sameIDs(t, r.rows(), []string{message(1).ID, message(2).ID, message(3).ID})
		if e := r.rows()[message(2).ID]; e.SourceEvent != "Message Sent" {
			t.Errorf("the second call %q replaced the first", e.SourceEvent)
		}
		f := func(o Outcome, want int64) {
			t.Helper()
			if got := r.tallies.count(o, ""); got != want {
				t.Errorf("%d calls counted as %s, want %d", got, o, want)
			}
		}
		f(Accepted, 3)
		f(Duplicate, 3)
		f(Conflict, 1)
		_ = stop()
	})
}

func TestOrderAndRepetitionOfRequestsChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seed := uint64(time.Now().UnixNano())
		rnd := rand.New(rand.NewPCG(seed, 1))
		r := newRig(t)
		r.config.MaxEvents = 7
		_, stop := r.start()
		order := rnd.Perm(100)
		order = append(order, rnd.Perm(100)...)
		var want []string
		for i := range 100 {
			want = append(want, message(i).ID)
		}
		for len(order) > 0 {
			n := min(len(order), 1+rnd.IntN(9))
			var calls []event.Raw
			for _, i := range order[:n] {
				calls = append(calls, message(i))
			}
			r.append(calls...)
			order = order[n:]
		}
		settle()
		sameIDs(t, r.rows(), want)
		if a, d := r.tallies.count(Accepted, ""), r.tallies.count(Duplicate, ""); a != 100 || d != 100 {
			t.Errorf("seed %d: %d accepted, %d duplicates; want 100 each", seed, a, d)
		}
		_ = stop()
	})
}

func TestRepairsAndViolationsOfAcceptedCallsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_, stop := r.start()
		r.append(named(1, "component_loaded"), named(2, "Message Sent"), named(2, "Message Sent"))
		settle()
		f := func(o Outcome, code string, want int64) {
			t.Helper()
			if got := r.tallies.count(o, code); got != want {
				t.Errorf("%s %s counted %d times, want %d", o, code, got, want)
			}
		}
		f(Violated, "suggest_event_name", 1)
		f(Violated, "missing_conversation_id", 1)
		f(Repaired, "missing_role", 1)
		_ = stop()
	})
}

func TestOneBadCallHurtsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		broken := message(4)
		broken.JSON = []byte(`{"type":`)
		_, stop := r.start()
		r.append(message(1), named(2, "Poison"), refused(3), broken, message(5))
		if _, err := r.log.Append(t.Context(), []byte("no request")); err != nil {
			t.Fatal(err)
		}
		last := r.append(message(6))
		settle()
		sameIDs(t, r.rows(), []string{message(1).ID, message(5).ID, message(6).ID})
		got := r.tallies.rejected()
		want := []struct {
			code, id, call string
			index          int
		}{
			{MappingFailed, message(2).ID, string(named(2, "Poison").JSON), 1},
			{"missing_event_name", message(3).ID, string(message(3).JSON), 2},
			{MappingFailed, message(4).ID, `{"type":`, 3},
			{RecordUnreadable, "", "no request", 0},
		}
		if len(got) != len(want) {
			t.Fatalf("%d rejections %+v, want %d", len(got), got, len(want))
		}
		for i, w := range want {
			if g := got[i]; g.Code != w.code || g.EventID != w.id || string(g.Call) != w.call || g.Index != w.index || g.Message == "" || g.At.IsZero() {
				t.Errorf("rejection %+v, want %+v", g, w)
			}
		}
		if n := r.tallies.count(Rejected, MappingFailed); n != 2 {
			t.Errorf("%d calls counted as %s, want 2", n, MappingFailed)
		}
		if at, _ := r.store.Cursor(t.Context()); eventlog.Position(at) != last {
			t.Errorf("cursor %d, want %d", at, last)
		}
		_ = stop()
	})
}

func TestAFailingStoreIsRetriedAndReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.store.fail = 5
		p, stop := r.start()
		r.append(message(1))
		synctest.Wait()
		if err := p.Err(); !errors.Is(err, errDisk) {
			t.Errorf("while the store fails Err is %v, want %v", err, errDisk)
		}
		time.Sleep(50 * time.Millisecond)
		if l := p.Lag(); l.Records != 1 || l.Delay != 50*time.Millisecond || l.Cursor >= l.End {
			t.Errorf("lag %+v; want one record of 50 ms", l)
		}
		time.Sleep((100+200+400+800+1600-50)*time.Millisecond - 1) // waits double
		synctest.Wait()
		if len(r.rows()) != 0 {
			t.Error("stored before the sixth try is due")
		}
		time.Sleep(1)
		synctest.Wait()
		if err := p.Err(); err != nil {
			t.Errorf("afterwards Err is %v", err)
		}
		sameIDs(t, r.rows(), []string{message(1).ID})
		_ = stop()
	})
}

func TestRunEndsWhileTheStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.store.fail = 1 << 30
		_, stop := r.start()
		r.append(message(1))
		settle()
		if err := stop(); err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func TestAClosedLogEndsRunWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		p, stop := r.start()
		synctest.Wait()
		if err := r.log.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := p.Err(); !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("Err %v, want %v", err, eventlog.ErrClosed)
		}
		_ = stop()
	})
}

// TestRestartAtAnyPointStoresOnce ends the pipeline at random moments, with a store and tallies that
// fail at random, also after doing their work, and starts it again.
func TestRestartAtAnyPointStoresOnce(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	for round := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, round))
			r := newRig(t)
			r.config.MaxEvents = 1 + rnd.IntN(10)
			r.config.Interval = time.Duration(1+rnd.IntN(100)) * time.Millisecond
			var want []string
			refusals := 0
			for n := 0; n < 200; {
				p, stop := r.start()
				for range rnd.IntN(6) {
					calls := []event.Raw{message(n), message(n + 1), message(rnd.IntN(n + 1))}
					want = append(want, message(n).ID, message(n+1).ID)
					if rnd.IntN(3) == 0 {
						calls = append(calls, refused(100_000+n))
						refusals++
					}
					r.append(calls...)
					n += 2
					time.Sleep(time.Duration(rnd.IntN(50)) * time.Millisecond)
				}
				r.store.mu.Lock()
				r.store.fail, r.store.lost = rnd.IntN(3), rnd.IntN(2) == 0
				r.store.mu.Unlock()
				r.tallies.mu.Lock()
				r.tallies.fail = rnd.IntN(3)
				r.tallies.mu.Unlock()
				time.Sleep(time.Duration(rnd.IntN(300)) * time.Millisecond)
				if err := stop(); err != nil {
					t.Fatalf("seed %d round %d: %v, lag %+v", seed, round, err, p.Lag())
				}
			}
			_, stop := r.start()
			settle()
			_ = stop()
			sameIDs(t, r.rows(), want)
			if got := r.tallies.rejected(); len(got) != refusals {
				t.Errorf("%d rejections, want %d", len(got), refusals)
			}
			if got := r.tallies.count(Rejected, "missing_event_name"); got != int64(refusals) {
				t.Errorf("%d rejections counted, want %d", got, refusals)
			}
			if t.Failed() {
				t.Fatalf("seed %d round %d", seed, round)
			}
		})
	}
}

// TestLostTalliesAreMadeUp ends the pipeline between the write and its tally.
func TestLostTalliesAreMadeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.config.Places = func(context.Context, []string) (map[string]Place, error) {
			out := map[string]Place{}
			for id, e := range r.rows() {
				out[id] = Place{e.RequestSeq, e.BatchIndex}
			}
			return out, nil
		}
		r.tallies.fail = 1 << 30
		r.append(message(1), refused(2), message(1))
		r.append(message(1)) // before the start, so that both go into one write
		_, stop := r.start()
		settle()
		_ = stop()
		r.append(message(3), message(4))
		r.tallies.fail = 0
		p, err := New(r.config)
		if err != nil {
			t.Fatal(err)
		}
		items := p.Subscribe(t.Context(), 10)
		go func() { _ = p.Run(t.Context()) }()
		settle()
		if a, d, n := r.tallies.count(Accepted, ""), r.tallies.count(Duplicate, ""), r.tallies.count(Rejected, "missing_event_name"); a != 3 || d != 2 || n != 1 {
			t.Errorf("%d accepted, %d duplicates, %d rejected; want 3, 2, 1", a, d, n)
		}
		if len(r.store.writes) != 2 || r.store.writes[1].rows != 2 {
			t.Errorf("writes %+v; want the stored record not written again", r.store.writes)
		}
		if len(items) != 2 {
			t.Errorf("%d items told, want the two that are new", len(items))
		}
	})
}

func TestValidateNamesEveryFault(t *testing.T) {
	_, err := New(Config{MaxEvents: -1})
	for _, want := range []string{"workspace", "log", "store", "vocabulary", "negative"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestBatchesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.config.MaxEvents = 10
		for n := range 25 {
			r.append(message(n))
		}
		_, stop := r.start()
		settle()
		var sizes []int
		for _, w := range r.store.writes {
			sizes = append(sizes, w.rows)
		}
		if !slices.Equal(sizes, []int{10, 10, 5}) {
			t.Errorf("writes of %v rows, want 10, 10, 5", sizes)
		}
		_ = stop()
	})
}

func TestALoneCallIsStoredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_, stop := r.start()
		time.Sleep(time.Minute)
		r.append(message(1))
		synctest.Wait() // no time passes
		sameIDs(t, r.rows(), []string{message(1).ID})
		_ = stop()
	})
}

func TestATrickleIsWrittenOnceAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_, stop := r.start()
		for n := range 1000 { // 10 s of a call each 10 ms
			r.append(message(n))
			time.Sleep(10 * time.Millisecond)
		}
		settle()
		if n := len(r.store.writes); n < 39 || n > 42 {
			t.Errorf("%d writes in ten seconds, want about 40", n)
		}
		if n := len(r.rows()); n != 1000 {
			t.Errorf("%d rows, want 1000", n)
		}
		_ = stop()
	})
}

func TestStoredRecordsAreTrimmedAfterKeepLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.config.KeepLog = time.Minute
		_, stop := r.start()
		var positions []eventlog.Position
		for n := range 10 {
			positions = append(positions, r.append(message(n)))
			time.Sleep(20 * time.Second)
		}
		before, last := r.log.Bounds()
		if last != positions[9] || before < positions[4] || before > positions[6] {
			t.Errorf("kept (%d, %d] of %v; want what was stored in the last minute", before, last, positions)
		}
		settle() // nothing comes, but time passes
		if before, last := r.log.Bounds(); before != last {
			t.Errorf("kept (%d, %d] after an idle hour, want nothing", before, last)
		}
		_ = stop()
	})
}

func TestASteadyStreamIsTrimmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.config.KeepLog = time.Minute
		_, stop := r.start()
		for n := range 500 {
			r.append(message(n))
			time.Sleep(300 * time.Millisecond)
		}
		before, last := r.log.Bounds()
		if kept := last - before; kept < 195 || kept > 215 { // positions of this log are consecutive
			t.Errorf("%d records kept, want those of a minute: about 200", kept)
		}
		_ = stop()
	})
}

func TestNothingIsTrimmedThatIsNotTallied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.tallies.fail = 1 << 30
		p, stop := r.start()
		r.append(message(1), refused(2))
		settle()
		if before, last := r.log.Bounds(); before == last {
			t.Error("trimmed although the tallies lack the record")
		}
		if err := p.Err(); !errors.Is(err, errDisk) {
			t.Errorf("Err %v, want %v", err, errDisk)
		}
		_ = stop()
	})
}
