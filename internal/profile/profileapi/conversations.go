package profileapi

import (
	"time"

	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/query"
)

// conversation is one of a profile's, in the manner of the other answers: Segment has none.
type conversation struct {
	ID        string    `json:"id"`
	StartedAt time.Time `json:"started_at"`
	// EndedAt is null where nothing said that it ended.
	EndedAt *time.Time `json:"ended_at"`
	// Topic is its name; null before one is found.
	Topic        *string  `json:"topic"`
	Outcome      *string  `json:"outcome"`
	Satisfaction *float64 `json:"satisfaction"` // 0 to 1
	Messages     int64    `json:"messages"`
}

func (c *call) getConversations() error {
	limit, err := c.limit(20, profile.MaxConversations)
	if err != nil {
		return err
	}
	ask := profile.Conversations{Limit: limit}
	if ask.Range, err = c.span(); err != nil {
		return err
	}
	if ask.Ascending, err = c.ascending(); err != nil {
		return err
	}
	if seen, err := c.next(query.SortedCursorKeys); err != nil {
		return err
	} else if seen != nil {
		ask.After = seen.String()
	}
	rows, next, err := c.profile.Conversations(c.r.Context(), ask)
	if err != nil {
		return err
	}
	all := make([]conversation, len(rows))
	for n, row := range rows {
		all[n] = conversation{ID: row.ID, StartedAt: row.At, Topic: orNull(row.TopicName), Outcome: orNull(row.Outcome), Satisfaction: row.Satisfaction, Messages: row.Messages}
		if row.Ended {
			all[n].EndedAt = &row.EndedAt
		}
	}
	return c.answer(struct {
		Data   []conversation `json:"data"`
		Cursor cursor         `json:"cursor"`
	}{all, c.cursor(next, limit)})
}

// orNull is the pointer to a text, or nil for none.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
