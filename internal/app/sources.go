package app

import (
	"github.com/debrief-dev/debrief/internal/ingest"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// doorSources lets the door find sources in the metadata store.
type doorSources struct{ store *metastore.Store }

var _ ingest.Sources = doorSources{}

// Lookup answers from memory.
func (s doorSources) Lookup(writeKey string) (ingest.Source, error) {
	src, ok := s.store.Lookup(writeKey)
	if !ok {
		return ingest.Source{}, ingest.ErrUnknownKey
	}
	return ingest.Source{
		ID: src.ID, Workspace: src.Workspace, Name: src.Name, Enabled: src.Enabled,
		IgnoreAnonymous: src.Settings[metastore.SettingIgnoreAnonymous] == "true",
	}, nil
}
