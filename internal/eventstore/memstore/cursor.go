package memstore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// sortKey is a sort value as text, as query.SortedCursor has it.
func sortKey(x *value) string {
	switch {
	case x == nil:
		return ""
	case x.typ == query.Time:
		return strconv.FormatInt(x.time.UnixMicro(), 10)
	}
	return strconv.FormatFloat(x.num, 'g', -1, 64)
}

// parsePlace reads a list's cursor: the place of the last row already seen, which may be gone.
func parsePlace(l query.List) (place, error) {
	if sortField(l) == "" {
		return parseEventPlace(l.After)
	}
	c, err := query.ParseCursor(l.After, query.SortedCursorKeys)
	if err != nil {
		return place{}, err
	}
	p := place{id: c[1]}
	if c[0] == "" {
		return p, nil
	}
	f, err := query.Resolve(l.Grain, sortField(l))
	if err != nil {
		return place{}, err
	}
	if f.Type == query.Time {
		at, err := strconv.ParseInt(c[0], 10, 64)
		if err != nil {
			return place{}, fmt.Errorf("parse cursor: %w", err)
		}
		p.sort = &value{typ: f.Type, time: time.UnixMicro(at).UTC()}
		return p, nil
	}
	n, err := strconv.ParseFloat(c[0], 64)
	if err != nil {
		return place{}, fmt.Errorf("parse cursor: %w", err)
	}
	p.sort = &value{typ: f.Type, num: n}
	return p, nil
}

// parseEventPlace reads what query.EventCursor made.
func parseEventPlace(cursor string) (place, error) {
	c, err := query.ParseCursor(cursor, query.EventCursorKeys)
	if err != nil {
		return place{}, err
	}
	e := &event.Event{ID: c[4]}
	for i, at := range []*time.Time{&e.OccurredAt, &e.OriginalAt} {
		if c[i] == "" {
			continue
		}
		n, err := strconv.ParseInt(c[i], 10, 64)
		if err != nil {
			return place{}, fmt.Errorf("parse cursor: %w", err)
		}
		*at = time.UnixMicro(n).UTC()
	}
	for i, n := range []*int64{&e.RequestSeq, &e.BatchIndex} {
		if *n, err = strconv.ParseInt(c[i+2], 10, 64); err != nil {
			return place{}, fmt.Errorf("parse cursor: %w", err)
		}
	}
	return place{row: row{event: e}, id: e.ID}, nil
}
