package event_test

import (
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// at makes an event of a conversation, s seconds into it.
func at(s float64, kind event.Kind, action string, edit ...func(*event.Event)) *event.Event {
	e := &event.Event{
		ID: kindID(kind, action, s), ConversationID: "c", Source: "web", Kind: kind, Action: action,
		OccurredAt: t0.Add(time.Duration(s * float64(time.Second))),
	}
	for _, f := range edit {
		f(e)
	}
	return e
}

func kindID(k event.Kind, a string, s float64) string {
	return string(k) + a + time.Duration(s*float64(time.Second)).String()
}

func role(r, body string) func(*event.Event) {
	return func(e *event.Event) { e.Role, e.Body = r, &body }
}

func TestRollCountsWhatAPersonWould(t *testing.T) {
	score := func(v float64) func(*event.Event) { return func(e *event.Event) { e.Score = &v } }
	c := event.Roll([]*event.Event{
		at(0, event.KindMessage, "received", role(event.RoleAgent, "Hello, how can I help?")),
		at(1, event.KindConversation, "started"),
		at(2, event.KindMessage, "sent", role(event.RoleUser, "price of AAPL?")),
		at(3, event.KindTool, "called"),
		at(4.5, event.KindMessage, "received", role(event.RoleAgent, "$180")),
		at(5, event.KindArtifact, "component_shown"),
		at(6, event.KindFeedback, "rated", score(1)),
		at(7, event.KindFeedback, "rated", score(0.5)),
		at(8, event.KindFeedback, "commented"),
		at(8.5, event.KindFeedback, "evaluated", score(0)), // no user's rating
		at(9, event.KindConversation, "ended", func(e *event.Event) { e.Reason = "explicit" }),
	})
	if c.At != t0.Add(time.Second) || !c.Started {
		t.Errorf("at %s, want the explicit start", c.At)
	}
	if c.Messages != 3 || c.UserMessages != 1 || c.AgentMessages != 2 || c.Events != 11 {
		t.Errorf("messages %d user %d agent %d events %d, want 3 1 2 11", c.Messages, c.UserMessages, c.AgentMessages, c.Events)
	}
	if *c.DurationMS != 4500 || *c.FirstResponseMS != 2500 {
		t.Errorf("duration %v first response %v, want 4500 2500", *c.DurationMS, *c.FirstResponseMS)
	}
	if c.Feedback != 4 || c.Rated != 2 || *c.Score != 0.75 {
		t.Errorf("feedback %d rated %d score %v, want 4 2 0.75", c.Feedback, c.Rated, *c.Score)
	}
	if c.Actions != 1 || c.Components != 1 || c.Media != 0 {
		t.Errorf("actions %d components %d media %d, want 1 1 0", c.Actions, c.Components, c.Media)
	}
	if !c.Ended || c.EndReason != "explicit" || c.Preview != "price of AAPL?" {
		t.Errorf("ended %v %q, preview %q", c.Ended, c.EndReason, c.Preview)
	}
}

func TestRollOfOneMessage(t *testing.T) {
	c := event.Roll([]*event.Event{at(0, event.KindMessage, "sent", role(event.RoleUser, "hi"))})
	if c.DurationMS == nil || *c.DurationMS != 0 || c.FirstResponseMS != nil || c.Started || c.At != t0 {
		t.Errorf("duration %v first response %v started %v at %s; want 0, none, false, %s", c.DurationMS, c.FirstResponseMS, c.Started, c.At, t0)
	}
}

func TestRollWithoutMessagesHasNoDuration(t *testing.T) {
	c := event.Roll([]*event.Event{at(0, event.KindConversation, "started")})
	if c.DurationMS != nil || c.Messages != 0 {
		t.Errorf("duration %v of %d messages, want none of 0", c.DurationMS, c.Messages)
	}
}

func TestBeforeIsATotalOrder(t *testing.T) {
	a := at(0, event.KindMessage, "sent")
	later := at(1, event.KindMessage, "sent")
	original := at(0, event.KindMessage, "sent", func(e *event.Event) { e.OriginalAt = t0 })
	request := at(0, event.KindMessage, "sent", func(e *event.Event) { e.RequestSeq = 1 })
	index := at(0, event.KindMessage, "sent", func(e *event.Event) { e.BatchIndex = 1 })
	id := at(0, event.KindMessage, "sent", func(e *event.Event) { e.ID = "z" })
	want := []*event.Event{a, id, index, request, original, later}
	got := []*event.Event{later, original, request, index, id, a}
	slices.SortFunc(got, func(a, b *event.Event) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
	if !slices.Equal(got, want) {
		t.Errorf("order of events differs from time, original time, request, index, id")
	}
}

func TestScoreDoesNotDependOnTheOrderOfRatings(t *testing.T) {
	roll := func(scores ...float64) float64 {
		var events []*event.Event
		for i, s := range scores {
			events = append(events, at(float64(i), event.KindFeedback, "rated", func(e *event.Event) { e.Score = &s }))
		}
		return *event.Roll(events).Score
	}
	if a, b := roll(0.1, 0.7, 1), roll(1, 0.7, 0.1); a != b || a != 0.6 {
		t.Errorf("the same ratings make %v and %v, want 0.6", a, b)
	}
}

func TestRollCountsModelCalls(t *testing.T) {
	call := func(input, output *int64, cost *float64, model string) func(*event.Event) {
		return func(e *event.Event) {
			e.CountsUsage, e.InputTokens, e.OutputTokens, e.CostUSD, e.RequestModel = true, input, output, cost, model
		}
	}
	c := event.Roll([]*event.Event{
		at(0, event.KindGeneration, "completed", func(e *event.Event) { e.Operation, e.InputTokens = "agent", new(int64(99)) }),
		at(1, event.KindGeneration, "first_token", call(new(int64(99)), nil, nil, "")),
		at(2, event.KindGeneration, "completed", call(new(int64(200)), new(int64(40)), new(0.1), "")),
		at(3, event.KindGeneration, "completed", call(nil, new(int64(1)), new(0.7), "m"), func(e *event.Event) { e.ResponseModel = "m-1" }),
		at(4, event.KindGeneration, "failed", call(new(int64(56)), nil, new(1.0), "n")),
		at(5, event.KindGeneration, "cancelled", call(nil, nil, nil, "")),
		at(6, event.KindTool, "called", func(e *event.Event) { e.ToolOK = new(false) }),
		at(7, event.KindTool, "permission_answered", func(e *event.Event) { e.ToolOK = new(false) }),
	})
	if c.ModelCalls != 4 || c.FailedCalls != 1 || c.CancelledCalls != 1 || c.FailedTools != 1 || c.Model != "m-1" {
		t.Errorf("calls %d failed %d cancelled %d failed tools %d model %q, want 4 1 1 1 m-1", c.ModelCalls, c.FailedCalls, c.CancelledCalls, c.FailedTools, c.Model)
	}
	if *c.InputTokens != 256 || *c.OutputTokens != 41 || *c.CostUSD != 1.8 {
		t.Errorf("tokens %d %d cost %v, want 256 41 1.8", *c.InputTokens, *c.OutputTokens, *c.CostUSD)
	}
	c = event.Roll([]*event.Event{at(0, event.KindGeneration, "completed", call(nil, nil, nil, ""))})
	if c.ModelCalls != 1 || c.InputTokens != nil || c.OutputTokens != nil || c.CostUSD != nil {
		t.Errorf("a call that says nothing: %+v, want no tokens and no cost", c)
	}
}

// What a roller has answered stays as it was when further events are added.
func TestRollerAnswersStay(t *testing.T) {
	var r event.Roller
	e := at(0, event.KindGeneration, "completed", func(e *event.Event) { e.CountsUsage, e.InputTokens, e.CostUSD = true, new(int64(5)), new(0.5) })
	r.Add(e)
	before := r.Conversation()
	r.Add(e)
	if after := r.Conversation(); *before.InputTokens != 5 || *before.CostUSD != 0.5 || *after.InputTokens != 10 || *after.CostUSD != 1 {
		t.Errorf("before %d %v, after %d %v", *before.InputTokens, *before.CostUSD, *after.InputTokens, *after.CostUSD)
	}
}
