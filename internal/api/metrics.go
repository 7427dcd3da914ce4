package api

import (
	"encoding/json"
	"fmt"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metric"
	"github.com/debrief-dev/debrief/internal/query"
)

func (s *server) listMetrics(c *call) error {
	return c.static("application/json", s.catalogue)
}

// loadCatalogue writes the catalogue of metrics, which only a new program changes.
func loadCatalogue() (asset, error) {
	out := struct {
		Metrics []insight.Metric `json:"metrics"`
	}{}
	for _, m := range metric.All() {
		out.Metrics = append(out.Metrics, insight.Describe(m))
	}
	data, err := json.Marshal(out)
	if err != nil {
		return asset{}, fmt.Errorf("write catalogue of metrics: %w", err)
	}
	return newAsset(append(data, '\n')), nil
}

func (s *server) getMetric(c *call) error {
	name := c.r.PathValue("name")
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	if day := c.choice("week_start", "", weekdays()...); day != "" {
		scope.WeekStart = weekday(day)
	}
	scope.Where = c.conditions("where")
	q := insight.Question{
		Scope: scope, Metric: name,
		Stat:      metric.Stat(c.text("stat")),
		Period:    query.Period(c.choice("period", "", "hour", "day", "week", "month")),
		Breakdown: c.list("breakdown"),
		Compare:   c.choice("compare", "", "previous") == "previous",
		Limit:     c.number("limit", insight.DefaultGroups, insight.MaxGroups),
	}
	if _, ok := metric.Find(name); !ok {
		return fmt.Errorf("no metric %q; %smetrics lists all: %w", name, root, ErrNotFound)
	}
	form := c.form()
	if err := c.done(); err != nil {
		return err
	}
	a, err := s.Insight.Ask(c.r.Context(), q)
	if err != nil {
		return err
	}
	return c.answerIn(form, name, a, func(row rowFunc) { metricRows(a, &q, row) })
}
