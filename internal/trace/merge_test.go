package trace

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

// sent makes a message that a client sent itself.
func sent(id, role, body string, ms float64, edits ...edit) *event.Event {
	e := &event.Event{
		ID: "track-" + id, Source: "web", Vocabulary: "segment", Kind: event.KindMessage, Action: "sent", Role: role, Actor: role,
		ConversationID: "conv-1", MessageID: id, OccurredAt: at(ms), OriginalAt: at(ms), ReceivedAt: at(ms), Body: &body, BodyHash: hash(body),
	}
	if role == event.RoleAgent {
		e.Action = "received"
	}
	for _, f := range edits {
		f(e)
	}
	return e
}

func withoutBody(e *event.Event) { e.Body, e.BodyHash = nil, "" }

func oneCall(edits ...edit) []*event.Event {
	return []*event.Event{span("c", "", "chat", 0, 1000, append([]edit{ids("conv-1", "", ""), finish("stop"), tokens(5, 3)}, edits...)...)}
}

func TestMessagesOfTwoSourcesAreOne(t *testing.T) {
	rows := oneCall(user("price  of AAPL?"), answer("$180"), response("resp-1"))
	s := derived(t, rows, sent("m1", event.RoleUser, "price of AAPL?", -300), sent("m2", event.RoleAgent, "$180", 1200))
	s.wantTalk(t)
	e := s.one(t, ":c")
	if e.MessageID != "m2" {
		t.Errorf("the call made message %q, want the client's", e.MessageID)
	}
	want := []event.Repair{{Code: CodeFromTrace, From: "turn_id"}, {Code: CodeMerged, From: "user", To: "m1"},
		{Code: CodeMerged, From: "agent", To: "m2"}, {Code: CodeFromTrace, From: "message_id=resp-1", To: "m2"}}
	if diff := cmp.Diff(want, e.Repairs); diff != "" {
		t.Errorf("repairs differ (-want +got):\n%s", diff)
	}
}

func TestMergeIsTakenBack(t *testing.T) {
	s := store{}
	s.add(oneCall(user("hi"), answer("hello"), response("resp-1"))...)
	s.derive()
	alone := s.rows()
	r := s.derive(sent("m1", event.RoleUser, "hi", 0), sent("m2", event.RoleAgent, "hello", 1000))
	if want := []string{traceID + ":c#in", traceID + ":c#out"}; !slices.Equal(r.Retracts, want) || r.Merged != 2 {
		t.Errorf("retracts %v, merged %d; want %v, 2", r.Retracts, r.Merged, want)
	}
	s.derive()
	wantSame(t, alone, s.rows())
}

func TestMergeNeedsRoleConversationTextAndTime(t *testing.T) {
	f := func(want int, explicit ...*event.Event) {
		t.Helper()
		s := store{}
		s.add(oneCall(user("hi"), answer("hello"))...)
		if r := s.derive(explicit...); r.Merged != want {
			t.Errorf("merged %d, want %d", r.Merged, want)
		}
	}
	f(1, sent("m", event.RoleUser, " hi ", 0))
	f(0, sent("m", event.RoleUser, "hi there", 0))
	f(0, sent("m", event.RoleHumanAgent, "hello", 0))
	f(0, sent("m", event.RoleAgent, "hi", 0))
	f(1, sent("m", event.RoleUser, "hi", 120_000))
	f(0, sent("m", event.RoleUser, "hi", 120_001))
	f(0, sent("m", event.RoleUser, "hi", 0, func(e *event.Event) { e.ConversationID = "conv-2" }))
	// the same message id needs neither text nor time
	f(1, sent(traceID+":c:out", event.RoleAgent, "HELLO", 500_000))
	// the text was redacted, its hash was taken before
	f(1, sent("m", event.RoleUser, "hi", 0, func(e *event.Event) { e.BodyHash = "h:what it was" }))
}

func TestNearestMessageIsTaken(t *testing.T) {
	rows := []*event.Event{
		span("a", "", "chat", 0, 10, ids("conv-1", "", ""), user("yes"), answer("one"), finish("stop")),
		span("b", "", "chat", 60_000, 60_010, ids("conv-1", "", ""), user("yes"), answer("two"), finish("stop")),
	}
	s := derived(t, rows, sent("m2", event.RoleUser, "yes", 59_000), sent("m1", event.RoleUser, "yes", 500), sent("m0", event.RoleUser, "yes", -500))
	for id, want := range map[string]string{":a": "m0", ":b": "m2"} { // of equals, the first
		if r := (event.Repair{Code: CodeMerged, From: "user", To: want}); !slices.Contains(s.one(t, id).Repairs, r) {
			t.Errorf("%s has %v, want %v", id, s.one(t, id).Repairs, r)
		}
	}
}

func TestMessagesWithoutBodiesAreMergedOneForOne(t *testing.T) {
	off := oneCall()
	s := derived(t, off)
	s.wantTalk(t, "user: -", "agent: -")
	s = derived(t, off, sent("m1", event.RoleUser, "hi", -100), sent("m2", event.RoleAgent, "hello", 900))
	s.wantTalk(t)
	if e := s.one(t, ":c"); e.MessageID != "m2" {
		t.Errorf("the call made message %q, want m2", e.MessageID)
	}
	// one message of the client cannot stand for two
	two := []*event.Event{
		span("a", "", "chat", 0, 10, ids("conv-1", "", ""), finish("stop")),
		span("b", "", "chat", 20, 30, ids("conv-1", "", ""), finish("stop")),
	}
	s = derived(t, two, sent("m1", event.RoleUser, "hi", 0))
	s.wantTalk(t, "agent: -", "user: -", "agent: -")
	// the other way round: the browser says when, the backend what
	s = derived(t, oneCall(user("hi"), answer("hello")), sent("m1", event.RoleUser, "", 0, withoutBody))
	s.wantTalk(t, "agent: hello")
}

func TestFeedbackFollowsTheMergedMessage(t *testing.T) {
	rows := append(oneCall(user("hi"), answer("hello"), response("chatcmpl-2")), record("c", "gen_ai.evaluation.result", 28, evaluation))
	s := derived(t, rows, sent("m2", event.RoleAgent, "hello", 1000))
	if e := s.one(t, "result-28"); e.MessageID != "m2" {
		t.Errorf("evaluation is of %q, want the client's message", e.MessageID)
	}
}
