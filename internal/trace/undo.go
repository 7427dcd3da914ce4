package trace

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// place finds the field of a row that a derivation may write: a *string, *event.Kind, *bool, **int64 or
// **float64;
// nil if there is none of that name.
func place(e *event.Event, name string) any {
	switch name {
	case "kind":
		return &e.Kind
	case "action":
		return &e.Action
	case "inferred":
		return &e.Inferred
	case "counts_usage":
		return &e.CountsUsage
	case "trace_id":
		return &e.TraceID
	case "conversation_id":
		return &e.ConversationID
	case "user_id":
		return &e.UserID
	case "anonymous_id":
		return &e.AnonymousID
	case "session_id":
		return &e.SessionID
	case "agent_id":
		return &e.AgentID
	case "agent_name":
		return &e.AgentName
	case "agent_version":
		return &e.AgentVersion
	case "turn_id":
		return &e.TurnID
	case "message_id":
		return &e.MessageID
	case "error_type":
		return &e.ErrorType
	case "error_message":
		return &e.ErrorMessage
	case "finish_reason":
		return &e.FinishReason
	case "provider":
		return &e.Provider
	case "request_model":
		return &e.RequestModel
	case "response_model":
		return &e.ResponseModel
	case "input_tokens":
		return &e.InputTokens
	case "output_tokens":
		return &e.OutputTokens
	case "cache_read_tokens":
		return &e.CacheReadTokens
	case "cache_write_tokens":
		return &e.CacheWriteTokens
	case "reasoning_tokens":
		return &e.ReasoningTokens
	case "signal_dimension":
		return &e.SignalDimension
	case "signal_weight":
		return &e.SignalWeight
	}
	return nil
}

// get reads a field as text; "" is the zero value.
func get(e *event.Event, name string) string {
	switch p := place(e, name).(type) {
	case *string:
		return *p
	case *event.Kind:
		return string(*p)
	case *bool:
		if *p {
			return "true"
		}
	case **int64:
		if *p != nil {
			return strconv.FormatInt(**p, 10)
		}
	case **float64:
		if *p != nil {
			return strconv.FormatFloat(**p, 'g', -1, 64)
		}
	}
	return ""
}

// put writes a field from text.
func put(e *event.Event, name, value string) {
	switch p := place(e, name).(type) {
	case *string:
		*p = value
	case *event.Kind:
		*p = event.Kind(value)
	case *bool:
		*p = value == "true"
	case **int64:
		*p = nil
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			*p = &n
		}
	case **float64:
		*p = nil
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			*p = &n
		}
	default:
		panic(fmt.Sprintf("BUG: no place for %q", name))
	}
}

// set writes a field and notes what clients sent.
func set(e *event.Event, name, value string) {
	old := get(e, name)
	if old == value {
		return
	}
	put(e, name, value)
	for i, r := range e.Repairs {
		if field, sent, ok := noted(r); ok && field == name {
			e.Repairs[i] = note(name, sent, value)
			if sent == value {
				e.Repairs = slices.Delete(e.Repairs, i, i+1)
			}
			return
		}
	}
	e.Repairs = append(e.Repairs, note(name, old, value))
}

func note(name, before, now string) event.Repair {
	if before == "" {
		return event.Repair{Code: CodeFromTrace, From: name}
	}
	if now == "" && before == "true" {
		now = "false"
	}
	return event.Repair{Code: CodeFromTrace, From: name + "=" + before, To: now}
}

// noted reads a repair that set made: the field and its value before.
func noted(r event.Repair) (name, before string, ok bool) {
	if r.Code != CodeFromTrace {
		return "", "", false
	}
	name, before, _ = strings.Cut(r.From, "=")
	return name, before, true
}

// fill sets a field that has no value.
func fill(e *event.Event, name, value string) {
	if value != "" && get(e, name) == "" {
		set(e, name, value)
	}
}

// undone returns a copy of a row as the vocabulary made it, before any derivation. The copy shares what
// pointers point to; it may be changed by set and fill alone.
func undone(e *event.Event) *event.Event {
	work := *e
	work.Repairs = nil
	for _, r := range e.Repairs {
		if name, before, ok := noted(r); ok && place(&work, name) != nil {
			put(&work, name, before)
		} else if r.Code != CodeMerged {
			work.Repairs = append(work.Repairs, r)
		}
	}
	return &work
}

// same reports whether two rows say the same, whatever their revision.
func same(a, b *event.Event) bool {
	x, y := comparable(a), comparable(b)
	return reflect.DeepEqual(&x, &y)
}

// comparable is a copy of a row as a store would return it, without revision and raw.
func comparable(e *event.Event) event.Event {
	c := *e
	c.Revision, c.Raw = 0, nil
	for _, t := range []*time.Time{&c.OccurredAt, &c.OriginalAt, &c.SentAt, &c.ReceivedAt} {
		*t = t.UTC().Truncate(time.Microsecond)
	}
	if len(c.Repairs) == 0 {
		c.Repairs = nil
	}
	if len(c.Violations) == 0 {
		c.Violations = nil
	}
	for _, j := range []*[]byte{(*[]byte)(&c.Properties), (*[]byte)(&c.Parts), (*[]byte)(&c.ToolArgs), (*[]byte)(&c.ToolResult)} {
		if len(*j) == 0 {
			*j = nil
		}
	}
	return c
}
