package app

import (
	"context"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/enrich/pii"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/redact"
)

// modesOf returns what sources have chosen of redaction, from memory. A source that is gone, and one with a
// word that this program does not know, is redacted by default.
func modesOf(store *metastore.Store) func(source string) redact.Mode {
	return func(source string) redact.Mode {
		src, ok := store.LookupID(source)
		if !ok {
			return redact.Mode{}
		}
		mode, err := redact.ParseMode(src.Redaction, src.Content)
		if err != nil {
			return redact.Mode{}
		}
		return mode
	}
}

// redaction tells what was masked in the calls of a workspace.
type redaction struct {
	store     *metastore.Store
	workspace string
}

var _ api.Redaction = redaction{}

// Masked returns the counts of the days that [from, until) touches.
func (r redaction) Masked(ctx context.Context, from, until time.Time) ([]api.MaskedCount, error) {
	all, err := r.store.MaskedCounts(ctx, r.workspace, from, until)
	out := make([]api.MaskedCount, len(all))
	for i, c := range all {
		out[i] = api.MaskedCount{Day: c.Day.Format(time.DateOnly), Source: c.Source, Rule: c.Code, N: c.N}
	}
	return out, translated(err)
}

// Rules are those of the detectors, and that of texts that were not kept.
func (r redaction) Rules() []api.RedactionRule {
	var out []api.RedactionRule
	for _, rule := range pii.Rules() {
		level := "all"
		if rule.Structured() && rule != pii.URL {
			level = "structured"
		}
		out = append(out, api.RedactionRule{Name: rule.String(), About: rule.About(), Level: level})
	}
	return append(out, api.RedactionRule{Name: redact.Text, Level: "metadata", About: "Texts that were not kept, as the source keeps metadata alone"})
}
