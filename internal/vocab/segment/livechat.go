package segment

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// liveChatEvent returns how an event of Segment's older live chat spec is mapped. Its agents are
// people, and Received means that the user received it.
func liveChatEvent(name string) (func(*vocab.Call), bool) {
	switch name {
	case "Live Chat Conversation Started":
		return liveChatStarted, true
	case "Live Chat Conversation Ended":
		return liveChatEnded, true
	case "Live Chat Message Sent":
		return liveChatSent, true
	case "Live Chat Message Received":
		return liveChatReceived, true
	}
	return nil, false
}

func liveChatStarted(c *vocab.Call) {
	conversationStarted(c)
	liveChatLife(c)
}

func liveChatEnded(c *vocab.Call) {
	conversationEnded(c)
	liveChatLife(c)
}

// liveChatLife takes what the spec lets start and end carry: the message that did it.
func liveChatLife(c *vocab.Call) {
	c.TakeMessageID()
	c.TakeBody("", "message_body")
	takeDuration(c)
}

func liveChatSent(c *vocab.Call)     { liveChatMessage(c, "sent", event.RoleUser) }
func liveChatReceived(c *vocab.Call) { liveChatMessage(c, "received", event.RoleHumanAgent) }

// liveChatMessage maps a message whose event says who wrote it: the spec has no role.
func liveChatMessage(c *vocab.Call, action, role string) {
	messageText(c, action)
	if c.Property("role").Absent() {
		c.Row.Role, c.Row.Actor = role, role
	} else {
		c.TakeRole(role)
	}
	takeDuration(c)
}

// takeDuration takes the duration so far as the client counted it, in seconds.
func takeDuration(c *vocab.Call) {
	if s := c.TakeNumber("invalid_duration", "conversation_duration"); s != nil {
		c.Row.ReportedDurationMS = new(*s * 1e3)
	}
}
