package app

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/debrief-dev/debrief/internal/analysis"
	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/compute"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/signal"
)

// analyses shows the API what is concluded of conversations.
type analyses struct{ of *analysis.Analysis }

var _ api.Analyses = analyses{}

// problem translates errors.
func problem(err error) error {
	switch {
	case errors.Is(err, analysis.ErrUnknown), errors.Is(err, eventstore.ErrNotFound):
		return fmt.Errorf("%w: %w", api.ErrNotFound, err)
	case errors.Is(err, analysis.ErrInvalid):
		return fmt.Errorf("%w: %w", api.ErrInvalid, err)
	}
	return err
}

// Signals returns the catalogue.
func (a analyses) Signals(context.Context) (api.Signals, error) {
	settings, out := a.of.Settings(), api.Signals{}
	for _, d := range signal.Catalogue() {
		out.Signals = append(out.Signals, describeSignal(d, settings[d.Name]))
	}
	for _, r := range signal.Outcomes() {
		out.Outcomes = append(out.Outcomes, outcomeRule(r))
	}
	return out, nil
}

func outcomeRule(r signal.Outcome) api.OutcomeRule {
	return api.OutcomeRule{Rule: r.Rule, Outcome: r.Outcome, Text: r.Text}
}

func describeSignal(d *signal.Definition, s signal.Setting) api.Signal {
	out := api.Signal{
		Name: d.Name, Title: d.Title, Group: string(d.Group), Dimension: d.Dimension, Weight: d.Weight, DefaultWeight: d.Weight, FixedWeight: d.FixedWeight(),
		Weights: d.Weights, Rule: d.Rule, Off: s.Off, Changed: s.Off || s.Weight != nil || len(s.Thresholds) > 0, Thresholds: []api.SignalThreshold{},
	}
	if s.Weight != nil {
		out.Weight = *s.Weight
	}
	for _, t := range d.Thresholds {
		x := api.SignalThreshold{Name: t.Name, Title: t.Title, Unit: t.Unit, Value: t.Default, Default: t.Default, Min: t.Min, Max: t.Max}
		if v, ok := s.Thresholds[t.Name]; ok {
			x.Value = v
		}
		out.Thresholds = append(out.Thresholds, x)
	}
	return out
}

// setting is what people send, without what is the default anyway.
func setting(d *signal.Definition, in api.SignalSetting) signal.Setting {
	s := signal.Setting{Off: in.Off, Thresholds: map[string]float64{}}
	if in.Weight != nil && (*in.Weight != d.Weight || d.Weights != "") {
		s.Weight = in.Weight
	}
	for name, v := range in.Thresholds {
		s.Thresholds[name] = v
	}
	for _, t := range d.Thresholds {
		if s.Thresholds[t.Name] == t.Default {
			delete(s.Thresholds, t.Name)
		}
	}
	return s
}

func findSignal(name string) (*signal.Definition, error) {
	d, ok := signal.Find(name)
	if !ok {
		return nil, problem(fmt.Errorf("%w: %q", analysis.ErrUnknown, name))
	}
	return d, nil
}

// SetSignal changes one.
func (a analyses) SetSignal(ctx context.Context, name string, in api.SignalSetting) (api.Signal, error) {
	d, err := findSignal(name)
	if err != nil {
		return api.Signal{}, err
	}
	s := setting(d, in)
	if err := a.of.SetSetting(ctx, name, s); err != nil {
		return api.Signal{}, problem(err)
	}
	return describeSignal(d, a.of.Settings()[name]), nil
}

// PreviewSignal says what another setting would find.
func (a analyses) PreviewSignal(ctx context.Context, name string, in api.SignalSetting) (api.SignalPreview, error) {
	d, err := findSignal(name)
	if err != nil {
		return api.SignalPreview{}, err
	}
	p, err := a.of.Preview(ctx, name, setting(d, in))
	if err != nil {
		return api.SignalPreview{}, problem(err)
	}
	findings := func(all []analysis.Example) []api.SignalFinding {
		out := []api.SignalFinding{}
		for _, x := range all {
			out = append(out, api.SignalFinding(x))
		}
		return out
	}
	return api.SignalPreview{
		Signal: name, From: p.From, Until: p.Until, Conversations: p.Conversations, Of: p.Of, Now: p.Now, Then: p.Then,
		Gained: findings(p.Gained), Lost: findings(p.Lost),
	}, nil
}

