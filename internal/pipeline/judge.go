package pipeline

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Quarantine keeps calls that a tracking plan holds back, until they are replayed or given up. The
// metadata store does.
type Quarantine interface {
	// Hold keeps calls durably, all or nothing. A call of a source with the event id of one that is kept
	// already replaces its verdict, is held again if it was being replayed, and is counted no second
	// time. Hold counts the violations of the calls that are new to it. It keeps nothing of the
	// memory of held.
	Hold(ctx context.Context, workspace string, held []Held) error
}

// Held is a call that a tracking plan holds back.
type Held struct {
	// Request is the request that it came in, with this call alone: what replay appends to the log again.
	Request event.Request
	EventID string // as the row would have; clients' short ids are combined with a hash
	Event   string // the event name, or the call type
	Plan    string
	Version int
	Verdict plan.Verdict
	// Seq and Index are the place of the call: record of the log, call of the request.
	Seq   eventlog.Position
	Index int
}

// ViolationCount is how often accepted calls of a source deviated from a plan in one way on a day.
type ViolationCount struct {
	Source      string
	Plan        string
	Version     int
	Violation   plan.Violation
	Day         time.Time // of receipt: midnight UTC
	N           int64
	First, Last time.Time // of receipt
	Examples    []string  // event ids, at most [ViolationExamples]
}

// ViolationExamples bounds the examples of a [ViolationCount].
const ViolationExamples = 5

// violationKey is what a ViolationCount counts.
type violationKey struct {
	source, plan string
	version      int
	violation    plan.Violation
	day          int64
}

// judged is what a plan says of a call that goes on.
type judged struct {
	row     *event.Event
	source  string // of the call; the row may have gone to another
	plan    string
	version int
	found   []plan.Violation
}

// check maps a call, asks the tracking plan of its source, and puts what is to be stored into the batch.
// It returns an error when the call cannot be mapped.
func (p *Pipeline) check(b *batch, m *vocab.Mapper, enforcer *plan.Enforcer, in vocab.Input) error {
	if enforcer != nil {
		in.Source.PlannedScale = enforcer.RatingScale
	}
	e := b.row()
	if err := mapCall(m, in, e); err != nil {
		return err
	}
	if enforcer == nil || in.Raw.Type == "span" || in.Raw.Type == "log" {
		p.put(b, e, m.Also())
		return nil
	}
	verdict := enforcer.Judge(plan.Call{Type: in.Raw.Type, Event: e.SourceEvent, JSON: in.Raw.JSON}, e.Repairs)
	switch verdict.Action {
	case plan.ActionBlock, plan.ActionQuarantine:
		return p.hold(b, m, enforcer, in, e, verdict)
	case plan.ActionOmit:
		if err := remap(m, in, e, verdict.Omit); err != nil {
			return err
		}
	}
	b.note(e, in.Request.Source, enforcer, verdict.Violations)
	p.put(b, e, m.Also())
	if len(verdict.Violations) > 0 {
		p.forwardViolations(b, m, enforcer, in, e, verdict.Violations)
	}
	return nil
}

// note marks the row of a call with its violations, which are counted if it is no duplicate.
func (b *batch) note(e *event.Event, source string, enforcer *plan.Enforcer, found []plan.Violation) {
	if len(found) == 0 {
		return
	}
	for i := range found {
		if code := found[i].Code(); !slices.Contains(e.Violations, code) {
			e.Violations = append(e.Violations, code)
		}
	}
	name, version := enforcer.Plan()
	b.judged = append(b.judged, judged{e, source, name, version, found})
}

// put puts a row, and those that its call made beside it, into the batch, with what model calls cost.
func (p *Pipeline) put(b *batch, e *event.Event, also []*event.Event) {
	if p.config.Price != nil {
		p.config.Price(e)
		for _, a := range also {
			p.config.Price(a)
		}
	}
	b.put(e, also)
}

// remap maps the call as it is without some properties. The row keeps the whole call.
func remap(m *vocab.Mapper, in vocab.Input, e *event.Event, omit []string) error {
	whole := e.Raw
	text, err := plan.Omit(in.Raw.JSON, omit)
	if err != nil {
		return err
	}
	less := *in.Raw
	less.JSON = text
	in.Raw = &less
	if err := mapCall(m, in, e); err != nil {
		return err
	}
	e.Raw = whole
	return nil
}

