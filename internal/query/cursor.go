package query

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Cursor is the place of a row in the order of a List, as text keys: what List.After carries. It is
// opaque to clients, and safe in a URL.
type Cursor []string

var errCursor = errors.New("cursor is not one of ours")

// String encodes the cursor.
func (c Cursor) String() string {
	b, err := json.Marshal([]string(c))
	if err != nil {
		panic("BUG: cursor: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor decodes what String encoded; keys is how many keys it must have.
func ParseCursor(s string, keys int) (Cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, errCursor
	}
	var c Cursor
	if err := json.Unmarshal(b, &c); err != nil || len(c) != keys {
		return nil, errCursor
	}
	return c, nil
}

// EventCursorKeys is the number of keys in the cursor of a list of events in conversation order.
const EventCursorKeys = 5

// EventCursor is the cursor of an event in conversation order (a List without Sort): occurred_at and
// original_at in Unix microseconds, request_seq, batch_index, id.
func EventCursor(e *event.Event) Cursor {
	return Cursor{micros(e.OccurredAt), micros(e.OriginalAt),
		strconv.FormatInt(e.RequestSeq, 10), strconv.FormatInt(e.BatchIndex, 10), e.ID}
}

// SortedCursorKeys is the number of keys in the cursor of any other list.
const SortedCursorKeys = 2

// SortedCursor is the cursor of a row in a list ordered by one field: its value as text (a time in Unix
// microseconds, a number as Go's strconv writes it shortest (format 'g'), "" where absent), and the id
// of the event or conversation.
func SortedCursor(value, id string) Cursor { return Cursor{value, id} }

func micros(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}
