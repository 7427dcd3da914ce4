package profileapi

import "github.com/debrief-dev/debrief/internal/profile"

// link is a profile that another is linked with.
type link struct {
	ToCollection profile.Collection `json:"to_collection"`
	ExternalIDs  []externalID       `json:"external_ids"`
}

func (c *call) getLinks() error {
	limit, err := c.limit(profile.MaxLinks, profile.MaxLinks)
	if err != nil {
		return err
	}
	all, err := c.profile.Links(c.r.Context(), limit)
	if err != nil {
		return err
	}
	out := make([]link, len(all))
	for n, l := range all {
		out[n] = link{l.To, externalIDsOf(l.IDs)}
	}
	return c.answer(struct {
		Data   []link `json:"data"`
		Cursor cursor `json:"cursor"`
	}{out, c.cursor("", limit)})
}
