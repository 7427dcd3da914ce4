package trace

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const traceID = "13651b0000000000000000000000aaaa"

// hash is a stand-in for the keyed hash.
func hash(text string) string { return "h:" + strings.Join(strings.Fields(text), " ") }

func at(ms float64) time.Time { return t0.Add(time.Duration(ms * float64(time.Millisecond))) }

type edit func(*event.Event)

// span makes the row of a GenAI span. Parent "" is a root.
func span(id, parent, operation string, start, end float64, edits ...edit) *event.Event {
	e := &event.Event{
		ID: traceID + ":" + id, Source: "api", Vocabulary: "otel", SourceEvent: "span", SourceSubtype: operation,
		TraceID: traceID, SpanID: id, ParentSpanID: parent, OccurredAt: at(start), OriginalAt: at(start),
		ReceivedAt: at(10_000), LatencyMS: new(end - start), Kind: event.KindGeneration, Action: "completed", Actor: "agent",
		Operation: operation, CountsUsage: !isContainer(&event.Event{Operation: operation}),
	}
	for _, f := range edits {
		f(e)
	}
	if c := contentOf(e); parent == "" && e.Kind == event.KindGeneration {
		c.Root = true
		e.Parts = c.JSON()
	}
	return e
}

func tool(id, parent, name string, start, end float64, edits ...edit) *event.Event {
	return span(id, parent, "", start, end, append([]edit{func(e *event.Event) {
		e.Kind, e.Action, e.ToolName, e.CountsUsage, e.SourceSubtype = event.KindTool, "called", name, false, "execute_tool"
	}}, edits...)...)
}

func plain(id, parent string, start, end float64, edits ...edit) *event.Event {
	return span(id, parent, "", start, end, append([]edit{func(e *event.Event) {
		e.Kind, e.Action, e.CountsUsage, e.Actor = event.KindProduct, "traced", false, ""
	}}, edits...)...)
}

// record makes the row of a log with a span's id.
func record(span, name string, ms float64, edits ...edit) *event.Event {
	e := &event.Event{
		ID: fmt.Sprintf("log-%s-%s-%v", span, name, ms), Source: "api", Vocabulary: "otel", SourceEvent: "log", SourceSubtype: name, TraceID: traceID, SpanID: span,
		OccurredAt: at(ms), OriginalAt: at(ms), ReceivedAt: at(20_000), Kind: event.KindProduct, Action: "traced",
	}
	for _, f := range edits {
		f(e)
	}
	return e
}

func input(json string) edit {
	return func(e *event.Event) {
		c := contentOf(e)
		c.Input = ParseInput([]byte(json))
		e.Parts = c.JSON()
	}
}

func output(json string) edit {
	return func(e *event.Event) {
		c := contentOf(e)
		c.Output = ParseOutput([]byte(json))
		e.Parts = c.JSON()
	}
}

func user(text string) edit {
	return input(`[{"role":"user","parts":[{"type":"text","content":"` + text + `"}]}]`)
}

func answer(text string) edit {
	return output(`[{"role":"assistant","parts":[{"type":"text","content":"` + text + `"}],"finish_reason":"stop"}]`)
}

func asksTool(e *event.Event) {
	output(`[{"role":"assistant","parts":[{"type":"tool_call","id":"call-1","name":"check_stock","arguments":{"sku":"SKU-7"}}],"finish_reason":"tool_call"}]`)(e)
	e.FinishReason = "tool_call"
}

func tokens(in, out int64) edit {
	return func(e *event.Event) { e.InputTokens, e.OutputTokens = &in, &out }
}

func finish(reason string) edit { return func(e *event.Event) { e.FinishReason = reason } }

func response(id string) edit { return func(e *event.Event) { e.MessageID = id } }

func failed(errorType string) edit {
	return func(e *event.Event) { e.Action, e.ErrorType = "failed", errorType }
}

