package analysis

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/signal"
)

// analysed is what was concluded of one conversation, and what that asks for.
type analysed struct {
	id       string
	analysis *event.Analysis
	from     time.Time
	next     time.Time // when time may change it; zero: never
	before   []string  // the conversations of the person before it, which may have to know of it
}

// nothing removes what a conversation had that does not exist any more.
func nothing(id string) analysed {
	return analysed{id: id, analysis: &event.Analysis{ConversationID: id}}
}

// judge analyses conversations that were read. One that cannot be analysed keeps what it had: it must not stop
// all others.
func (a *Analysis) judge(all []*conversation) []analysed {
	a.mu.Lock()
	j := judgement{analyser: a.config.Analyser, settings: a.settings, learned: a.learned, version: Version(a.state.Generation), now: a.config.Now().UTC().Truncate(time.Microsecond)}
	a.mu.Unlock()
	out := make([]analysed, 0, len(all))
	for _, c := range all {
		d, err := a.one(&j, c)
		if err != nil {
			a.meters.failed.Inc()
			a.config.Logger.Error("conversation cannot be analysed", slog.Any("error", err))
			d = analysed{id: c.row.ID, from: c.row.FirstEventAt}
		}
		out = append(out, d)
	}
	a.meters.words.Add(j.words.Seconds())
	a.meters.messages.Add(j.messages)
	return out
}

func (a *Analysis) one(j *judgement, c *conversation) (d analysed, err error) {
	defer func() {
		if r := recover(); r != nil {
			// The value may quote what users wrote, which is never logged; its type and the stack say enough.
			err = fmt.Errorf("analysis panics with %T at %s", r, debug.Stack())
		}
	}()
	if len(c.events) == 0 {
		return nothing(c.row.ID), nil
	}
	x := j.conversation(c)
	return analysed{id: c.row.ID, analysis: x.analysis, from: c.row.FirstEventAt, next: x.verdict.Next, before: before(c)}, nil
}

// before are the conversations of the person that may have to know of this one: those that ended within
// [signal.Return] before it began and had no other begin between, and those that ended since, which may have been
// analysed when less of this one was there, so that it seemed to begin after them.
func before(c *conversation) []string {
	began := c.row.FirstEventAt
	var between time.Time // when the last of the others before this one began
	for _, v := range c.others {
		if v.From.Before(began) && v.From.After(between) {
			between = v.From
		}
	}
	var out []string
	for _, v := range c.others {
		earlier := !v.Until.After(began)
		if earlier && v.Until.Before(between) || began.Sub(v.Until) > signal.Return || v.Until.After(c.row.LastEventAt) {
			continue
		}
		out = append(out, v.ConversationID)
	}
	return out
}

// write stores what was concluded.
func (a *Analysis) write(ctx context.Context, done []analysed) error {
	var b eventstore.Batch
	for _, d := range done {
		if d.analysis != nil {
			b.Analyses = append(b.Analyses, d.analysis)
		}
	}
	if len(b.Analyses) == 0 {
		return nil
	}
	if _, err := a.config.Store.Write(ctx, &b); err != nil {
		return fmt.Errorf("write analyses: %w", err)
	}
	return nil
}

// judgement is one way of judging conversations.
type judgement struct {
	analyser Analyser
	settings signal.Settings
	learned  *Learned
	version  int64
	now      time.Time

	words    time.Duration // spent on them
	messages int
}

// concluded is all that was concluded of a conversation.
type concluded struct {
	analysis *event.Analysis
	verdict  signal.Verdict
	unrated  []event.Signal       // as if nobody had rated it
	found    *enrich.Conversation // of signal.Turns of the events
}

// conversation judges one.
func (j *judgement) conversation(c *conversation) concluded {
	began := time.Now()
	turns := signal.Turns(c.events)
	found := j.analyser.Analyse(turns)
	j.words += time.Since(began)
	j.messages += len(turns)
	in := signal.Conversation{ID: c.row.ID, Events: c.events, Found: &found, Others: c.others, Now: j.now}
	if c.converted != nil {
		in.Converts = func(e *event.Event) bool { return c.converted[e.ID] }
	}
	v := signal.Judge(&in, j.settings)
	x := &event.Analysis{
		ConversationID: c.row.ID, Version: j.version, AnalysedAt: j.now,
		Outcome: v.Outcome, OutcomeReason: v.Reason, Quality: rounded(v.Quality), Signals: v.Signals,
	}
	summarise(x, turns, &found)
	for i := range v.Signals {
		switch v.Signals[i].Name {
		case "dissatisfied_turn":
			x.DissatisfiedTurns++
		case "injection_attempt":
			x.InjectionAttempts++
		case "refusal":
			x.Refusals++
		case "failed_answer":
			x.FailedAnswers++
		case "bad_answer":
			x.BadAnswers++
		}
	}
	if found.Judged {
		x.PredictedRating, x.GoalReached = rounded(&found.Rating), rounded(&found.Goal)
	}
	unrated := j.unrated(&in, v.Signals)
	x.ImpliedSatisfaction = rounded(j.satisfaction(&found, unrated))
	return concluded{analysis: x, verdict: v, unrated: unrated, found: &found}
}

// unrated returns the signals of a conversation as if nobody had rated it: what is implied must not follow from
// what was said, or nothing could be learned of the one about the other.
func (j *judgement) unrated(in *signal.Conversation, signals []event.Signal) []event.Signal {
	if !slices.ContainsFunc(in.Events, signal.IsRating) {
		return signals
	}
	without := *in
	without.Events = slices.DeleteFunc(slices.Clone(in.Events), signal.IsRating)
	if len(without.Events) == 0 {
		return nil
	}
	return signal.Judge(&without, j.settings).Signals
}

// summarise says what the messages of the user are as a whole.
func summarise(x *event.Analysis, turns []enrich.Turn, found *enrich.Conversation) {
	languages, emotions := map[string]int{}, map[string]int{}
	sum, n := 0.0, 0
	for i, m := range found.Messages {
		if i >= len(turns) || turns[i].Role != event.RoleUser || turns[i].Text == "" {
			continue
		}
		if m.Language != "" {
			languages[m.Language] += len(turns[i].Text)
		}
		if m.Emotion != "" {
			emotions[m.Emotion]++
		}
		if m.Sentiment != "" {
			sum += m.SentimentScore
			n++
		}
	}
	x.Language = most(languages)
	x.Emotion = strongest(emotions)
	if n > 0 {
		score := sum / float64(n)
		x.SentimentScore = rounded(&score)
		switch {
		case score <= -0.2:
			x.Sentiment = "negative"
		case score >= 0.2:
			x.Sentiment = "positive"
		default:
			x.Sentiment = "neutral"
		}
	}
}

// most is the key with the highest count, the smaller of equal ones.
func most(counts map[string]int) string {
	best := ""
	for k, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && k < best {
			best = k
		}
	}
	return best
}

// strongest is the emotion that a conversation is shown with: anger before sadness before joy.
func strongest(counts map[string]int) string {
	for _, e := range []string{"angry", "sad", "happy", "others"} {
		if counts[e] > 0 {
			return e
		}
	}
	return ""
}

// rounded is to six decimals, so that sums in another order are the same figure.
func rounded(f *float64) *float64 {
	if f == nil || math.IsNaN(*f) || math.IsInf(*f, 0) {
		return nil
	}
	return new(math.Round(*f*1e6) / 1e6)
}
