package journey

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/deliver"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// The steps of a journey, in order, and their states.
const (
	stepAccepted   = "accepted"
	stepRedacted   = "redacted"
	stepMapped     = "mapped"
	stepChecked    = "checked"
	stepIdentified = "identified"
	stepStored     = "stored"
	stepDelivered  = "delivered"

	stateDone    = "done"
	stateStopped = "stopped"
	stateWaiting = "waiting"
	stateSkipped = "skipped"
)

// journey is one on its way to be told.
type journey struct {
	api.Journey
	by map[string]*api.JourneyStep
}

func newJourney(id string) *journey {
	j := &journey{Journey: api.Journey{ID: id, Status: "unknown"}, by: map[string]*api.JourneyStep{}}
	for _, step := range []string{stepAccepted, stepRedacted, stepMapped, stepChecked, stepIdentified, stepStored, stepDelivered} {
		j.Steps = append(j.Steps, api.JourneyStep{Step: step, State: stateSkipped})
	}
	for i := range j.Steps {
		j.by[j.Steps[i].Step] = &j.Steps[i]
	}
	return j
}

// set tells a step.
func (j *journey) set(step, state, summary string, payload any) *api.JourneyStep {
	s := j.by[step]
	s.State, s.Summary = state, summary
	if payload != nil {
		text, err := json.Marshal(payload)
		if err != nil {
			panic(fmt.Sprintf("BUG: encode step %s: %v", step, err))
		}
		s.Payload = text
	}
	return s
}

// Journey tells the way of the call with an id; of several with the same, that of the first stored one.
func (r *Receipts) Journey(ctx context.Context, id string) (api.Journey, error) {
	j := newJourney(id)
	all, err := r.find(ctx, "", []string{id})
	if err != nil {
		return j.Journey, err
	}
	list := all[id]
	if len(list) == 0 {
		j.set(stepAccepted, stateSkipped, "no call with this id is known here", nil)
		return j.Journey, nil
	}
	f := list[0]
	j.EventID, j.Status = f.eventID, f.status()
	switch {
	case f.row != nil:
		err = r.tellStored(ctx, j, &f)
	case f.held != nil:
		err = r.tellHeld(j, &f)
	case f.rejection != nil:
		tellRejected(j, &f)
	default:
		r.tellPending(j, &f)
	}
	return j.Journey, err
}

// came tells the steps that every call has gone which got in.
func (j *journey) came(f *found, in vocab.Input) {
	codes := []string{}
	for _, x := range in.Raw.Repairs {
		codes = append(codes, x.Code)
	}
	accepted := j.set(stepAccepted, stateDone, "received by source "+f.source, struct {
		Source     string    `json:"source"`
		Protocol   string    `json:"protocol,omitempty"`
		Type       string    `json:"type"`
		ReceivedAt time.Time `json:"received_at"`
		SentAt     time.Time `json:"sent_at,omitzero"`
		Request    int64     `json:"request"` // position of the log record
		Index      int64     `json:"index"`
		Copies     int64     `json:"copies"`
	}{f.source, in.Request.Protocol, in.Raw.Type, in.Request.ReceivedAt, in.Raw.SentAt, in.Seq, in.Index, f.copies})
	accepted.At, accepted.Codes = in.Request.ReceivedAt, codes
	j.set(stepRedacted, stateDone, "what is kept of the call", json.RawMessage(in.Raw.JSON))
}

// verdictPayload is what a plan said.
type verdictPayload struct {
	Action     plan.Action      `json:"action"`
	Violations []plan.Violation `json:"violations"`
	Omitted    []string         `json:"omitted,omitempty"`
	Now        *verdictPayload  `json:"now,omitempty"` // what the present plan says, of a call that was held back
	Then       []string         `json:"then,omitempty"`
}

func payloadOf(v plan.Verdict) *verdictPayload {
	return &verdictPayload{Action: v.Action, Violations: append([]plan.Violation{}, v.Violations...), Omitted: v.Omit}
}

