package trace

import (
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// ownMessages returns the messages that clients sent themselves, each once, in conversation order.
func ownMessages(explicit []*event.Event) []*event.Event {
	var out []*event.Event
	for _, e := range newest(explicit) {
		if e.Kind == event.KindMessage && !isDerived(e) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, order)
	return out
}

// merge finds the messages that clients sent themselves as well, and returns how many those are. First by
// id and text: one such message may stand for any number of derived ones, which retries repeat. Then,
// where one side has no text, by role and time: one for one.
func merge(all []*said, own []*event.Event, hash func(string) string) int {
	texts := hashesOf(own, hash)
	taken := map[*event.Event]bool{}
	for _, s := range all {
		s.merged = nearest(s.row, own, func(e *event.Event) bool {
			if e.MessageID != "" && e.MessageID == s.row.MessageID {
				return true
			}
			h := s.row.BodyHash
			return h != "" && roleOfRow(e) == s.row.Role && within(e, s.row) && slices.Contains(texts[e], h)
		})
		taken[s.merged] = true
	}
	for _, s := range all {
		if s.merged != nil {
			continue
		}
		s.merged = nearest(s.row, own, func(e *event.Event) bool {
			blank := s.row.Body == nil || len(texts[e]) == 0 && e.Body == nil
			return blank && !taken[e] && roleOfRow(e) == s.row.Role && within(e, s.row)
		})
		taken[s.merged] = true
	}
	n := 0
	for _, s := range all {
		if s.merged != nil {
			n++
		}
	}
	return n
}

// hashesOf returns the hashes that the text of a message may have: as it came, and as it is stored, which
// redaction may have changed.
func hashesOf(own []*event.Event, hash func(string) string) map[*event.Event][]string {
	out := make(map[*event.Event][]string, len(own))
	for _, e := range own {
		if e.BodyHash != "" {
			out[e] = append(out[e], e.BodyHash)
		}
		if e.Body != nil && hash != nil {
			out[e] = append(out[e], hash(*e.Body))
		}
	}
	return out
}

// roleOfRow is the role of a message, by its action if it has none.
func roleOfRow(e *event.Event) string {
	switch {
	case e.Role != "":
		return e.Role
	case e.Action == "sent":
		return event.RoleUser
	}
	return event.RoleAgent
}

func apart(a, b *event.Event) time.Duration { return a.OccurredAt.Sub(b.OccurredAt).Abs() }

func within(a, b *event.Event) bool { return apart(a, b) <= MergeWindow }

// nearest returns the message of the same conversation that fits and is nearest in time; of equals, the
// first.
func nearest(row *event.Event, own []*event.Event, fits func(*event.Event) bool) *event.Event {
	var best *event.Event
	for _, e := range own {
		if e.ConversationID == row.ConversationID && fits(e) && (best == nil || apart(e, row) < apart(best, row)) {
			best = e
		}
	}
	return best
}
