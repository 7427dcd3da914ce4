package storetest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Metamorphic compares an engine with itself: n random questions to a random history must be answered
// the same when batches come in another order, cut otherwise and twice, when rows are added that the
// question is not about, and when ids are renamed; and counts must add up over periods. All of it follows from
// the seed.
func Metamorphic(t *testing.T, open Open, seed uint64, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	writes := imports(randomHistory(r, 30+r.IntN(300), false))
	base := written(t, open, writes)
	a := newAsker(r, writes)
	for name, relation := range map[string]func(t *testing.T, m *metamorphosis){
		"Order":      sameInAnyOrder,
		"Irrelevant": sameWithIrrelevantRows,
		"Renamed":    sameWithOtherNames,
		"Sums":       countsAddUp,
		"Flows":      flowsAddUp,
	} {
		t.Run(fmt.Sprint(name, "/", seed), func(t *testing.T) {
			relation(t, &metamorphosis{Rand: rand.New(rand.NewPCG(seed, 2)), open: open, base: base, writes: writes, asker: a, n: n})
		})
	}
}

type metamorphosis struct {
	*rand.Rand
	open   Open
	base   eventstore.Store
	writes []*eventstore.Batch
	asker  *asker
	n      int
}

// imports makes all batches imports, so that old rows are found in any order of arrival.
func imports(writes []*eventstore.Batch) []*eventstore.Batch {
	for _, b := range writes {
		b.Import = true
	}
	return writes
}

func written(t *testing.T, open Open, writes []*eventstore.Batch) eventstore.Store {
	t.Helper()
	s := opened(t, open)
	for _, b := range writes {
		if _, err := s.Write(t.Context(), b); err != nil {
			t.Fatalf("write: %v", err)
		}
	}
	return s
}

// same asks both stores, and stops at the first answer that differs.
func (m *metamorphosis) same(t *testing.T, other eventstore.Store, change func(q question) (question, bool)) {
	t.Helper()
	asked := 0
	for tries := 0; asked < m.n && tries < 20*m.n; tries++ {
		q, ok := change(m.asker.question())
		if !ok {
			continue
		}
		asked++
		if diff := q.differ(q.ask(t.Context(), m.base), q.ask(t.Context(), other)); diff != "" {
			t.Fatalf("%s\n%s", diff, q.text())
		}
	}
}

func sameInAnyOrder(t *testing.T, m *metamorphosis) {
	var shuffled []*eventstore.Batch
	for _, b := range m.writes {
		for _, e := range b.Puts {
			shuffled = append(shuffled, put(e))
		}
		for _, r := range b.Retracts {
			shuffled = append(shuffled, retract(r.ID, r.Revision))
		}
		for _, a := range b.Analyses {
			shuffled = append(shuffled, &eventstore.Batch{Analyses: []*event.Analysis{a}})
		}
		for _, topic := range b.Topics {
			shuffled = append(shuffled, &eventstore.Batch{Topics: []event.ConversationTopic{topic}})
		}
		for _, l := range b.Labels {
			shuffled = append(shuffled, &eventstore.Batch{Labels: []event.ConversationLabels{l}})
		}
	}
	for _, x := range identitiesOf(m.writes) {
		shuffled = append(shuffled, &eventstore.Batch{Identities: []event.Identity{x}})
	}
	m.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var batches []*eventstore.Batch
	for i := 0; i < len(shuffled); {
		b := &eventstore.Batch{Import: true}
		for range min(1+m.IntN(60), len(shuffled)-i) {
			b.Puts, b.Retracts = append(b.Puts, shuffled[i].Puts...), append(b.Retracts, shuffled[i].Retracts...)
			b.Analyses, b.Topics = append(b.Analyses, shuffled[i].Analyses...), append(b.Topics, shuffled[i].Topics...)
			b.Labels, b.Identities = append(b.Labels, shuffled[i].Labels...), append(b.Identities, shuffled[i].Identities...)
			i++
		}
		batches = append(batches, b)
	}
	other := written(t, m.open, batches)
	for _, b := range batches {
		w, err := other.Write(t.Context(), b)
		if err != nil || w.Stored != 0 || w.Retracted != 0 || len(w.Conflicts) != 0 || len(w.Duplicates) != len(b.Puts) {
			t.Fatalf("a batch written again reports %+v, %v, want %d duplicates and nothing else", w, err, len(b.Puts))
		}
	}
	m.same(t, other, func(q question) (question, bool) { return q, true })
}

