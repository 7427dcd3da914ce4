package app

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

// Langfuse's own libraries, pointed here, lose nothing: the trace, its generation, and both scores.
func TestLangfuseClientIsUnderstood(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	var report struct {
		RunID, UserID, ConversationID, TraceID string
		Expected                               int
		Failures                               []string
	}
	runPeer(t, s, "langfuse", &report)
	if len(report.Failures) > 0 {
		t.Errorf("the client reports %v", report.Failures)
	}
	rows := s.sent(report.Expected)
	for name, n := range map[string]int{"trace-create": 1, "generation-create": 1, "score-create": 2} {
		if len(rows[name]) != n {
			t.Fatalf("%d %s, want %d", len(rows[name]), name, n)
		}
	}
	if e := rows["trace-create"][0]; e.UserID != report.UserID || e.ConversationID != report.ConversationID || e.TraceID != report.TraceID {
		t.Errorf("trace %q of %q in %q", e.TraceID, e.UserID, e.ConversationID)
	}
	e := rows["generation-create"][0]
	if e.TraceID != report.TraceID || !e.CountsUsage || e.InputTokens == nil || *e.InputTokens != 20 || *e.OutputTokens != 5 || e.ResponseModel != "model-large" || e.LatencyMS == nil {
		t.Errorf("generation: %+v", e)
	}
	for _, e := range rows["score-create"] {
		if e.TraceID != report.TraceID {
			t.Errorf("score %s is of the trace %q", e.FeedbackName, e.TraceID)
		}
		switch e.FeedbackName {
		case "user-feedback":
			if e.Action != "rated" || e.Score == nil || *e.Score != 1 || e.Comment != "warm enough" {
				t.Errorf("the user's score: %+v", e)
			}
		case "correctness":
			if e.Action != "evaluated" || e.Score != nil || e.RatingRaw != "0.75" {
				t.Errorf("the evaluator's score: %+v", e)
			}
		default:
			t.Errorf("score %q", e.FeedbackName)
		}
	}
	messages := s.transcript(report.ConversationID, 2)
	if *messages[0].Body != "How warm is it?" || messages[0].UserID != report.UserID || *messages[1].Body != "It is 11 degrees." || messages[1].Role != event.RoleAgent {
		t.Errorf("messages %+v", messages)
	}
}
