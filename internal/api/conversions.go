package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/insight"
)

// Bounds of a conversion definition.
const (
	maxConversionEvents = 100
	maxConversionWhere  = 20
)

// presentConversion makes the lists of a definition lists, also when they are empty.
func presentConversion(d insight.Conversion) insight.Conversion {
	d.Events = append([]string{}, d.Events...)
	d.Where = append([]string{}, d.Where...)
	return d
}

func (s *server) listConversions(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Conversions == nil {
		return errNoUse
	}
	list, err := s.Conversions.Conversions(c.r.Context())
	if err != nil {
		return err
	}
	out := []insight.Conversion{}
	for _, d := range list {
		out = append(out, presentConversion(d))
	}
	return c.answer(http.StatusOK, struct {
		Conversions []insight.Conversion `json:"conversions"`
	}{out})
}

func (s *server) getConversion(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Conversions == nil {
		return errNoUse
	}
	name := c.r.PathValue("name")
	list, err := s.Conversions.Conversions(c.r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(d insight.Conversion) bool { return d.Name == name })
	if i < 0 {
		return fmt.Errorf("conversion %q: %w", name, ErrNotFound)
	}
	return c.answer(http.StatusOK, presentConversion(list[i]))
}

func (s *server) putConversion(c *call) error {
	var d insight.Conversion
	if err := c.bodyAlone(&d, false); err != nil {
		return err
	}
	name := c.r.PathValue("name")
	if d.Name != "" && d.Name != name {
		return &bodyError{fmt.Sprintf("name %q is not the name in the path", d.Name)}
	}
	d.Name = name
	if err := checkConversion(&d); err != nil {
		return err
	}
	if s.Conversions == nil {
		return errNoUse
	}
	d = presentConversion(d)
	if err := s.Conversions.PutConversion(c.r.Context(), d); err != nil {
		return err
	}
	return c.answer(http.StatusOK, d)
}

func checkConversion(d *insight.Conversion) error {
	if err := checkName(d.Name); err != nil {
		return err
	}
	if len(d.Events) > maxConversionEvents || len(d.Where) > maxConversionWhere {
		return &bodyError{fmt.Sprintf("a definition has at most %d events and %d conditions", maxConversionEvents, maxConversionWhere)}
	}
	if slices.ContainsFunc(d.Events, func(e string) bool { return strings.TrimSpace(e) == "" }) {
		return &bodyError{"an event name is empty"}
	}
	if _, err := d.Match(); err != nil {
		return &bodyError{err.Error()}
	}
	return nil
}

func (s *server) deleteConversion(c *call) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Conversions == nil {
		return errNoUse
	}
	if err := s.Conversions.DeleteConversion(c.r.Context(), c.r.PathValue("name")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