// Page views, spans and logs of unknown visitors, and what is said of conversations and ids that do not exist, are
// nobody's business but that of questions about all rows.
func sameWithIrrelevantRows(t *testing.T, m *metamorphosis) {
	noise := &eventstore.Batch{}
	for i := range 40 {
		e := *pick(m.Rand, m.asker.events...)
		e.ID, e.Revision, e.UserID, e.AnonymousID = fmt.Sprint("noise", i), 0, "", fmt.Sprint("visitor", i%7)
		e.Kind, e.Action = event.KindProduct, pick(m.Rand, "viewed", "traced")
		noise.Puts = append(noise.Puts, &e)
	}
	for i := range 9 {
		id := fmt.Sprint("nobody's", i)
		noise.Analyses = append(noise.Analyses, &event.Analysis{ConversationID: id, Version: 1, Outcome: event.OutcomeFailed, Quality: new(0.5)})
		noise.Topics = append(noise.Topics, event.ConversationTopic{ConversationID: id, Topic: "t1"})
		noise.Labels = append(noise.Labels, event.ConversationLabels{ConversationID: id, Labels: []string{"good"}})
		noise.Identities = append(noise.Identities, event.Identity{Type: event.IdentityUser, ID: id, Person: pick(m.Rand, "u1", "nobody")},
			event.Identity{Type: event.IdentityAnonymous, ID: id, Ignored: i%2 == 0, Person: "x1"})
	}
	other := written(t, m.open, append(slices.Clone(m.writes), noise))
	tracked := query.Is("tracked", query.Eq, "true")
	m.same(t, other, func(q question) (question, bool) {
		switch {
		case q.list != nil && q.list.Grain == query.Events:
			q.list.Filter = query.AllOf(q.list.Filter, tracked)
		case q.query != nil && q.query.Grain == query.Events:
			q.query.Filter = query.AllOf(q.query.Filter, tracked)
		}
		return q, true
	})
}

// identifying matches the fields that hold ids.
var identifying = regexp.MustCompile(`\b(id|user_id|anonymous_id|conversation_id|person)\b`)

func sameWithOtherNames(t *testing.T, m *metamorphosis) {
	renamed := func(id string) string {
		if id == "" {
			return ""
		}
		return "ü:" + id // the order stays
	}
	var writes []*eventstore.Batch
	for _, b := range m.writes {
		c := &eventstore.Batch{Import: true}
		for _, e := range b.Puts {
			r := *e
			r.ID, r.UserID, r.AnonymousID, r.ConversationID = renamed(e.ID), renamed(e.UserID), renamed(e.AnonymousID), renamed(e.ConversationID)
			c.Puts = append(c.Puts, &r)
		}
		for _, r := range b.Retracts {
			c.Retracts = append(c.Retracts, eventstore.Retract{ID: renamed(r.ID), Revision: r.Revision})
		}
		for _, a := range b.Analyses {
			r := *a
			r.ConversationID = renamed(a.ConversationID)
			c.Analyses = append(c.Analyses, &r)
		}
		for _, topic := range b.Topics {
			topic.ConversationID = renamed(topic.ConversationID)
			c.Topics = append(c.Topics, topic)
		}
		for _, l := range b.Labels {
			l.ConversationID = renamed(l.ConversationID)
			c.Labels = append(c.Labels, l)
		}
		for _, x := range b.Identities {
			x.ID, x.Person = renamed(x.ID), renamed(x.Person)
			c.Identities = append(c.Identities, x)
		}
		writes = append(writes, c)
	}
	m.same(t, written(t, m.open, writes), func(q question) (question, bool) {
		return q, q.list == nil && !identifying.MatchString(q.text())
	})
}

// countsAddUp counts rows of a filter in all, by period, and in two halves.
func countsAddUp(t *testing.T, m *metamorphosis) {
	for range m.n {
		q := m.asker.query()
		if q.Grain != query.Events {
			q.Grain = query.Conversations
		}
		q.Filter, q.Breakdown, q.Limit, q.Conversion = m.asker.filter(q.Grain, 1), nil, 0, nil
		q.Measures = countEvents().Measures
		count := func(p query.Period, r query.Range) (sum float64) {
			t.Helper()
			c := *q
			c.Period, c.Range = p, r
			result, err := m.base.Query(t.Context(), c)
			if err != nil {
				t.Fatalf("%v\n%s", err, formatQuery(&c))
			}
			for _, row := range result.Rows {
				sum += row.Values[0].Num
			}
			return sum
		}
		total := count(query.All, q.Range)
		if periods := count(pick(m.Rand, query.Hour, query.Day, query.Week, query.Month), q.Range); periods != total {
			t.Fatalf("periods add up to %v, want %v\n%s", periods, total, formatQuery(q))
		}
		middle := m.asker.time().Truncate(time.Microsecond)
		if !q.Range.Contains(middle) {
			continue
		}
		halves := count(query.All, query.Range{From: q.Range.From, Until: middle}) + count(query.All, query.Range{From: middle, Until: q.Range.Until})
		if halves != total {
			t.Fatalf("before and after %v add up to %v, want %v\n%s", middle, halves, total, formatQuery(q))
		}
	}
}
