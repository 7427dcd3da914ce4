package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// historian makes up the past of a product: conversations and what surrounds them, over some months.
//
// All numbers are multiples of an eighth, so that sums are exact in whatever order an engine adds them
// up, and groups that tie do so in every engine.
type historian struct {
	*rand.Rand
	start  time.Time
	events []*event.Event
}

// Where histories begin: each is followed by months whose ends, and clock changes, events crowd around.
var epochs = []time.Time{
	time.Date(2018, 10, 10, 0, 0, 0, 0, time.UTC), // São Paulo skips a midnight
	time.Date(2021, 9, 20, 0, 0, 0, 0, time.UTC),  // Amman has one twice
	time.Date(2024, 2, 15, 0, 0, 0, 0, time.UTC),  // a leap day
	time.Date(2023, 11, 25, 0, 0, 0, 0, time.UTC), // a year's end
}

// randomHistory returns writes in order, of about n events. Puts that repeat an id and revision are
// exact copies unless inOrder, when the second may differ: then order of arrival matters.
func randomHistory(r *rand.Rand, n int, inOrder bool) []*eventstore.Batch {
	h := &historian{Rand: r, start: epochs[r.IntN(len(epochs))]}
	for c := 0; len(h.events) < n; c++ {
		h.conversation(fmt.Sprint("c", c))
		h.around()
	}
	for i, e := range h.events {
		h.envelope(e, i)
	}
	return h.writes(inOrder)
}

// moment is any time of the history, often next to the end of a month or a day.
func (h *historian) moment() time.Time {
	t := h.start.Add(time.Duration(h.Int64N(int64(100*24*time.Hour)/1e6)) * time.Millisecond)
	switch h.IntN(4) {
	case 0:
		t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case 1:
		t = t.Truncate(time.Hour)
	default:
		return t
	}
	return t.Add(time.Duration(h.IntN(5)-2) * []time.Duration{time.Microsecond, time.Millisecond, time.Hour}[h.IntN(3)])
}

// gap is the time between two events of a conversation: often none.
func (h *historian) gap() time.Duration {
	switch h.IntN(8) {
	case 0, 1:
		return 0
	case 2:
		return 125 * time.Microsecond * time.Duration(h.IntN(16))
	case 3:
		return time.Duration(h.IntN(3600)) * time.Second
	}
	return time.Duration(h.IntN(60_000)) * time.Millisecond
}

func pick[T any](h *rand.Rand, of ...T) T { return of[h.IntN(len(of))] }

// who sets the ids of somebody: known, not known yet, or both; some anonymous ids are shared.
func (h *historian) who(e *event.Event, person int) {
	anonymous, user := fmt.Sprint("x", person), fmt.Sprint("u", person)
	switch h.IntN(5) {
	case 0:
		e.AnonymousID = anonymous
	case 1:
		e.UserID = user
	case 2:
		e.UserID, e.AnonymousID = user, anonymous
	case 3:
		e.AnonymousID = fmt.Sprint("x", person/3) // a device of several
		e.UserID = pick(h.Rand, "", "", user)
	}
}

func (h *historian) add(at time.Time, what string, person int, conversation string) *event.Event {
	kind, action, _ := strings.Cut(what, "/")
	e := &event.Event{
		ID: fmt.Sprintf("e%04d", len(h.events)), OccurredAt: at, Kind: event.Kind(kind), Action: action,
		ConversationID: conversation, Source: pick(h.Rand, "s1", "s1", "s2"), Vocabulary: "test", SourceEvent: what,
	}
	h.who(e, person)
	h.events = append(h.events, e)
	return e
}

var bodyPool = []string{"", "hello", "Where is my ORDER?", "Größe ß É", "ÀÉÎ 👍🏽 ok", "100%_sure", "line\nbreak", "a 'quote' \"two\" \\", "日本語", "\x00"}

