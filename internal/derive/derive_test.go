package derive

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trace"
)

// memory is marks that last as long as it does: what is left of them when a deriver is opened again.
type memory struct {
	mu            sync.Mutex
	marks         map[string]Mark
	conversations []string
}

func (m *memory) Marks(context.Context) ([]Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.marks)), nil
}

func (m *memory) PutMarks(_ context.Context, marks []Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range marks {
		m.marks[k.key()] = k
	}
	return nil
}

func (m *memory) RemoveMarks(_ context.Context, marks []Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range marks {
		if m.marks[k.key()] == k {
			delete(m.marks, k.key())
		}
	}
	return nil
}

func (m *memory) TracedConversations(context.Context) ([]string, error) { return m.conversations, nil }

func (m *memory) AddTracedConversations(_ context.Context, ids []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conversations = append(m.conversations, ids...)
	return nil
}

// world is a store with a deriver beside it, and a clock.
type world struct {
	t       testing.TB
	store   *memstore.Store
	memory  *memory
	deriver *Deriver
	now     time.Time
	cursor  uint64
	told    []string
}

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func newWorld(t testing.TB) *world {
	w := &world{t: t, store: memstore.New(), memory: &memory{marks: map[string]Mark{}}, now: start}
	w.restart()
	return w
}

// restart is what happens when the process dies: the deriver knows what is durable.
func (w *world) restart() {
	d, err := Open(w.t.Context(), Config{
		Store: w.store, Marks: w.memory, Trace: trace.Deriver{Hash: hash}, Now: func() time.Time { return w.now },
		Stored: func(rows []*event.Event) {
			for _, e := range rows {
				w.told = append(w.told, e.ID)
			}
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.deriver = d
}

func hash(text string) string { return "hash of " + strings.Join(strings.Fields(text), " ") }

// send stores rows as the pipeline does.
func (w *world) send(rows ...event.Event) {
	w.t.Helper()
	w.cursor++
	b := &eventstore.Batch{Cursor: w.cursor}
	for i := range rows {
		e := rows[i]
		e.Workspace, e.Source, e.SourceEvent, e.ReceivedAt = "default", "app", "span", w.now
		e.RequestSeq, e.BatchIndex = int64(w.cursor), int64(i)
		e.Raw = []byte(`{"raw":"` + e.ID + `"}`)
		b.Puts = append(b.Puts, &e)
	}
	if err := w.deriver.Note(w.t.Context(), b.Puts, w.cursor); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.Write(w.t.Context(), b); err != nil {
		w.t.Fatal(err)
	}
}

// wait lets time pass and derives what is due then.
func (w *world) wait(d time.Duration) {
	w.t.Helper()
	w.now = w.now.Add(d)
	if _, err := w.deriver.Derive(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// rows returns all rows as they are stored, without what tells how they came there.
func (w *world) rows() map[string]event.Event {
	w.t.Helper()
	all := map[string]event.Event{}
	for e, err := range w.store.Events(w.t.Context(), query.List{Grain: query.Events, Raw: true}) {
		if err != nil {
			w.t.Fatal(err)
		}
		c := *e
		c.Revision, c.RequestSeq, c.BatchIndex, c.ReceivedAt = 0, 0, 0, time.Time{}
		all[c.ID] = c
	}
	return all
}

// messages returns the conversation as people read it.
func (w *world) messages() string {
	w.t.Helper()
	var lines []string
	for e, err := range w.store.Events(w.t.Context(), query.List{Grain: query.Events, Filter: query.Is("kind", query.Eq, "message")}) {
		if err != nil {
			w.t.Fatal(err)
		}
		body := "(not captured)"
		if e.Body != nil {
			body = *e.Body
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", e.ConversationID, e.Role, body))
	}
	return strings.Join(lines, "\n")
}

// turn is what instrumented code sends of one turn of a conversation: a run of an agent around a model
// call.
func turn(id, conversation, question, answer string, at time.Time) (root, call event.Event) {
	content := func(c trace.Content) []byte { return c.JSON() }
	root = event.Event{
		ID: id + ":root", TraceID: id, SpanID: "root", Vocabulary: "otel", OccurredAt: at, LatencyMS: new(900.0),
		Kind: event.KindGeneration, Action: "completed", Operation: "agent", ConversationID: conversation, UserID: "user-" + conversation,
		InputTokens: new(int64(20)), OutputTokens: new(int64(5)), FinishReason: "stop",
		Parts: content(trace.Content{Root: true, Input: []trace.Message{trace.TextMessage("user", question)}, Output: []trace.Message{trace.TextMessage("assistant", answer)}}),
	}
	call = event.Event{
		ID: id + ":call", TraceID: id, SpanID: "call", ParentSpanID: "root", Vocabulary: "otel", OccurredAt: at.Add(10 * time.Millisecond), LatencyMS: new(800.0),
		Kind: event.KindGeneration, Action: "completed", Operation: "chat", CountsUsage: true, InputTokens: new(int64(20)), OutputTokens: new(int64(5)), FinishReason: "stop",
		Parts: content(trace.Content{Input: []trace.Message{trace.TextMessage("user", question)}, Output: []trace.Message{trace.TextMessage("assistant", answer)}}),
	}
	return root, call
}

// said is a message that a browser sends.
func said(id, conversation, role, text string, at time.Time) event.Event {
	e := event.Event{ID: id, Vocabulary: "segment", OccurredAt: at, Kind: event.KindMessage, Action: "sent", Role: role,
		ConversationID: conversation, MessageID: "m-" + id, Body: &text, BodyHash: hash(text)}
	if role != event.RoleUser {
		e.Action = "received"
	}
	return e
}

func TestTraceIsHeldBackUntilItsRootHasCome(t *testing.T) {
	w := newWorld(t)
	root, call := turn("t1", "c1", "Why?", "Because.", start)
	w.send(call)
	w.wait(59 * time.Second)
	if got := w.messages(); got != "" {
		t.Fatalf("derived before its time:\n%s", got)
	}
	w.send(root)
	w.wait(4 * time.Second)
	if got := w.messages(); got != "" {
		t.Fatalf("derived before its time:\n%s", got)
	}
	w.wait(time.Second)
	want := "c1 user: Why?\nc1 agent: Because."
	if got := w.messages(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := w.rows()["t1:call"]; got.ConversationID != "c1" || string(got.Raw) != `{"raw":"t1:call"}` {
		t.Errorf("the call belongs to conversation %q, its raw call is %s", got.ConversationID, got.Raw)
	}
	if len(w.told) != 2 || w.deriver.Waiting() != 0 || len(w.memory.marks) != 0 {
		t.Errorf("told of %v, %d wait, %d marks are kept", w.told, w.deriver.Waiting(), len(w.memory.marks))
	}
}

// The first span of a web server's trace is the request, which is no model's.
func TestRequestAroundAnAgentIsARoot(t *testing.T) {
	w := newWorld(t)
	root, call := turn("t1", "c1", "Why?", "Because.", start)
	root.ParentSpanID = "request"
	agent, err := trace.ParseContent(root.Parts)
	if err != nil {
		t.Fatal(err)
	}
	agent.Root = false
	root.Parts = agent.JSON()
	w.send(root, call)
	w.wait(10 * time.Second)
	if got := w.messages(); got != "" {
		t.Fatalf("derived before its time:\n%s", got)
	}
	w.send(event.Event{
		ID: "t1:request", TraceID: "t1", SpanID: "request", Vocabulary: "otel", OccurredAt: start, LatencyMS: new(950.0),
		Kind: event.KindProduct, Action: "traced", Parts: trace.Content{Root: true}.JSON(),
	})
	w.wait(5 * time.Second)
	if got, want := w.messages(), "c1 user: Why?\nc1 agent: Because."; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTraceWithoutRootIsDerivedWhenItIsQuiet(t *testing.T) {
	w := newWorld(t)
	_, call := turn("t1", "", "Why?", "Because.", start)
	w.send(call)
	w.wait(time.Minute)
	if got, want := w.messages(), "t1 user: Why?\nt1 agent: Because."; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBrowserAndBackendAreOneTurn(t *testing.T) {
	root, call := turn("t1", "c1", "Why?", "Because.", start)
	asked := said("browser-message-0001", "c1", event.RoleUser, " Why?", start.Add(-300*time.Millisecond))
	answered := said("browser-message-0002", "c1", event.RoleAgent, "Because.", start.Add(time.Second))
	want := "c1 user:  Why?\nc1 agent: Because."
	for _, order := range [][][]event.Event{
		{{asked}, {root, call}, {answered}},
		{{root, call}, {asked, answered}},
		{{asked, answered}, {call}, {root}},
	} {
		for _, pause := range []time.Duration{time.Second, 10 * time.Minute} {
			w := newWorld(t)
			for _, rows := range order {
				w.send(rows...)
				w.wait(pause)
				w.restart()
			}
			w.wait(10 * time.Minute)
			if got := w.messages(); got != want {
				t.Errorf("%d requests, %v apart: got\n%s\nwant\n%s", len(order), pause, got, want)
			}
			r := w.rows()["t1:call"]
			if r.MessageID != "m-browser-message-0002" || !r.CountsUsage || *r.InputTokens != 20 {
				t.Errorf("the call answers message %q, counts %v", r.MessageID, r.CountsUsage)
			}
		}
	}
}

// TestMessageThatIsOnItsWayIsFound: a client's message is noted, and not stored yet, while the trace is
// derived.
func TestMessageThatIsOnItsWayIsFound(t *testing.T) {
	w := newWorld(t)
	root, call := turn("t1", "c1", "Why?", "Because.", start)
	w.send(root, call)
	w.now = w.now.Add(5 * time.Second)
	e := said("browser-message-0001", "c1", event.RoleUser, "Why?", start)
	e.Workspace, e.Source, e.SourceEvent, e.ReceivedAt = "default", "app", "Message Sent", w.now
	w.cursor++
	if err := w.deriver.Note(t.Context(), []*event.Event{&e}, w.cursor); err != nil {
		t.Fatal(err)
	}
	w.wait(0)
	if _, err := w.store.Write(t.Context(), &eventstore.Batch{Puts: []*event.Event{&e}, Cursor: w.cursor}); err != nil {
		t.Fatal(err)
	}
	w.wait(0)
	if got, want := w.messages(), "c1 user: Why?\nc1 agent: Because."; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestOrderDoesNotMatter sends the same rows in random orders, in requests of random size, with pauses,
// repetitions and restarts between them: what is stored in the end is the same.
func TestOrderDoesNotMatter(t *testing.T) {
	var rows []event.Event
	for i := range 4 {
		at := start.Add(time.Duration(i) * 40 * time.Second)
		n := strconv.Itoa(i)
		root, call := turn("trace"+n, "c"+strconv.Itoa(i/2), "Question "+n, "Answer "+n, at)
		if i == 3 {
			root.ConversationID = ""
			call.ConversationID = "c1"
		}
		rows = append(rows, root, call)
		if i%2 == 0 {
			rows = append(rows, said("browser-question-"+n, root.ConversationID, event.RoleUser, "Question "+n, at.Add(-time.Second)),
				said("browser-answer-000"+n, root.ConversationID, event.RoleAgent, "Answer "+n, at.Add(2*time.Second)))
		}
	}
	plain := newWorld(t)
	plain.send(rows...)
	plain.wait(time.Hour)
	want := plain.rows()
	inAnyOrder(t, rows, want, 90*time.Second, time.Hour, func(w *world) {
		if w.deriver.Waiting() != 0 {
			t.Fatalf("%d marks are left", w.deriver.Waiting())
		}
	})
}

// inAnyOrder sends rows 150 times in a random order, some of them twice, in requests of random size with pauses shorter
// than one given and restarts between them; then it waits and compares with what is wanted.
func inAnyOrder(t *testing.T, rows []event.Event, want map[string]event.Event, pause, settled time.Duration, check func(*world)) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 150 {
		w := newWorld(t)
		sent := slices.Clone(rows)
		sent = append(sent, rows[r.IntN(len(rows))], rows[r.IntN(len(rows))])
		r.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		for len(sent) > 0 {
			n := 1 + r.IntN(len(sent))
			w.send(sent[:n]...)
			sent = sent[n:]
			if r.IntN(2) == 0 {
				w.wait(time.Duration(r.Int64N(int64(pause))).Truncate(time.Second))
			}
			if r.IntN(3) == 0 {
				w.restart()
			}
		}
		w.wait(settled)
		if d := cmp.Diff(want, w.rows()); d != "" {
			t.Fatalf("another order gives other rows (-want +got):\n%s", d)
		}
		check(w)
	}
}

func TestDeriverSaysWhatFails(t *testing.T) {
	w := newWorld(t)
	root, call := turn("t1", "c1", "Why?", "Because.", start)
	w.send(root, call)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.deriver.Run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); w.deriver.Err() == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no error")
		}
	}
	if n := w.deriver.Waiting(); n != 1 {
		t.Errorf("%d wait", n)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.deriver.Run(ctx) }()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestAnswerComesBeforeTheQuestionThatFollowsAtOnce: clocks of JavaScript begin spans at whole milliseconds.
func TestAnswerComesBeforeTheQuestionThatFollowsAtOnce(t *testing.T) {
	w := newWorld(t)
	first, firstCall := turn("t1", "c1", "Why?", "Because.", start)
	first.LatencyMS = new(900.4)
	second, secondCall := turn("t2", "c1", "Really?", "Yes.", start.Add(900*time.Millisecond))
	w.send(firstCall, first, secondCall, second)
	w.wait(time.Minute)
	if got, want := w.messages(), "c1 user: Why?\nc1 agent: Because.\nc1 user: Really?\nc1 agent: Yes."; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
