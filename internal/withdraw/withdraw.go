// Package withdraw takes back ratings that people took back: a reaction that is withdrawn leaves no score,
// and its row stays.
//
// It is pure: no clock, no I/O. What it returns is a function of the set of rows, so that order of
// arrival and repetition do not matter; what it did before, it undoes first. Package derive decides when.
package withdraw

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// Label is the label of a rating that takes the last one back, of the same person and message.
const Label = "unreact"

// Code notes on a rating that it was taken back: To is the event that did so, From what the rating counted
// before. The next pass undoes it before it begins.
const Code = "withdrawn_rating"

// Withdraws reports whether a row takes a rating back.
func Withdraws(e *event.Event) bool { return Rates(e) && e.Label == Label }

// Rates reports whether a row is a rating of a message, or the withdrawal of one.
func Rates(e *event.Event) bool {
	return e.Kind == event.KindFeedback && e.Action == "rated" && e.MessageID != "" && e.ConversationID != ""
}

// subject is whose rating of what.
type subject struct{ conversation, message, user, anonymous string }

// Apply returns changed copies of those ratings that count now and did not, or do not any more; their
// revision is that of the row given, which the caller raises. rows are all ratings of some conversations;
// other rows among them are left alone. None is changed. With the copies in their place, Apply returns none.
func Apply(rows []*event.Event) []*event.Event {
	bySubject := map[subject][]*event.Event{}
	for _, e := range rows {
		if Rates(e) {
			s := subject{conversation: e.ConversationID, message: e.MessageID, user: e.UserID}
			if s.user == "" {
				s.anonymous = e.AnonymousID
			}
			bySubject[s] = append(bySubject[s], e)
		}
	}
	var changed []*event.Event
	for _, ratings := range bySubject {
		changed = append(changed, apply(ratings)...)
	}
	slices.SortFunc(changed, func(a, b *event.Event) int { return strings.Compare(a.ID, b.ID) })
	return changed
}

// apply withdraws the ratings of one person of one message.
func apply(ratings []*event.Event) []*event.Event {
	slices.SortFunc(ratings, func(a, b *event.Event) int {
		switch {
		case a.Before(b):
			return -1
		case b.Before(a):
			return 1
		}
		return 0
	})
	ratings = slices.CompactFunc(ratings, func(a, b *event.Event) bool { return a.ID == b.ID })
	by := map[*event.Event]string{} // what took a rating back
	var standing []*event.Event
	for _, e := range ratings {
		switch n := len(standing); {
		case !Withdraws(e):
			standing = append(standing, e)
		case n > 0:
			by[standing[n-1]] = e.ID
			standing = standing[:n-1]
		}
	}
	var changed []*event.Event
	for _, e := range ratings {
		if note, _ := noted(e); note.To != by[e] {
			changed = append(changed, withdrawn(e, by[e]))
		}
	}
	return changed
}

// noted returns the note of an earlier pass.
func noted(e *event.Event) (event.Repair, bool) {
	for _, r := range e.Repairs {
		if r.Code == Code {
			return r, true
		}
	}
	return event.Repair{}, false
}

// withdrawn returns a copy of a rating as it was sent, or taken back by an event.
func withdrawn(e *event.Event, by string) *event.Event {
	c := *e
	c.Repairs = nil
	for _, r := range e.Repairs {
		if r.Code == Code {
			c.Score, c.SignalWeight = counted(r.From)
		} else {
			c.Repairs = append(c.Repairs, r)
		}
	}
	if by != "" {
		c.Repairs = append(c.Repairs, event.Repair{Code: Code, From: fmt.Sprintf("score=%s weight=%s", text(c.Score), text(c.SignalWeight)), To: by})
		c.Score, c.SignalWeight = nil, nil
	}
	return &c
}

func text(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'g', -1, 64)
}

// counted reads what withdrawn noted.
func counted(from string) (score, weight *float64) {
	s, w, _ := strings.Cut(strings.TrimPrefix(from, "score="), " weight=")
	number := func(s string) *float64 {
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			return &n
		}
		return nil
	}
	return number(s), number(w)
}
