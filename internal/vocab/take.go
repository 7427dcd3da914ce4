package vocab

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// TakeCount takes the first of the properties that holds a whole number from 0, or a string that is
// one. Anything else but null is left and noted as violation invalid_number.
func (c *Call) TakeCount(keys ...string) *int64 {
	const most = 1 << 53
	for _, key := range keys {
		v := c.Property(key)
		if v.Absent() {
			continue
		}
		text, _ := v.Text()
		if n, ok := ParseNumber(text); !ok || v.IsBool() || n < 0 || n > most || n != math.Trunc(n) {
			c.Violation("invalid_number")
			continue
		}
		return new(int64(*c.TakeNumber("invalid_number", key)))
	}
	return nil
}

// TakeMillis takes a duration from the first of the properties that holds one and returns it in
// milliseconds; unit is how many a unit of the property has. A negative one is none.
func (c *Call) TakeMillis(unit float64, keys ...string) *float64 {
	for _, key := range keys {
		v := c.Property(key)
		text, _ := v.Text()
		n, ok := ParseNumber(text)
		if ms := n * unit; ok && (n < 0 || math.IsInf(ms, 0)) {
			c.Violation("invalid_number")
			continue
		}
		if n := c.TakeNumber("invalid_number", key); n != nil {
			return new(*n * unit)
		}
	}
	return nil
}

// TakeBool takes the first of the properties that says true or false, as boolean or in words.
func (c *Call) TakeBool(keys ...string) *bool {
	for _, key := range keys {
		v := c.Property(key)
		text, _ := v.Text()
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "false":
			c.Take(key)
			return new(len(strings.TrimSpace(text)) == len("true"))
		}
	}
	return nil
}

// TakeJSON takes the first of the properties that is not absent, whatever it is, as compact JSON.
func (c *Call) TakeJSON(keys ...string) json.RawMessage {
	for _, key := range keys {
		if v := c.Property(key); !v.Absent() {
			c.Take(key)
			return json.RawMessage(v.JSON())
		}
	}
	return nil
}

// Begun returns when something began that ended at a time after ms milliseconds. A duration that is
// missing, or longer than a day, moves nothing.
func Begun(end time.Time, ms *float64) time.Time {
	const longest = 24 * time.Hour
	if ms == nil || *ms > float64(longest.Milliseconds()) {
		return end
	}
	return end.Add(-time.Duration(*ms * float64(time.Millisecond)).Truncate(time.Microsecond))
}

// IsRating reports whether text is a number or a word that says yes or no: what a rating can be.
func IsRating(text string) bool {
	if _, ok := ParseNumber(text); ok {
		return true
	}
	_, ok := verdict(Value{}, strings.TrimSpace(text))
	return ok
}

// FinishReason brings the word that an API has for why a model stopped to the one that rows have; a word
// that is not known is kept, in lower case.
func FinishReason(word string) string {
	word = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(word)), "-", "_")
	switch word {
	case "tool_calls", "tool_use", "function_call":
		return "tool_call"
	case "end_turn", "stop_sequence", "eos", "complete", "completed":
		return "stop"
	case "max_tokens", "max_output_tokens", "model_length":
		return "length"
	case "safety", "content_filtered", "refusal":
		return "content_filter"
	}
	return word
}

// NewSpanID gives a row of a trace without a span id its event id for one.
func (c *Call) NewSpanID() { c.wantsSpanID = true }

// SetEventID makes the row's event id of an id among the properties, for clients whose own id stands
// there. It holds only where the envelope has no messageId: a client that sends both means the envelope's.
func (c *Call) SetEventID(id string) {
	const longest = 1 << 10 // as the door has it for the envelope's
	if id != "" && len(id) <= longest && c.Member("messageId").Absent() {
		c.eventID = id
	}
}

// TakeWhere calls f with each property that was not taken yet, in the order sent, and takes those for
// which it returns true.
func (c *Call) TakeWhere(f func(key string, v Value) bool) {
	for i := range c.props.members {
		if m := &c.props.members[i]; !m.taken {
			m.taken = f(m.key, m.value)
		}
	}
}

// Keep adds a free property that the call says elsewhere, unless it has a property of that name.
func (c *Call) Keep(key, text string) {
	if text == "" || c.props.find(key) != nil {
		return
	}
	c.props.members = append(c.props.members, member{key: key, value: Value{text: string(jsonscan.AppendQuoted(nil, text)), escaped: true}})
}