// conversation adds one conversation, and conversions after it.
func (h *historian) conversation(id string) {
	at, person := h.moment(), h.IntN(9)
	step := func(what string) *event.Event {
		at = at.Add(h.gap())
		p := person
		if h.IntN(12) == 0 {
			p = h.IntN(9)
		}
		return h.add(at, what, p, id)
	}
	if h.IntN(3) > 0 {
		step("conversation/started").Mode = pick(h.Rand, "", "fast", "deep")
	}
	for range h.IntN(12) {
		switch h.IntN(12) {
		case 0, 1, 2:
			h.say(step("message/sent"), event.RoleUser)
		case 3, 4, 5:
			h.say(step("message/received"), pick(h.Rand, event.RoleAgent, event.RoleAgent, event.RoleHumanAgent, event.RoleSystem))
		case 6:
			e := step("tool/called")
			e.ToolName, e.ToolOK = pick(h.Rand, "search", "Search", "order"), pick(h.Rand, nil, new(true), new(false))
		case 7:
			e := step(pick(h.Rand, "artifact/component_shown", "artifact/media_generated"))
			e.ArtifactType = pick(h.Rand, "card", "image", "")
		case 8:
			h.rate(step("feedback/rated"))
		case 9:
			e := step(pick(h.Rand, "interaction/copied", "conversation/renamed", "product/viewed", "conversation/started"))
			e.Title, e.ReportedMessageCount = pick(h.Rand, "", "A title", "Ünder"), pick(h.Rand, nil, new(int64(h.IntN(9))))
		case 10, 11:
			h.call(step)
		}
	}
	if h.IntN(3) == 0 {
		step(pick(h.Rand, "conversation/ended", "conversation/deleted")).Reason = pick(h.Rand, "", "explicit", "idle")
	}
	for range h.IntN(3) {
		after := pick(h.Rand, h.gap(), 30*time.Minute, 30*time.Minute+125*time.Microsecond, 20*time.Minute)
		e := h.add(at.Add(after), "product/tracked", person, pick(h.Rand, "", "", id))
		e.SourceEvent = pick(h.Rand, "Bought", "Bought", "Signed Up")
		e.Amount = pick(h.Rand, nil, new(float64(h.IntN(100))/4))
	}
}

// call adds a call of a model, or what is left of its trace: spans and logs, which are not tracked.
func (h *historian) call(step func(what string) *event.Event) {
	trace := fmt.Sprint("t", h.IntN(20))
	if h.IntN(3) == 0 {
		e := step("product/traced")
		e.TraceID, e.SpanID, e.ConversationID = trace, fmt.Sprint("s", h.IntN(50)), pick(h.Rand, "", e.ConversationID, "only traced")
		e.InputTokens, e.CountsUsage = pick(h.Rand, nil, new(int64(7))), h.IntN(4) == 0
	}
	e := step(pick(h.Rand, "generation/completed", "generation/completed", "generation/failed", "generation/cancelled", "generation/first_token"))
	e.TraceID, e.SpanID, e.CountsUsage = trace, fmt.Sprint("s", h.IntN(50)), h.IntN(4) > 0
	e.RequestModel, e.ResponseModel = pick(h.Rand, "", "m"), pick(h.Rand, "", "", "m-1", "m-2")
	e.InputTokens, e.OutputTokens = pick(h.Rand, nil, new(int64(h.IntN(900)))), pick(h.Rand, nil, new(int64(h.IntN(90))))
	e.CostUSD = pick(h.Rand, nil, new(float64(h.IntN(40))/8))
}

func (h *historian) say(e *event.Event, role string) {
	e.Role = role
	if h.IntN(5) > 0 {
		e.Body = new(pick(h.Rand, bodyPool...))
		e.BodyChars = new(int64(len([]rune(*e.Body))))
	}
}

// rate gives a rating on one of several scales.
func (h *historian) rate(e *event.Event) {
	e.FeedbackName = pick(h.Rand, "", "csat")
	switch h.IntN(4) {
	case 0:
		n := h.IntN(5)
		e.RatingScaleRaw, e.RatingRaw, e.Score = "1-5", fmt.Sprint(n+1), new(float64(n)/4)
	case 1:
		n := h.IntN(2)
		e.RatingScaleRaw, e.RatingRaw, e.Score = "thumb", fmt.Sprint(n), new(float64(n))
	case 2:
		n := h.IntN(9)
		e.RatingScaleRaw, e.RatingRaw, e.Score = "0-8", fmt.Sprint(n), new(float64(n)/8)
	case 3:
		e.RatingRaw = "great"
	}
}

// around adds what happens outside of conversations.
func (h *historian) around() {
	for range h.IntN(3) {
		e := h.add(h.moment(), pick(h.Rand, "product/viewed", "product/traced", "identity/identified", "identity/aliased", "product/tracked"), h.IntN(9), "")
		e.ProductEvent = pick(h.Rand, "", "Home", "Pricing")
	}
}

// properties of events, by text, so that spelling is kept.
var propertyPool = []string{
	`{"plan":"free","price":12.5}`, `{"plan":"pro","price":"12.50","n":1}`, `{"plan":["free","pro",null,"free"],"n":1.0}`,
	`{"plan":"","n":-3,"deep":{"er":{"est":"x"}}}`, `{"plan":true,"n":1e2,"deep":{"er":["y",2,false,{"z":1}]}}`, `{"plan":{"a":1},"n":"1e2","deep":[1]}`,
	`{"plan":"Free","plan":"pro","n":"a lot"}`, `{"n":0.125,"é ü":"☃","a b":"c"}`, `{}`, `{"plan":null,"n":[1,"2",[3],-0.0,0]}`,
}

