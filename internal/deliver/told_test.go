package deliver

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/plan"
)

// quality has calls of the source "web" judged, whose violations the source "quality" is told of.
func quality(t *testing.T, e plan.Enforcement) func(source string) *plan.Enforcer {
	t.Helper()
	p, err := plan.Parse([]byte("name: web\nevents:\n  - name: Message Sent\n    schema:\n      type: object\n      required: [text, role]\n"))
	if err != nil {
		t.Fatal(err)
	}
	checker, err := plan.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	e.ForwardViolationsTo = "quality"
	enforcer, err := plan.NewEnforcer(checker, e, p.Name, 1)
	if err != nil {
		t.Fatal(err)
	}
	return func(source string) *plan.Enforcer {
		if source == "web" {
			return enforcer
		}
		return nil
	}
}

// Whatever becomes of the call, those that tell of its violations are delivered, each once, also when they wait
// beside it while the server is restarted.
func TestForwardedViolationsAreDelivered(t *testing.T) {
	f := func(action plan.Action, want ...string) {
		t.Helper()
		all, alarm := newPlace("all"), newPlace("alarm")
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, all, alarm)
			r.config.Plan = quality(t, plan.Enforcement{Track: plan.Controls{Violations: action}})
			defer func() { r.stop(); _ = r.meta.Close() }()
			r.start()
			id := r.add(all, Rules{})
			r.add(alarm, Rules{Filter: Filter{Sources: []string{"quality"}, Events: []string{plan.ViolationEvent}}})
			all.says(func(*destination.Message) destination.Result { return destination.Result{Err: errors.New("500")} })
			request := event.Request{Workspace: "default", Source: "web", Protocol: "segment", ReceivedAt: time.Now()}
			request.Calls = append(request.Calls, raw("event-000000000001", "track", map[string]any{"event": "Message Sent", "userId": "ada", "properties": map[string]any{"text": "x", "role": "user"}}),
				raw("event-000000000002", "track", map[string]any{"event": "Message Sent", "userId": "ada", "properties": map[string]any{}}))
			r.append(request)
			time.Sleep(time.Minute)
			if s := r.status(id); int(s.Waiting) != len(want) {
				t.Errorf("%s: %d calls wait, want %d", action, s.Waiting, len(want))
			}
			r.stop()
			all.says(nil)
			r.start()
			time.Sleep(10 * time.Minute)
			got := all.seen()
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", action, got, want)
			}
			alarm.want(t, "sch-event-000000000002-0", "sch-event-000000000002-1")
		})
	}
	f(plan.ActionAllow, "event-000000000001", "event-000000000002", "sch-event-000000000002-0", "sch-event-000000000002-1")
	f(plan.ActionQuarantine, "event-000000000001", "sch-event-000000000002-0", "sch-event-000000000002-1")
	f(plan.ActionBlock, "event-000000000001", "sch-event-000000000002-0", "sch-event-000000000002-1")
}