// hold keeps a call out of the store: it goes to another source, if the plan says so, else to quarantine.
func (p *Pipeline) hold(b *batch, m *vocab.Mapper, enforcer *plan.Enforcer, in vocab.Input, e *event.Event, v plan.Verdict) error {
	name, version := enforcer.Plan()
	held := Held{
		Request: *in.Request, EventID: e.ID, Event: e.SourceEvent, Plan: name, Version: version, Verdict: v,
		Seq: eventlog.Position(in.Seq), Index: int(in.Index),
	}
	p.forwardViolations(b, m, enforcer, in, e, v.Violations) // after it, e is somebody else's
	if to := enforcer.Enforcement().ForwardBlockedTo; to != "" && v.Action == plan.ActionBlock && to != in.Request.Source {
		request := *in.Request
		request.Source = to
		in.Request, in.Source = &request, p.config.Settings(to)
		e := b.row()
		if err := mapCall(m, in, e); err != nil {
			return err
		}
		b.note(e, held.Request.Source, enforcer, v.Violations)
		p.put(b, e, m.Also())
		return nil
	}
	held.Request.Calls = []event.Raw{*in.Raw}
	b.held = append(b.held, held)
	return nil
}

// forwardViolations tells another source of violations, in Segment's form: a call for each. The store
// finds those that were told before by their ids.
func (p *Pipeline) forwardViolations(b *batch, m *vocab.Mapper, enforcer *plan.Enforcer, in vocab.Input, e *event.Event, found []plan.Violation) {
	to := enforcer.Enforcement().ForwardViolationsTo
	if to == "" || to == in.Request.Source {
		return
	}
	request := *in.Request
	request.Source = to
	told := *e // b.row may give out its memory again
	name, version := enforcer.Plan()
	for i, v := range found {
		raw := plan.ViolationCall(plan.Told{
			EventID: told.ID, EventName: told.SourceEvent, EventType: in.Raw.Type, Source: in.Request.Source,
			Plan: name, Version: version, Violation: v, At: told.OccurredAt, Index: i,
		})
		row := b.row()
		if err := mapCall(m, vocab.Input{Request: &request, Seq: in.Seq, Index: in.Index, Source: p.config.Settings(to), Raw: &raw}, row); err != nil {
			p.config.Logger.Error("violation cannot be forwarded", slog.String("source", to), slog.Any("error", err))
			continue
		}
		p.put(b, row, nil)
	}
}

// countHeld counts what was held back.
func (b *batch) countHeld(counts map[countKey]int64) {
	for i := range b.held {
		h := &b.held[i]
		counts[countKey{h.Request.Source, day(h.Request.ReceivedAt), HeldBack, string(h.Verdict.Action)}]++
	}
}

// violations counts the violations of calls that were accepted; duplicate says which rows were not.
// Those of replayed calls were counted when they were held back.
func (b *batch) violations(duplicate func(*event.Event) bool) []ViolationCount {
	if b.replay {
		return nil
	}
	at := map[violationKey]int{}
	var out []ViolationCount
	for _, j := range b.judged {
		if duplicate(j.row) {
			continue
		}
		for _, v := range j.found {
			e := j.row
			key := violationKey{j.source, j.plan, j.version, v, day(e.ReceivedAt)}
			i, ok := at[key]
			if !ok {
				i = len(out)
				at[key] = i
				out = append(out, ViolationCount{Source: j.source, Plan: j.plan, Version: j.version, Violation: v,
					Day: time.Unix(key.day*86400, 0).UTC(), First: e.ReceivedAt, Last: e.ReceivedAt})
			}
			c := &out[i]
			c.N++
			if e.ReceivedAt.Before(c.First) {
				c.First = e.ReceivedAt
			}
			if e.ReceivedAt.After(c.Last) {
				c.Last = e.ReceivedAt
			}
			if len(c.Examples) < ViolationExamples {
				c.Examples = append(c.Examples, e.ID)
			}
		}
	}
	return out
}

// DuplicateCount is a call that was sent again.
type DuplicateCount struct {
	Source  string
	EventID string
	At      time.Time // of the repetition's receipt
}

// maxDuplicates bounds the duplicates of a tally that are named; all are counted.
const maxDuplicates = 1000
