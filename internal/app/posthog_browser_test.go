package app

import "testing"

// PostHog's browser library, pointed here, loses nothing, and who was anonymous is the user once known.
func TestPostHogBrowserClientIsUnderstood(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	var report struct {
		RunID, UserID, AnonymousID string
		Expected                   int
	}
	runPeer(t, s, "posthog-js", &report)
	rows := s.sent(report.Expected)
	company := "company-" + report.RunID
	for _, want := range []struct{ event, user, anonymous, group string }{
		{"Plans Compared", "", report.AnonymousID, ""},
		{"identify", report.UserID, report.AnonymousID, ""},
		{"group", report.UserID, "", company},
		{"Order Placed", report.UserID, "", company},
		{"$ai_feedback", report.UserID, "", company},
		{"page", report.UserID, "", company}, // sent once the page is there
	} {
		all := rows[want.event]
		if len(all) != 1 {
			t.Errorf("%d %s, want one", len(all), want.event)
			continue
		}
		if e := all[0]; e.UserID != want.user || e.AnonymousID != want.anonymous || e.GroupID != want.group || e.SessionID == "" || len(e.Violations) > 0 {
			t.Errorf("%s is of user %q, anonymous %q, group %q in session %q with %v; want %+v", want.event, e.UserID, e.AnonymousID, e.GroupID, e.SessionID, e.Violations, want)
		}
	}
	if f := rows["$ai_feedback"]; len(f) == 1 && (f[0].ConversationID != "conversation-"+report.RunID || f[0].Comment != "just what I needed") {
		t.Errorf("feedback %q in %q", f[0].Comment, f[0].ConversationID)
	}
}
