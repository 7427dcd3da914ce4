package api

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// maxConditions bounds filter and where, each.
const maxConditions = 50

// maxText bounds the text searched for.
const maxText = 1000

// workspace returns what questions take from the workspace.
func (s *server) workspace(c *call) (Workspace, error) {
	if s.Workspace == nil {
		return Workspace{Zone: "UTC", WeekStart: "monday"}, nil
	}
	ws, err := s.Workspace(c.r.Context())
	if err != nil {
		return ws, fmt.Errorf("read workspace: %w", err)
	}
	return ws, nil
}

// scope reads the parameters that every question has, but where.
func (s *server) scope(c *call) (insight.Scope, error) {
	ws, err := s.workspace(c)
	if err != nil {
		return insight.Scope{}, err
	}
	out := insight.Scope{WeekStart: weekday(ws.WeekStart)}
	s.rangeScope(c, ws, &out)
	out.Filter = c.conditions("filter")
	if out.Text = c.text("q"); len(out.Text) > maxText {
		c.fault("q", "it is longer than %d bytes", maxText)
	}
	out.Funnel = c.funnelPart("funnel")
	s.conversionScope(c, &out)
	return out, nil
}

// rangeScope reads the parameters of the range.
func (s *server) rangeScope(c *call, ws Workspace, out *insight.Scope) {
	out.Zone = c.text("zone")
	if out.Zone == "" {
		out.Zone = ws.Zone
	}
	loc, err := query.LoadZone(out.Zone)
	if err != nil {
		c.fault("zone", "%w", err)
		loc = time.UTC
	}
	out.Range.From = c.instant("from", loc)
	out.Range.Until = c.instant("until", loc)
	if r := out.Range; !r.From.IsZero() && !r.Until.IsZero() && !r.From.Before(r.Until) {
		c.fault("until", "the range ends before it starts")
	}
}

// conversionScope reads the parameters that conversion fields follow.
func (s *server) conversionScope(c *call, out *insight.Scope) {
	out.Conversion = c.text("conversion")
	out.Explicit = c.choice("attribution", "", "explicit") == "explicit"
}

// instant reads a time, or a date as its first instant in loc.
func (c *call) instant(name string, loc *time.Location) time.Time {
	v := c.text(name)
	if v == "" {
		return time.Time{}
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t
	}
	if d, err := time.Parse(time.DateOnly, v); err == nil {
		noon := time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, loc)
		return query.Bucket(noon, query.Day, loc, time.Monday)
	}
	c.fault(name, "%q: write a date (2026-05-01) or a time (2026-05-01T10:00:00Z)", v)
	return time.Time{}
}

func (c *call) conditions(name string) []query.Condition {
	texts := c.all(name)
	if len(texts) > maxConditions {
		c.fault(name, "it is given %d times; at most %d", len(texts), maxConditions)
		return nil
	}
	var out []query.Condition
	for _, t := range texts {
		cond, err := query.ParseCondition(t)
		if err != nil {
			c.fault(name, "%q: %w", t, err)
		}
		out = append(out, cond)
	}
	return out
}

func weekdays() []string {
	return []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

// weekday reads the name of a day; "" is Monday.
func weekday(name string) time.Weekday {
	if i := slices.Index(weekdays(), strings.ToLower(name)); i >= 0 {
		return time.Weekday(i)
	}
	return time.Monday
}