func ids(conversation, user, session string) edit {
	return func(e *event.Event) { e.ConversationID, e.UserID, e.SessionID = conversation, user, session }
}

// store is what a caller keeps: the newest revision of each row.
type store map[string]*event.Event

func (s store) add(rows ...*event.Event) {
	for _, e := range rows {
		if old := s[e.ID]; old == nil || e.Revision > old.Revision {
			s[e.ID] = e
		}
	}
}

// derive lets a deriver see all rows, and applies what it says as package derive does.
func (s store) derive(explicit ...*event.Event) Result {
	rows := slices.Collect(maps.Values(s))
	r := Deriver{Hash: hash}.Derive(rows, explicit)
	for _, e := range r.Puts {
		put := *e
		put.Revision++
		if old := s[e.ID]; old != nil && old.Revision >= put.Revision {
			panic("revision of " + e.ID + " is not that of the row given")
		}
		s[e.ID] = &put
	}
	for _, id := range r.Retracts {
		delete(s, id)
	}
	return r
}

// rows returns what is stored in conversation order, without revisions.
func (s store) rows() []*event.Event {
	var out []*event.Event
	for _, e := range s {
		c := *e
		c.Revision = 0
		out = append(out, &c)
	}
	slices.SortFunc(out, order)
	return out
}

// derived derives rows once, and checks that nothing is left to do.
func derived(t *testing.T, rows []*event.Event, explicit ...*event.Event) store {
	t.Helper()
	s := store{}
	s.add(rows...)
	s.derive(explicit...)
	if r := s.derive(explicit...); len(r.Puts) > 0 || len(r.Retracts) > 0 {
		t.Errorf("a second derivation puts %d rows and retracts %v; want none", len(r.Puts), r.Retracts)
		for _, e := range r.Puts {
			t.Logf("put %s %s: %+v", e.ID, e.Action, e.Repairs)
		}
	}
	return s
}

// talk is the messages of a store, one a line: "user: text", "agent: -" without body.
func (s store) talk() []string {
	var out []string
	for _, e := range s.rows() {
		if e.Kind == event.KindMessage {
			text := "-"
			if e.Body != nil {
				text = *e.Body
			}
			out = append(out, e.Role+": "+text)
		}
	}
	return out
}

func (s store) wantTalk(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.talk()); diff != "" {
		t.Errorf("messages differ (-want +got):\n%s", diff)
	}
}

// figures sums what counts.
type figures struct {
	In, Out                  int64
	Completed, Failed, Ended int // calls; Ended by cancelling
}

func (s store) figures() figures {
	var f figures
	for _, e := range s {
		if e.Kind != event.KindGeneration || !e.CountsUsage {
			continue
		}
		if e.InputTokens != nil {
			f.In += *e.InputTokens
		}
		if e.OutputTokens != nil {
			f.Out += *e.OutputTokens
		}
		switch e.Action {
		case "completed":
			f.Completed++
		case "failed":
			f.Failed++
		case "cancelled":
			f.Ended++
		}
	}
	return f
}

func (s store) wantFigures(t *testing.T, want figures) {
	t.Helper()
	if got := s.figures(); got != want {
		t.Errorf("counting calls make %+v, want %+v", got, want)
	}
}

// one returns a row by the end of its id.
func (s store) one(t *testing.T, suffix string) *event.Event {
	t.Helper()
	for id, e := range s {
		if strings.HasSuffix(id, suffix) {
			return e
		}
	}
	t.Fatalf("no row ends in %q among %v", suffix, slices.Sorted(maps.Keys(s)))
	return nil
}

func wantSame(t *testing.T, want, got []*event.Event) {
	t.Helper()
	a, b := make([]event.Event, len(want)), make([]event.Event, len(got))
	for i, e := range want {
		a[i] = comparable(e)
	}
	for i, e := range got {
		b[i] = comparable(e)
	}
	if reflect.DeepEqual(a, b) { // faster by far
		return
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("rows differ (-want +got):\n%s", diff)
	}
}
