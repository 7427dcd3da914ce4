package derive

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// longestVerdict is how long after a model call its answer may be judged.
const longestVerdict = 30 * 24 * time.Hour

// maxVerdicts bounds how many responses are remembered whose verdict waits for their call.
const maxVerdicts = 100_000

// verdict is feedback that names the response of a model call and nothing else. It is of the trace of that
// call, which may have come before or comes yet.
type verdict struct {
	at       time.Time
	position uint64 // of the log, that it is stored with
	asked    bool   // its call was looked for among what came before
}

func isVerdict(e *event.Event) bool {
	return e.Kind == event.KindFeedback && e.MessageID != "" && e.TraceID == "" && e.ConversationID == ""
}

// noteVerdict remembers a row if it is a verdict. d.mu is held.
func (d *Deriver) noteVerdict(e *event.Event, position uint64) bool {
	if !isVerdict(e) {
		return false
	}
	if len(d.verdicts) >= maxVerdicts { // make room: any will do, since few are left waiting
		for id := range d.verdicts {
			delete(d.verdicts, id)
			break
		}
	}
	d.verdicts[e.MessageID] = verdict{at: e.OccurredAt, position: position}
	return true
}

// recall finds the verdicts that were stored before the deriver was opened.
func (d *Deriver) recall(ctx context.Context) error {
	if d.recalled {
		return nil
	}
	list := query.List{Grain: query.Events, Range: query.Range{From: d.config.Now().Add(-longestVerdict)}, Limit: maxVerdicts, Filter: query.AllOf(
		query.Is("kind", query.Eq, string(event.KindFeedback)), query.Is("message_id", query.Exists),
		lacks("trace_id"), lacks("conversation_id"))}
	for e, err := range d.config.Store.Events(ctx, list) {
		if err != nil {
			return fmt.Errorf("read verdicts: %w", err)
		}
		d.mu.Lock()
		if _, ok := d.verdicts[e.MessageID]; !ok {
			d.noteVerdict(e, 0)
		}
		d.mu.Unlock()
	}
	d.recalled = true
	return nil
}

// judged returns marks of the traces that stored verdicts are about, and the responses that it looked for.
// The marks are not kept: verdicts are recalled.
func (d *Deriver) judged(ctx context.Context, cursor uint64) ([]Mark, []string, error) {
	if err := d.recall(ctx); err != nil {
		return nil, nil, err
	}
	var ids []string
	var during span
	d.mu.Lock()
	for id, v := range d.verdicts {
		if !v.asked && v.position <= cursor && len(ids) < maxMarks {
			ids = append(ids, id)
			during.cover(v.at, v.at)
		}
	}
	d.mu.Unlock()
	if len(ids) == 0 {
		return nil, nil, nil
	}
	traces := map[string]Mark{}
	for e, err := range d.config.Store.Events(ctx, callsOf(ids, during.around(longestVerdict, longestTrace))) {
		if err != nil {
			return nil, nil, fmt.Errorf("find calls of verdicts: %w", err)
		}
		m, ok := traces[e.TraceID]
		if !ok {
			m = Mark{Trace: e.TraceID, From: e.OccurredAt, Until: e.OccurredAt}
		}
		traces[e.TraceID] = m.covering(e.OccurredAt, cursor)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(traces, func(_ string, m Mark) bool { // what waits for the rest of it is derived then
		_, waits := d.marks[m.key()]
		return waits
	})
	return slices.Collect(maps.Values(traces)), ids, nil
}

// unasked counts the verdicts whose call was not looked for yet. d.mu is held.
func (d *Deriver) unasked() int {
	n := 0
	for _, v := range d.verdicts {
		if !v.asked {
			n++
		}
	}
	return n
}

// callsOf asks for the model calls with some responses.
func callsOf(ids []string, during query.Range) query.List {
	return query.List{Grain: query.Events, Range: during, Filter: query.AllOf(query.Is("kind", query.Eq, string(event.KindGeneration)),
		query.Is("message_id", query.Eq, ids...), query.Is("trace_id", query.Exists), query.Is("span_id", query.Exists))}
}

func lacks(field string) *query.Filter { return &query.Filter{Not: query.Is(field, query.Exists)} }

// asked notes that calls of responses were looked for.
func (d *Deriver) asked(ids []string, cursor uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		if v, ok := d.verdicts[id]; ok && v.position <= cursor {
			v.asked = true
			d.verdicts[id] = v
		}
	}
}

// addVerdicts adds the verdicts on answers of traces to the rows of those, and returns the responses. They
// say the trace themselves once they are written.
func (d *Deriver) addVerdicts(ctx context.Context, rows map[string][]*event.Event) ([]string, error) {
	home := map[string]*event.Event{} // the first call with a response
	var during span
	d.mu.Lock()
	for _, trace := range rows {
		for _, e := range trace {
			if _, ok := d.verdicts[e.MessageID]; !ok || e.Kind != event.KindGeneration {
				continue
			}
			if first := home[e.MessageID]; first == nil || e.Before(first) {
				home[e.MessageID] = e
			}
			during.cover(e.OccurredAt, e.OccurredAt)
		}
	}
	d.mu.Unlock()
	if len(home) == 0 {
		return nil, nil
	}
	var found []string
	list := query.List{Grain: query.Events, Range: during.around(longestTrace, longestVerdict), Filter: query.AllOf(
		query.Is("kind", query.Eq, string(event.KindFeedback)), query.Is("message_id", query.Eq, slices.Sorted(maps.Keys(home))...),
		lacks("trace_id"), lacks("conversation_id"))}
	for e, err := range d.config.Store.Events(ctx, list) {
		if err != nil {
			return nil, fmt.Errorf("read verdicts of traces: %w", err)
		}
		id := home[e.MessageID].TraceID
		rows[id] = append(rows[id], e)
		found = append(found, e.MessageID)
	}
	return found, nil
}

// settled forgets verdicts that say their trace, unless one more came for the same response.
func (d *Deriver) settled(ids []string, cursor uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		if d.verdicts[id].position <= cursor {
			delete(d.verdicts, id)
		}
	}
}
