package storetest

import (
	"context"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// question is a query, a list or a flow: whatever a reader can be asked. One of them is set.
type question struct {
	query *query.Query
	list  *query.List
	flow  flow
}

func (q question) name() string {
	if q.flow != nil {
		return q.flow.name()
	}
	if q.list != nil {
		return "list"
	}
	return "ask"
}

// text is the question as a script asks it.
func (q question) text() string {
	if q.flow != nil {
		return q.flow.text()
	}
	if q.list != nil {
		return formatListing(q.list)
	}
	return formatQuery(q.query)
}

// answer is what a store says to a question: a result, or the pages of a list one after the other.
type answer struct {
	result *query.Result
	rows   []any
	text   string // of a flow
	err    error
}

func (q question) ask(ctx context.Context, r eventstore.Reader) answer {
	if q.flow != nil {
		text, err := q.flow.ask(ctx, r)
		return answer{text: text, err: err}
	}
	if q.list == nil {
		result, err := r.Query(ctx, *q.query)
		return answer{result: result, err: err}
	}
	var a answer
	for l := *q.list; ; {
		rows, next, err := page(ctx, r, l)
		a.rows = append(a.rows, rows...)
		if a.err = err; err != nil || next == "" || len(rows) == 0 {
			return a
		}
		l.After = next
	}
}

// format writes an answer for people, as the "want" of a script.
func (q question) format(a answer) string {
	switch {
	case a.err != nil:
		return "error " + a.err.Error() + "\n"
	case q.query != nil:
		return formatResult(q.query, a.result)
	case q.flow != nil:
		return a.text
	}
	var out string
	for _, row := range a.rows {
		line, err := showRow(row, &listing{List: *q.list})
		if err != nil {
			return "error " + err.Error() + "\n"
		}
		out += line + "\n"
	}
	return out
}

// eventCursor is the cursor of an event in a list, which the caller makes by itself.
func eventCursor(l query.List, e *event.Event) query.Cursor {
	if l.Sort == "" {
		return query.EventCursor(e)
	}
	return query.SortedCursor(sortText(e, l.Sort), e.ID)
}