// envelope fills what every event has, and now and then any other field.
func (h *historian) envelope(e *event.Event, i int) {
	e.OriginalAt = pick(h.Rand, time.Time{}, e.OccurredAt, e.OccurredAt, e.OccurredAt.Add(time.Duration(h.IntN(3)-1)*time.Minute))
	e.ReceivedAt = e.OccurredAt.Add(time.Duration(h.IntN(5000)) * time.Millisecond)
	if h.IntN(10) == 0 {
		e.ReceivedAt = e.ReceivedAt.Add(time.Duration(h.IntN(60*24)) * time.Hour) // late
	}
	e.RequestSeq, e.BatchIndex = int64(i/3), int64(h.IntN(3))
	e.SessionID = pick(h.Rand, "", "v1", "v2", "v3")
	e.Channel = pick(h.Rand, "", "web", "app")
	e.Locale = pick(h.Rand, "", "", "en", "fr-FR")
	if h.IntN(3) > 0 {
		e.Raw = json.RawMessage(fmt.Sprintf(`{"call":%q}`, e.ID))
	}
	if h.IntN(2) == 0 {
		e.Properties = json.RawMessage(pick(h.Rand, propertyPool...))
	}
	if h.IntN(6) == 0 {
		e.Violations = []string{pick(h.Rand, "missing_role", "bad_time"), pick(h.Rand, "missing_role", "odd")}
	}
	if h.IntN(6) == 0 {
		e.Repairs = []event.Repair{{Code: pick(h.Rand, "case", "alias"), From: "x"}}
	}
	for f, v := range reflect.ValueOf(e).Elem().Fields() {
		if h.IntN(25) == 0 && v.IsZero() {
			h.fill(f.Name, v)
		}
	}
}

func (h *historian) fill(name string, v reflect.Value) {
	switch name {
	case "UserID", "AnonymousID", "ConversationID", "Workspace", "Revision", "Body", "Score":
		return // what these mean depends on others
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(pick(h.Rand, "x", "y", "Ä b", "42"))
	case reflect.Int64:
		v.SetInt(int64(h.IntN(20) - 5))
	case reflect.Float64:
		v.SetFloat(float64(h.IntN(200)-40) / 8)
	case reflect.Bool:
		v.SetBool(h.IntN(2) == 0)
	}
}

