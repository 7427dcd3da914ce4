package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// maxReceipts bounds the ids asked about at once, and maxReceiptID each of them. For a short id all events
// are searched, so there are at most maxShortReceipts of those.
const (
	maxReceipts      = 1000
	maxReceiptID     = 1000
	maxShortReceipts = 100
)

func (s *server) getReceipts(c *call) error {
	var in struct {
		IDs []string `json:"ids"`
	}
	if err := c.done(); err != nil {
		return err
	}
	if err := c.bodyUpTo(&in, 2<<20); err != nil {
		return err
	}
	bad := func(id string) bool { return id == "" || len(id) > maxReceiptID }
	if len(in.IDs) == 0 || len(in.IDs) > maxReceipts || slices.ContainsFunc(in.IDs, bad) {
		return &bodyError{"ids are from 1 to 1000 ids, each of at most 1000 bytes"}
	}
	short := 0
	for _, id := range in.IDs {
		if len(id) < shortID {
			short++
		}
	}
	if short > maxShortReceipts {
		return &bodyError{"ask for at most 100 ids of less than 16 characters at once: each is searched for"}
	}
	if s.Receipts == nil {
		return errNoUse
	}
	source, _ := c.r.Context().Value(keyedSource{}).(string)
	list, err := s.Receipts.Receipts(c.r.Context(), source, in.IDs)
	if err != nil {
		return err
	}
	out := []Receipt{}
	for _, r := range list {
		r.Violations = append([]string{}, r.Violations...)
		out = append(out, r)
	}
	return c.answer(http.StatusOK, struct {
		Receipts []Receipt `json:"receipts"`
	}{out})
}

func (s *server) getJourney(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Receipts == nil {
		return errNoUse
	}
	j, err := s.Receipts.Journey(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	j.MappingDiffers = append([]string{}, j.MappingDiffers...)
	for i := range j.Steps {
		j.Steps[i].Codes = append([]string{}, j.Steps[i].Codes...)
	}
	return c.answer(http.StatusOK, j)
}

// keyedSource is under what the context has the source that a write key let in.
type keyedSource struct{}

// keyed lets a client in by its write key, for its own source; all others go to guarded.
func (s *server) keyed(next, guarded http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _, ok := r.BasicAuth()
		if !ok {
			key, ok = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		}
		if !ok || s.SourceOf == nil {
			guarded.ServeHTTP(w, r)
			return
		}
		source, ok := s.SourceOf(strings.TrimSpace(key))
		if !ok {
			guarded.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyedSource{}, source)))
	})
}
