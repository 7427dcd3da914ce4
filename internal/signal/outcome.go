package signal

import (
	"fmt"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Outcome is a rule that decides how a conversation ended.
type Outcome struct {
	Rule    string // its name
	Outcome string // an event.Outcome constant
	Text    string // in words
	// decide reports whether the rule holds, and why.
	decide func(t *talk) (reason string, holds bool)
}

// Outcomes returns the rules that decide how a conversation ended. The first that holds decides. A conversation
// that converted is converted whatever they say: what counts as a conversion is asked with the question.
func Outcomes() []Outcome { return rules }

var rules = []Outcome{
	{Rule: "person", Outcome: event.OutcomeEscalated, Text: "A person took over (signal: escalated to a person).", decide: person},
	{Rule: "going_on", Outcome: event.OutcomeOpen, Text: "Its last event is less than 30 min old, and nobody ended it.", decide: goingOn},
	{Rule: "rated_low", Outcome: event.OutcomeFailed, Text: "The user's last rating in it is below 40 of 100.", decide: ratedLow},
	{Rule: "taken", Outcome: event.OutcomeResolved, Text: "The last turn has a positive sign and none that outweighs it: thanks, a high rating, an answer copied, saved, executed or accepted, a conversion.", decide: taken},
	{Rule: "no_answer", Outcome: event.OutcomeFailed, Text: "Its last question got no answer (signal: unanswered).", decide: noAnswer},
	{Rule: "broken", Outcome: event.OutcomeFailed, Text: "The last answer failed, was refused or does not fit, or the user was dissatisfied with it: the signs of the last turn sum up to −0.3 or less, without counting that the user stopped it or left.", decide: broken},
	{Rule: "goal", Outcome: event.OutcomeResolved, Text: "By the words, the user got what was wanted, with a probability of at least 0.7.", decide: goal},
	{Rule: "left", Outcome: event.OutcomeAbandoned, Text: "The user left (signal: abandoned).", decide: left},
	{Rule: "may_return", Outcome: event.OutcomeOpen, Text: "It has one turn and no sign yet: whether its person comes back within 24 h decides.", decide: mayReturn},
	{Rule: "answered", Outcome: event.OutcomeResolved, Text: "The last question was answered, and nothing speaks against it.", decide: answered},
	{Rule: "rest", Outcome: event.OutcomeAbandoned, Text: "Nothing was answered.", decide: func(*talk) (string, bool) { return "nothing was answered", true }},
}

func (t *talk) outcome() (outcome, rule, reason string) {
	for _, r := range rules {
		if reason, holds := r.decide(t); holds {
			return r.Outcome, r.Rule, reason
		}
	}
	panic("BUG: no rule decides an outcome")
}

// next is when time alone may change what is concluded; zero: never.
func (t *talk) next() time.Time {
	last := t.lastTracked().OccurredAt
	if !t.over() {
		return last.Add(Idle)
	}
	if _, came := t.returned(); !came && t.undecided() && t.Now.Sub(last) < Return {
		return last.Add(Return)
	}
	return time.Time{}
}

func person(t *talk) (string, bool) {
	for _, s := range t.found {
		if s.Name == "escalation" {
			return s.Reason, true
		}
	}
	return "", false
}

func goingOn(t *talk) (string, bool) {
	return "its last event is less than 30 min old", !t.over()
}

func ratedLow(t *talk) (string, bool) {
	for i := len(t.found) - 1; i >= 0; i-- {
		if s := t.found[i]; s.Name == "rating" || s.Name == "thumbs" {
			return s.Reason, s.Weight < -0.2
		}
	}
	return "", false
}

// moods are signals of the user's last message that tell of more than the answer before it.
var moods = []string{"dissatisfied_turn", "rage", "turned_down", "asked_for_person"}

// lastTurn sums the weights of the last turn, and names what weighs most in the direction asked for.
func (t *talk) lastTurn(sign float64, holds func(*found) bool) (sum float64, strongest *found) {
	turn := t.turns[max(t.lastQuestion(), 0)]
	for i := range t.found {
		s := &t.found[i]
		ofLast := s.turn >= turn || t.turns[s.at] > turn || t.turns[s.at] == turn && slices.Contains(moods, s.Name)
		if s.Dimension != Answer || !ofLast || !holds(s) {
			continue
		}
		sum += s.Weight
		if s.Weight*sign > 0 && (strongest == nil || s.Weight*sign > strongest.Weight*sign) {
			strongest = s
		}
	}
	return sum, strongest
}

func taken(t *talk) (string, bool) {
	sum, best := t.lastTurn(1, func(s *found) bool { return s.Name != "follow_up" && s.Name != "return" })
	if best == nil || sum <= 0 {
		return "", false
	}
	return fmt.Sprintf("%s (%+.1f in the last turn)", best.said(), sum), true
}

// said is the reason, with the signal's name where it is no sentence without.
func (s *found) said() string {
	if s.group == Words {
		return s.title + ", " + s.Reason
	}
	return s.Reason
}

func noAnswer(t *talk) (string, bool) {
	for _, s := range t.found {
		if s.Name == "unanswered" && s.at == t.lastQuestion() {
			return s.Reason, true
		}
	}
	return "", false
}

// lastQuestion is the last message of the user that wants an answer; -1: none.
func (t *talk) lastQuestion() int {
	for _, m := range slices.Backward(t.messages) {
		if isUser(m.Event) && !t.closes(m.at) {
			return m.at
		}
	}
	return -1
}

func broken(t *talk) (string, bool) {
	sum, worst := t.lastTurn(-1, func(s *found) bool {
		return !slices.Contains([]string{"abandoned", "deleted", "closed_running", "cancelled"}, s.Name)
	})
	if worst == nil || sum > -0.3+1e-9 {
		return "", false
	}
	return fmt.Sprintf("%s (%+.1f in the last turn)", worst.said(), sum), true
}

func goal(t *talk) (string, bool) {
	if t.Found == nil || !t.Found.Judged || t.Found.Goal < 0.7 {
		return "", false
	}
	return fmt.Sprintf("goal reached with probability %.2f by the words", t.Found.Goal), true
}

func left(t *talk) (string, bool) {
	for _, s := range t.found {
		if s.Name == "abandoned" {
			return s.Reason, true
		}
	}
	for _, s := range t.found {
		if s.Name == "closed_running" || s.Name == "cancelled" {
			if s.turn == t.turns[len(t.turns)-1] && !answeredAfter(t.Events[s.at:]) {
				return s.Reason, true
			}
		}
	}
	return "", false
}

func mayReturn(t *talk) (string, bool) {
	if _, came := t.returned(); came || !t.undecided() || !t.answered() {
		return "", false
	}
	return "one turn and no sign yet", t.Now.Sub(t.lastTracked().OccurredAt) < Return
}

// answered reports whether anything was answered, or would not be told.
func (t *talk) answered() bool {
	return answeredAfter(t.Events) || !t.tellsAnswers()
}

func answered(t *talk) (string, bool) {
	if v, came := t.returned(); came && t.undecided() {
		return fmt.Sprintf("answered, and the person was back after %s", span(v.From.Sub(t.lastTracked().OccurredAt))), t.answered()
	}
	return "answered, and nothing speaks against it", t.answered()
}
