package app

import (
	"context"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/journey"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/pipeline"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/replay"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// openReceipts opens what finds out what became of calls, and what lets held ones through again.
func (a *App) openReceipts(w metastore.Workspace) (err error) {
	c := a.journeyConfig(w)
	a.receipts = journey.New(c)
	a.replayer, err = replay.New(replay.Config{
		Workspace: w.ID, Meta: a.meta, Log: a.log, Cursor: c.Cursor, Stored: a.receipts.Stored, Logger: a.cfg.Log,
	})
	return err
}

func (a *App) journeyConfig(w metastore.Workspace) journey.Config {
	return journey.Config{
		Workspace: w.ID, Meta: a.meta, Store: a.store, Log: a.log, Settings: mappingOf(a.meta), Plan: a.enforcers.of,
		Cursor:   func() eventlog.Position { return a.pipeline.Lag().Cursor },
		StoredAs: a.redactor.ID,
		Mapper:   func() *vocab.Mapper { return vocab.NewMapper(bodyHash(w), vocabularies()...) },
		Ways:     a.deliver.Ways,
	}
}

// placesIn returns what finds out where in the log stored events came from.
func placesIn(store eventstore.Reader) func(context.Context, []string) (map[string]pipeline.Place, error) {
	return func(ctx context.Context, ids []string) (map[string]pipeline.Place, error) {
		out := make(map[string]pipeline.Place, len(ids))
		for e, err := range store.Events(ctx, query.List{Grain: query.Events, Filter: query.Is("id", query.Eq, ids...)}) {
			if err != nil {
				return nil, err
			}
			out[e.ID] = pipeline.Place{Seq: e.RequestSeq, Index: e.BatchIndex}
		}
		return out, nil
	}
}
