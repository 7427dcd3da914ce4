package duckstore

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// traffic makes events as a Segment source sends them: conversations of about 13 events, message bodies
// of 50 to 1100 characters, 875 bytes of JSON a call.
type traffic struct {
	rnd   *rand.Rand
	words []string
	at    time.Time
	step  time.Duration
	seq   int64
	// traced adds a call of a model before each answer, and gives both a trace id.
	traced bool
}

func newTraffic(seed uint64, from time.Time, step time.Duration) *traffic {
	t := &traffic{rnd: rand.New(rand.NewPCG(seed, 1)), at: from, step: step}
	for range 3000 {
		b := make([]byte, 2+t.rnd.IntN(9))
		for i := range b {
			b[i] = "etaoinshrdlcumwfgypbvk"[min(t.rnd.IntN(22), t.rnd.IntN(22))]
		}
		t.words = append(t.words, string(b))
	}
	return t
}

func (t *traffic) id() string {
	var u uuid.UUID
	for i := range u {
		u[i] = byte(t.rnd.Uint32())
	}
	return u.String()
}

func (t *traffic) text(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(t.words[min(t.rnd.IntN(len(t.words)), t.rnd.IntN(len(t.words)))])
		b.WriteByte(' ')
	}
	return b.String()
}

// events makes about n events of whole conversations.
func (t *traffic) events(n int) []*event.Event {
	var out []*event.Event
	for len(out) < n {
		out = append(out, t.conversation()...)
	}
	return out
}

var (
	channels = []string{"web", "ios", "android"}
	locales  = []string{"en-US", "fr-FR", "de-DE", "ja-JP", "es-ES"}
	widgets  = []string{"chart", "table", "card", "map", "form", "quote"}
	tools    = []string{"search", "lookup_order", "create_ticket", "get_price"}
)

func (t *traffic) conversation() []*event.Event {
	var out []*event.Event
	user, anonymous, chat := fmt.Sprintf("user-%06d", t.rnd.IntN(100_000)), t.id(), t.id()
	channel, locale := channels[t.rnd.IntN(3)], locales[t.rnd.IntN(5)]
	add := func(name string, kind event.Kind, action string, fill func(e *event.Event)) {
		t.at = t.at.Add(time.Duration(t.rnd.Int64N(int64(2 * t.step)))).Truncate(time.Millisecond)
		t.seq++
		e := &event.Event{
			ID: t.id(), Source: "src_1", Workspace: "default", Vocabulary: "segment", SourceEvent: name,
			OccurredAt: t.at, OriginalAt: t.at, SentAt: t.at.Add(20 * time.Millisecond), ReceivedAt: t.at.Add(80 * time.Millisecond),
			RequestSeq: t.seq / 20, BatchIndex: t.seq % 20, UserID: user, AnonymousID: anonymous, Kind: kind, Action: action,
			ConversationID: chat, Channel: channel, Locale: locale, AgentID: "copilot",
		}
		fill(e)
		e.Properties = json.RawMessage(fmt.Sprintf(`{"plan":"%s","seats":%d}`, []string{"free", "team", "pro"}[t.rnd.IntN(3)], t.rnd.IntN(50)))
		body := ""
		if e.Body != nil {
			body = *e.Body
		}
		e.Raw = fmt.Appendf(nil, `{"messageId":%q,"type":"track","event":%q,"userId":%q,"anonymousId":%q,"timestamp":%q,"context":{"library":{"name":"analytics.js","version":"2.11.1"},"locale":%q,"page":{"path":"/chat","title":"Chat","url":"https://app.example.com/chat"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"},"properties":{"conversationId":%q,"messageId":%q,"body":%q,"channel":%q,"plan":"team"}}`,
			e.ID, name, user, anonymous, t.at.Format(time.RFC3339Nano), locale, chat, e.MessageID, body, channel)
		out = append(out, e)
	}
	add("Conversation Started", event.KindConversation, "started", func(*event.Event) {})
	for range 1 + t.rnd.IntN(7) {
		for _, role := range []string{event.RoleUser, event.RoleAgent} {
			action, n, trace := "sent", 50+t.rnd.IntN(150), ""
			if role == event.RoleAgent {
				action, n = "received", 100+t.rnd.IntN(1000)
			}
			if role == event.RoleAgent && t.traced {
				trace = strings.ReplaceAll(t.id(), "-", "")
				add("chat", event.KindGeneration, "completed", func(e *event.Event) { t.call(e, trace) })
			}
			add("Message "+action, event.KindMessage, action, func(e *event.Event) {
				e.Role, e.Actor, e.MessageID, e.Body = role, role, t.id(), new(t.text(n))
				e.BodyChars, e.TraceID = new(int64(len(*e.Body))), trace
			})
		}
		switch t.rnd.IntN(4) {
		case 0:
			add("Component Loaded", event.KindArtifact, "component_shown", func(e *event.Event) { e.ArtifactType = widgets[t.rnd.IntN(6)] })
		case 1:
			add("Action Invoked", event.KindTool, "called", func(e *event.Event) { e.ToolName, e.ToolArgs = tools[t.rnd.IntN(4)], json.RawMessage(`{"q":"x"}`) })
		}
	}
	if t.rnd.IntN(3) == 0 {
		add("Feedback Submitted", event.KindFeedback, "rated", func(e *event.Event) {
			e.RatingRaw, e.RatingScaleRaw, e.Score = "4", "1-5", new(float64(t.rnd.IntN(5))/4)
		})
	}
	if t.rnd.IntN(8) == 0 {
		add("Item Purchased", event.KindProduct, "tracked", func(e *event.Event) { e.ProductEvent = "Item Purchased" })
	}
	add("Conversation Ended", event.KindConversation, "ended", func(e *event.Event) { e.Reason = "explicit" })
	return out
}

