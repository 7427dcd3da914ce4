package duckstore

import "context"

func (s *Store) compactNowAndThen(ctx context.Context) { <-ctx.Done() }
