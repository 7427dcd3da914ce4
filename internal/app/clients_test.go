package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest/segment/clienttest"
)

// Every call of the official SDKs is there once, with the right person, conversation, message and time.
func TestOfficialClientsAreUnderstood(t *testing.T) {
	root := evaldata.Path(t, "clients")
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	runner := clienttest.NewRunner(t, root)
	ui := t.TempDir()
	umd := filepath.Join(runner.Folder(t, "segment-browser"), "node_modules", "@segment", "analytics-next", "dist", "umd")
	if err := os.CopyFS(filepath.Join(ui, "analytics.js"), os.DirFS(umd)); err != nil {
		t.Fatal(err)
	}
	s := start(t, t.TempDir(), func(c *Config) { c.UI = os.DirFS(ui) })
	for _, client := range clienttest.Clients() {
		t.Run(client.Name, func(t *testing.T) {
			s := &server{App: s.App, t: t}
			began := time.Now()
			report := runner.Run(t, client, s.LocalURL(), testKey)
			events := s.awaitEvents(report, client)
			s.checkEvents(report, events, began)
			s.checkTranscript(report)
		})
	}
}

// awaitEvents returns the events of a client's run. They are those of its user, and those that came from
// the same browser or had its conversation before it knew the user.
func (s *server) awaitEvents(report clienttest.Report, client clienttest.Client) []event.Event {
	s.t.Helper()
	want := report.Expected
	var events []event.Event
	s.until(fmt.Sprintf("%d events are stored", want), func() bool {
		all := s.export()
		events = events[:0]
		anonymous := report.AnonymousID
		for _, e := range all { // the snippet does not say who it is before it knows the user
			if anonymous == "" && e.UserID == report.UserID {
				anonymous = e.AnonymousID
			}
		}
		for _, e := range all {
			if strings.HasPrefix(e.UserID, report.UserID) || (anonymous != "" && e.AnonymousID == anonymous) {
				events = append(events, e)
			}
		}
		return len(events) >= want
	})
	s.settle()
	if len(events) != want {
		s.t.Errorf("%s: %d events, want %d", client.Name, len(events), want)
	}
	return events
}

func (s *server) export() []event.Event {
	s.t.Helper()
	status, body := s.do(http.MethodGet, "/api/v1/export/events?format=jsonl", "")
	if status != http.StatusOK {
		s.t.Fatalf("export: %d %s", status, body)
	}
	var all []event.Event
	for line := range strings.Lines(body) {
		var e event.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			s.t.Fatalf("%v in %s", err, line)
		}
		all = append(all, e)
	}
	return all
}

func (s *server) checkEvents(report clienttest.Report, events []event.Event, began time.Time) {
	s.t.Helper()
	for _, sent := range report.Sent {
		n := 0
		for _, e := range events {
			if e.ID != sent.MessageID {
				continue
			}
			n++
			if sent.Type == "track" && e.SourceEvent != sent.Event {
				s.t.Errorf("%s is stored as %q", sent.Event, e.SourceEvent)
			}
		}
		if n != 1 {
			s.t.Errorf("%s %s %s is stored %d times", sent.Type, sent.Event, sent.MessageID, n)
		}
	}
	identified := slices.ContainsFunc(events, func(e event.Event) bool { return e.Kind == event.KindIdentity && e.UserID == report.UserID })
	if !identified {
		s.t.Errorf("user %s was never identified", report.UserID)
	}
	for _, e := range events {
		if e.Tracked() && e.ConversationID != report.ConversationID {
			s.t.Errorf("%s has the conversation %q, want %q", e.SourceEvent, e.ConversationID, report.ConversationID)
		}
		earliest := began
		if e.SourceEvent == "Item Purchased" {
			earliest = began.Add(-time.Hour) // as the client says
			if e.OccurredAt.After(began.Add(-50 * time.Minute)) {
				s.t.Errorf("the purchase of an hour ago is stored at %v", e.OccurredAt)
			}
		}
		if e.OccurredAt.Before(earliest.Add(-10*time.Second)) || e.OccurredAt.After(time.Now()) {
			s.t.Errorf("%s is stored at %v, the client ran from %v", e.SourceEvent, e.OccurredAt, began)
		}
		if len(e.Violations) > 0 {
			s.t.Errorf("%s has violations %v", e.SourceEvent, e.Violations)
		}
	}
}

// checkTranscript looks at the conversation as a reader does: the person, and the messages in their order.
func (s *server) checkTranscript(report clienttest.Report) {
	s.t.Helper()
	var c struct {
		Conversation struct {
			UserID   string `json:"user_id"`
			Person   string
			Messages int
		}
		Events []event.Event
	}
	s.get("conversations/"+url.PathEscape(report.ConversationID), &c)
	if c.Conversation.UserID != report.UserID || c.Conversation.Person != report.UserID {
		s.t.Errorf("the conversation is of user %q, person %q; want %q", c.Conversation.UserID, c.Conversation.Person, report.UserID)
	}
	// A client that sends each call by itself, several at once, leaves open which of two calls of one
	// millisecond comes first; then any order will do.
	slices.SortStableFunc(c.Events, func(a, b event.Event) int {
		if a.OccurredAt.Equal(b.OccurredAt) && a.RequestSeq != b.RequestSeq {
			return strings.Compare(a.MessageID, b.MessageID)
		}
		return a.OccurredAt.Compare(b.OccurredAt)
	})
	var messages []string
	for _, e := range c.Events {
		if e.Kind == event.KindMessage {
			if e.Body == nil || *e.Body == "" {
				s.t.Errorf("message %s has no text", e.MessageID)
			}
			messages = append(messages, e.MessageID+" "+e.Role)
		}
	}
	want := []string{"m1 user"}
	if c.Conversation.Messages > 1 {
		want = append(want, "m2 agent")
	}
	if !slices.Equal(messages, want) || c.Conversation.Messages != len(want) {
		s.t.Errorf("messages %v, counted %d; want %v", messages, c.Conversation.Messages, want)
	}
}
