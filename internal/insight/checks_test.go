package insight

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
)

// scripted writes the events of one conversation: "u1" and "a2" are messages of the user and the agent with the
// ids 1 and 2, "f1" is feedback on message 1, "t4" a tool call of it; "u1<0" follows message 0, "u1@3" has
// turn number 3, "n5" says that there were five messages.
func scripted(t *testing.T, conversation, script string) []*event.Event {
	t.Helper()
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	var out []*event.Event
	for i, word := range strings.Fields(script) {
		e := &event.Event{
			ID: fmt.Sprintf("%s-%d", conversation, i), Source: "web", ConversationID: conversation, OccurredAt: at.Add(time.Duration(i) * time.Second),
			ReceivedAt: at, Kind: event.KindMessage, Action: "sent", RequestSeq: int64(i),
		}
		kind, rest := word[0], word[1:]
		if id, parent, ok := strings.Cut(rest, "<"); ok {
			rest, e.ParentID = id, parent
		}
		if id, turn, ok := strings.Cut(rest, "@"); ok {
			rest, e.TurnIndex = id, new(int64(turn[0]-'0'))
		}
		e.MessageID = rest
		switch kind {
		case 'u':
			e.Role = event.RoleUser
		case 'a':
			e.Role, e.Action = event.RoleAgent, "received"
		case 'f':
			e.Kind, e.Action = event.KindFeedback, "rated"
		case 't':
			e.Kind, e.Action = event.KindTool, "called"
		case 'n':
			e.Kind, e.Action, e.MessageID, e.ReportedMessageCount = event.KindConversation, "ended", "", new(int64(rest[0]-'0'))
		}
		out = append(out, e)
	}
	return out
}

func TestConversationsAreCheckedAsAWhole(t *testing.T) {
	f := func(script, want string) {
		t.Helper()
		store := memstore.New()
		if _, err := store.Write(t.Context(), &eventstore.Batch{Puts: scripted(t, "c1", script)}); err != nil {
			t.Fatal(err)
		}
		checks, err := (&Insight{Store: store}).CheckConversations(t.Context(), Scope{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range checks.Checks {
			got = append(got, fmt.Sprintf("%d/%d", c.Count, c.LookedAt))
			if (c.Count > 0) != (len(c.Examples) == 1 && c.Examples[0] == "c1") {
				t.Errorf("%s: %s has the examples %v", script, c.Kind, c.Examples)
			}
		}
		// response without prompt, unknown message, gap, message count
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %s, want %s", script, s, want)
		}
	}
	f("u1 a2 u3 a4", "0/1 0/0 0/1 0/0")
	f("a1 u2 a3", "1/1 0/0 0/1 0/0")
	f("u1 a2 f2 f9 t8", "0/1 2/3 0/1 0/0")
	f("f2 u1 a2", "0/1 0/1 0/1 0/0") // feedback may come first
	f("u1 a2 a3", "0/1 0/0 1/1 0/0")
	f("u1@1 a2@1 u3@3 a4@3", "0/1 0/0 1/1 0/0")
	f("u1@0 a2@1 u3@2 a4@3", "0/1 0/0 0/1 0/0")
	f("u1 a2<1 u3<9", "0/1 0/0 1/1 0/0")
	f("u1 a2 n2", "0/1 0/0 0/1 0/1")
	f("u1 a2 n5", "0/1 0/0 0/1 1/1")
	f("n0", "0/0 0/0 0/0 0/1")
}

func TestChecksLookAtMoreThanOneChunk(t *testing.T) {
	store := memstore.New()
	var all []*event.Event
	const n = checkChunk + 10
	for i := range n {
		all = append(all, scripted(t, fmt.Sprintf("c%05d", i), "a1 f7")...)
	}
	if _, err := store.Write(t.Context(), &eventstore.Batch{Puts: all}); err != nil {
		t.Fatal(err)
	}
	checks, err := (&Insight{Store: store}).CheckConversations(t.Context(), Scope{})
	if err != nil {
		t.Fatal(err)
	}
	if c := checks.Checks; checks.Conversations != n || c[0].Count != n || c[1].Count != n || len(c[0].Examples) != maxCheckExamples {
		text, _ := json.Marshal(checks)
		t.Errorf("got %s", text)
	}
}

func TestCallTypesAreThoseOfTheCalls(t *testing.T) {
	f := func(kind event.Kind, action, raw, want string) {
		t.Helper()
		if got := CallType(&event.Event{Kind: kind, Action: action, Raw: []byte(raw)}); got != want {
			t.Errorf("%s/%s %s: got %s, want %s", kind, action, raw, got, want)
		}
	}
	f(event.KindIdentity, "identified", `{}`, "identify")
	f(event.KindIdentity, "grouped", `{}`, "group")
	f(event.KindIdentity, "aliased", `{}`, "alias")
	f(event.KindProduct, "viewed", `{"type":"Screen"}`, "screen")
	f(event.KindProduct, "viewed", `{"type":7}`, "page")
	f(event.KindProduct, "tracked", `{"type":"page"}`, "track")
	f(event.KindMessage, "sent", `not JSON`, "track")
	f(event.KindProduct, "traced", `{"type":"log"}`, "log")
	f(event.KindGeneration, "completed", `{"type":"span"}`, "span")
}
