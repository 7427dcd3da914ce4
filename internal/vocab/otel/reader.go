package otel

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/vocab"
)

// slot is the value that was found for a field.
type slot struct {
	rank  int
	key   string
	value vocab.Value
	found bool
	used  bool // a column holds it
}

// reader reads one span or log record.
type reader struct {
	c     *vocab.Call
	slots [fieldCount]slot
	said  map[string]vocab.Value // attributes with content
	took  map[string]bool        // of those, the ones that parts hold
	trace traceMember
	scope struct {
		Name string `json:"name"`
	}
}

// traceMember is what the door writes of a span or record beside its attributes.
type traceMember struct {
	TraceID      string      `json:"trace_id"`
	SpanID       string      `json:"span_id"`
	ParentSpanID string      `json:"parent_span_id"`
	RemoteParent bool        `json:"remote_parent"`
	End          string      `json:"end"`
	Status       spanStatus  `json:"status"`
	Events       []spanEvent `json:"events"`
}

type spanStatus struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type spanEvent struct {
	Name       string                     `json:"name"`
	Time       string                     `json:"time"`
	Attributes map[string]json.RawMessage `json:"attributes"`
}

// text is an attribute of an event, if it is a string.
func (e *spanEvent) text(key string) string {
	var s string
	if v := e.Attributes[key]; len(v) == 0 || json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}

func newReader(c *vocab.Call) *reader {
	r := &reader{c: c}
	decode(c.TakeMember("trace"), &r.trace)
	decode(c.Context("scope"), &r.scope)
	c.Properties(func(key string, v vocab.Value) {
		if isContent(key) {
			if r.said == nil {
				r.said, r.took = map[string]vocab.Value{}, map[string]bool{}
			}
			r.said[key] = v
		}
		a, ok := aliases[key]
		if !ok || v.Absent() {
			return
		}
		s := &r.slots[a.field]
		if (!s.found || a.rank < s.rank) && r.fits(a.field, v) {
			*s = slot{rank: a.rank, key: key, value: v, found: true}
		}
	})
	return r
}

// decode reads a value as far as it has the right form; what has not is left out.
func decode(v vocab.Value, into any) {
	if v.IsObject() {
		_ = json.Unmarshal([]byte(v.JSON()), into) // the rest of it is read all the same
	}
}

// longestID is the longest id in code points, as at the door for calls.
const longestID = 1024

// fits reports whether a value can be that of a field, and notes it if not.
func (r *reader) fits(f field, v vocab.Value) bool {
	text, scalar := v.Text()
	switch sortOf(f) {
	case sortAny:
		return true
	case sortWords:
		return firstWord(v) != ""
	case sortBool:
		return v.IsBool() || text == "true" || text == "false"
	case sortTotal, sortCost:
		n, ok := vocab.ParseNumber(text)
		if !ok || v.IsBool() || n < 0 || sortOf(f) == sortTotal && (n != math.Trunc(n) || n > 1<<53) {
			r.c.Violation("invalid_number")
			return false
		}
		return true
	}
	if !scalar {
		r.c.Violation("invalid_text")
		return false
	}
	if sortOf(f) == sortID && len(text) > longestID && len([]rune(text)) > longestID {
		r.c.Violation("too_long_id")
		return false
	}
	return strings.TrimSpace(text) != ""
}

// firstWord is a word, or the first of a list of words.
func firstWord(v vocab.Value) string {
	text, ok := v.Text()
	if ok && !strings.HasPrefix(text, "[") {
		return strings.TrimSpace(text)
	}
	if !ok {
		text = v.JSON()
	}
	var words []string
	if json.Unmarshal([]byte(text), &words) != nil || len(words) == 0 {
		return ""
	}
	return words[0]
}

// has reports whether a field was found.
func (r *reader) has(f field) bool { return r.slots[f].found }

// text uses a field as text; "" if it was not found.
func (r *reader) text(f field) string {
	s := &r.slots[f]
	text, _ := s.value.Text()
	s.used = s.found
	return text
}

// number uses a field as a number.
func (r *reader) number(f field) *float64 {
	s := &r.slots[f]
	if !s.found {
		return nil
	}
	s.used = true
	text, _ := s.value.Text()
	n, _ := vocab.ParseNumber(text)
	return &n
}

// total uses a field as a whole number.
func (r *reader) total(f field) *int64 {
	n := r.number(f)
	if n == nil {
		return nil
	}
	if text, _ := r.slots[f].value.Text(); text != "" {
		if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
			return &whole
		}
	}
	return new(int64(*n))
}

// json uses a field as JSON: what a string holds if that is an object or a list, else the value.
func (r *reader) json(f field) json.RawMessage {
	s := &r.slots[f]
	if !s.found {
		return nil
	}
	s.used = true
	return unwrapped(s.value)
}

// unwrapped is a value as compact JSON. Instrumentations that may not nest attributes put JSON in strings.
func unwrapped(v vocab.Value) json.RawMessage {
	if text, ok := v.Text(); ok && v.IsString() {
		if inner, ok := compact(text); ok {
			return inner
		}
	}
	return json.RawMessage(v.JSON())
}

// takeUsed takes the attributes whose value a column holds, under whatever name, out of those that stay
// free. What was brought to another form stays as it was sent, too.
func (r *reader) takeUsed() {
	r.c.TakeWhere(func(key string, v vocab.Value) bool {
		if r.took[key] {
			return true
		}
		a, ok := aliases[key]
		if !ok {
			return false
		}
		s := &r.slots[a.field]
		return s.used && s.value.JSON() == v.JSON()
	})
}

// latency is how long the span took.
func (r *reader) latency() *float64 {
	start, end := r.c.Row.OriginalAt, r.trace.End
	if start.IsZero() || end == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, end)
	if err != nil {
		return nil
	}
	exact := start // to the nanosecond, where the row keeps microseconds
	if s, ok := r.c.Member("timestamp").Text(); ok {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			exact = t
		}
	}
	d := at.Sub(exact)
	if d < 0 {
		r.c.Repair("negative_duration", d.String(), "")
		return nil
	}
	return new(float64(d) / float64(time.Millisecond))
}
