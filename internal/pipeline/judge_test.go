package pipeline

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/plan"
)

// ward is a quarantine that keeps what it is given, as the metadata store does.
type ward struct {
	mu   sync.Mutex
	fail int
	held map[string]Held // by source and event id
}

func (q *ward) Hold(_ context.Context, _ string, held []Held) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail > 0 {
		q.fail--
		return errDisk
	}
	for _, h := range held {
		r := h.Request
		record := event.AppendRequest(nil, &r) // of its own memory
		h.Request, _ = event.DecodeRequest(record)
		q.held[h.Request.Source+"/"+h.EventID] = h
	}
	return nil
}

func (q *ward) get(key string) (Held, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	h, ok := q.held[key]
	return h, ok
}

const messagePlan = `
name: messages
version: 4
events:
  - name: Message Sent
    schema:
      type: object
      required: [conversationId, messageId, message_body]
      properties:
        conversationId: {type: string}
        messageId: {type: string}
        message_body: {type: string, maxLength: 5}
        role: {enum: [user]}
  - name: Feedback Submitted
    rating_scale: 1-10
    schema:
      type: object
      properties: {conversationId: {type: string}, rating: {type: number}}
`

// planned is a rig whose source "web" has a plan.
func planned(t *testing.T, e plan.Enforcement) (*rig, *ward) {
	t.Helper()
	p, err := plan.Parse([]byte(messagePlan))
	if err != nil {
		t.Fatal(err)
	}
	checker, err := plan.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	enforcer, err := plan.NewEnforcer(checker, e, p.Name, p.Version)
	if err != nil {
		t.Fatal(err)
	}
	r, q := newRig(t), &ward{held: map[string]Held{}}
	r.config.Quarantine = q
	r.config.Plan = func(source string) *plan.Enforcer {
		if source != "web" {
			return nil
		}
		return enforcer
	}
	return r, q
}

// long is a message that is too long for the plan and has a property that it does not know.
func long(n int) event.Raw {
	raw := message(n)
	raw.JSON = []byte(strings.NewReplacer("Hi ", "Good morning ", `"role"`, `"mood":"glad","role"`).Replace(string(raw.JSON)))
	return raw
}

func TestPlanThatAllowsReportsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := planned(t, plan.Enforcement{})
		_, stop := r.start()
		r.append(message(1), long(2), named(3, "Message sent"))
		r.append(long(2))
		settle()
		rows := r.rows()
		if len(rows) != 3 || len(q.held) != 0 {
			t.Fatalf("%d rows, %d held", len(rows), len(q.held))
		}
		if got := rows[message(1).ID].Violations; len(got) != 0 {
			t.Errorf("a call that conforms has violations %v", got)
		}
		if got := rows[long(2).ID].Violations; !slices.Contains(got, "plan_constraint") {
			t.Errorf("violations %v, want plan_constraint", got)
		}
		if got := rows[message(3).ID].Violations; !slices.Contains(got, "plan_unplanned_event") {
			t.Errorf("violations %v, want plan_unplanned_event", got)
		}
		n := int64(0)
		for _, v := range r.tallies.violated() {
			if v.Plan != "messages" || v.Version != 4 || v.Source != "web" || len(v.Examples) != int(v.N) {
				t.Errorf("counted %+v", v)
			}
			if v.Violation.Kind == plan.KindConstraint {
				n += v.N
			}
		}
		if n != 1 {
			t.Errorf("the long message is counted %d times, want once: its repetition is none", n)
		}
		if d := r.tallies.repeated(); len(d) != 1 || d[0].EventID != long(2).ID {
			t.Errorf("duplicates %v", d)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestPlanOmitsFromTheRowAndKeepsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := planned(t, plan.Enforcement{Track: plan.Controls{Violations: plan.ActionOmit}})
		_, stop := r.start()
		r.append(long(2))
		settle()
		e := r.rows()[long(2).ID]
		if e.Body != nil || e.ConversationID != "c2" || string(e.Raw) != string(long(2).JSON) {
			t.Errorf("body %v, conversation %q, raw %s", e.Body, e.ConversationID, e.Raw)
		}
		_ = stop()
	})
}

func TestPlanHoldsBackAndReplayStoresOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := planned(t, plan.Enforcement{Track: plan.Controls{Violations: plan.ActionQuarantine}})
		q.fail = 2
		p, stop := r.start()
		pos := r.append(message(1), long(2))
		r.append(long(2))
		settle()
		sameIDs(t, r.rows(), []string{message(1).ID})
		h, ok := q.get("web/" + long(2).ID)
		if !ok || h.Plan != "messages" || h.Version != 4 || h.Event != "Message Sent" || h.Verdict.Action != plan.ActionQuarantine || len(h.Verdict.Violations) == 0 {
			t.Fatalf("held %+v", h)
		}
		if len(h.Request.Calls) != 1 || string(h.Request.Calls[0].JSON) != string(long(2).JSON) || h.Request.Protocol != "segment" || h.Seq < pos {
			t.Errorf("held request %+v", h.Request)
		}
		if n := r.tallies.count(HeldBack, "quarantine"); n != 2 {
			t.Errorf("%d calls counted as held, want 2", n)
		}
		if err := p.Err(); err != nil {
			t.Errorf("still fails: %v", err)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		// The plan is mended, and what was held comes again, twice.
		r.config.Plan = nil
		_, stop = r.start()
		h.Request.Replay = true
		for range 2 {
			if _, err := r.log.Append(t.Context(), event.AppendRequest(nil, &h.Request)); err != nil {
				t.Fatal(err)
			}
		}
		settle()
		rows := r.rows()
		sameIDs(t, rows, []string{message(1).ID, long(2).ID})
		if e := rows[long(2).ID]; !e.ReceivedAt.Equal(h.Request.ReceivedAt.Truncate(1000)) {
			t.Errorf("received at %v, want the first time, %v", e.ReceivedAt, h.Request.ReceivedAt)
		}
		_ = stop()
	})
}

func TestPlanForwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := planned(t, plan.Enforcement{
			Track: plan.Controls{Violations: plan.ActionBlock}, ForwardViolationsTo: "watch", ForwardBlockedTo: "other",
		})
		_, stop := r.start()
		r.append(message(1), long(2))
		r.append(long(2))
		settle()
		rows := r.rows()
		if e := rows[long(2).ID]; e == nil || e.Source != "other" || len(q.held) != 0 {
			t.Fatalf("the blocked call is %+v, %d are held", e, len(q.held))
		}
		told := 0
		for _, e := range rows {
			if e.Source == "watch" {
				told++
				if e.SourceEvent != plan.ViolationEvent || !strings.Contains(string(e.Properties), long(2).ID) {
					t.Errorf("told %s with %s", e.SourceEvent, e.Properties)
				}
			}
		}
		if told != 2 || len(rows) != 4 { // too long, and a property that is not planned
			t.Errorf("told of %d violations in %d rows, want 2 in 4", told, len(rows))
		}
		if got := rows[long(2).ID].Violations; !slices.Contains(got, "plan_constraint") {
			t.Errorf("the blocked call has violations %v, want plan_constraint", got)
		}
		counted := map[plan.Kind]int64{}
		for _, v := range r.tallies.violated() {
			if v.Source != "web" {
				t.Errorf("counted for %s: %+v", v.Source, v)
			}
			counted[v.Violation.Kind] += v.N
		}
		if counted[plan.KindConstraint] != 1 || counted[plan.KindUnplannedProperty] != 1 {
			t.Errorf("counted %v, want each violation of the blocked call once", counted)
		}
		_ = stop()
	})
}

func TestPlanGivesTheScaleOfRatings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := planned(t, plan.Enforcement{})
		_, stop := r.start()
		raw := message(1)
		raw.JSON = []byte(`{"type":"track","userId":"u","event":"Feedback Submitted","properties":{"conversationId":"c","rating":10}}`)
		r.append(raw)
		settle()
		if e := r.rows()[raw.ID]; e.Score == nil || *e.Score != 1 || *e.RatingMax != 10 {
			t.Errorf("score %v, of at most %v", e.Score, e.RatingMax)
		}
		_ = stop()
	})
}

func TestEveryRowOfACallIsPriced(t *testing.T) {
	r := newRig(t)
	r.config.Price = func(e *event.Event) { e.CostUSD = new(2.0) }
	p, err := New(r.config)
	if err != nil {
		t.Fatal(err)
	}
	b := new(batch)
	p.put(b, b.row(), []*event.Event{{ID: "call#generation"}})
	if len(b.puts) != 2 || b.puts[0].CostUSD == nil || b.puts[1].CostUSD == nil || b.puts[1].ID != "call#generation" {
		t.Errorf("put %d rows: %+v", len(b.puts), b.puts)
	}
}
