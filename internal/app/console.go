package app

import (
	"context"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/metastore"
)

var _ api.SavedQueries = settings{}

// console is the SQL console of an engine, whose statements are noted in the audit log.
type console struct {
	engine    api.Console
	store     *metastore.Store
	workspace string
}

// consoleOf returns that of the event store, nil if its engine has none.
func consoleOf(events eventstore.Store, store *metastore.Store, workspace string) api.Console {
	engine, ok := events.(api.Console)
	if !ok {
		return nil
	}
	return console{engine, store, workspace}
}

// SQL runs a statement.
func (c console) SQL(ctx context.Context, statement string, limit int) (*eventstore.SQLTable, error) {
	if err := c.store.AuditSQL(ctx, c.workspace, statement); err != nil {
		return nil, err
	}
	return c.engine.SQL(ctx, statement, limit)
}

// SQLViews are what statements can read.
func (c console) SQLViews() []eventstore.SQLView { return c.engine.SQLViews() }

// Queries returns all saved statements.
func (s settings) Queries(ctx context.Context) ([]api.SavedQuery, error) {
	all, err := s.store.Queries(ctx, s.workspace)
	out := make([]api.SavedQuery, len(all))
	for i, q := range all {
		out[i] = api.SavedQuery(q)
	}
	return out, translated(err)
}

// CreateQuery adds one.
func (s settings) CreateQuery(ctx context.Context, q api.SavedQuery) (api.SavedQuery, error) {
	made, err := s.store.CreateQuery(ctx, s.workspace, metastore.Query(q))
	return api.SavedQuery(made), translated(err)
}

// PutQuery replaces one.
func (s settings) PutQuery(ctx context.Context, q api.SavedQuery) (api.SavedQuery, error) {
	put, err := s.store.PutQuery(ctx, s.workspace, metastore.Query(q))
	return api.SavedQuery(put), translated(err)
}

// DeleteQuery removes one.
func (s settings) DeleteQuery(ctx context.Context, id string) error {
	return translated(s.store.DeleteQuery(ctx, s.workspace, id))
}