// call makes a row of a call of a model, as a span says it.
func (t *traffic) call(e *event.Event, trace string) {
	e.TraceID, e.SpanID, e.Operation, e.CountsUsage = trace, t.id()[:8], "chat", true
	e.Provider, e.RequestModel, e.ResponseModel, e.FinishReason = "openai", "gpt-5", "gpt-5-2026-08-07", "stop"
	e.InputTokens, e.OutputTokens, e.CostUSD = new(t.rnd.Int64N(9000)), new(t.rnd.Int64N(900)), new(float64(t.rnd.IntN(1000))/1e5)
	e.LatencyMS, e.TTFTMS = new(float64(t.rnd.IntN(9000))), new(float64(t.rnd.IntN(900)))
}

func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func openBench(b *testing.B, dir string) *Store {
	b.Helper()
	s, err := Open(b.Context(), Config{Dir: dir, CompactEvery: -1})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkWrite writes batches as the pipeline does; it says what an event costs, and takes on disk.
func BenchmarkWrite(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 50_000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := openBench(b, b.TempDir())
			defer s.Close()
			t := newTraffic(1, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), 100*time.Millisecond)
			var events int
			var wall, cpu, worst time.Duration
			for b.Loop() {
				b.StopTimer()
				batch := &eventstore.Batch{Puts: t.events(size), Cursor: uint64(t.seq)}
				began, before := time.Now(), cpuTime()
				b.StartTimer()
				w, err := s.Write(b.Context(), batch)
				took := time.Since(began)
				wall, cpu, worst = wall+took, cpu+cpuTime()-before, max(worst, took)
				if err != nil || w.Stored != len(batch.Puts) {
					b.Fatalf("stored %d of %d: %v", w.Stored, len(batch.Puts), err)
				}
				events += w.Stored
			}
			b.ReportMetric(float64(events)/wall.Seconds(), "events/s")
			b.ReportMetric(float64(cpu.Microseconds())/float64(events), "cpu-µs/event")
			b.ReportMetric(float64(worst.Milliseconds()), "worst-ms")
			report(b, s, events)
		})
	}
}

func report(b *testing.B, s *Store, events int) {
	if err := s.Checkpoint(b.Context()); err != nil {
		b.Fatal(err)
	}
	st, err := s.Stats(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(st.Bytes["events"]+st.Bytes["months"])/float64(events), "B/event")
	b.ReportMetric(float64(st.Bytes["raw"])/float64(events), "raw-B/event")
}
