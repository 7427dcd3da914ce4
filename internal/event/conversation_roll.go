package event

import (
	"math"
	"time"
)

// Roll derives the conversation from its events, which must be all of one conversation's tracked
// events in conversation order ([Event.Before]). It is the definition: an engine that keeps roll-ups
// by other means must agree with it. It panics on an empty slice.
func Roll(events []*Event) Conversation {
	if len(events) == 0 {
		panic("BUG: roll of no events")
	}
	var r Roller
	for _, e := range events {
		r.Add(e)
	}
	return r.Conversation()
}

// Roller is [Roll] one event at a time. The zero value has seen none.
type Roller struct {
	c           Conversation
	firstUserAt time.Time // of the first user message
	asked       bool      // there was one
	scores      float64
	cost        float64
	priced      bool // a model call said its cost
}

// Add takes the next event in conversation order. It keeps strings of e, but not e.
func (r *Roller) Add(e *Event) {
	c := &r.c
	if c.Events == 0 {
		*c = Conversation{
			Workspace: e.Workspace, ID: e.ConversationID, Source: e.Source,
			At: e.OccurredAt, FirstEventAt: e.OccurredAt,
		}
	}
	c.Events++
	c.LastEventAt = e.OccurredAt
	firstOf(&c.UserID, e.UserID)
	firstOf(&c.AnonymousID, e.AnonymousID)
	firstOf(&c.SessionID, e.SessionID)
	firstOf(&c.GroupID, e.GroupID)
	firstOf(&c.AgentID, e.AgentID)
	firstOf(&c.Mode, e.Mode)
	firstOf(&c.Channel, e.Channel)
	firstOf(&c.Locale, e.Locale)
	if e.Title != "" {
		c.Title = e.Title
	}
	if e.ReportedMessageCount != nil {
		c.ReportedMessageCount = new(*e.ReportedMessageCount)
	}
	switch e.Kind {
	case KindConversation:
		c.rollLife(e)
	case KindMessage:
		c.rollMessage(e)
		r.respond(e)
	case KindTool:
		if e.Action == "called" {
			c.Actions++
			if e.ToolOK != nil && !*e.ToolOK {
				c.FailedTools++
			}
		}
	case KindGeneration:
		r.generate(e)
	case KindArtifact:
		switch e.Action {
		case "component_shown":
			c.Components++
		case "media_generated":
			c.Media++
		}
	case KindFeedback:
		c.Feedback++
		if e.Score != nil && e.Action == "rated" { // what an evaluator found is no user's rating
			c.Rated++
			r.scores += *e.Score
		}
	}
}

// generate counts a model call, and what it took.
func (r *Roller) generate(e *Event) {
	if !e.ModelCall() {
		return
	}
	c := &r.c
	c.ModelCalls++
	switch e.Action {
	case "failed":
		c.FailedCalls++
	case "cancelled":
		c.CancelledCalls++
	}
	firstOf(&c.Model, e.ResponseModel)
	firstOf(&c.Model, e.RequestModel)
	addTo(&c.InputTokens, e.InputTokens)
	addTo(&c.OutputTokens, e.OutputTokens)
	if e.CostUSD != nil {
		r.cost, r.priced = r.cost+*e.CostUSD, true
	}
}

// addTo adds n, if there is one, to a sum that is nil while there was none.
func addTo(sum **int64, n *int64) {
	switch {
	case n == nil:
	case *sum == nil:
		*sum = new(*n)
	default:
		*sum = new(**sum + *n) // anew: what Conversation returned stays
	}
}

// respond finds the first answer to the first user message.
func (r *Roller) respond(e *Event) {
	switch {
	case e.Role == RoleUser && !r.asked:
		r.asked, r.firstUserAt = true, e.OccurredAt
	case r.asked && r.c.FirstResponseMS == nil && (e.Role == RoleAgent || e.Role == RoleHumanAgent):
		r.c.FirstResponseMS = new(float64(e.OccurredAt.Sub(r.firstUserAt).Microseconds()) / 1e3)
	}
}

// Conversation is what follows from the events added so far: at least one.
func (r *Roller) Conversation() Conversation {
	c := r.c
	if c.Rated > 0 {
		c.Score = new(nineDecimals(r.scores / float64(c.Rated)))
	}
	if r.priced {
		c.CostUSD = new(nineDecimals(r.cost))
	}
	if c.Messages > 0 {
		c.DurationMS = new(float64(c.LastMessageAt.Sub(c.FirstMessageAt).Microseconds()) / 1e3)
	}
	return c
}

// nineDecimals rounds, so that equal numbers make equal sums in whatever order they were added.
func nineDecimals(n float64) float64 { return math.Round(n*1e9) / 1e9 }

func (c *Conversation) rollLife(e *Event) {
	switch e.Action {
	case "started":
		if !c.Started {
			c.Started, c.At = true, e.OccurredAt
		}
	case "ended", "deleted":
		c.Ended, c.EndedAt, c.EndReason = true, e.OccurredAt, e.Reason
	}
}

func (c *Conversation) rollMessage(e *Event) {
	c.Messages++
	if c.Messages == 1 {
		c.FirstMessageAt = e.OccurredAt
	}
	c.LastMessageAt = e.OccurredAt
	switch e.Role {
	case RoleUser:
		c.UserMessages++
		if c.Preview == "" && e.Body != nil {
			c.Preview = clip(*e.Body, PreviewChars)
		}
	case RoleAgent:
		c.AgentMessages++
	case RoleHumanAgent:
		c.HumanAgentMessages++
	}
}

func firstOf(dst *string, v string) {
	if *dst == "" {
		*dst = v
	}
}

// clip cuts s after n code points.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
