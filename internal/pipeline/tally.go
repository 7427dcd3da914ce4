package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Tallies keeps what became of the calls. The metadata store does.
type Tallies interface {
	// Tallied returns the highest Position of the workspace's tallies, 0 at first.
	Tallied(ctx context.Context, workspace string) (uint64, error)
	// AddTally adds to the counters and to the list of rejections, all or nothing. A tally that does
	// not reach further than those before it changes nothing. It keeps nothing of t's memory.
	AddTally(ctx context.Context, t Tally) error
}

// Tally is what became of the calls of a stretch of the event log.
type Tally struct {
	Workspace  string
	Position   uint64 // the stretch ends here
	Counts     []Count
	Rejections []Rejection      // counted by Counts too
	Violations []ViolationCount // of accepted calls, by tracking plans; Quarantine counts the others
	Duplicates []DuplicateCount // the newest of those counted
}

// Outcome is what became of a call, or what was noted on it.
type Outcome string

// The outcomes that are counted. Rejected, Repaired and Violated have a code. Repairs and violations
// are those of accepted calls.
const (
	Accepted  Outcome = "accepted"  // stored as an event
	Duplicate Outcome = "duplicate" // its event id was stored before
	Conflict  Outcome = "conflict"  // a duplicate whose content differs; counted as a duplicate too
	Rejected  Outcome = "reject"    // refused, at the door or because it cannot be mapped
	Repaired  Outcome = "repair"
	Violated  Outcome = "violation"
	Masked    Outcome = "masked" // no call: what redaction masked in calls as they came; the code is the rule
	HeldBack  Outcome = "held"   // by a tracking plan, in quarantine; the code is the plan's action
)

// Count is the number of calls of a source with an outcome on a day.
type Count struct {
	Source  string
	Day     time.Time // of receipt: midnight UTC
	Outcome Outcome
	Code    string
	N       int64
}

// The codes of calls that were refused behind the door: faults of the server, or a damaged log.
const (
	// MappingFailed: the call cannot be mapped.
	MappingFailed = "internal_mapping_error"
	// RecordUnreadable: a record of the log is no request; its calls are not known.
	RecordUnreadable = "internal_record_unreadable"
)

// Rejection is a call that was refused.
type Rejection struct {
	Source  string    `json:"source"`
	At      time.Time `json:"at"` // of receipt
	EventID string    `json:"event_id,omitempty"`
	Type    string    `json:"type,omitempty"`
	Code    string    `json:"code"`
	Message string    `json:"message"` // for the developer who sent it
	Call    []byte    `json:"-"`       // what was sent, if it was kept
	// Seq and Index are the place of the call: record of the log, call of the request.
	Seq   eventlog.Position `json:"seq"`
	Index int               `json:"index"`
}

type countKey struct {
	source  string
	day     int64 // since 1970
	outcome Outcome
	code    string
}

// Place is where an event came from: record of the log, call of the request.
type Place struct{ Seq, Index int64 }

// repeated returns the indexes of rows that were duplicates when their batch was stored.
func (p *Pipeline) repeated(ctx context.Context, puts []*event.Event) ([]int, error) {
	const most = 1000 // ids asked for at once
	var out []int
	for from := 0; from < len(puts); from += most {
		chunk := puts[from:min(from+most, len(puts))]
		ids := make([]string, len(chunk))
		for i, e := range chunk {
			ids[i] = e.ID
		}
		places, err := p.config.Places(ctx, ids)
		if err != nil {
			return nil, fmt.Errorf("find duplicates of a batch: %w", err)
		}
		for i, e := range chunk {
			if at, ok := places[e.ID]; ok && at != (Place{e.RequestSeq, e.BatchIndex}) {
				out = append(out, from+i)
			}
		}
	}
	return out, nil
}

// tally counts the calls of a batch, of which the puts with these indexes were duplicates.
func (b *batch) tally(workspace string, duplicates, conflicts []int) Tally {
	counts := map[countKey]int64{}
	count := func(e *event.Event, o Outcome, code string) {
		counts[countKey{e.Source, day(e.ReceivedAt), o, code}]++
	}
	t := Tally{Workspace: workspace, Position: uint64(b.last), Rejections: b.rejections}
	again := map[*event.Event]bool{}
	next := 0
	for i, e := range b.puts {
		duplicate := next < len(duplicates) && duplicates[next] == i
		if duplicate {
			next++
		}
		if e.DerivedFrom != "" {
			continue // no call of its own
		}
		if duplicate {
			again[e] = true
			count(e, Duplicate, "")
			t.Duplicates = append(t.Duplicates, DuplicateCount{e.Source, e.ID, e.ReceivedAt})
			continue
		}
		count(e, Accepted, "")
		for _, r := range e.Repairs {
			count(e, Repaired, r.Code)
		}
		for _, v := range e.Violations {
			count(e, Violated, v)
		}
	}
	if n := len(t.Duplicates); n > maxDuplicates {
		t.Duplicates = t.Duplicates[n-maxDuplicates:]
	}
	t.Violations = b.violations(func(e *event.Event) bool { return again[e] })
	for _, i := range conflicts {
		if b.puts[i].DerivedFrom == "" {
			count(b.puts[i], Conflict, "")
		}
	}
	b.countHeld(counts)
	for _, r := range b.rejections {
		counts[countKey{r.Source, day(r.At), Rejected, r.Code}]++
	}
	for k, n := range b.masked {
		counts[k] += n
	}
	for k, n := range counts {
		t.Counts = append(t.Counts, Count{k.source, time.Unix(k.day*86400, 0).UTC(), k.outcome, k.code, n})
	}
	return t
}

// day is the number of the UTC day.
func day(t time.Time) int64 {
	const seconds = 86400
	s := t.Unix()
	if s < 0 {
		s -= seconds - 1
	}
	return s / seconds
}
