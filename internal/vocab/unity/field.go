package unity

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// field is one rule for a column: where it comes from, or what it is.
type field struct {
	column string // empty: a property that stays one
	value  string // the constant, where from is empty
	from   []string
}

// parseField reads a field as the table has it.
func parseField(s string) field {
	if column, value, ok := strings.Cut(s, " = "); ok {
		return field{column: column, value: value}
	}
	from, column, ok := strings.Cut(s, " → ")
	if !ok {
		return field{}
	}
	column, _, _ = strings.Cut(column, " (")
	f := field{column: column}
	for _, name := range strings.Split(from, ", ") {
		f.from = append(f.from, spellings(name)...)
	}
	return f
}

// fill fills the column, unless what it comes from is absent.
func (f field) fill(c *vocab.Call) {
	e := c.Row
	switch f.column {
	case "":
	case "favorite":
		takeBool(c, f.from, &e.Favorite)
	case "success":
		takeBool(c, f.from, &e.Success)
	case "tool_ok":
		status(c, f.from)
	case "permission_answer":
		permissionAnswer(c, f.from)
	case "duration_ms":
		takeNumber(c, f.from, &e.DurationMS)
	case "latency_ms":
		takeNumber(c, f.from, &e.LatencyMS)
	case "ttft_ms":
		takeNumber(c, f.from, &e.TTFTMS)
	case "count":
		takeCount(c, f.from, &e.Count)
	case "turn_index":
		takeCount(c, f.from, &e.TurnIndex)
	case "body":
		c.TakeBody("", f.from...)
	case "rating_raw":
		if key, _ := find(c, f.from); key != "" {
			c.TakeRatingOn(key, "thumbs")
		}
	case "tool_args":
		if s := c.TakeText(f.from...); s != "" {
			e.ToolArgs = jsonscan.AppendQuoted(nil, s)
		}
	case "parts":
		takeJSON(c, f.from)
	default:
		f.fillText(c)
	}
}

// fillText fills a column of text.
func (f field) fillText(c *vocab.Call) {
	dst := textColumn(c.Row, f.column)
	if dst == nil {
		return // a further row's, which the table only documents
	}
	if len(f.from) == 0 {
		*dst = f.value
		return
	}
	if s := c.TakeText(f.from...); s != "" {
		*dst = s
	} else if s := payload(c).first(f.from); s != "" {
		*dst = s
	}
}

// textColumn returns the column of text that the table calls name; nil if there is none.
func textColumn(e *event.Event, name string) *string {
	return map[string]*string{
		"actor": &e.Actor, "role": &e.Role, "rater": &e.Rater, "operation": &e.Operation, "provider": &e.Provider,
		"session_id": &e.SessionID, "product_event": &e.ProductEvent, "title": &e.Title, "mode": &e.Mode, "reason": &e.Reason,
		"target": &e.Target, "method": &e.Method, "value": &e.Value, "setting": &e.Setting, "category": &e.Category, "surface": &e.Surface,
		"context_type": &e.ContextType, "context_content": &e.ContextContent, "artifact_type": &e.ArtifactType,
		"tool_name": &e.ToolName, "tool_type": &e.ToolType, "permission_type": &e.PermissionType,
		"error_type": &e.ErrorType, "error_message": &e.ErrorMessage,
		"feedback_name": &e.FeedbackName, "label": &e.Label, "comment": &e.Comment,
	}[name]
}

// find returns the first of some properties that is there, and its name.
func find(c *vocab.Call, keys []string) (string, vocab.Value) {
	for _, key := range keys {
		if v := c.Property(key); !v.Absent() {
			return key, v
		}
	}
	return "", vocab.Value{}
}

// takeBool reads a boolean as C# writes it, in any case.
func takeBool(c *vocab.Call, keys []string, dst **bool) {
	key, v := find(c, keys)
	text, _ := v.Text()
	switch is := strings.ToLower(strings.TrimSpace(text)); {
	case key == "":
	case is != "true" && is != "false":
		c.Violation("invalid_boolean")
	default:
		if v.IsBool() {
			c.Violation("boolean_not_text")
		}
		c.Take(key)
		*dst = new(is == "true")
	}
}

// takeNumber reads a number, or text that is one: Unity writes both.
func takeNumber(c *vocab.Call, keys []string, dst **float64) {
	key, v := find(c, keys)
	if key == "" {
		return
	}
	text, _ := v.Text()
	n, ok := vocab.ParseNumber(text)
	if !ok || n < 0 {
		c.Violation("invalid_number")
		return
	}
	c.Take(key)
	*dst = &n
}

// takeCount is takeNumber for whole numbers, which may be in the payload.
func takeCount(c *vocab.Call, keys []string, dst **int64) {
	key, v := find(c, keys)
	text, _ := v.Text()
	if key == "" {
		if text = payload(c).first(keys); text == "" {
			return
		}
	}
	n, ok := vocab.ParseNumber(text)
	if !ok || n < 0 || n != math.Trunc(n) || n > 1<<53 {
		c.Violation("invalid_number")
		return
	}
	if key != "" {
		c.Take(key)
	}
	*dst = new(int64(n))
}

// status reads whether a tool did its work; the word stays a property.
func status(c *vocab.Call, keys []string) {
	_, v := find(c, keys)
	switch word, _ := v.Text(); strings.ToLower(word) {
	case "success":
		c.Row.ToolOK = new(true)
	case "error":
		c.Row.ToolOK = new(false)
	}
}

// permissionAnswer reads how a person answered. Unity's first document lists three of the four.
func permissionAnswer(c *vocab.Call, keys []string) {
	s := c.TakeText(keys...)
	c.Row.PermissionAnswer = s // an answer that is not known stays as it is
	switch fold(s) {
	case "":
	case "allowonce":
		c.Row.PermissionAnswer = "allow_once"
	case "allowalways":
		c.Row.PermissionAnswer = "allow_always"
	case "denyonce":
		c.Row.PermissionAnswer = "deny_once"
	case "denyalways":
		c.Row.PermissionAnswer = "deny_always"
	default:
		c.Violation("unknown_user_answer")
	}
}

// takeJSON takes a property that is JSON, or text that is, into the row's parts.
func takeJSON(c *vocab.Call, keys []string) {
	key, v := find(c, keys)
	if key == "" {
		return
	}
	text := v.JSON()
	if v.IsString() {
		text, _ = v.Text()
	}
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(text)) != nil {
		c.Violation("invalid_messages")
		return
	}
	c.Take(key)
	c.Row.Parts = compact.Bytes()
}
