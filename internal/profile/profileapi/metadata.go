package profileapi

import "time"

// metadata is when there was what of a profile. Profiles do not expire.
type metadata struct {
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
	ExpiresAt      *time.Time `json:"expires_at"`
	FirstMessageID string     `json:"first_message_id"`
	FirstSourceID  string     `json:"first_source_id"`
	LastMessageID  string     `json:"last_message_id"`
	LastSourceID   string     `json:"last_source_id"`
}

func (c *call) getMetadata() error {
	m, err := c.profile.Metadata(c.r.Context())
	if err != nil {
		return err
	}
	return c.answer(struct {
		Metadata metadata `json:"metadata"`
	}{metadata{m.CreatedAt, m.UpdatedAt, nil, m.FirstMessage, m.FirstSource, m.LastMessage, m.LastSource}})
}
