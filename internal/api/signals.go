package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// Bounds of the rates and examples of signals.
const (
	defaultRateGroups = 20
	maxRateGroups     = 1000
	defaultExamples   = 10
	maxExamples       = 100
)

func (s *server) listSignals(c *call) error {
	return get(c, http.StatusOK, s.Analyses, Analyses.Signals)
}

func (s *server) putSignal(c *call) error {
	var in SignalSetting
	if err := c.bodyAlone(&in, false); err != nil {
		return err
	}
	return ask(c, http.StatusOK, s.Analyses, func(a Analyses, ctx context.Context) (Signal, error) {
		return a.SetSignal(ctx, c.r.PathValue("name"), in)
	})
}

// thresholdPrefix begins the names of parameters that are thresholds of a signal.
const thresholdPrefix = "threshold."

// previewSignal takes a setting as parameters, so that a page can show it as it is tuned.
func (s *server) previewSignal(c *call) error {
	in := SignalSetting{Off: c.flag("off", false), Thresholds: map[string]float64{}}
	c.known = append(c.known, thresholdPrefix+"NAME")
	number := func(name string) *float64 {
		v := c.text(name)
		if v == "" {
			return nil
		}
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			c.fault(name, "%q: it is a number", v)
		}
		return &n
	}
	in.Weight = number("weight")
	for name := range c.values {
		if of, ok := strings.CutPrefix(name, thresholdPrefix); ok {
			if n := number(name); n != nil {
				in.Thresholds[of] = *n
			}
		}
	}
	if err := c.done(); err != nil {
		return err
	}
	if s.Analyses == nil {
		return errNoUse
	}
	out, err := s.Analyses.PreviewSignal(c.r.Context(), c.r.PathValue("name"), in)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}

func (c *call) period() query.Period {
	return query.Period(c.choice("period", "", "hour", "day", "week", "month"))
}

// weekStart lets a question say the first day of its weeks.
func (c *call) weekStart(scope *insight.Scope) {
	if day := c.choice("week_start", "", weekdays()...); day != "" {
		scope.WeekStart = weekday(day)
	}
}

func (s *server) getSignalRates(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	c.weekStart(&scope)
	period := c.period()
	if err := c.done(); err != nil {
		return err
	}
	out, err := s.Insight.SignalRates(c.r.Context(), scope, period)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}

// knowSignal refuses the name of a signal that is not in the catalogue: its rate would be 0 and look like good news.
func (s *server) knowSignal(c *call) error {
	if s.Analyses == nil {
		return nil
	}
	list, err := s.Analyses.Signals(c.r.Context())
	if err != nil {
		return err
	}
	name := c.r.PathValue("name")
	for _, known := range list.Signals {
		if known.Name == name {
			return nil
		}
	}
	return fmt.Errorf("signal %q: %w", name, ErrNotFound)
}

func (s *server) getSignalRate(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	c.weekStart(&scope)
	period, breakdown, limit := c.period(), c.list("breakdown"), c.number("limit", defaultRateGroups, maxRateGroups)
	if err := c.done(); err != nil {
		return err
	}
	if err := s.knowSignal(c); err != nil {
		return err
	}
	out, err := s.Insight.SignalBreakdown(c.r.Context(), scope, c.r.PathValue("name"), period, breakdown, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}

func (s *server) getSignalExamples(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	limit := c.number("limit", defaultExamples, maxExamples)
	if err := c.done(); err != nil {
		return err
	}
	if err := s.knowSignal(c); err != nil {
		return err
	}
	out, err := s.Insight.SignalExamples(c.r.Context(), scope, c.r.PathValue("name"), limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		Examples []insight.SignalExample `json:"examples"`
	}{out})
}
