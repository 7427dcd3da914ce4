package storetest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// runCorpus compares answers with the ground truth of real conversations, which was counted by
// others.
func runCorpus(t *testing.T, open Open) {
	var truth truth
	data, err := os.ReadFile(evaldata.Path(t, "data", "corpus", "convai.truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	s := opened(t, open)
	loadCorpus(t, s, evaldata.Path(t, "data", "corpus", "convai.events.jsonl.gz"))
	truth.check(t, s)
}

// loadCorpus writes a corpus, mapped by hand: vocabularies are tested elsewhere.
func loadCorpus(t *testing.T, s eventstore.Store, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b := &eventstore.Batch{}
	scanner := bufio.NewScanner(z)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var c call
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", scanner.Bytes(), err)
		}
		e := c.event()
		e.RequestSeq = int64(len(b.Puts))
		b.Puts = append(b.Puts, e)
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	write(t, s, b, eventstore.Written{Stored: len(b.Puts)})
}

// call is a line of a corpus.
type call struct {
	Type       string
	MessageID  string
	UserID     string
	Timestamp  time.Time
	Event      string
	Properties struct {
		ConversationID string
		MessageID      string
		Body           *string `json:"message_body"`
		Rating         *float64
		Scale          string
		Action         string
	}
}

func (c *call) event() *event.Event {
	e := &event.Event{
		ID: c.MessageID, Source: "s1", Vocabulary: "corpus", SourceEvent: c.Event, UserID: c.UserID, OccurredAt: c.Timestamp,
		OriginalAt: c.Timestamp, ReceivedAt: c.Timestamp, ConversationID: c.Properties.ConversationID,
		MessageID: c.Properties.MessageID, Body: c.Properties.Body, Kind: event.KindProduct, Action: "tracked",
	}
	if c.Type != "track" {
		e.Kind, e.Action, e.SourceEvent = event.KindIdentity, "identified", c.Type
	}
	if e.Body != nil {
		e.BodyChars = new(int64(len([]rune(*e.Body))))
	}
	switch c.Event {
	case "Conversation Started":
		e.Kind, e.Action = event.KindConversation, "started"
	case "Conversation Ended":
		e.Kind, e.Action = event.KindConversation, "ended"
	case "Message Sent":
		e.Kind, e.Action, e.Role = event.KindMessage, "sent", event.RoleUser
	case "Message Received":
		e.Kind, e.Action, e.Role = event.KindMessage, "received", event.RoleAgent
	case "Action Invoked":
		e.Kind, e.Action, e.ToolName = event.KindTool, "called", c.Properties.Action
	case "Feedback Submitted":
		e.Kind, e.Action, e.RatingScaleRaw = event.KindFeedback, "rated", c.Properties.Scale
		e.Amount = c.Properties.Rating // as sent; stores do not know ratings as numbers
	}
	return e
}

// dist is a distribution in a truth file.
type dist struct{ N, Mean, Median, P95, Min, Max, Sum float64 }

// truth is what is checked of a truth file.
type truth struct {
	Events       float64
	EventsByName map[string]float64 `json:"events_by_name"`

	Conversations, Users    float64
	Messages                map[string]float64
	MessagesPerConversation dist            `json:"messages_per_conversation"`
	DurationS               dist            `json:"duration_s"`
	ResponseS               dist            `json:"response_s"`
	FirstResponseS          dist            `json:"first_response_s"`
	BodyChars               map[string]dist `json:"body_chars"`
	WithoutUserMessage      float64         `json:"conversations_without_user_message"`
	WithoutAgentMessage     float64         `json:"conversations_without_agent_message"`
	SingleMessage           float64         `json:"single_message_conversations"`
	Ended                   float64         `json:"conversations_ended"`
	WithFeedback            float64         `json:"conversations_with_feedback"`
	Rating                  struct {
		Histogram map[string]float64
		Mean      float64
	}
	Thumbs               map[string]float64
	ConversationsPerUser dist               `json:"conversations_per_user"`
	MessagesPerUser      dist               `json:"messages_per_user"`
	ConversationsByDay   map[string]float64 `json:"conversations_by_day"`
	MessagesByDay        map[string]float64 `json:"messages_by_day"`
	UsersByDay           map[string]float64 `json:"active_users_by_day"`
	UsersByWeek          map[string]float64 `json:"active_users_by_week"`
	ConversationsByHour  map[string]float64 `json:"conversations_by_hour"`
}

func (x *truth) check(t *testing.T, s eventstore.Store) {
	single := func(name string, want float64, question string) {
		t.Helper()
		x.compare(t, s, name, map[string]float64{"": want}, question)
	}
	spread := func(name string, want dist, unit float64, field, rows string) {
		t.Helper()
		got := answered(t, s, name, rows+fmt.Sprintf("\ncount %[1]s\nmean %[1]s\nquantile 0.5 %[1]s\nquantile 0.95 %[1]s\nmin %[1]s\nmax %[1]s\nsum %[1]s", field))
		for i, w := range []float64{want.N, want.Mean * unit, want.Median * unit, want.P95 * unit, want.Min * unit, want.Max * unit, want.Sum * unit} {
			if g := got[""][i]; math.Abs(g-w) > 1e-6*max(1, math.Abs(w))*max(1, unit) {
				t.Errorf("%s: measure %d is %v, want %v", name, i, g, w)
			}
		}
	}
	const messages, tracked = "grain events\nfilter kind:eq:message\n", "grain events\nfilter tracked:eq:true\n"
	single("events", x.Events, "grain events\ncount")
	x.compare(t, s, "events_by_name", x.EventsByName, "grain events\nbreakdown source_event\ncount")
	single("conversations", x.Conversations, "grain conversations\ncount")
	single("users", x.Users, "grain users\ncount")
	single("messages", x.Messages["total"], messages+"count")
	single("messages.customer", x.Messages["customer"], messages+"count where role:eq:user")
	spread("messages_per_conversation", x.MessagesPerConversation, 1, "messages", "grain conversations\nfilter messages:gt:0")
	spread("duration_s", x.DurationS, 1000, "duration_ms", "grain conversations")
	spread("response_s", x.ResponseS, 1000, "response_ms", "grain events")
	spread("first_response_s", x.FirstResponseS, 1000, "first_response_ms", "grain conversations")
	spread("body_chars.customer", x.BodyChars["customer"], 1, "body_chars", messages+"filter role:eq:user")
	spread("body_chars.agent", x.BodyChars["agent"], 1, "body_chars", messages+"filter role:eq:agent")
	single("without_user_message", x.WithoutUserMessage, "grain conversations\nfilter messages:gt:0\ncount where user_messages:eq:0")
	single("without_agent_message", x.WithoutAgentMessage, "grain conversations\nfilter messages:gt:0\ncount where agent_messages:eq:0")
	single("single_message", x.SingleMessage, "grain conversations\ncount where messages:eq:1")
	single("ended", x.Ended, "grain conversations\ncount where ended:eq:true")
	single("with_feedback", x.WithFeedback, "grain conversations\ncount where feedback:gt:0")
	x.compare(t, s, "rating.histogram", x.Rating.Histogram, "grain events\nfilter rating_scale_raw:eq:1-5\nbreakdown amount\ncount")
	single("rating.mean", x.Rating.Mean, "grain events\nfilter rating_scale_raw:eq:1-5\nmean amount")
	x.compare(t, s, "thumbs", x.Thumbs, "grain events\nfilter rating_scale_raw:eq:thumb\nbreakdown amount\ncount")
	spread("conversations_per_user", x.ConversationsPerUser, 1, "conversations", "grain users")
	spread("messages_per_user", x.MessagesPerUser, 1, "messages", "grain people")
	x.compare(t, s, "conversations_by_day", x.ConversationsByDay, "grain conversations\nperiod day\ncount")
	x.compare(t, s, "messages_by_day", x.MessagesByDay, messages+"period day\ncount")
	x.compare(t, s, "active_users_by_day", x.UsersByDay, "grain users\nperiod day\ncount")
	x.compare(t, s, "active_users_by_day", x.UsersByDay, tracked+"period day\ndistinct user_id")
	x.compare(t, s, "active_users_by_week", x.UsersByWeek, "grain users\nperiod week\ncount")
	x.compare(t, s, "conversations_by_hour", x.ConversationsByHour, "grain conversations\nbreakdown hour_of_day\ncount")
}

// compare wants one number a group, or a bucket.
func (x *truth) compare(t *testing.T, s eventstore.Store, name string, want map[string]float64, question string) {
	t.Helper()
	got := answered(t, s, name, question)
	if len(got) != len(want) {
		t.Errorf("%s: %d groups, want %d", name, len(got), len(want))
	}
	for k, w := range want {
		if g, ok := got[k]; !ok || math.Abs(g[0]-w) > 1e-6 {
			t.Errorf("%s: %s is %v, want %v", name, k, g, w)
		}
	}
}

// answered asks, and returns the numbers by bucket and group.
func answered(t *testing.T, s eventstore.Store, name, question string) map[string][]float64 {
	t.Helper()
	q, err := parseQuery(question)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	r, err := s.Query(t.Context(), *q)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	out := map[string][]float64{}
	for _, row := range r.Rows {
		var key []string
		if q.Period != query.All {
			key = append(key, row.Start.UTC().Format(time.DateOnly))
		}
		for _, k := range row.Keys {
			key = append(key, k.Value)
		}
		var values []float64
		for _, v := range row.Values {
			values = append(values, v.Num)
		}
		out[strings.Join(key, " ")] = values
	}
	return out
}
