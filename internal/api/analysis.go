package api

import (
	"context"
	"net/http"
)

func (s *server) getAnalysis(c *call) error {
	return get(c, http.StatusOK, s.Analyses, Analyses.Progress)
}

func (s *server) rerunAnalysis(c *call) error {
	return get(c, http.StatusAccepted, s.Analyses, func(a Analyses, ctx context.Context) (AnalysisProgress, error) {
		if err := a.Rerun(ctx); err != nil {
			return AnalysisProgress{}, err
		}
		return a.Progress(ctx)
	})
}

func (s *server) explainConversation(c *call) error {
	return get(c, http.StatusOK, s.Analyses, func(a Analyses, ctx context.Context) (AnalysisExplained, error) {
		return a.Explain(ctx, c.r.PathValue("id"))
	})
}

func (s *server) getLearning(c *call) error {
	return get(c, http.StatusOK, s.Analyses, Analyses.Learning)
}

func (s *server) learn(c *call) error {
	return get(c, http.StatusOK, s.Analyses, Analyses.Learn)
}
