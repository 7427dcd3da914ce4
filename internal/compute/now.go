package compute

import (
	"context"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// CountNow returns how many values a destination is told of.
func (c *Compute) CountNow(ctx context.Context, destination string) (int64, error) {
	keys, _, err := c.toldTo(ctx, destination)
	if err != nil {
		return 0, err
	}
	sizes, err := c.config.Profiles.Sizes(ctx)
	var n int64
	for _, key := range keys {
		n += sizes[key]
	}
	return n, err
}

// Now returns the calls that tell a destination what is computed of people now, of those definitions that are enabled
// and tell it of changes: of the next values after a cursor, "" before the first, at most limit; and the cursor after
// them, "" when there are none left. A call has the time of its value, and an id that is made of both, so that who gets it
// twice can tell.
func (c *Compute) Now(ctx context.Context, destination, cursor string, limit int) (event.Request, string, error) {
	req := event.Request{Workspace: c.config.Workspace, Source: Source, Protocol: protocol, ReceivedAt: c.config.Now().UTC()}
	keys, t, err := c.toldTo(ctx, destination)
	if err != nil {
		return req, "", err
	}
	from, person, _ := strings.Cut(cursor, "/") // no key has one
	for _, key := range keys {
		if key < from {
			continue
		}
		if key != from {
			person = ""
		}
		some, err := c.config.Profiles.WithKey(ctx, key, person, limit)
		if err != nil {
			return req, "", err
		}
		if len(some) == 0 {
			continue
		}
		req.Calls, err = c.presentAll(ctx, t, some)
		return req, key + "/" + some[len(some)-1].Person, err
	}
	return req, "", nil
}

// toldTo returns the keys that a destination is told of, in their order, and what makes the calls.
func (c *Compute) toldTo(ctx context.Context, destination string) ([]string, *teller, error) {
	defs, err := c.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	var keys []string
	for _, d := range defs {
		if d.tells(destination) {
			keys = append(keys, d.Keys()...)
		}
	}
	slices.Sort(keys)
	return keys, c.teller(defs), nil
}

// presentAll makes the calls that tell of values as they are.
func (c *Compute) presentAll(ctx context.Context, t *teller, some []profilestore.Computed) ([]event.Raw, error) {
	people := make([]string, len(some))
	for i, v := range some {
		people[i] = v.Person
	}
	anonymous, err := c.config.Profiles.Anonymous(ctx, people)
	if err != nil {
		return nil, err
	}
	var out []event.Raw
	for _, v := range some {
		at := *t
		at.now = v.Updated
		// No change has this number: the call has an id of its own.
		call, err := at.tell(profilestore.Change{Key: v.Key, Person: v.Person, New: v.Value, Anonymous: anonymous[v.Person], N: -1})
		if err != nil {
			return nil, err
		}
		if call != nil {
			out = append(out, event.Raw{ID: call.ID, Type: call.Type, SentAt: v.Updated, JSON: call.JSON})
		}
	}
	return out, nil
}
