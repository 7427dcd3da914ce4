package app

import (
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/otel"
	"github.com/debrief-dev/debrief/internal/vocab/posthog"
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
		otel.Vocabulary{}, // spans and log records
		segment.Vocabulary{},
	}
}
