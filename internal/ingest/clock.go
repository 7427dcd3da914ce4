package ingest

import (
	"strconv"
	"strings"
	"time"
)

// Layouts of times that SDKs and people send, tried in order. One without a zone is UTC.
var clientLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04Z07:00",
	time.DateOnly,
}

// ParseTime reads a time as it stands in a call: ISO 8601 in the forms seen, or seconds or milliseconds
// since 1970. It returns the zero time for anything else.
func ParseTime(s string) time.Time {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC()
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}
	}
	for _, layout := range clientLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return parseEpoch(s)
}

// parseEpoch reads a count of seconds, or of milliseconds from 1e11 on (as seconds, the year 5138).
func parseEpoch(s string) time.Time {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v > 0) || v > 253402300799999 { // the end of the year 9999
		return time.Time{}
	}
	if v < 1e11 {
		v *= 1000
	}
	return time.UnixMicro(int64(v * 1000)).UTC()
}
