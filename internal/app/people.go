package app

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/debrief-dev/debrief/internal/people"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

// profilesName is the file of the profile store in the directory of a workspace.
const profilesName = "profiles.sqlite"

// openPeople opens what knows who is who.
func (a *App) openPeople(ctx context.Context, dir string) error {
	profiles, err := profilestore.Open(ctx, filepath.Join(dir, profilesName))
	if err != nil {
		return err
	}
	a.parts.opened("profiles", profiles.Close)
	a.people, err = people.Open(ctx, people.Config{Store: a.store, Profiles: profiles, Metrics: a.metrics, Logger: a.cfg.Log})
	if err != nil {
		return fmt.Errorf("open people: %w", err)
	}
	return nil
}
