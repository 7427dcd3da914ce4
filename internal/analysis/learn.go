package analysis

import (
	"context"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

// Learned is what was learned from a workspace's own ratings.
type Learned struct {
	Used bool `json:"used"`
}

func parseLearned(text string) (*Learned, error) { return nil, nil }

func (l *Learned) predict(found *enrich.Conversation, signals []event.Signal) (float64, bool) {
	return 0, false
}

func (a *Analysis) learnDaily(ctx context.Context) error { return nil }
