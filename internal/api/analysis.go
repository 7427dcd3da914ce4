package api

import "net/http"

func (s *server) getAnalysis(c *call) error {
	return s.analysis(c, http.StatusOK, func() (any, error) { return s.Analyses.Progress(c.r.Context()) })
}

func (s *server) rerunAnalysis(c *call) error {
	return s.analysis(c, http.StatusAccepted, func() (any, error) {
		if err := s.Analyses.Rerun(c.r.Context()); err != nil {
			return nil, err
		}
		return s.Analyses.Progress(c.r.Context())
	})
}

func (s *server) explainConversation(c *call) error {
	return s.analysis(c, http.StatusOK, func() (any, error) { return s.Analyses.Explain(c.r.Context(), c.r.PathValue("id")) })
}

func (s *server) getLearning(c *call) error {
	return s.analysis(c, http.StatusOK, func() (any, error) { return s.Analyses.Learning(c.r.Context()) })
}

func (s *server) learn(c *call) error {
	return s.analysis(c, http.StatusOK, func() (any, error) { return s.Analyses.Learn(c.r.Context()) })
}

// analysis answers a question that takes no parameters.
func (s *server) analysis(c *call, status int, ask func() (any, error)) error {
	if err := c.done(); err != nil {
		return err
	}
	if s.Analyses == nil {
		return errNoUse
	}
	out, err := ask()
	if err != nil {
		return err
	}
	return c.answer(status, out)
}
