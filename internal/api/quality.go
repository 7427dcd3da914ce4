package api

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/query"
)

// codeCount is how often something odd was noticed.
type codeCount struct {
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

// quality is what was odd about the calls of a source.
type quality struct {
	Source      string      `json:"source"`
	Events      int64       `json:"events"`
	LastEventAt *time.Time  `json:"last_event_at"`
	Repairs     []codeCount `json:"repairs"`
	Violations  []codeCount `json:"violations"`
	Rejections  []codeCount `json:"rejections"`
	Duplicates  int64       `json:"duplicates"`
	Conflicts   int64       `json:"conflicts"`
}

func (s *server) getQuality(c *call) error {
	id := c.r.PathValue("id")
	zone, err := query.LoadZone(c.text("zone"))
	if err != nil {
		c.fault("zone", "%w", err)
		zone = time.UTC
	}
	scope := insight.Scope{Zone: zone.String(), Range: query.Range{From: c.instant("from", zone), Until: c.instant("until", zone)}}
	scope.Where = []query.Condition{{Field: "source", Cmp: query.Eq, Values: []string{id}}}
	if err := c.done(); err != nil {
		return err
	}
	if err := s.hasSource(c, id); err != nil {
		return err
	}
	if s.Tallies == nil {
		return errNoUse
	}
	out := quality{Source: id}
	if err := s.countEvents(c, scope, &out); err != nil {
		return err
	}
	if out.Repairs, err = s.countCodes(c, scope, "repair"); err != nil {
		return err
	}
	if out.Violations, err = s.countCodes(c, scope, "violation"); err != nil {
		return err
	}
	tally, err := s.Tallies.Tally(c.r.Context(), id)
	if err != nil {
		return err
	}
	out.Rejections = []codeCount{}
	for code, n := range tally.Rejections {
		out.Rejections = append(out.Rejections, codeCount{code, n})
	}
	slices.SortFunc(out.Rejections, func(a, b codeCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	out.Duplicates, out.Conflicts = tally.Duplicates, tally.Conflicts
	return c.answer(http.StatusOK, out)
}

func (s *server) countEvents(c *call, scope insight.Scope, out *quality) error {
	a, err := s.Insight.Ask(c.r.Context(), insight.Question{Scope: scope, Metric: "events"})
	if err != nil {
		return err
	}
	out.Events = a.Total.N
	page, err := s.Insight.ListEvents(c.r.Context(), scope, insight.Page{Desc: true, Limit: 1})
	if err == nil && len(page.Events) > 0 {
		out.LastEventAt = &page.Events[0].ReceivedAt
	}
	return err
}

// countCodes counts the events that carry each repair or violation.
func (s *server) countCodes(c *call, scope insight.Scope, field string) ([]codeCount, error) {
	scope.Where = append(slices.Clone(scope.Where), query.Condition{Field: field, Cmp: query.Exists})
	a, err := s.Insight.Ask(c.r.Context(), insight.Question{Scope: scope, Metric: "events", Breakdown: []string{field}, Limit: 1000})
	if err != nil {
		return nil, err
	}
	out := []codeCount{}
	for _, g := range a.Groups {
		if g.Keys[0] != nil {
			out = append(out, codeCount{*g.Keys[0], g.N})
		}
	}
	return out, nil
}
