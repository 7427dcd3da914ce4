package insight

import "github.com/debrief-dev/debrief/internal/query"

// allOf joins the conditions of one parameter at a grain.
func allOf(parameter string, g query.Grain, cs []query.Condition) (*query.Filter, error) {
	var fs []*query.Filter
	for _, c := range cs {
		f, err := c.At(g)
		if err != nil {
			return nil, &ParameterError{Parameter: parameter, Err: err}
		}
		fs = append(fs, f)
	}
	return query.AllOf(fs...), nil
}
