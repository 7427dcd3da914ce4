package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/plan"
)

// maxPlanBody bounds bodies that hold a plan's text, which JSON makes longer.
const maxPlanBody = 2 * plan.MaxFile

// reservedPlanNames are names of endpoints below plans.
var reservedPlanNames = []string{"lint", "import", "checks"}

func (s *server) listPlans(c *call) error {
	return list(c, "plans", s.Plans, func(p Plans, ctx context.Context) ([]PlanRow, error) {
		all, err := p.Plans(ctx)
		for i := range all {
			all[i].Sources = append([]string{}, all[i].Sources...)
		}
		return all, err
	})
}

// newPlan is the body of createPlan.
type newPlan struct {
	Name    string `json:"name"`
	Text    string `json:"text"`
	Builtin string `json:"builtin"`
	Note    string `json:"note"`
}

func (s *server) createPlan(c *call) error {
	var n newPlan
	if err := c.planBody(&n); err != nil {
		return err
	}
	if (n.Text == "") == (n.Builtin == "") {
		return &bodyError{"give either text or builtin"}
	}
	if n.Builtin != "" {
		of, ok := plan.Builtin(n.Builtin)
		if !ok {
			return &bodyError{fmt.Sprintf("there is no built-in plan %q", n.Builtin)}
		}
		text, err := renamed(of, n.Name).YAML()
		if err != nil {
			return err
		}
		n.Text = string(text)
	}
	draft, err := draftOf(n.Name, n.Text, n.Note)
	if err != nil {
		return err
	}
	return s.storePlan(c, draft)
}

// renamed returns a copy of a plan under another name, as a first version.
func renamed(p *plan.Plan, name string) *plan.Plan {
	out := *p
	out.Version = 0
	if name != "" {
		out.Name = name
	}
	return &out
}

func (s *server) storePlan(c *call, draft PlanDraft) error {
	if s.Plans == nil {
		return errNoUse
	}
	p, err := s.Plans.CreatePlan(c.r.Context(), draft)
	if err != nil {
		return err
	}
	return c.answerPlan(http.StatusCreated, p)
}

// draftOf reads a plan that is to be stored; it must have no errors.
func draftOf(name, text, note string) (PlanDraft, error) {
	if len(note) > 1000 {
		return PlanDraft{}, &bodyError{"note has at most 1000 bytes"}
	}
	p, err := plan.Parse([]byte(text))
	if err != nil {
		return PlanDraft{}, &bodyError{err.Error()}
	}
	if p.Name == "" {
		p.Name = name
	}
	if name != "" && p.Name != name {
		return PlanDraft{}, &bodyError{fmt.Sprintf("the text is of the plan %q, not of %q", p.Name, name)}
	}
	if slices.Contains(reservedPlanNames, p.Name) {
		return PlanDraft{}, &bodyError{fmt.Sprintf("a plan cannot be called %q", p.Name)}
	}
	for _, problem := range p.Lint() {
		if problem.Severity == plan.SeverityError {
			return PlanDraft{}, &bodyError{placed(problem)}
		}
	}
	return PlanDraft{Name: p.Name, Text: text, Note: note, Plan: p}, nil
}

// placed writes a problem with its place.
func placed(p plan.Problem) string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	return b.String() + p.Message
}

func (s *server) getPlan(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	p, err := s.plan(c, 0)
	if err != nil {
		return err
	}
	return c.answerPlan(http.StatusOK, p)
}

func (s *server) getPlanVersion(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	version, err := strconv.Atoi(c.r.PathValue("version"))
	if err != nil || version < 1 {
		return fmt.Errorf("version %q of plan %q: %w", c.r.PathValue("version"), c.r.PathValue("name"), ErrNotFound)
	}
	p, err := s.plan(c, version)
	if err != nil {
		return err
	}
	return c.answerPlan(http.StatusOK, p)
}

// plan returns the plan that the path names, in a version; 0 is the newest.
func (s *server) plan(c *call, version int) (Plan, error) {
	if s.Plans == nil {
		return Plan{}, errNoUse
	}
	return s.Plans.Plan(c.r.Context(), c.r.PathValue("name"), version)
}

// answerPlan answers a plan with what its text says.
func (c *call) answerPlan(status int, p Plan) error {
	of, err := p.parsed()
	if err != nil {
		return err
	}
	if err := p.fill(of); err != nil {
		return err
	}
	c.w.Header().Set("ETag", strconv.Quote(strconv.Itoa(p.Version)))
	return c.answer(status, p)
}

// parsed reads the text of a stored plan, which has parsed before.
func (p *Plan) parsed() (*plan.Plan, error) {
	of, err := plan.Parse([]byte(p.Text))
	if err != nil {
		return nil, fmt.Errorf("plan %s, version %d: %w", p.Name, p.Version, err)
	}
	of.Name, of.Version = p.Name, p.Version
	return of, nil
}

func (p *Plan) fill(of *plan.Plan) error {
	document, err := of.JSON()
	if err != nil {
		return err
	}
	p.Description, p.Document = of.Description, document
	p.Problems = append([]plan.Problem{}, of.Lint()...)
	p.Sources = append([]string{}, p.Sources...)
	return nil
}

// planEdit is the body of putPlan.
type planEdit struct {
	Text    string `json:"text"`
	Version int    `json:"version"`
	Note    string `json:"note"`
}

func (s *server) putPlan(c *call) error {
	var e planEdit
	if err := c.planBody(&e); err != nil {
		return err
	}
	if err := c.ifMatch(&e.Version); err != nil {
		return err
	}
	draft, err := draftOf(c.r.PathValue("name"), e.Text, e.Note)
	if err != nil {
		return err
	}
	if draft.From = e.Version; s.Plans == nil {
		return errNoUse
	}
	p, err := s.Plans.PutPlan(c.r.Context(), draft)
	if err != nil {
		return err
	}
	return c.answerPlan(http.StatusOK, p)
}

// ifMatch reads the version that the header names (RFC 9110, 13.1.1), which goes before the body's.
func (c *call) ifMatch(version *int) error {
	tag := c.r.Header.Get("If-Match")
	if tag == "" || tag == "*" {
		return nil
	}
	n, err := strconv.Atoi(strings.Trim(tag, `"`))
	if err != nil || n < 1 {
		return &bodyError{fmt.Sprintf("If-Match %s is no version", tag)}
	}
	*version = n
	return nil
}

func (s *server) deletePlan(c *call) error {
	return remove(c, s.Plans, Plans.DeletePlan, c.r.PathValue("name"))
}

func (s *server) listPlanVersions(c *call) error {
	return list(c, "versions", s.Plans, func(p Plans, ctx context.Context) ([]PlanVersion, error) {
		return p.PlanVersions(ctx, c.r.PathValue("name"))
	})
}

// planBody reads a body that holds a plan's text.
func (c *call) planBody(v any) error {
	if err := c.done(); err != nil {
		return err
	}
	return c.bodyUpTo(v, maxPlanBody)
}
