package app

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest/segment/clienttest"
)

// runPeer runs a client of testdata/clients against a server.
func runPeer(t *testing.T, s *server, folder string, report any) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	evaldata.Path(t, "clients") // where other people's programs may be installed
	client := clienttest.Client{Name: folder, Folder: folder, Args: []string{"node", "run.mjs"}}
	out := clienttest.NewRunner(t, filepath.Join("testdata", "clients")).Output(t, client, s.LocalURL(), testKey)
	if err := json.Unmarshal(out, report); err != nil {
		t.Fatalf("%s: %v in %s", folder, err, out)
	}
}

// sent returns the rows of the calls that clients sent, by source event, once there are n.
func (s *server) sent(n int) map[string][]event.Event {
	s.t.Helper()
	var rows map[string][]event.Event
	s.until("the client's calls are stored", func() bool {
		rows = map[string][]event.Event{}
		found := 0
		for _, e := range s.export() {
			if e.DerivedFrom == "" {
				rows[e.SourceEvent] = append(rows[e.SourceEvent], e)
				found++
			}
		}
		return found >= n
	})
	return rows
}

// transcript returns the messages of a conversation, in order, once there are n: those derived of traces are
// held back for some seconds.
func (s *server) transcript(conversation string, n int) []event.Event {
	s.t.Helper()
	var messages []event.Event
	s.until("messages are derived", func() bool {
		messages = messages[:0]
		for _, e := range s.export() {
			if e.Kind == event.KindMessage && e.ConversationID == conversation {
				messages = append(messages, e)
			}
		}
		return len(messages) >= n
	})
	slices.SortFunc(messages, func(a, b event.Event) int {
		if a.Before(&b) {
			return -1
		}
		return 1
	})
	if len(messages) != n {
		s.t.Fatalf("%d messages, want %d", len(messages), n)
	}
	return messages
}

// PostHog's own libraries, pointed here, lose nothing: who, what, and each model call with its tokens.
func TestPostHogClientIsUnderstood(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	var report struct {
		RunID, UserID, ConversationID string
		Expected                      int
		Flag                          *bool
		Failures                      []string
	}
	runPeer(t, s, "posthog", &report)
	if len(report.Failures) > 0 || report.Flag != nil && *report.Flag {
		t.Errorf("the client reports %v, flag %v", report.Failures, report.Flag)
	}
	rows := s.sent(report.Expected)
	for name, n := range map[string]int{"identify": 1, "alias": 1, "group": 1, "Order Placed": 1, "$ai_generation": 3} {
		if len(rows[name]) != n {
			t.Fatalf("%d %s, want %d", len(rows[name]), name, n)
		}
	}
	var traits struct{ Plan string }
	if e := rows["identify"][0]; e.UserID != report.UserID || json.Unmarshal(e.Properties, &traits) != nil || traits.Plan != "pro" {
		t.Errorf("identify of %q with %s", e.UserID, e.Properties)
	}
	if e := rows["group"][0]; e.GroupID != "company-"+report.RunID || e.UserID != "" {
		t.Errorf("group %q of %q", e.GroupID, e.UserID)
	}
	var in, out, cached int64
	texts := map[string]string{}
	for _, e := range rows["$ai_generation"] {
		if e.UserID != report.UserID || e.ConversationID != report.ConversationID || e.Provider != "openai" || !e.CountsUsage || len(e.Violations) > 0 {
			t.Errorf("model call: %+v", e)
		}
		if e.Action == "failed" {
			if e.ErrorType != "too_long" || e.ErrorMessage == "" {
				t.Errorf("failed call: type %q, message %q", e.ErrorType, e.ErrorMessage)
			}
			continue
		}
		in, out, cached = in+*e.InputTokens, out+*e.OutputTokens, cached+*e.CacheReadTokens
		var said struct{ Input, Output []struct{ Text string } }
		if err := json.Unmarshal(e.Parts, &said); err != nil || len(said.Input) != 1 || len(said.Output) != 1 {
			t.Fatalf("content %s: want one question and one answer, %v", e.Parts, err)
		}
		texts[said.Input[0].Text] = said.Output[0].Text
	}
	if in != 40 || out != 10 || cached != 16 {
		t.Errorf("%d tokens in, %d out, %d cached; want 40, 10, 16", in, out, cached)
	}
	messages := s.transcript(report.ConversationID, 5) // the last question failed
	for i, want := range []string{"How warm is it?", "It is 11 degrees.", "What shall I wear?", "Take a coat.", "And tomorrow?"} {
		if messages[i].Body == nil || *messages[i].Body != want || messages[i].UserID != report.UserID {
			t.Errorf("message %d is %+v, want %q", i, messages[i], want)
		}
	}
	if len(texts) != 2 || texts["How warm is it?"] != "It is 11 degrees." || texts["What shall I wear?"] != "Take a coat." {
		t.Errorf("said: %v", texts)
	}
}
