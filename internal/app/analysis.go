package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/debrief-dev/debrief/internal/analysis"
	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/signal"
)

// openAnalysis opens what concludes how conversations went.
func (a *App) openAnalysis(ctx context.Context, w metastore.Workspace) error {
	x, err := analysis.Open(ctx, analysis.Config{
		Store: a.store, Marks: analysisMarks{a.meta, w.ID, a.cfg.Log}, Analyser: enrich.New(), Conversions: conversionMatches(a.meta, w.ID),
		Analysed: a.topics.Note, Written: a.compute.TouchConversations,
		Metrics: a.metrics, Logger: a.cfg.Log,
	})
	if err != nil {
		return fmt.Errorf("open analysis: %w", err)
	}
	a.analysis = x
	return nil
}

// conversionMatches returns what counts as a conversion in a workspace.
func conversionMatches(meta *metastore.Store, workspace string) func(ctx context.Context) ([]*query.Filter, error) {
	return func(ctx context.Context) ([]*query.Filter, error) {
		all, err := settings{store: meta, workspace: workspace}.Conversions(ctx)
		if err != nil {
			return nil, err
		}
		var out []*query.Filter
		for _, c := range all {
			match, err := c.Match()
			if err != nil {
				return nil, fmt.Errorf("conversion %s: %w", c.Name, err)
			}
			out = append(out, match)
		}
		return out, nil
	}
}

// analysisMarks keep what is to be analysed of a workspace in the metadata store.
type analysisMarks struct {
	store     *metastore.Store
	workspace string
	log       *slog.Logger
}

var _ analysis.Marks = analysisMarks{}

// NoteConversations marks some.
func (m analysisMarks) NoteConversations(ctx context.Context, ids []string, position uint64, now time.Time, quiet, longest time.Duration) error {
	return m.store.NoteConversations(ctx, m.workspace, ids, position, now, quiet, longest)
}

// DueConversations returns those that are due.
func (m analysisMarks) DueConversations(ctx context.Context, now time.Time, cursor uint64, limit int) ([]analysis.Mark, error) {
	all, err := m.store.DueConversations(ctx, m.workspace, now, cursor, limit)
	out := make([]analysis.Mark, len(all))
	for i, x := range all {
		out[i] = analysis.Mark{Conversation: x.Conversation, Class: analysis.Class(x.Class), Position: x.Position, First: x.First, Due: x.Due}
	}
	return out, err
}

// SettleConversations removes some and adds others.
func (m analysisMarks) SettleConversations(ctx context.Context, done, add []analysis.Mark) error {
	return m.store.SettleConversations(ctx, m.workspace, markRows(done), markRows(add))
}

func markRows(marks []analysis.Mark) []metastore.AnalysisMark {
	out := make([]metastore.AnalysisMark, len(marks))
	for i, x := range marks {
		out[i] = metastore.AnalysisMark{Conversation: x.Conversation, Class: int(x.Class), Position: x.Position, First: x.First, Due: x.Due}
	}
	return out
}

// WaitingConversations counts them.
func (m analysisMarks) WaitingConversations(ctx context.Context) (int64, time.Time, error) {
	return m.store.WaitingConversations(ctx, m.workspace)
}

// State returns how far history is.
func (m analysisMarks) State(ctx context.Context) (analysis.State, error) {
	s, err := m.store.AnalysisState(ctx, m.workspace)
	return analysis.State(s), err
}

// SetProgress stores how far history is.
func (m analysisMarks) SetProgress(ctx context.Context, target int64, cursor string, finished bool) error {
	return m.store.SetAnalysisProgress(ctx, m.workspace, target, cursor, finished)
}

// SetLearned stores what was learned.
func (m analysisMarks) SetLearned(ctx context.Context, learned string, raise bool) error {
	return m.store.SetLearned(ctx, m.workspace, learned, raise)
}

// RaiseGeneration makes history be analysed again.
func (m analysisMarks) RaiseGeneration(ctx context.Context) error {
	return m.store.RaiseGeneration(ctx, m.workspace)
}

// Settings returns what people changed of signals. What cannot be read any more, of a signal that was renamed,
// say, changes nothing.
func (m analysisMarks) Settings(ctx context.Context) (signal.Settings, error) {
	all, err := m.store.SignalSettings(ctx, m.workspace)
	if err != nil {
		return nil, err
	}
	out := signal.Settings{}
	for name, text := range all {
		var s signal.Setting
		d, known := signal.Find(name)
		if err := json.Unmarshal([]byte(text), &s); err != nil || !known || d.Validate(s) != nil {
			m.log.Warn("setting of a signal is not understood", slog.String("signal", name))
			continue
		}
		out[name] = s
	}
	return out, nil
}

// SetSetting stores what somebody changed of a signal.
func (m analysisMarks) SetSetting(ctx context.Context, name string, s signal.Setting) error {
	text := ""
	if s.Off || s.Weight != nil || len(s.Thresholds) > 0 {
		b, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("encode setting of signal %s: %w", name, err)
		}
		text = string(b)
	}
	return m.store.SetSignalSetting(ctx, m.workspace, name, text)
}
