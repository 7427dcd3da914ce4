package deliver

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog/memlog"
)

// emitting runs a test with a rig that has a log which is not stored, too.
func emitting(t *testing.T, keep int64, places []*place, f func(t *testing.T, r *rig, log *memlog.Log)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r, log := newRig(t, places...), memlog.New(0)
		r.config.Logs = append(r.config.Logs, Log{Name: "emitted", Log: log})
		r.config.KeepSize = keep
		r.start()
		defer func() { r.stop(); _ = r.meta.Close() }()
		f(t, r, log)
	})
}

// emit logs an identify call of a person in the log that is not stored, and returns its id.
func (r *rig) emit(log *memlog.Log, person string) string {
	r.t.Helper()
	r.n++
	id := fmt.Sprintf("computed-%09d", r.n)
	request := event.Request{Workspace: "default", Source: "computed", Protocol: "segment", ReceivedAt: time.Now(),
		Calls: []event.Raw{raw(id, "identify", map[string]any{"userId": person, "traits": map[string]any{"vip": true}})}}
	if _, err := log.Append(r.t.Context(), event.AppendRequest(nil, &request)); err != nil {
		r.t.Fatal(err)
	}
	return id
}

func TestALogThatIsNotStoredWaitsForWhoeverIsPausedOrDown(t *testing.T) {
	paused, dead, fast := newPlace("paused"), newPlace("dead"), newPlace("fast")
	emitting(t, 0, []*place{paused, dead, fast}, func(t *testing.T, r *rig, log *memlog.Log) {
		id := r.add(paused, Rules{})
		r.add(dead, Rules{})
		r.add(fast, Rules{})
		late, err := r.Create(t.Context(), Draft{Name: "late", Kind: "paused", Settings: map[string]string{"key": "k"}}, "test") // not enabled yet
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Enable(t.Context(), id, false); err != nil {
			t.Fatal(err)
		}
		dead.says(down)
		var ids []string
		for range 20 {
			ids = append(ids, r.emit(log, "ada"))
			time.Sleep(6 * time.Hour) // five days
		}
		r.stop()
		r.start()
		fast.want(t, ids...)
		dead.says(nil)
		for _, one := range []string{id, late.ID} {
			if _, err := r.Enable(t.Context(), one, true); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Minute)
		}
		dead.want(t, ids...)
		paused.want(t, append(slices.Clone(ids), ids...)...) // of two destinations
		time.Sleep(time.Minute)
		if before, end := log.Bounds(); before != end {
			t.Errorf("the log holds what is after %d up to %d, although everybody has it", before, end)
		}
		if s := r.status(id); s.Lost != 0 {
			t.Errorf("status %+v", s)
		}
	})
}

func TestACallNamesDestinationsByTheirIDs(t *testing.T) {
	a, b := newPlace("a"), newPlace("b")
	bubble(t, []*place{a, b}, func(t *testing.T, r *rig) {
		id := r.add(a, Rules{})
		r.add(b, Rules{})
		r.append(event.Request{Source: "computed", Protocol: "segment", ReceivedAt: time.Now(), Calls: []event.Raw{
			raw("event-0123456789", "identify", map[string]any{"userId": "ada", "integrations": map[string]any{"All": false, id: true}}),
		}})
		time.Sleep(2 * time.Second)
		a.want(t, "event-0123456789")
		b.want(t)
		if m := a.messages(); len(m) == 1 && strings.Contains(string(m[0].Call), "integrations") {
			t.Errorf("another place would read ids of ours: %s", m[0].Call)
		}
	})
}

func TestWhatIsCutOffALogIsCountedForThoseWhoWaitedForIt(t *testing.T) {
	paused, dead, fast := newPlace("paused"), newPlace("dead"), newPlace("fast")
	emitting(t, 4000, []*place{paused, dead, fast}, func(t *testing.T, r *rig, log *memlog.Log) {
		id := r.add(paused, Rules{Filter: Filter{Where: []Condition{{Path: "$.userId", Is: "equals", Value: "ada"}}}})
		downID, fastID := r.add(dead, Rules{}), r.add(fast, Rules{})
		if _, err := r.Enable(t.Context(), id, false); err != nil {
			t.Fatal(err)
		}
		dead.says(down)
		var all, ada []string
		for i := range 60 {
			person := []string{"ada", "bob"}[i%2]
			all = append(all, r.emit(log, person))
			if person == "ada" {
				ada = append(ada, all[i])
			}
			time.Sleep(time.Minute)
		}
		if size, err := log.Size(); err != nil || size > 4000 {
			t.Errorf("the log has %d bytes, %v", size, err)
		}
		s := r.status(downID)
		if s.Lost == 0 || s.Lost >= 60 || s.State != StateDown {
			t.Fatalf("status %+v", s)
		}
		if said, err := r.Problems(t.Context()); err != nil || !slices.ContainsFunc(said, func(p string) bool {
			return p == fmt.Sprintf(`destination "dead" lost %d calls that waited for it: their log had reached its size`, s.Lost)
		}) {
			t.Errorf("problems %q, %v", said, err)
		}
		dead.says(nil)
		if _, err := r.Enable(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		fast.want(t, all...)
		got := dead.seen()
		slices.Sort(got) // the order holds within a person
		if !slices.Equal(got, all[s.Lost:]) {
			t.Errorf("got %q, want %q", got, all[s.Lost:])
		}
		lost := r.status(id).Lost
		paused.want(t, ada[lost:]...)
		if n := r.counts(downID)["lost log_full"]; n != s.Lost || lost != (s.Lost+1)/2 {
			t.Errorf("lost %d, counted %d; of ada's %d", s.Lost, n, lost)
		}
		if s := r.status(fastID); s.Lost != 0 {
			t.Errorf("who has everything: %+v", s)
		}
		var text strings.Builder
		r.Deliver.config.Metrics.WritePrometheus(&text)
		if want := fmt.Sprintf(`debrief_deliveries_total{destination=%q,step="lost"} %d`, downID, s.Lost); !strings.Contains(text.String(), want) {
			t.Errorf("no metric %s", want)
		}
	})
}
