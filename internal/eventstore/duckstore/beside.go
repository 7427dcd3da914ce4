package duckstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// What is known of conversations beside their rows is in three tables of the hot file, since it comes
// from three writers at times of their own, and survives the roll-ups. Questions join those that they
// need.
var besideTables = []struct{ name, suffix string }{{"analyses", "a"}, {"topics", "t"}, {"labels", "b"}}

// besideFields are the computed fields that come from them.
var besideFields = []string{"outcome", "satisfaction", "satisfaction_band", "satisfaction_source", "signal", "label"}

// table is where a column of conversations is, and notes that it is needed.
func (s *chatScope) table(column string) string {
	of := func(i int) string {
		s.needs[besideTables[i].name] = true
		return s.alias + besideTables[i].suffix
	}
	switch {
	case column == "topic" || column == "topic_group":
		return of(1)
	case column != "conversation_id" && slices.ContainsFunc(analysisColumns, func(c string) bool { return strings.HasPrefix(c, column+" ") }):
		return of(0)
	}
	return s.alias
}

// besideField compiles one of besideFields.
func (s *chatScope) besideField(f query.Field) expr {
	x := expr{typ: f.Type, set: f.Set}
	switch f.Name {
	case "outcome":
		x.sql = s.table("outcome") + ".outcome"
		if s.c.conversion != nil {
			s.needs["converted"] = true
			x.sql = fmt.Sprintf("CASE WHEN %sv.converted_at IS NOT NULL THEN '%s' ELSE %s END", s.alias, event.OutcomeConverted, x.sql)
		}
	case "satisfaction":
		x.sql = s.satisfaction()
	case "satisfaction_band":
		x.sql = fmt.Sprintf("CASE WHEN %[1]s < %[2]v THEN '%[4]s' WHEN %[1]s < %[3]v THEN '%[5]s' WHEN %[1]s IS NOT NULL THEN '%[6]s' END",
			s.satisfaction(), query.SatisfactionFair, query.SatisfactionGood, query.BandPoor, query.BandFair, query.BandGood)
	case "satisfaction_source":
		x.sql = fmt.Sprintf("CASE WHEN %s.score IS NOT NULL THEN '%s' WHEN %s.implied_satisfaction IS NOT NULL THEN '%s' END",
			s.alias, query.SatisfactionRated, s.table("implied_satisfaction"), query.SatisfactionInferred)
	case "signal":
		x.once = true
		x.sql = fmt.Sprintf("coalesce(%s.signal_names, [])", s.table("signal_names"))
	case "label":
		x.once = true
		s.needs["labels"] = true
		x.sql = fmt.Sprintf("coalesce(%sb.labels, [])", s.alias)
	}
	return x
}

// satisfaction is the field of this name.
func (s *chatScope) satisfaction() string {
	return fmt.Sprintf("coalesce(%s.score, %s.implied_satisfaction)", s.alias, s.table("implied_satisfaction"))
}

// besides reports whether a batch says something beside its rows.
func besides(b *eventstore.Batch) bool {
	return len(b.Analyses)+len(b.Topics)+len(b.Labels)+len(b.Identities) > 0
}

// writeBeside replaces what conversations, and ids, had.
func (w *writer) writeBeside(b *eventstore.Batch) error {
	if err := replaceBeside(w.db, "analyses", "conversation_id", b.Analyses, func(x *event.Analysis) string { return x.ConversationID }, appendAnalysis); err != nil {
		return err
	}
	if err := replaceBeside(w.db, "topics", "conversation_id", b.Topics, func(x event.ConversationTopic) string { return x.ConversationID }, appendTopic); err != nil {
		return err
	}
	err := replaceBeside(w.db, "labels", "conversation_id", b.Labels, func(x event.ConversationLabels) string { return x.ConversationID }, appendLabels)
	if err != nil {
		return err
	}
	return w.decide(b.Identities)
}

// replaceBeside takes the rows with some ids out of a table and appends what put makes of the last that is said of
// each, which may be nothing.
func replaceBeside[T any](db *native, table, column string, said []T, id func(T) string, put func(a *appender, x T) error) error {
	if len(said) == 0 {
		return nil
	}
	last := make(map[string]int, len(said))
	var ids []string
	for i, x := range said {
		if _, again := last[id(x)]; !again {
			ids = append(ids, id(x))
		}
		last[id(x)] = i
	}
	if err := db.exec("DELETE FROM "+table+" WHERE "+column+" IN "+unnestList("$1"), idList(ids)); err != nil {
		return err
	}
	a, err := db.newAppender(table, smallArena)
	if err != nil {
		return err
	}
	defer a.close()
	for i, x := range said {
		if last[id(x)] != i {
			continue
		}
		if err := put(a, x); err != nil {
			return err
		}
	}
	return a.flush()
}

func appendAnalysis(a *appender, x *event.Analysis) error {
	if x.Version == 0 {
		return nil
	}
	col := -1
	next := func() int { col++; return col }
	text := func(s string) { a.text(next(), s) }
	count := func(n int64) { a.int64(next(), n) }
	number := func(p *float64) {
		if next(); p != nil {
			a.float64(col, *p)
		}
	}
	text(x.ConversationID)
	count(x.Version)
	a.time(next(), x.AnalysedAt)
	text(x.Outcome)
	text(x.OutcomeReason)
	text(x.Language)
	text(x.Sentiment)
	number(x.SentimentScore)
	text(x.Emotion)
	number(x.Quality)
	number(x.ImpliedSatisfaction)
	number(x.PredictedRating)
	number(x.GoalReached)
	count(x.DissatisfiedTurns)
	count(x.InjectionAttempts)
	count(x.Refusals)
	count(x.FailedAnswers)
	count(x.BadAnswers)
	if next(); len(x.Signals) > 0 {
		a.list(col, signalNames(x.Signals))
		signals, err := json.Marshal(x.Signals)
		if err != nil {
			return fmt.Errorf("analysis of conversation %s: %w", x.ConversationID, err)
		}
		text(string(signals))
	}
	return a.next()
}

