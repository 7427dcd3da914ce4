// Package segment is the vocabulary of Segment's AI Copilot and live chat specs. It claims every call
// that no other vocabulary claims, so that a track call of any name, and identify, group, alias, page
// and screen calls, become rows as well. Only package app imports it.
package segment

import (
	"math"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Vocabulary maps calls by the names of Segment's specs. The zero value is ready.
type Vocabulary struct{}

var _ vocab.Vocabulary = Vocabulary{}

// Name implements [vocab.Vocabulary].
func (Vocabulary) Name() string { return "segment" }

// Claims implements [vocab.Vocabulary]: everything.
func (Vocabulary) Claims(*vocab.Call) bool { return true }

// Map implements [vocab.Vocabulary].
func (Vocabulary) Map(c *vocab.Call) {
	switch c.Type {
	case "identify":
		setKind(c.Row, event.KindIdentity, "identified")
	case "group":
		setKind(c.Row, event.KindIdentity, "grouped")
	case "alias":
		setKind(c.Row, event.KindIdentity, "aliased")
		aliased(c)
	case "page", "screen":
		viewed(c)
	default:
		mapTrack(c)
	}
}

// Codes implements [vocab.Vocabulary].
func (Vocabulary) Codes() []vocab.Code {
	return []vocab.Code{
		{Name: "event_name_alias", Meaning: "the event was sent under its live chat name", When: "Custom Component Loaded, for Component Loaded"},
		{Name: "self_alias", Meaning: "the alias joins an id to itself and does nothing", When: "`previousId` equals `userId`, as a browser SDK sends it"},
		{Name: "suggest_event_name", Violation: true, Meaning: "the name is that of a copilot event but for case, spaces, hyphens or underscores; stored as any other track call", When: "track calls such as `component_loaded`"},
		{Name: "missing_type", Violation: true, Meaning: "`type` is absent", When: "Action Invoked, Media Generated, Component Loaded"},
		{Name: "missing_action", Violation: true, Meaning: "`action` is absent", When: "Action Invoked"},
		{Name: "missing_sub_type", Violation: true, Meaning: "`sub_type` is absent", When: "Media Generated"},
		{Name: "invalid_message_count", Violation: true, Meaning: "`message_count` is no whole number from 0; left in properties", When: "Conversation Ended"},
		{Name: "invalid_duration", Violation: true, Meaning: "`conversation_duration` is no number; left in properties", When: "live chat events"},
	}
}

func setKind(e *event.Event, k event.Kind, action string) { e.Kind, e.Action = k, action }

// viewed maps page and screen calls. Browsers repeat name and category in the properties.
func viewed(c *vocab.Call) {
	e := c.Row
	setKind(e, event.KindProduct, "viewed")
	takeEqual(c, "name", &c.Name)
	takeEqual(c, "category", &e.Category)
	e.ProductEvent = c.Name
	if e.ProductEvent == "" {
		e.ProductEvent = e.Category
	}
}

// takeEqual takes a property that says what *have says, or, if *have is empty, sets it.
func takeEqual(c *vocab.Call, key string, have *string) {
	s, ok := c.Property(key).Text()
	if ok && s != "" && (*have == "" || *have == s) {
		*have = s
		c.Take(key)
	}
}

// aliased notes the alias of an id to itself. The previous id stays among the properties.
func aliased(c *vocab.Call) {
	if id, _ := c.Property("previousId").Text(); id != "" && id == c.Row.UserID {
		c.Repair("self_alias", id, "")
	}
}

func mapTrack(c *vocab.Call) {
	if m, ok := copilotEvent(c.Name); ok {
		m(c)
		return
	}
	if suggestion(c.Name) != "" {
		c.Violation("suggest_event_name")
	}
	setKind(c.Row, event.KindProduct, "tracked")
	c.Row.ProductEvent = c.Name
	c.TakeMessageID()
	c.TakeMoney()
}

// copilotEvent returns how an event of the specs is mapped. Names are compared as they are.
func copilotEvent(name string) (func(*vocab.Call), bool) {
	switch name {
	case "Conversation Started":
		return conversationStarted, true
	case "Message Sent":
		return messageSent, true
	case "Message Received":
		return messageReceived, true
	case "Conversation Ended":
		return conversationEnded, true
	case "Action Invoked":
		return actionInvoked, true
	case "Media Generated":
		return mediaGenerated, true
	case "Component Loaded":
		return componentLoaded, true
	case "Custom Component Loaded":
		return customComponentLoaded, true
	case "Feedback Submitted":
		return feedbackSubmitted, true
	}
	return liveChatEvent(name)
}

func conversationStarted(c *vocab.Call) {
	setKind(c.Row, event.KindConversation, "started")
	c.NeedConversation()
	c.TakeActor("")
	c.TakeAgent()
}

func conversationEnded(c *vocab.Call) {
	e := c.Row
	setKind(e, event.KindConversation, "ended")
	e.Reason = "explicit"
	c.NeedConversation()
	c.TakeActor("")
	c.TakeAgent()
	takeMessageCount(c)
	c.Signal(0)
}

// takeMessageCount takes what the client counted. It is compared with our own count, never used for it.
func takeMessageCount(c *vocab.Call) {
	const key = "message_count"
	v := c.Property(key)
	if v.IsNumber() || v.IsString() {
		text, _ := v.Text()
		n, ok := vocab.ParseNumber(text)
		if ok && n >= 0 && n <= 1<<53 && n == math.Trunc(n) {
			c.Take(key)
			c.Row.ReportedMessageCount = new(int64(n))
			if v.IsString() {
				c.Repair("number_from_text", key, text)
			}
			return
		}
	}
	if !v.Absent() {
		c.Violation("invalid_message_count")
	}
}

// textKeys are where the text of a message is looked for, in this order.
var textKeys = [...]string{"message_body", "content", "text", "message", "prompt", "response", "body"}

func messageSent(c *vocab.Call)     { message(c, "sent", event.RoleUser) }
func messageReceived(c *vocab.Call) { message(c, "received", event.RoleAgent) }

func message(c *vocab.Call, action, implied string) {
	messageText(c, action)
	c.TakeRole(implied)
}

// messageText maps what a message has whoever wrote it.
func messageText(c *vocab.Call, action string) {
	setKind(c.Row, event.KindMessage, action)
	c.NeedConversation()
	c.TakeOwnMessageID()
	c.TakeBody("missing_message_body", textKeys[:]...)
	c.TakeAgent()
}

func actionInvoked(c *vocab.Call) {
	e := c.Row
	setKind(e, event.KindTool, "called")
	attached(c)
	e.ToolType = c.RequireText("missing_type", "type")
	e.ToolName = c.RequireText("missing_action", "action")
	c.TakeActor(event.RoleUser)
	c.TakeAgent()
	c.Signal(0)
	if e.Actor == event.RoleUser {
		c.Signal(0.3) // acting through the copilot is acceptance
	}
}

func mediaGenerated(c *vocab.Call) {
	e := c.Row
	setKind(e, event.KindArtifact, "media_generated")
	attached(c)
	e.ArtifactType = c.RequireText("missing_type", "type")
	e.ArtifactSubtype = c.RequireText("missing_sub_type", "sub_type", "subType")
	c.TakeActor(event.RoleAgent)
	c.TakeAgent()
}

func componentLoaded(c *vocab.Call) {
	e := c.Row
	setKind(e, event.KindArtifact, "component_shown")
	attached(c)
	e.ArtifactType = c.RequireText("missing_type", "type")
	c.TakeActor("")
	c.TakeAgent()
}

func customComponentLoaded(c *vocab.Call) {
	c.Repair("event_name_alias", c.Name, "Component Loaded")
	componentLoaded(c)
}

// attached maps what an event says about the message that it belongs to.
func attached(c *vocab.Call) {
	c.NeedConversation()
	c.TakeMessageID()
	if c.Row.MessageID == "" {
		c.Violation("missing_message_id")
	}
}

func feedbackSubmitted(c *vocab.Call) {
	e := c.Row
	setKind(e, event.KindFeedback, "rated")
	c.NeedConversation()
	c.TakeMessageID()
	c.TakeRating("rating")
	e.Comment = c.TakeText("comment")
	e.Rater = "user"
	c.TakeActor("")
	c.TakeAgent()
	switch {
	case e.MessageID != "":
		e.Scope = "message"
	case e.ConversationID != "":
		e.Scope = "conversation"
	}
	c.SignalScore()
}
