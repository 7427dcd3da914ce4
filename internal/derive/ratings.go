package derive

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/withdraw"
)

// longestRegret is how long after a rating it may be taken back.
const longestRegret = 30 * 24 * time.Hour

// ratingOf returns the mark of a row's conversation, if the row takes a rating back, or is a rating in a
// conversation that is watched. d.mu is held.
func (d *Deriver) ratingOf(e *event.Event, position uint64) (Mark, bool) {
	if !withdraw.Rates(e) {
		return Mark{}, false
	}
	watched := d.traced[e.ConversationID] || d.ratings[e.ConversationID]
	if len(d.traced)+len(d.ratings) > 0 || withdraw.Withdraws(e) {
		d.underway[e.ConversationID] = position
	}
	if !watched && !withdraw.Withdraws(e) {
		return Mark{}, false
	}
	d.ratings[e.ConversationID] = true
	return Mark{Conversation: e.ConversationID, Due: d.config.Now(), From: e.OccurredAt, Until: e.OccurredAt}, true
}

// rated returns the conversations of marks whose ratings are to be looked at, and when something was said
// there.
func (d *Deriver) rated(marks []Mark) (conversations map[string]bool, during span) {
	d.mu.Lock()
	defer d.mu.Unlock()
	conversations = map[string]bool{}
	for _, m := range marks {
		if d.ratings[m.Conversation] {
			conversations[m.Conversation] = true
			during.cover(m.From, m.Until)
		}
	}
	return conversations, during
}

// withdraw takes back the ratings of marked conversations that people took back, and those again that turn
// out not to be.
func (d *Deriver) withdraw(ctx context.Context, marks []Mark, cursor uint64) error {
	conversations, during := d.rated(marks)
	if len(conversations) == 0 {
		return nil
	}
	// From now on a rating that comes late is looked at, too.
	if err := d.noteTraced(ctx, conversations); err != nil {
		return err
	}
	list := query.List{Grain: query.Events, Range: during.around(longestRegret, longestRegret), Filter: query.AllOf(
		query.Is("conversation_id", query.Eq, slices.Sorted(maps.Keys(conversations))...),
		query.Is("kind", query.Eq, string(event.KindFeedback)), query.Is("action", query.Eq, "rated"))}
	var rows []*event.Event
	for e, err := range d.config.Store.Events(ctx, list) {
		if err != nil {
			return fmt.Errorf("read ratings: %w", err)
		}
		rows = append(rows, e)
	}
	if changed := withdraw.Apply(rows); len(changed) > 0 {
		revision := d.nextRevision(changed)
		for _, e := range changed {
			e.Revision = revision
		}
		if err := d.write(ctx, &eventstore.Batch{Puts: changed}, nil); err != nil {
			return err
		}
	}
	d.mu.Lock()
	for id := range conversations {
		if d.underway[id] <= cursor { // else something came meanwhile
			delete(d.ratings, id)
		}
	}
	d.mu.Unlock()
	return d.lookAgain(ctx, conversations, during, cursor)
}
