package api

import (
	"context"
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
	return list(c, "conversions", s.Conversions, func(d Conversions, ctx context.Context) ([]insight.Conversion, error) {
		all, err := d.Conversions(ctx)
		for i := range all {
			all[i] = presentConversion(all[i])
		}
		return all, err
	})
}

func (s *server) getConversion(c *call) error {
	return get(c, http.StatusOK, s.Conversions, func(d Conversions, ctx context.Context) (insight.Conversion, error) {
		all, err := d.Conversions(ctx)
		if err != nil {
			return insight.Conversion{}, err
		}
		one, err := find(all, "conversion", c.r.PathValue("name"), func(d insight.Conversion) string { return d.Name })
		return presentConversion(one), err
	})
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
	return remove(c, s.Conversions, Conversions.DeleteConversion, c.r.PathValue("name"))
}
