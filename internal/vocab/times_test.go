package vocab

import (
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParseTime(t *testing.T) {
	f := func(sent, want, repair string) {
		t.Helper()
		var o object
		var scan jsonscan.Scanner
		if err := o.parse(&scan, `{"t":`+sent+`}`); err != nil {
			t.Fatal(err)
		}
		got, code, ok := parseTime(o.members[0].value)
		switch {
		case ok != (want != ""):
			t.Errorf("%s: read %t", sent, ok)
		case ok && (!got.Equal(at(want)) || got.Location() != time.UTC || code != repair):
			t.Errorf("%s: got %v with repair %q, want %s with %q", sent, got, code, want, repair)
		}
	}
	f(`"2026-11-21T03:04:26.334Z"`, "2026-11-21T03:04:26.334Z", "")
	f(`"2026-11-21T03:04:26Z"`, "2026-11-21T03:04:26Z", "")
	f(`"2026-11-21T03:09:04.359012823Z"`, "2026-11-21T03:09:04.359012823Z", "") // Go's SDK
	f(`"2026-11-21T03:11:45.858+00:00"`, "2026-11-21T03:11:45.858Z", "")        // Python's SDK
	f(`"2026-11-21T05:04:26+02:00"`, "2026-11-21T03:04:26Z", "")
	f(`"2026-11-21T05:04:26+0200"`, "2026-11-21T03:04:26Z", "")
	f(`"2026-11-21T05:04:26+02"`, "2026-11-21T03:04:26Z", "")
	f(`"20261121T030426Z"`, "2026-11-21T03:04:26Z", "")
	f(`"2026-11-21T03:11:45.858541"`, "2026-11-21T03:11:45.858541Z", "naive_timestamp")
	f(`"2026-11-21T03:11"`, "2026-11-21T03:11:00Z", "naive_timestamp")
	f(`"2026-11-21 03:11:45"`, "2026-11-21T03:11:45Z", "loose_timestamp")
	f(`"2026-11-21 03:11:45.5+01:00"`, "2026-11-21T02:11:45.5Z", "loose_timestamp")
	f(`"2026-11-21"`, "2026-11-21T00:00:00Z", "loose_timestamp")
	f(`" 2026-11-21T03:04:26 "`, "2026-11-21T03:04:26Z", "naive_timestamp")
	f(`"2026-11-21t03:04:26.5z"`, "2026-11-21T03:04:26.5Z", "") // RFC 3339 knows no case
	f(`"Sat, 21 Nov 2026 03:04:26 GMT"`, "2026-11-21T03:04:26Z", "loose_timestamp")
	f(`"Sat Nov 21 2026 05:04:26 GMT+0200 (Central European Summer Time)"`, "2026-11-21T03:04:26Z", "loose_timestamp") // String(new Date)
	f(`1795230266`, "2026-11-21T03:04:26Z", "numeric_timestamp")
	f(`1795230266.5`, "2026-11-21T03:04:26.5Z", "numeric_timestamp")
	f(`1795230266334`, "2026-11-21T03:04:26.334Z", "numeric_timestamp")
	f(`"1795230266334"`, "2026-11-21T03:04:26.334Z", "numeric_timestamp")
	f(`1795230266334000`, "2026-11-21T03:04:26.334Z", "numeric_timestamp")
	f(`-86400`, "1969-12-31T00:00:00Z", "numeric_timestamp")
	f(`1e300`, "", "")
	f(`"yesterday"`, "", "")
	f(`"2026-13-01T00:00:00Z"`, "", "")
	f(`true`, "", "")
	f(`{}`, "", "")
}

func TestCorrectedTime(t *testing.T) {
	received := at("2026-11-21T10:00:00Z")
	f := func(original, sent string, stale bool, want, repair string) {
		t.Helper()
		c := clocks{received: received, stale: stale}
		if original != "" {
			c.original = at(original)
		}
		if sent != "" {
			c.sent = at(sent)
		}
		if got, code := c.corrected(); !got.Equal(at(want)) || code != repair {
			t.Errorf("original %s, sent %s, stale %t: got %v with %q, want %s with %q", original, sent, stale, got, code, want, repair)
		}
	}
	// No time of the client's.
	f("", "", false, "2026-11-21T10:00:00Z", "")
	f("", "2026-11-21T09:00:00Z", false, "2026-11-21T10:00:00Z", "")
	// No sentAt, or one that agrees with our clock: what was said holds, however long ago.
	f("2026-11-21T09:59:00Z", "", false, "2026-11-21T09:59:00Z", "")
	f("2018-07-09T04:29:14.999Z", "", false, "2018-07-09T04:29:14.999Z", "")
	f("2025-01-06T01:26:35.901Z", "2026-11-21T09:59:59.9Z", false, "2025-01-06T01:26:35.901Z", "")
	f("2026-11-21T09:59:58Z", "2026-11-21T09:59:55Z", false, "2026-11-21T09:59:58Z", "")
	f("2026-11-21T09:59:58Z", "2026-11-21T10:00:05Z", false, "2026-11-21T09:59:58Z", "")
	// A clock that is off, behind and ahead.
	f("2026-11-21T09:59:50Z", "2026-11-21T09:59:54.999Z", false, "2026-11-21T09:59:55.001Z", "")
	f("2026-11-20T09:00:00Z", "2026-11-20T09:00:10Z", false, "2026-11-21T09:59:50Z", "")
	f("2026-11-22T09:00:00Z", "2026-11-22T09:00:10Z", false, "2026-11-21T09:59:50Z", "")
	// A sentAt that may be old moves nothing forward, but a clock ahead is still one.
	f("2026-11-20T09:00:00Z", "2026-11-20T09:00:10Z", true, "2026-11-20T09:00:00Z", "stale_sent_at")
	f("2026-11-22T09:00:00Z", "2026-11-22T09:00:10Z", true, "2026-11-21T09:59:50Z", "")
	// A sentAt that is absurd says nothing.
	f("2026-11-21T09:00:00Z", "1970-01-01T00:00:00Z", false, "2026-11-21T09:00:00Z", "")
	f("2024-11-20T09:00:00Z", "2024-11-20T09:00:10Z", false, "2024-11-20T09:00:00Z", "")
	// Odd times.
	f("2026-11-21T11:00:00Z", "", false, "2026-11-21T11:00:00Z", "")
	f("2026-11-21T11:00:00.000001Z", "", false, "2026-11-21T10:00:00Z", "future_timestamp")
	f("9999-12-31T23:59:59Z", "", false, "2026-11-21T10:00:00Z", "future_timestamp")
	f("1999-12-31T23:59:59Z", "", false, "2026-11-21T10:00:00Z", "implausible_timestamp")
	f("2016-11-21T10:00:00Z", "", false, "2016-11-21T10:00:00Z", "")
	f("2016-11-21T09:59:59Z", "", false, "2026-11-21T10:00:00Z", "implausible_timestamp")
	f("1970-01-01T00:00:00Z", "", false, "2026-11-21T10:00:00Z", "implausible_timestamp")
}

// TestYearOneIsNoted: the zero time of Go programs is a time that was sent, though a bad one.
func TestYearOneIsNoted(t *testing.T) {
	for _, sent := range []string{`"0001-01-01T00:00:00Z"`, `-62135596800000`} {
		var e event.Event
		received := at("2026-11-21T10:00:00Z")
		in := Input{Request: &event.Request{ReceivedAt: received}, Raw: &event.Raw{ID: "an-id-of-one-call", Type: "track", JSON: []byte(`{"event":"A","timestamp":` + sent + `}`)}}
		if err := NewMapper(nil, anyCall{}).Map(in, &e); err != nil {
			t.Fatal(err)
		}
		noted := slices.ContainsFunc(e.Repairs, func(r event.Repair) bool { return r.Code == "implausible_timestamp" })
		if !e.OccurredAt.Equal(received) || !noted {
			t.Errorf("timestamp %s: at %v with repairs %v", sent, e.OccurredAt, e.Repairs)
		}
	}
}

func TestRoles(t *testing.T) {
	f := func(want string, words ...string) {
		t.Helper()
		for _, w := range words {
			if got := event.RoleOf(w); got != want {
				t.Errorf("role of %q is %q, want %q", w, got, want)
			}
		}
	}
	f(event.RoleUser, "user", "customer", "human", "end_user", "Customer", " USER ", "end user", "End-User")
	f(event.RoleAgent, "agent", "assistant", "ai", "ai_agent", "bot", "copilot", "model", "task_automation_agent", "Task Automation Agent", "AI-agent")
	f(event.RoleHumanAgent, "human_agent", "Human Agent")
	f(event.RoleSystem, "system", "System")
	f(event.RoleTool, "tool")
	f("", "", " ", "wizard", "agents", "function")
}

func TestEventID(t *testing.T) {
	long := "node-next-1795230266334-5b8aac09"
	if got := EventID(long, "a", "b", "c"); got != long {
		t.Errorf("long id became %q", got)
	}
	for _, id := range []string{"1234567890123456", "ééééééééééééaaaa"} {
		if got := EventID(id, "a", "b", "c"); got != id {
			t.Errorf("id of 16 characters %q became %q", id, got)
		}
	}
	seen := map[string]bool{}
	for _, id := range []string{"msg123", "ééééééééééééaaa", ""} {
		for _, name := range []string{"Message Sent", "Message Received"} {
			for _, conversation := range []string{"", "c1"} {
				for _, at := range []string{"", "2026-11-21T10:00:00Z"} {
					got := EventID(id, name, conversation, at)
					if seen[got] || got != EventID(id, name, conversation, at) || len(got) < 16 {
						t.Errorf("id %q of %q, %q, %q, %q: want one of its own, always the same", got, id, name, conversation, at)
					}
					seen[got] = true
				}
			}
		}
	}
}

func TestFoldsTo(t *testing.T) {
	f := func(key string, want bool) {
		t.Helper()
		if got := foldsTo(key, "conversationid"); got != want {
			t.Errorf("%q folds to conversationid: %t, want %t", key, got, want)
		}
	}
	f("conversationId", true)
	f("CONVERSATION_ID", true)
	f("_Conversation__id_", true)
	f("conversationIds", false)
	f("conversation-id", false)
	f("conversation", false)
	f("", false)
}
