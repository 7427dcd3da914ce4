package api

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// maxWindow bounds the window of a funnel.
const maxWindow = 366 * 24 * time.Hour

// funnelSpec reads the parameters that say what a funnel is.
func (c *call) funnelSpec() insight.FunnelSpec {
	spec := insight.FunnelSpec{
		People: c.choice("per", "conversation", "conversation", "person") == "person", Window: c.window("window"), AnyOrder: !c.flag("ordered", true),
	}
	for i := range query.MaxSteps {
		step, name := fmt.Sprintf("step%d", i+1), fmt.Sprintf("name%d", i+1)
		conditions, title := c.all(step), c.text(name)
		if len(conditions) > maxConditions {
			c.fault(step, "it is given %d times; at most %d", len(conditions), maxConditions)
		}
		switch {
		case len(conditions) == 0 && title != "":
			c.fault(name, "there is no %s", step)
		case len(conditions) == 0:
		case len(spec.Steps) != i:
			c.fault(step, "there is no step%d", len(spec.Steps)+1)
		default:
			if len(conditions) == 1 && conditions[0] == "*" {
				conditions = nil
			}
			spec.Steps = append(spec.Steps, insight.Step{Name: title, Conditions: conditions})
		}
	}
	return spec
}

// window reads a time such as 30m, 24h or 7d.
func (c *call) window(name string) time.Duration {
	v := c.text(name)
	if v == "" {
		return 0
	}
	d, err := time.ParseDuration(v)
	if days, ok := strings.CutSuffix(v, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
		if n > int(maxWindow/(24*time.Hour)) {
			d = maxWindow + 1
		}
	}
	if err != nil || d <= 0 || d > maxWindow {
		c.fault(name, "%q: it is a time such as 30m, 24h or 7d, up to 366d", v)
		return 0
	}
	return d
}

// funnelPart reads the parameter that selects what a step of a funnel counts: "reached:2?step1=…&step2=…", or
// dropped; what follows the question mark is written as for the funnel itself.
func (c *call) funnelPart(name string) *insight.FunnelPart {
	text := c.text(name)
	if text == "" {
		return nil
	}
	which, spec, ok := strings.Cut(text, "?")
	result, step, hasStep := strings.Cut(which, ":")
	n, err := strconv.Atoi(step)
	if !ok || !hasStep || err != nil || result != "reached" && result != "dropped" {
		c.fault(name, "write reached:2?step1=…&step2=… or dropped:2?…, with the steps as for a funnel")
		return nil
	}
	values, err := url.ParseQuery(spec)
	if err != nil {
		c.fault(name, "its steps are not URL-encoded")
		return nil
	}
	inner := &call{r: c.r, values: values}
	part := &insight.FunnelPart{FunnelSpec: inner.funnelSpec(), Step: n, Dropped: result == "dropped"}
	if err := inner.done(); err != nil {
		c.fault(name, "%w", plain(err))
	}
	return part
}

// plain is an error that names no parameter of its own.
func plain(err error) error { return errors.New(err.Error()) }

func (s *server) getFunnel(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	q := insight.FunnelQuestion{
		Scope: scope, FunnelSpec: c.funnelSpec(), Breakdown: c.list("breakdown"), Limit: c.number("limit", insight.DefaultGroups, insight.MaxGroups),
	}
	form := c.form()
	if err := c.done(); err != nil {
		return err
	}
	a, err := s.Insight.Funnel(c.r.Context(), q)
	if err != nil {
		return err
	}
	return c.answerIn(form, "funnel", a, func(row rowFunc) { funnelRows(a, q.Breakdown, row) })
}

func (s *server) getRetention(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	if day := c.choice("week_start", "", weekdays()...); day != "" {
		scope.WeekStart = weekday(day)
	}
	q := insight.RetentionQuestion{
		Scope: scope, Period: query.Period(c.choice("period", "week", "day", "week", "month")), Periods: c.number("periods", 0, query.MaxPeriods),
		People: c.choice("who", "users", "users", "people") == "people", First: c.all("first"), Return: c.all("return"),
		Breakdown: c.text("breakdown"), Limit: c.number("limit", insight.DefaultGroups, insight.MaxGroups),
	}
	for _, name := range []string{"first", "return"} {
		if len(c.values[name]) > maxConditions {
			c.fault(name, "it is given %d times; at most %d", len(c.values[name]), maxConditions)
		}
	}
	form := c.form()
	if err := c.done(); err != nil {
		return err
	}
	a, err := s.Insight.Retention(c.r.Context(), q)
	if err != nil {
		return err
	}
	return c.answerIn(form, "retention", a, func(row rowFunc) { retentionRows(a, q.Breakdown, row) })
}

func (s *server) getPaths(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	q := insight.PathsQuestion{Scope: scope, Nodes: c.list("nodes"), Depth: c.number("depth", 0, query.MaxDepth), Limit: c.number("limit", 0, query.MaxNodes)}
	form := c.form()
	if err := c.done(); err != nil {
		return err
	}
	a, err := s.Insight.Paths(c.r.Context(), q)
	if err != nil {
		return err
	}
	return c.answerIn(form, "paths", a, func(row rowFunc) { pathRows(a, row) })
}
