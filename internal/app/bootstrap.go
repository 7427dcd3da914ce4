package app

import (
	"context"
	"fmt"

	"github.com/debrief-dev/debrief/internal/config"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// bootstrapConversion is the name of the definition that the settings name events for.
const bootstrapConversion = "conversion"

// bootstrap fills a new workspace: a source with a write key, and what automation asks for. A workspace
// that has a source is not new, and is left alone.
func bootstrap(ctx context.Context, store *metastore.Store, b config.Bootstrap) error {
	sources, err := store.Sources(ctx, metastore.DefaultWorkspace)
	if err != nil {
		return err
	}
	if len(sources) > 0 {
		return nil
	}
	// The source comes last: until it is there, a crash starts over.
	if b.Token != "" {
		if _, err := store.UseToken(ctx, b.Token); err != nil {
			if _, _, err := store.CreateToken(ctx, metastore.NewToken{Name: "bootstrap", Role: metastore.Owner, Secret: b.Token}); err != nil {
				return fmt.Errorf("create bootstrap token: %w", err)
			}
		}
	}
	if len(b.Conversions) > 0 {
		c := metastore.Conversion{Name: bootstrapConversion, Events: b.Conversions}
		if err := store.PutConversion(ctx, metastore.DefaultWorkspace, c); err != nil {
			return fmt.Errorf("create bootstrap conversion: %w", err)
		}
	}
	if _, err := store.CreateSource(ctx, metastore.NewSource{Name: "Default", WriteKey: b.WriteKey}); err != nil {
		return fmt.Errorf("create first source: %w", err)
	}
	return nil
}