// kinds are the codes of violations.
func kinds(all []plan.Violation) []string {
	var out []string
	for _, v := range all {
		if !slices.Contains(out, string(v.Kind)) {
			out = append(out, string(v.Kind))
		}
	}
	return out
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// checked tells what the present plan says, and what was noted when the call was stored.
func (j *journey) checked(m *mapped, then []string) {
	if m.rule == "" && len(then) == 0 {
		why := "the source follows no plan"
		if m.exempt {
			why = "plans do not check spans and logs"
		}
		j.set(stepChecked, stateSkipped, why, nil)
		return
	}
	payload := payloadOf(m.verdict)
	payload.Then = then
	summary := count(len(m.verdict.Violations), "violation") + " by the present plan"
	if m.rule == "" {
		summary = "checked by a plan that this source does not follow: before, or for the source that forwarded it"
	}
	s := j.set(stepChecked, stateDone, summary, payload)
	s.Rule, s.Codes = m.rule, kinds(m.verdict.Violations)
}

func (r *Receipts) tellStored(ctx context.Context, j *journey, f *found) error {
	row, err := r.config.Store.Event(ctx, f.eventID)
	if err != nil {
		return err
	}
	in := r.rebuilt(row)
	j.came(f, in)
	m, err := r.readAgain(&in, row)
	if row.DerivedFrom != "" {
		m = mapped{verdict: m.verdict, exempt: m.exempt}
		j.set(stepMapped, stateDone, string(row.Kind)+"/"+row.Action+", made of "+row.DerivedFrom+", whose journey tells the rest", nil).Rule = row.Vocabulary
	} else if err != nil {
		j.set(stepMapped, stateDone, string(row.Kind)+"/"+row.Action+"; it cannot be mapped again", nil).Rule = row.Vocabulary
	} else {
		j.read(&m)
		j.MappingDiffers = differences(row, m.row)
	}
	var then []string
	for _, code := range row.Violations {
		if strings.HasPrefix(code, "plan_") {
			then = append(then, code)
		}
	}
	j.checked(&m, then)
	if err := r.identified(ctx, j, row); err != nil {
		return err
	}
	if err := r.rows(ctx, j, row); err != nil {
		return err
	}
	return r.delivered(ctx, j, row)
}

// delivered tells how the call stands with each destination.
func (r *Receipts) delivered(ctx context.Context, j *journey, row *event.Event) error {
	if row.DerivedFrom != "" {
		j.set(stepDelivered, stateSkipped, "the call that it was made of is delivered", nil)
		return nil
	}
	ways, err := r.config.Ways(ctx, row)
	if err != nil {
		return fmt.Errorf("find deliveries of %s: %w", row.ID, err)
	}
	if len(ways) == 0 {
		j.set(stepDelivered, stateSkipped, "no destinations", nil)
		return nil
	}
	state := stateSkipped
	var said []string
	for _, w := range ways {
		text := w.Name + ": " + w.State
		switch w.State {
		case deliver.WayGaveUp:
			state = stateStopped
		case deliver.WayWaits, deliver.WayPaused:
			if state != stateStopped {
				state = stateWaiting
			}
		case deliver.WayHanded:
			if state == stateSkipped {
				state = stateDone
			}
		case deliver.WayBefore:
			text = w.Name + ": made later; a backfill sends it"
		}
		if w.Attempts > 0 {
			text += fmt.Sprintf(" after %s (%s)", count(w.Attempts, "attempt"), w.Code)
		}
		said = append(said, text)
	}
	j.set(stepDelivered, state, strings.Join(said, "; "), struct {
		Destinations []deliver.Way `json:"destinations"`
	}{ways})
	return nil
}

func (r *Receipts) identified(ctx context.Context, j *journey, row *event.Event) error {
	res, err := r.config.Store.Query(ctx, query.Query{
		Grain: query.Events, Filter: query.Is("id", query.Eq, row.ID), Breakdown: []string{"person"},
		Measures: []query.Measure{{As: "n", Op: query.Count}},
	})
	if err != nil {
		return fmt.Errorf("find person of %s: %w", row.ID, err)
	}
	person := ""
	if len(res.Rows) > 0 && len(res.Rows[0].Keys) > 0 && !res.Rows[0].Keys[0].Absent {
		person = res.Rows[0].Keys[0].Value
	}
	summary := "person " + person
	if person == "" {
		summary = "the call names nobody"
	}
	j.set(stepIdentified, stateDone, summary, struct {
		UserID      string `json:"user_id,omitempty"`
		AnonymousID string `json:"anonymous_id,omitempty"`
		Person      string `json:"person,omitempty"`
	}{row.UserID, row.AnonymousID, person})
	return nil
}

// maxDerived bounds the derived rows that are named.
const maxDerived = 100

func (r *Receipts) rows(ctx context.Context, j *journey, row *event.Event) error {
	ids := []string{row.ID}
	l := query.List{Grain: query.Events, Filter: query.Is("derived_from", query.Eq, row.ID), Limit: maxDerived}
	for e, err := range r.config.Store.Events(ctx, l) {
		if err != nil {
			return fmt.Errorf("find rows made of %s: %w", row.ID, err)
		}
		ids = append(ids, e.ID)
	}
	j.set(stepStored, stateDone, count(len(ids), "row"), struct {
		Revision     int64    `json:"revision"`
		Conversation string   `json:"conversation_id,omitempty"`
		Rows         []string `json:"rows"`
	}{row.Revision, row.ConversationID, ids})
	return nil
}

func (r *Receipts) tellHeld(j *journey, f *found) error {
	req, err := event.DecodeRequest(f.held.Request)
	if err != nil || len(req.Calls) != 1 {
		return fmt.Errorf("read call %d of quarantine: %w", f.held.ID, err)
	}
	req.Workspace = r.config.Workspace
	in := vocab.Input{Request: &req, Seq: f.held.Seq, Index: f.held.Place, Raw: &req.Calls[0], Source: r.config.Settings(req.Source)}
	j.came(f, in)
	m, err := r.present(in)
	if err == nil {
		j.read(&m)
	}
	violations, err := violationsOf(f.held)
	if err != nil {
		return err
	}
	payload := &verdictPayload{Action: plan.Action(f.held.Action), Violations: violations, Now: payloadOf(m.verdict)}
	summary := map[metastore.Status]string{
		metastore.StatusHeld:   "held back; mend the plan or the call, then replay",
		metastore.StatusQueued: "on its way again", metastore.StatusReplaying: "on its way again",
		metastore.StatusDiscarded: "held back, and given up", metastore.StatusReplayed: "let through again",
	}[f.held.Status]
	s := j.set(stepChecked, stateStopped, summary, payload)
	s.At, s.Codes = f.held.HeldAt, kinds(violations)
	s.Rule = fmt.Sprintf("%s, version %d", f.held.Plan, f.held.Version)
	return nil
}

// violationsOf are what a call was held back for.
func violationsOf(h *metastore.HeldCall) ([]plan.Violation, error) {
	var out []plan.Violation
	if err := json.Unmarshal(h.Violations, &out); err != nil {
		return nil, fmt.Errorf("read violations of call %d: %w", h.ID, err)
	}
	return out, nil
}

func tellRejected(j *journey, f *found) {
	x := f.rejection
	s := j.set(stepAccepted, stateStopped, "refused: "+x.Message, struct {
		Source string `json:"source"`
		Type   string `json:"type,omitempty"`
		Call   string `json:"call"`
	}{x.Source, x.Type, string(x.Call)})
	s.At, s.Codes, s.Rule = x.At, []string{x.Code}, x.Code
}

func (r *Receipts) tellPending(j *journey, f *found) {
	j.came(f, *f.pending)
	if f.pending.Raw.Reject != nil {
		j.set(stepAccepted, stateStopped, "refused: "+f.pending.Raw.Reject.Message, nil).Codes = []string{f.pending.Raw.Reject.Code}
		return
	}
	m, err := r.present(*f.pending)
	if err == nil {
		j.read(&m)
		j.checked(&m, nil)
	}
	for _, step := range []string{stepMapped, stepChecked, stepIdentified, stepStored} {
		j.by[step].State = stateWaiting
	}
	j.by[stepStored].Summary = "in the log, and in the figures in a moment"
}
