package otel

import "strings"

// failure maps an error, if the span tells of one, and reports whether it does: by its status, by
// error.type, or by an exception in a span that has nothing else to show.
func (r *reader) failure() bool {
	e := r.c.Row
	thrown := r.exception()
	failed := r.trace.Status.Code == "error" || r.has(fieldErrorType) || r.levelError() || r.brokeOff() ||
		thrown != nil && r.trace.Status.Code == "" && e.FinishReason == "" && or(e.OutputTokens) == 0 && r.c.Type == "span"
	if !failed {
		return false
	}
	e.ErrorType, e.ErrorMessage = r.text(fieldErrorType), r.text(fieldErrorMessage)
	if thrown != nil {
		if e.ErrorType == "" {
			e.ErrorType = thrown.text("exception.type")
		}
		if e.ErrorMessage == "" {
			e.ErrorMessage = thrown.text("exception.message")
		}
	}
	if e.ErrorMessage == "" {
		e.ErrorMessage = r.trace.Status.Message
	}
	if e.ErrorType == "" {
		e.ErrorType = classOf(r.trace.Status.Message)
	}
	return true
}

// levelError reports whether Langfuse's library calls it an error: it leaves the span's status alone.
func (r *reader) levelError() bool {
	level, _ := r.c.Property("langfuse.observation.level").Text()
	return level == "ERROR"
}

// brokeOff reports whether the AI SDK says that its stream ended in an error: the status is unset then.
func (r *reader) brokeOff() bool {
	return r.c.Row.FinishReason == "error" && !r.c.Property("ai.operationId").Absent()
}

// exception is the last exception that the span recorded, nil if there is none.
func (r *reader) exception() *spanEvent {
	for i := len(r.trace.Events) - 1; i >= 0; i-- {
		if r.trace.Events[i].Name == "exception" {
			return &r.trace.Events[i]
		}
	}
	return nil
}

// classOf is the class of an error that a message begins with, "RateLimitError: …", else "error".
func classOf(message string) string {
	class, _, ok := strings.Cut(message, ":")
	const longest = 60
	if !ok || class == "" || len(class) > longest || strings.ContainsAny(class, " \t\n\"'{[/") {
		return "error"
	}
	return class
}
