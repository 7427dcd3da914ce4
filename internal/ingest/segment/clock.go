package segment

import (
	"time"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// parseTime is [ingest.ParseTime].
func parseTime(s string) time.Time { return ingest.ParseTime(s) }
