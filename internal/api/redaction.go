package api

import (
	"net/http"
	"time"
)

// redactionSource is what a source has chosen, and how much was masked.
type redactionSource struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Redaction string `json:"redaction"`
	Content   string `json:"content"`
	N         int64  `json:"n"`
}

func (s *server) getRedaction(c *call) error {
	source := c.text("source")
	from, until := c.instant("from", time.UTC), c.instant("until", time.UTC)
	if err := c.done(); err != nil {
		return err
	}
	if s.Redaction == nil || s.Sources == nil {
		return errNoUse
	}
	if source != "" {
		if err := s.hasSource(c, source); err != nil {
			return err
		}
	}
	counts, err := s.Redaction.Masked(c.r.Context(), from, until)
	if err != nil {
		return err
	}
	list, err := s.Sources.Sources(c.r.Context())
	if err != nil {
		return err
	}
	out := struct {
		Total   int64             `json:"total"`
		Rules   []RedactionRule   `json:"rules"`
		Sources []redactionSource `json:"sources"`
		Counts  []MaskedCount     `json:"counts"`
	}{Rules: s.Redaction.Rules(), Sources: []redactionSource{}, Counts: []MaskedCount{}}
	byRule, bySource := map[string]int64{}, map[string]int64{}
	for _, n := range counts {
		if source != "" && n.Source != source {
			continue
		}
		out.Total += n.N
		byRule[n.Rule] += n.N
		bySource[n.Source] += n.N
		out.Counts = append(out.Counts, n)
	}
	for i := range out.Rules {
		out.Rules[i].N = byRule[out.Rules[i].Name]
	}
	for _, src := range list {
		if source == "" || source == src.ID {
			out.Sources = append(out.Sources, redactionSource{src.ID, src.Name, src.Redaction, src.Content, bySource[src.ID]})
		}
	}
	return c.answer(http.StatusOK, out)
}