// signalNames are the names of signals, each once, in order of the first.
func signalNames(signals []event.Signal) []string {
	names := make([]string, 0, len(signals))
	for i := range signals {
		if name := signals[i].Name; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func appendTopic(a *appender, x event.ConversationTopic) error {
	if x.Topic == "" {
		return nil
	}
	a.text(0, x.ConversationID)
	a.text(1, x.Topic)
	a.text(2, x.Group)
	return a.next()
}

func appendLabels(a *appender, x event.ConversationLabels) error {
	set := slices.DeleteFunc(slices.Clone(x.Labels), func(s string) bool { return s == "" })
	if len(set) == 0 {
		return nil
	}
	slices.Sort(set)
	a.text(0, x.ConversationID)
	a.list(1, slices.Compact(set))
	return a.next()
}

// Analyses implements [eventstore.Reader].
func (s *Store) Analyses(ctx context.Context, ids []string) (map[string]*event.Analysis, error) {
	if len(ids) > query.MaxPage {
		return nil, fmt.Errorf("%w: analyses of %d conversations; ask for at most %d", eventstore.ErrInvalid, len(ids), query.MaxPage)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("read analyses: %w", err)
	}
	defer v.close()
	out := make(map[string]*event.Analysis, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := v.tx.QueryContext(ctx, `SELECT conversation_id, analysis_version, analysed_at, outcome, outcome_reason, language, sentiment,
		sentiment_score, emotion, quality, implied_satisfaction, predicted_rating, goal_reached,
		dissatisfied_turns, injection_attempts, refusals, failed_answers, bad_answers, signals
		FROM analyses WHERE conversation_id IN `+unnestList("$1"), idList(ids))
	if err != nil {
		return nil, fmt.Errorf("read analyses: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		a, err := scanAnalysis(rows)
		if err != nil {
			return nil, fmt.Errorf("read analyses: %w", err)
		}
		out[a.ConversationID] = a
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read analyses: %w", err)
	}
	return out, nil
}

func scanAnalysis(rows *sql.Rows) (*event.Analysis, error) {
	a := &event.Analysis{}
	var at sql.NullTime
	var outcome, reason, language, sentiment, emotion, signals sql.NullString
	var score, quality, implied, rating, goal sql.NullFloat64
	err := rows.Scan(&a.ConversationID, &a.Version, &at, &outcome, &reason, &language, &sentiment,
		&score, &emotion, &quality, &implied, &rating, &goal,
		&a.DissatisfiedTurns, &a.InjectionAttempts, &a.Refusals, &a.FailedAnswers, &a.BadAnswers, &signals)
	if err != nil {
		return nil, err
	}
	if at.Valid {
		a.AnalysedAt = at.Time.UTC()
	}
	a.Outcome, a.OutcomeReason, a.Language, a.Sentiment, a.Emotion = outcome.String, reason.String, language.String, sentiment.String, emotion.String
	a.SentimentScore, a.Quality, a.ImpliedSatisfaction = pointer(score), pointer(quality), pointer(implied)
	a.PredictedRating, a.GoalReached = pointer(rating), pointer(goal)
	if signals.Valid {
		if err := json.Unmarshal([]byte(signals.String), &a.Signals); err != nil {
			return nil, fmt.Errorf("signals of conversation %s: %w", a.ConversationID, err)
		}
	}
	for i := range a.Signals {
		a.Signals[i].At = a.Signals[i].At.UTC().Truncate(time.Microsecond)
	}
	return a, nil
}

// besideColumns are what a page says of conversations beside their rows, in the order of scanBeside.
const besideColumns = `a.outcome, a.language, a.sentiment, a.emotion, a.quality, a.implied_satisfaction, a.predicted_rating,
	a.signal_names, t.topic, t.topic_group, b.labels`

// besideRow is a row of besideColumns.
type besideRow struct {
	outcome, language, sentiment, emotion, topic, group sql.NullString
	quality, implied, rating                            sql.NullFloat64
	signals, labels                                     any
}

func (r *besideRow) into() []any {
	return []any{&r.outcome, &r.language, &r.sentiment, &r.emotion, &r.quality, &r.implied, &r.rating, &r.signals, &r.topic, &r.group, &r.labels}
}

// fill sets what a row of a page says; converted and score are set.
func (r *besideRow) fill(c *eventstore.ConversationRow) {
	c.Outcome = r.outcome.String
	if c.Converted {
		c.Outcome = event.OutcomeConverted
	}
	c.Language, c.Sentiment, c.Emotion = r.language.String, r.sentiment.String, r.emotion.String
	c.Topic, c.TopicGroup = r.topic.String, r.group.String
	c.Quality, c.ImpliedSatisfaction, c.PredictedRating = pointer(r.quality), pointer(r.implied), pointer(r.rating)
	switch {
	case c.Score != nil:
		c.Satisfaction, c.SatisfactionSource = new(*c.Score), query.SatisfactionRated
	case c.ImpliedSatisfaction != nil:
		c.Satisfaction, c.SatisfactionSource = new(*c.ImpliedSatisfaction), query.SatisfactionInferred
	}
	c.Signals, c.Labels = stringsOf(r.signals), stringsOf(r.labels)
}

// stringsOf is a list column as strings; nil where absent.
func stringsOf(list any) []string {
	items, _ := list.([]any)
	out := make([]string, 0, len(items))
	for _, x := range items {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