// Progress says how far the analysis is.
func (a analyses) Progress(ctx context.Context) (api.AnalysisProgress, error) {
	p, err := a.of.Progress(ctx)
	return api.AnalysisProgress(p), err
}

// Rerun makes history be analysed again.
func (a analyses) Rerun(ctx context.Context) error { return a.of.Rerun(ctx) }

// Explain analyses one conversation.
func (a analyses) Explain(ctx context.Context, id string) (api.AnalysisExplained, error) {
	x, err := a.of.Explain(ctx, id)
	if err != nil {
		return api.AnalysisExplained{}, problem(err)
	}
	out := api.AnalysisExplained{Analysis: api.ConversationAnalysis{Analysis: x.Analysis, Signals: append([]event.Signal{}, x.Analysis.Signals...)}, Rule: outcomeRule(x.Rule), Turns: []api.AnalysedTurn{}, Messages: []api.AnalysedMessage{}}
	if x.Judged {
		out.Satisfaction = new(round3(x.Satisfaction))
	}
	for _, t := range x.Turns {
		out.Turns = append(out.Turns, api.AnalysedTurn{Index: t.Index, Quality: round3(t.Quality)})
	}
	for i := range x.Messages {
		out.Messages = append(out.Messages, analysedMessage(&x.Messages[i]))
	}
	return out, nil
}

func analysedMessage(m *analysis.Message) api.AnalysedMessage {
	out := api.AnalysedMessage{
		EventID: m.EventID, MessageID: m.MessageID, Role: m.Role, At: m.At, Captured: m.Captured,
		Language: m.Found.Language, Sentiment: m.Found.Sentiment, Emotion: m.Found.Emotion, Scores: []api.AnalysedScore{},
	}
	if m.Found.Sentiment != "" {
		out.SentimentScore = new(round3(m.Found.SentimentScore))
	}
	for _, s := range m.Scores() {
		x := api.AnalysedScore{Name: s.Name, Score: round3(s.Score)}
		for _, r := range s.Because {
			x.Because = append(x.Because, api.AnalysedReason{What: r.What, Weight: round3(r.Weight)})
		}
		out.Scores = append(out.Scores, x)
	}
	return out
}

func round3(x float64) float64 { return math.Round(x*1e3) / 1e3 }

// Learning returns what was learned.
func (a analyses) Learning(context.Context) (api.Learning, error) {
	return learning(a.of.Learned()), nil
}

// Learn learns now.
func (a analyses) Learn(ctx context.Context) (api.Learning, error) {
	l, err := a.of.Learn(ctx)
	return learning(l), err
}

func learning(l analysis.Learned) api.Learning {
	out := api.Learning{Ratings: l.Ratings, Needed: analysis.FewestRatings, Used: l.Used, Reason: l.Reason, Terms: []api.LearnedTerm{}}
	if !l.At.IsZero() {
		out.At = &l.At
	}
	if l.Own != nil && l.Shipped != nil {
		out.Folds = analysis.LearningFolds
		out.Learned = &api.LearningFit{AUC: round3(l.Own.Value), Lo: round3(l.Own.Lo), Hi: round3(l.Own.Hi)}
		out.Shipped = &api.LearningFit{AUC: round3(l.Shipped.Value), Lo: round3(l.Shipped.Lo), Hi: round3(l.Shipped.Hi)}
	}
	for _, t := range l.Terms {
		out.Terms = append(out.Terms, api.LearnedTerm{Name: t.Name, Title: t.Title(), Weight: round3(t.Weight), N: t.N, Words: t.Words()})
	}
	return out
}

// definitions make history be analysed, and traits and audiences be computed, again when what counts as a conversion
// changes.
type definitions struct {
	settings
	analysis *analysis.Analysis
	compute  *compute.Compute
}

var _ api.Conversions = definitions{}

// PutConversion adds or replaces a definition.
func (d definitions) PutConversion(ctx context.Context, c insight.Conversion) error {
	if err := d.settings.PutConversion(ctx, c); err != nil {
		return err
	}
	return d.changed(ctx)
}

// DeleteConversion removes one.
func (d definitions) DeleteConversion(ctx context.Context, name string) error {
	if err := d.settings.DeleteConversion(ctx, name); err != nil {
		return err
	}
	return d.changed(ctx)
}

func (d definitions) changed(ctx context.Context) error {
	if err := d.compute.ConversionsChanged(ctx); err != nil {
		return err
	}
	return d.analysis.Rerun(ctx)
}
