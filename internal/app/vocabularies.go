package app

import (
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/amplitude"
	"github.com/debrief-dev/debrief/internal/vocab/copilotkit"
	"github.com/debrief-dev/debrief/internal/vocab/langfuse"
	"github.com/debrief-dev/debrief/internal/vocab/otel"
	"github.com/debrief-dev/debrief/internal/vocab/pendo"
	"github.com/debrief-dev/debrief/internal/vocab/posthog"
	"github.com/debrief-dev/debrief/internal/vocab/rudderstack"
	"github.com/debrief-dev/debrief/internal/vocab/screeb"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
	"github.com/debrief-dev/debrief/internal/vocab/unity"
)

// vocabularies are asked in this order; the last one claims every call.
func vocabularies() []vocab.Vocabulary {
	return []vocab.Vocabulary{
		screeb.Vocabulary{},
		unity.Vocabulary{},
		posthog.Vocabulary{},
		langfuse.Vocabulary{},
		amplitude.Vocabulary{},
		rudderstack.Vocabulary{},
		pendo.Vocabulary{},
		copilotkit.Vocabulary{},
		otel.Vocabulary{}, // spans and log records
		segment.Vocabulary{},
	}
}
