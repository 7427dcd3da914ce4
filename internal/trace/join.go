package trace

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// joinLogs brings together what a span and its logs say: messages, errors, details of the call.
func (f *forest) joinLogs() {
	for _, n := range f.nodes {
		if n.row == nil {
			n.promote()
		}
		n.joinContent()
		if n.row == nil {
			continue
		}
		for _, l := range n.logs {
			n.takeDetails(l)
		}
		n.takeFailure()
		for _, l := range n.logs {
			if l.Kind == event.KindGeneration && isCallRow(l) {
				n.demote(l)
			}
		}
	}
}

// demote makes of a generation that was a log what it is beside its span. If the call failed, the span's
// row takes over what that says of the answer.
func (n *node) demote(l *event.Event) {
	if l.Action == "failed" && n.row.Action == "failed" {
		fill(n.row, "signal_dimension", l.SignalDimension)
		fill(n.row, "signal_weight", get(l, "signal_weight"))
	}
	set(l, "kind", string(event.KindProduct))
	set(l, "action", "traced")
	set(l, "counts_usage", "")
	set(l, "signal_dimension", "")
	set(l, "signal_weight", "")
}

// promote makes the details of a call, which came without their span, the generation that they describe.
func (n *node) promote() {
	for i, l := range n.logs {
		if l.Kind != event.KindProduct || !isDetails(l) {
			continue
		}
		action := "completed"
		if l.ErrorType != "" {
			action = "failed"
		}
		set(l, "kind", string(event.KindGeneration))
		set(l, "action", action)
		set(l, "counts_usage", "true")
		n.row = l
		n.logs = append(n.logs[:i:i], n.logs[i+1:]...)
		return
	}
}

// joinContent fills n.content: from the span itself, else from the details of the call, else from the
// logs of single messages.
func (n *node) joinContent() {
	if n.row != nil {
		n.content = contentOf(n.row)
	}
	var single Content
	for _, l := range n.logs {
		c := contentOf(l)
		if isDetails(l) {
			if n.content.Input == nil {
				n.content.Input = c.Input
			}
			if n.content.Output == nil {
				n.content.Output = c.Output
			}
			continue
		}
		single.Input = append(single.Input, c.Input...)
		single.Output = append(single.Output, c.Output...)
	}
	if n.content.Input == nil {
		n.content.Input = Trailing(single.Input)
	}
	if n.content.Output == nil {
		n.content.Output = single.Output
	}
}

// contentOf reads what a row says; rows whose parts are something else say nothing.
func contentOf(e *event.Event) Content {
	if e.Kind != event.KindGeneration && e.Kind != event.KindProduct {
		return Content{}
	}
	c, err := ParseContent(e.Parts)
	if err != nil {
		return Content{}
	}
	return c
}

// takeDetails fills what the span lacks from a log of it.
func (n *node) takeDetails(l *event.Event) {
	for _, name := range []string{
		"error_type", "error_message", "finish_reason", "provider", "request_model", "response_model",
		"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens",
	} {
		if n.row.Kind == event.KindGeneration || strings.HasPrefix(name, "error") {
			fill(n.row, name, get(l, name))
		}
	}
	if n.row.Kind == event.KindGeneration && l.Kind != event.KindFeedback {
		fill(n.row, "message_id", l.MessageID)
	}
}

// takeFailure makes a generation failed whose logs tell of an error and that has nothing to show. One
// that has an answer got over it.
func (n *node) takeFailure() {
	e := n.row
	if e.Kind != event.KindGeneration || e.Action != "completed" || e.FinishReason != "" || usesTokens(e) || len(n.content.Output) > 0 {
		return
	}
	for _, l := range n.logs {
		if l.ErrorType != "" {
			set(e, "action", "failed")
			return
		}
	}
}

func usesTokens(e *event.Event) bool {
	return e.InputTokens != nil && *e.InputTokens > 0 || e.OutputTokens != nil && *e.OutputTokens > 0
}
