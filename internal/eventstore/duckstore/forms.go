package duckstore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/query"
)

// Rows carry the number of their form, and there are a few hundred forms. So what a question asks of fields that
// forms have is asked of the forms first, and then only rows of those that pass are read, with their texts: of
// ten columns that rows of a month have, the form is the smallest.

// formsOf keeps of the rows those whose form may pass a filter.
func (s *eventScope) formsOf(f *query.Filter) error {
	forms := &eventScope{c: &compiler{ctx: s.c.ctx, v: s.c.v, zone: s.c.zone}, alias: "f", needs: map[string]bool{}}
	may, err := forms.mayPass(f)
	if err != nil || may == "" {
		return err
	}
	return s.formsWhere(may, forms.c.args...)
}

// formsWhere keeps the rows whose form passes a condition on table forms, called f.
func (s *eventScope) formsWhere(condition string, args ...any) error {
	rows, err := s.c.v.tx.QueryContext(s.c.ctx, "SELECT f.form FROM forms f WHERE "+condition, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var numbers []string
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return err
		}
		numbers = append(numbers, strconv.Itoa(n))
	}
	if s.only = "false"; len(numbers) > 0 {
		s.only = "form IN (" + strings.Join(numbers, ", ") + ")"
	}
	return rows.Err()
}

// mayPass is the condition on forms that holds if an event of the form may pass a filter; "" always holds.
func (s *eventScope) mayPass(f *query.Filter) (string, error) {
	switch {
	case f == nil:
	case f.And != nil:
		var terms []string
		for _, part := range f.And {
			term, err := s.mayPass(part)
			if err != nil {
				return "", err
			}
			terms = append(terms, term)
		}
		return and(terms...), nil
	case f.Or != nil:
		terms := []string{"false"}
		for _, part := range f.Or {
			term, err := s.mayPass(part)
			if err != nil || term == "" {
				return "", err
			}
			terms = append(terms, term)
		}
		return "(" + strings.Join(terms, " OR ") + ")", nil
	case f.Is != nil:
		field, err := query.Resolve(query.Events, f.Is.Field)
		if err != nil {
			return "", err
		}
		if field.Name != "tracked" && !s.ofForms(field) {
			return "", nil
		}
		holds, err := s.c.compare(f.Is, s)
		return fmt.Sprintf("coalesce(%s, false)", holds), err
	}
	return "", nil
}

// ofForms reports whether a field of events is one of their form.
func (s *eventScope) ofForms(f query.Field) bool {
	return f.Origin == query.Column && s.c.v.s.shape.byName[f.Name].home == inForm
}
