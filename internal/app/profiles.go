package app

import (
	"context"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/profile/profileapi"
)

// openProfiles puts together what puts people together.
func (a *App) openProfiles() (err error) {
	s := settings{store: a.meta, workspace: metastore.DefaultWorkspace}
	a.together, err = profile.New(profile.Config{
		Profiles: a.profiles, Store: a.store,
		Insight: &insight.Insight{Store: a.store, Conversions: s, Namer: &topicsOf{topics: a.topics}},
		Stored:  func(id string) string { return a.redactor.ID("", id) },
		Detach: func(ctx context.Context, by string, i identity.Identifier) error {
			_, err := a.people.Detach(ctx, by, i)
			return err
		},
	})
	return err
}

// profileDoor is Segment's Profile API.
func (a *App) profileDoor() (*profileapi.Handler, error) {
	return profileapi.New(profileapi.Config{
		Profiles: a.together, Space: metastore.DefaultWorkspace, PerSecond: a.cfg.Limits.ProfilesPerSecond,
		Identify: func(ctx context.Context, token string) (profileapi.Caller, error) {
			p, err := a.guard.Token(ctx, token)
			if p == nil || err != nil {
				return profileapi.Caller{}, err
			}
			return profileapi.Caller{ID: p.ID, Name: p.Name, MayChange: p.May(metastore.Editor)}, nil
		},
		Log: a.cfg.Log,
	})
}
