package app

import (
	"context"
	"log/slog"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
)

// openStore opens the event store of a workspace.
func openStore(ctx context.Context, dir string, log *slog.Logger) (eventstore.Store, error) {
	return duckstore.Open(ctx, duckstore.Config{Dir: dir, Logger: log})
}
