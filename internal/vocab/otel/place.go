package otel

import (
	"encoding/json"
	"strings"

	"github.com/debrief-dev/debrief/internal/vocab"
)

// place maps where a span or record belongs, and who took part. What only other spans of the trace say is
// derived later.
func (r *reader) place() {
	c, e := r.c, r.c.Row
	e.TraceID, e.SpanID, e.ParentSpanID = r.trace.TraceID, r.trace.SpanID, r.trace.ParentSpanID
	about := r.metadata()
	e.UserID, e.AnonymousID = r.text(fieldUser), r.text(fieldAnonymous)
	e.AgentID, e.AgentName, e.AgentVersion = r.text(fieldAgentID), r.text(fieldAgentName), r.text(fieldAgentVersion)
	conversation := r.text(fieldConversation)
	if conversation == "" {
		conversation = about.first("conversation_id", "conversationId", "thread_id", "threadId", "chat_id")
	}
	if conversation == "" && r.sessionIsConversation() {
		conversation = r.text(fieldSession)
	} else {
		e.SessionID = r.text(fieldSession)
	}
	if conversation != "" {
		c.SetConversation(conversation)
	}
	var resource struct {
		Person      string `json:"posthog.distinct_id"`
		Service     string `json:"service.name"`
		Environment string `json:"deployment.environment.name"`
	}
	decode(c.Context("resource"), &resource)
	for _, id := range [...]string{about.first("user_id", "userId"), resource.Person} {
		if e.UserID == "" && len(id) <= longestID {
			e.UserID = id
		}
	}
	c.Keep("service.name", resource.Service)
	c.Keep("deployment.environment.name", resource.Environment)
}

// sessionIsConversation reports whether the instrumentation calls a conversation a session.
func (r *reader) sessionIsConversation() bool {
	name := strings.ToLower(r.scope.Name)
	return strings.Contains(name, "openinference") || strings.Contains(name, "langfuse")
}

// about is the metadata of OpenInference: a JSON object in a string.
type about map[string]any

func (r *reader) metadata() about {
	if !r.has(fieldMetadata) {
		return nil
	}
	var m about
	_ = json.Unmarshal(unwrapped(r.slots[fieldMetadata].value), &m) // of any other form there is nothing to read
	return m
}

// first returns the first of the members that is a text.
func (a about) first(keys ...string) string {
	for _, key := range keys {
		if s, ok := a[key].(string); ok && strings.TrimSpace(s) != "" && len(s) <= longestID {
			return s
		}
	}
	return ""
}

// provider brings a provider's name to one spelling. Vercel's names say the API behind a dot; those of the
// conventions have dots of their own.
func (r *reader) provider() string {
	name := strings.ToLower(r.text(fieldProvider))
	if r.slots[fieldProvider].key == "ai.model.provider" || !r.c.Property("ai.operationId").Absent() {
		name, _, _ = strings.Cut(name, ".")
	}
	if sent, _ := r.slots[fieldProvider].value.Text(); !strings.EqualFold(sent, name) {
		r.slots[fieldProvider].used = false
	}
	return name
}

// compact is JSON text that is an object, a list or a string, without white space.
func compact(text string) (json.RawMessage, bool) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] != '{' && text[0] != '[' && text[0] != '"' {
		return nil, false
	}
	v, ok := vocab.ParseValue(text)
	return json.RawMessage(v.JSON()), ok
}
