// Package signal finds the signs of how well a conversation went (a rating, an answer that was copied, the same
// question again) and decides its outcome, by published rules: one file a sign, listed in [Catalogue]; the
// outcomes in outcome.go; how signs make a figure in quality.go. Weights are those of the specification of
// vocabularies, section D.3, and a judgement: people may change them, and thresholds, by [Settings].
//
// It is pure: a judgement is a function of the events, of what package enrich found in their words, of when the
// same person talked elsewhere, and of the time that is given. Judging again replaces everything, so late
// events correct it. Reasons carry numbers and never what somebody wrote.
package signal

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

// Version is that of the signals and rules in this package. Whoever changes what they find raises it, so that
// history is analysed again. It is below 1000.
const Version = 2

// Dimensions of signals. They are kept apart, so that friction of the user interface never lowers the quality
// of answers.
const (
	Answer     = "answer"
	Suggestion = "suggestion"
	Trust      = "trust"
	Tool       = "tool"
	Latency    = "latency"
	UI         = "ui"
)

// Group says where a signal comes from.
type Group string

// The groups of signals.
const (
	Explicit Group = "explicit" // somebody said so
	Action   Group = "action"   // what somebody did implies it
	Course   Group = "course"   // the course of the conversation shows it
	Words    Group = "words"    // what package enrich found in the words
)

// Definition is one signal of the catalogue.
type Definition struct {
	Name      string // stable, snake_case
	Title     string // two or three words
	Group     Group
	Dimension string
	// Weight is from -1 to 1; where the event says its weight itself, it is the usual one, and Weights says in
	// words which there are.
	Weight  float64
	Weights string
	// Rule says in words when there is such a signal. Names of thresholds stand in it in braces.
	Rule       string
	Thresholds []Threshold

	find func(f *finder)
}

// Threshold is a number that people may tune.
type Threshold struct {
	Name, Title       string
	Unit              string // "s", "min", "h", "words", "messages" or "" for a share or a score
	Default, Min, Max float64
}

// Visit is another conversation of the same person.
type Visit struct {
	ConversationID string
	From, Until    time.Time // its first and last event
}

// Conversation is what is judged.
type Conversation struct {
	ID string
	// Events are those of the conversation in order ([event.Event.Before]), at least one. They are not changed.
	Events []*event.Event
	// Found is what the analyser found in [Turns] of the events; nil: nobody looked.
	Found *enrich.Conversation
	// Others are the other conversations of the same person within a day before and after, in any order.
	Others []Visit
	// Converts reports whether an event counts as a conversion by the workspace's definitions; nil: those
	// alone that say so themselves do.
	Converts func(e *event.Event) bool
	// Now is when it is judged. Time alone may decide: see [Verdict.Next].
	Now time.Time
}

// Verdict is what was concluded of a conversation.
type Verdict struct {
	Signals []event.Signal // in the order of their events
	Turns   []Turn         // those that have a signal of dimension answer, in order
	Quality *float64       // mean of the turns' qualities, -1..1; nil without any
	Outcome string         // an event.Outcome constant but OutcomeConverted
	Rule    string         // the name of the rule that decided: [Outcomes]
	Reason  string         // in words, with numbers
	// Next is when the verdict may become another without any event; zero: never.
	Next time.Time
}

// Turn is a question with its answers.
type Turn struct {
	Index   int     // from 0
	Quality float64 // tanh of the sum of weights, -1..1
}

// Judge finds the signals of a conversation and its outcome. Settings may be nil.
func Judge(c *Conversation, s Settings) Verdict {
	t := newTalk(c)
	for _, d := range catalogue {
		setting := s[d.Name]
		if setting.Off {
			continue
		}
		d.find(&finder{talk: t, of: d, setting: setting})
	}
	t.override()
	t.sort()
	v := Verdict{Signals: t.signals()}
	v.Turns, v.Quality = t.quality(counts)
	v.Outcome, v.Rule, v.Reason = t.outcome()
	v.Next = t.next()
	return v
}

// Turns returns the messages among the events as the analyser reads them: what Found of a [Conversation] is of.
func Turns(events []*event.Event) []enrich.Turn {
	var turns []enrich.Turn
	for _, e := range events {
		if !isMessage(e) {
			continue
		}
		turn := enrich.Turn{Role: e.Role}
		if e.Body != nil {
			turn.Text = *e.Body
		}
		turns = append(turns, turn)
	}
	return turns
}

// IsMessage reports whether an event is one of the messages that [Turns] returns.
func IsMessage(e *event.Event) bool { return isMessage(e) }

func isMessage(e *event.Event) bool { return e.Kind == event.KindMessage }

// finder is what a definition finds with.
type finder struct {
	*talk
	of      *Definition
	setting Setting
}

// threshold returns a threshold of the definition as it is set.
func (f *finder) threshold(name string) float64 {
	if v, ok := f.setting.Thresholds[name]; ok {
		return v
	}
	for _, t := range f.of.Thresholds {
		if t.Name == name {
			return t.Default
		}
	}
	panic(fmt.Sprintf("BUG: signal %s has no threshold %q", f.of.Name, name))
}

// seconds is a threshold in seconds.
func (f *finder) seconds(name string) time.Duration {
	return time.Duration(f.threshold(name) * float64(time.Second))
}

// weightOf returns the weight that an event says itself, else the usual one; a set weight goes before both.
func (f *finder) weightOf(e *event.Event) float64 {
	switch {
	case f.setting.Weight != nil:
		return *f.setting.Weight
	case e != nil && e.SignalWeight != nil:
		return clamp(*e.SignalWeight)
	}
	return f.of.Weight
}

// see adds a signal that the event itself is; it judges the message that the event names, else the last
// answer before it. An event is one signal.
func (f *finder) see(at int, format string, args ...any) {
	e := f.Events[at]
	if f.taken[at] {
		return
	}
	f.taken[at] = true
	f.add(at, f.judged(at), f.weightOf(e), format, args...)
}

// conclude adds a signal that the course of the conversation shows at an event, of the usual weight.
func (f *finder) conclude(at, judged int, format string, args ...any) {
	f.add(at, judged, f.weightOf(nil), format, args...)
}

func (f *finder) add(at, judged int, weight float64, format string, args ...any) {
	e := f.Events[at]
	s := found{at: at, judged: judged, turn: f.turnOf(at, judged), group: f.of.Group, title: strings.ToLower(f.of.Title), Signal: event.Signal{
		Name: f.of.Name, Dimension: f.of.Dimension, Weight: clamp(weight), EventID: e.ID, At: e.OccurredAt, Reason: fmt.Sprintf(format, args...),
	}}
	switch {
	case judged >= 0:
		s.MessageID = f.Events[judged].MessageID
	case e.MessageID != "":
		s.MessageID = e.MessageID
	}
	f.found = append(f.found, s)
}

func clamp(w float64) float64 {
	if math.IsNaN(w) {
		return 0
	}
	return min(max(w, -1), 1)
}
