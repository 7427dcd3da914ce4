package api

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/debrief-dev/debrief/internal/plan"
)

func (s *server) lintPlan(c *call) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := c.planBody(&in); err != nil {
		return err
	}
	out := struct {
		OK       bool           `json:"ok"`
		Name     string         `json:"name"`
		Problems []plan.Problem `json:"problems"`
	}{Problems: []plan.Problem{}}
	p, err := plan.Parse([]byte(in.Text))
	if err != nil {
		out.Problems = append(out.Problems, problemOf(err))
		return c.answer(http.StatusOK, out)
	}
	out.Name = p.Name
	out.Problems = append(out.Problems, p.Lint()...)
	out.OK = !slices.ContainsFunc(out.Problems, func(p plan.Problem) bool { return p.Severity == plan.SeverityError })
	return c.answer(http.StatusOK, out)
}

// parseFault is how a plan's parser tells a place.
var parseFault = regexp.MustCompile(`^parse plan: (?:line (\d+): )?(?:([\w.$\[\]/-]+): )?(.*)$`)

// problemOf turns the error of a parser into a problem.
func problemOf(err error) plan.Problem {
	p := plan.Problem{Severity: plan.SeverityError, Message: err.Error()}
	if m := parseFault.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1]) // 0 when the error says none
		p.Path, p.Message = m[2], m[3]
	}
	return p
}

// planImport is the body of importPlan.
type planImport struct {
	Text   string `json:"text"`
	Format string `json:"format"`
	Name   string `json:"name"`
	DryRun bool   `json:"dry_run"`
}

func (s *server) importPlan(c *call) error {
	var in planImport
	if err := c.planBody(&in); err != nil {
		return err
	}
	text, problems, err := in.convert()
	if err != nil {
		return err
	}
	draft, err := draftOf(in.Name, text, "imported")
	if err != nil {
		return err
	}
	if !in.DryRun {
		return s.storePlan(c, draft)
	}
	p := Plan{Name: draft.Name, Text: text}
	if err := p.fill(draft.Plan); err != nil {
		return err
	}
	p.Problems = append(append([]plan.Problem{}, problems...), p.Problems...)
	return c.answer(http.StatusOK, p)
}

// convert returns the plan as a file of ours, and what could not be brought over.
func (in *planImport) convert() (text string, problems []plan.Problem, err error) {
	switch in.Format {
	case "", "auto", "debrief":
		if _, err := plan.Parse([]byte(in.Text)); err == nil || in.Format == "debrief" {
			return in.Text, nil, nil // its faults are told when it becomes a draft
		}
	case "segment":
	default:
		return "", nil, &bodyError{"format is auto, debrief or segment"}
	}
	p, problems, err := plan.ImportSegment([]byte(in.Text))
	if err != nil {
		return "", nil, &bodyError{err.Error()}
	}
	yaml, err := renamed(p, in.Name).YAML()
	return string(yaml), problems, err
}

func (s *server) exportPlan(c *call) error {
	format := c.choice("format", "yaml", "yaml", "json", "segment")
	version := c.number("version", 0, 1<<30)
	if err := c.done(); err != nil {
		return err
	}
	p, err := s.plan(c, version)
	if err != nil {
		return err
	}
	of, err := p.parsed()
	if err != nil {
		return err
	}
	typ, ending := "application/json", format+".json"
	var data []byte
	switch format {
	case "json":
		ending = "json"
		data, err = of.JSON()
	case "segment":
		data, err = plan.ExportSegment(of)
	default:
		typ, ending = "application/yaml", "yaml"
		if data = []byte(p.Text); bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
			data, err = of.YAML()
		}
	}
	if err != nil {
		return fmt.Errorf("export plan %s: %w", p.Name, err)
	}
	c.w.Header().Set("Content-Type", typ)
	c.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, p.Name, ending))
	writeBytes(c.w, c.r, http.StatusOK, data)
	return nil
}

func (s *server) diffPlan(c *call) error {
	from, to := c.number("from", 0, 1<<30), c.number("to", 0, 1<<30)
	if err := c.done(); err != nil {
		return err
	}
	after, err := s.plan(c, to)
	if err != nil {
		return err
	}
	if from == 0 {
		from = max(1, after.Version-1)
	}
	before, err := s.plan(c, from)
	if err != nil {
		return err
	}
	old, err := before.parsed()
	if err != nil {
		return err
	}
	current, err := after.parsed()
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, struct {
		From    int           `json:"from"`
		To      int           `json:"to"`
		Changes []plan.Change `json:"changes"`
	}{before.Version, after.Version, append([]plan.Change{}, plan.Diff(old, current)...)})
}
