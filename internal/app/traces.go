package app

import (
	"context"
	"fmt"

	"github.com/debrief-dev/debrief/internal/derive"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/trace"
)

// openDeriver opens what joins the parts of traces. It tells the pipeline's subscribers what it stores.
func (a *App) openDeriver(ctx context.Context, w metastore.Workspace) error {
	d, err := derive.Open(ctx, derive.Config{
		Store: a.store, Marks: traceMarks{a.meta, w.ID}, Trace: trace.Deriver{Hash: bodyHash(w)}, Price: a.prices.Apply,
		Note:    a.noteDerived,
		Stored:  func(rows []*event.Event) { a.pipeline.Publish(rows) },
		Metrics: a.metrics, Logger: a.cfg.Log,
	})
	if err != nil {
		return fmt.Errorf("open deriver of traces: %w", err)
	}
	a.deriver = d
	return nil
}

// noteDerived tells of derived rows before they are stored.
func (a *App) noteDerived(ctx context.Context, rows []*event.Event) (done func(), err error) {
	if err := a.analysis.Note(ctx, rows, 0); err != nil {
		return nil, err
	}
	return a.people.NoteDerived(ctx, rows)
}

// traceMarks keep what is to be derived of a workspace in the metadata store.
type traceMarks struct {
	store     *metastore.Store
	workspace string
}

var _ derive.Marks = traceMarks{}

// Marks returns all.
func (t traceMarks) Marks(ctx context.Context) ([]derive.Mark, error) {
	all, err := t.store.TraceMarks(ctx, t.workspace)
	out := make([]derive.Mark, len(all))
	for i, m := range all {
		out[i] = derive.Mark(m)
	}
	return out, err
}

// PutMarks adds or replaces some.
func (t traceMarks) PutMarks(ctx context.Context, marks []derive.Mark) error {
	return t.store.PutTraceMarks(ctx, t.workspace, stored(marks))
}

// RemoveMarks removes those that are stored exactly so.
func (t traceMarks) RemoveMarks(ctx context.Context, marks []derive.Mark) error {
	return t.store.RemoveTraceMarks(ctx, t.workspace, stored(marks))
}

// TracedConversations returns all.
func (t traceMarks) TracedConversations(ctx context.Context) ([]string, error) {
	return t.store.TracedConversations(ctx, t.workspace)
}

// AddTracedConversations adds some.
func (t traceMarks) AddTracedConversations(ctx context.Context, ids []string) error {
	return t.store.AddTracedConversations(ctx, t.workspace, ids)
}

func stored(marks []derive.Mark) []metastore.TraceMark {
	out := make([]metastore.TraceMark, len(marks))
	for i, m := range marks {
		out[i] = metastore.TraceMark(m)
	}
	return out
}
