package journey

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// mapped is a call read by what holds now.
type mapped struct {
	row     *event.Event
	verdict plan.Verdict
	rule    string // the plan; "" for none
	exempt  bool   // spans and logs are checked by no plan
}

// present maps and checks a call as the pipeline would now.
func (r *Receipts) present(in vocab.Input) (mapped, error) {
	enforcer := r.config.Plan(in.Request.Source)
	if enforcer != nil {
		in.Source.PlannedScale = enforcer.RatingScale
	}
	out := mapped{row: &event.Event{}, verdict: plan.Verdict{Action: plan.ActionAllow}}
	mapper := r.config.Mapper()
	if err := mapper.Map(in, out.row); err != nil {
		return out, err
	}
	out.exempt = in.Raw.Type == "span" || in.Raw.Type == "log"
	if enforcer == nil || out.exempt {
		return out, nil
	}
	name, version := enforcer.Plan()
	out.rule = fmt.Sprintf("%s, version %d", name, version)
	out.verdict = enforcer.Judge(plan.Call{Type: in.Raw.Type, Event: out.row.SourceEvent, JSON: in.Raw.JSON}, out.row.Repairs)
	if out.verdict.Action == plan.ActionOmit {
		text, err := plan.Omit(in.Raw.JSON, out.verdict.Omit)
		if err != nil {
			return out, err
		}
		less := *in.Raw
		less.JSON = text
		in.Raw = &less
		if err := mapper.Map(in, out.row); err != nil {
			return out, err
		}
	}
	return out, nil
}

// read tells how the call is read now.
func (j *journey) read(m *mapped) {
	row := *m.row
	row.Raw = nil
	codes := slices.Clone(row.Violations)
	for _, x := range row.Repairs {
		codes = append(codes, x.Code)
	}
	s := j.set(stepMapped, stateDone, string(row.Kind)+"/"+row.Action, row)
	s.Rule, s.Codes = row.Vocabulary, codes
}

// rebuilt returns what is known of the call that a row was made of.
func (r *Receipts) rebuilt(row *event.Event) vocab.Input {
	raw := &event.Raw{ID: row.ID, Type: insight.CallType(row), SentAt: row.SentAt, JSON: row.Raw}
	if i := strings.LastIndexByte(row.ID, '~'); i > 0 && i < shortID*4 {
		raw.ID = row.ID[:i]
	}
	return vocab.Input{
		Request: &event.Request{Workspace: r.config.Workspace, Source: row.Source, ReceivedAt: row.ReceivedAt},
		Seq:     row.RequestSeq, Index: row.BatchIndex, Raw: raw, Source: r.config.Settings(row.Source),
	}
}

// readAgain maps a stored call by what holds now. How it came is not kept: a door of its vocabulary is
// tried where the call alone is read as another's; and that it was a retry is taken from its time.
func (r *Receipts) readAgain(in *vocab.Input, row *event.Event) (mapped, error) {
	m, err := r.present(*in)
	if err == nil && m.row.Vocabulary != row.Vocabulary {
		in.Request.Protocol = row.Vocabulary
		m, err = r.present(*in)
	}
	if err == nil && !m.row.OccurredAt.Equal(row.OccurredAt) {
		retried := *in.Raw
		retried.Retried = true
		again := *in
		again.Raw = &retried
		if n, err := r.present(again); err == nil && n.row.OccurredAt.Equal(row.OccurredAt) {
			return n, nil
		}
	}
	return m, err
}

// notOfMapping are the fields that the mapping alone does not decide, or that cannot be known again.
var notOfMapping = []string{"raw", "revision", "repairs", "violations", "cost_usd", "cost_source", "body_hash", "body_chars", "derived_from"}

// derived reports whether a field of a row was decided later, by derivation: it fills what the call left
// empty, and says which calls of models count or were cancelled.
func derived(stored *event.Event, name string, now json.RawMessage) bool {
	return stored.Revision > 0 && (now == nil || name == "counts_usage" || name == "inferred" || name == "action")
}

// differences names the fields that two rows have differently.
func differences(stored, now *event.Event) []string {
	a, b := members(stored), members(now)
	for name := range b {
		if _, ok := a[name]; !ok {
			a[name] = nil
		}
	}
	var out []string
	for name, value := range a {
		ignored := slices.Contains(notOfMapping, name) || derived(stored, name, b[name])
		if !ignored && string(value) != string(b[name]) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func members(e *event.Event) map[string]json.RawMessage {
	text, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("BUG: encode row: %v", err))
	}
	var out map[string]json.RawMessage
	if err := json.Unmarshal(text, &out); err != nil {
		panic(fmt.Sprintf("BUG: decode row: %v", err))
	}
	return out
}