// writes puts the events into batches, most of them in order of time, with repetitions, revisions and
// retracts mixed in.
func (h *historian) writes(inOrder bool) []*eventstore.Batch {
	puts := slices.Clone(h.events)
	slices.SortStableFunc(puts, func(a, b *event.Event) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	var batches []*eventstore.Batch
	said := map[string]bool{}
	for i := 0; i < len(puts); {
		size := min(1+h.IntN(pick(h.Rand, 3, 40, 200)), len(puts)-i)
		b := &eventstore.Batch{Puts: slices.Clone(puts[i : i+size]), Import: h.IntN(5) == 0}
		i += size
		for range h.IntN(2 + size/2) {
			h.again(b, puts[h.IntN(i)], inOrder)
		}
		h.beside(b, puts[:i], inOrder, said)
		h.decide(b, inOrder, said)
		if h.IntN(2) == 0 {
			b.Cursor = uint64(i)
		}
		batches = append(batches, b)
	}
	return batches
}

// again writes something more of an event that was written: the same, a revision, or its end.
func (h *historian) again(b *eventstore.Batch, e *event.Event, inOrder bool) {
	c := *e
	switch h.IntN(4) {
	case 0:
		if inOrder {
			c.UserID = pick(h.Rand, c.UserID, "somebody")
			c.ReceivedAt = c.ReceivedAt.Add(time.Hour)
		}
		b.Puts = append(b.Puts, &c)
	case 1:
		c.Revision = int64(1 + h.IntN(3))
		c.Title = fmt.Sprint("revision ", c.Revision) // the same whenever this revision is put
		c.Channel = pick(rand.New(rand.NewPCG(uint64(c.Revision), 0)), "web", "app", "mail")
		c.Raw = json.RawMessage(fmt.Sprintf(`{"call":%q,"revision":%d}`, c.ID, c.Revision))
		if inOrder && h.IntN(3) > 0 {
			c.Raw = nil // keeps what is there
		}
		if inOrder && h.IntN(2) == 0 {
			c.OccurredAt = h.moment() // and takes it to another month
		}
		b.Puts = append(b.Puts, &c)
	case 2:
		c.Revision = int64(1 + h.IntN(3))
		c.ConversationID = pick(rand.New(rand.NewPCG(uint64(c.Revision), 1)), c.ConversationID, "c1", "moved")
		c.Title = fmt.Sprint("moved by ", c.Revision)
		if inOrder {
			c.Raw = pick(h.Rand, c.Raw, nil)
			b.Puts = append(b.Puts, &c)
		}
	case 3:
		b.Retracts = append(b.Retracts, eventstore.Retract{ID: c.ID, Revision: int64(h.IntN(3))})
	}
}

// What is said of conversations beside their events.
var (
	outcomePool = []string{event.OutcomeResolved, event.OutcomeAbandoned, event.OutcomeFailed, event.OutcomeOpen, ""}
	signalPool  = []string{"rephrase", "loop", "thanks", "Ü \x00"}
	labelPool   = []string{"good", "bad", "to do", "Größe"}
	topicPool   = []string{"t1", "t2", "t3"}
)

// beside adds analyses, topics and labels of conversations that have events by then, or not yet. If order of
// arrival must not matter, each is said once.
func (h *historian) beside(b *eventstore.Batch, puts []*event.Event, inOrder bool, said map[string]bool) {
	id := func(what string) string {
		id := pick(h.Rand, puts...).ConversationID
		if h.IntN(6) == 0 {
			id = pick(h.Rand, "moved", "nobody", fmt.Sprint("c", h.IntN(40)))
		}
		if !inOrder && said[what+id] {
			return ""
		}
		said[what+id] = true
		return id
	}
	for range h.IntN(1 + len(b.Puts)/2) {
		if id := id("analysis"); id != "" {
			b.Analyses = append(b.Analyses, h.analysis(id))
			if inOrder && h.IntN(12) == 0 {
				b.Analyses = append(b.Analyses, &event.Analysis{ConversationID: id})
			}
		}
		if id := id("topic"); id != "" {
			b.Topics = append(b.Topics, event.ConversationTopic{ConversationID: id, Topic: pick(h.Rand, append(topicPool, "")...), Group: pick(h.Rand, "", "t1")})
		}
		if id := id("labels"); id != "" {
			l := event.ConversationLabels{ConversationID: id}
			for range h.IntN(4) {
				l.Labels = append(l.Labels, pick(h.Rand, append(labelPool, "")...))
			}
			b.Labels = append(b.Labels, l)
		}
	}
}

// decide adds decisions of ids, of those that have rows by then, will have some, or never. If order of arrival
// must not matter, each id is decided once.
func (h *historian) decide(b *eventstore.Batch, inOrder bool, said map[string]bool) {
	for range h.IntN(1 + h.IntN(4)) {
		x := event.Identity{Type: event.IdentityUser, ID: fmt.Sprint("u", h.IntN(9)), Person: pick(h.Rand, "u1", "u2", "x4", "p1")}
		if h.IntN(2) == 0 {
			x.Type, x.ID = event.IdentityAnonymous, pick(h.Rand, fmt.Sprint("x", h.IntN(9)), x.ID)
		}
		if !inOrder && said[x.Type+x.ID] {
			continue
		}
		said[x.Type+x.ID] = true
		switch h.IntN(6) {
		case 0, 1:
			x.Ignored, x.Person = true, pick(h.Rand, "", x.Person)
		case 2:
			x.Person = pick(h.Rand, "", x.ID)
		}
		b.Identities = append(b.Identities, x)
	}
}

// identitiesOf are all that is said of ids.
func identitiesOf(writes []*eventstore.Batch) []event.Identity {
	var out []event.Identity
	for _, b := range writes {
		out = append(out, b.Identities...)
	}
	return out
}

func (h *historian) analysis(id string) *event.Analysis {
	eighths := func() *float64 { return pick(h.Rand, nil, new(float64(h.IntN(17)-8)/8)) }
	a := &event.Analysis{
		ConversationID: id, Version: int64(1 + h.IntN(3)), AnalysedAt: pick(h.Rand, h.moment(), time.Time{}), Outcome: pick(h.Rand, outcomePool...),
		OutcomeReason: pick(h.Rand, "", "thanks at the end"), Language: pick(h.Rand, "", "en", "de"), Sentiment: pick(h.Rand, "", "negative", "positive"),
		SentimentScore: eighths(), Emotion: pick(h.Rand, "", "angry"), Quality: eighths(), ImpliedSatisfaction: eighths(), PredictedRating: eighths(),
		GoalReached: eighths(), DissatisfiedTurns: int64(h.IntN(3)), InjectionAttempts: int64(h.IntN(2)), Refusals: int64(h.IntN(2)),
		FailedAnswers: int64(h.IntN(3)), BadAnswers: int64(h.IntN(2)),
	}
	for i := range h.IntN(4) {
		a.Signals = append(a.Signals, event.Signal{Name: pick(h.Rand, append(signalPool, "")...), Dimension: "answer", Weight: -0.5,
			EventID: fmt.Sprint("e", i), At: h.moment(), Reason: "seen"})
	}
	return a
}
