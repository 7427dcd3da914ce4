package segment

import (
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Events implements [vocab.Vocabulary].
func (Vocabulary) Events() []vocab.EventDoc {
	return append(append(copilotEvents(), liveChatEvents()...), otherCalls()...)
}

// ids are how the specs name conversation and message.
func ids(more ...string) []string {
	return append([]string{"conversationId → conversation_id", "messageId → message_id"}, more...)
}

func copilotEvents() []vocab.EventDoc {
	const conversation = "conversationId → conversation_id"
	component := vocab.EventDoc{
		Name: "Component Loaded", Kind: event.KindArtifact, Action: "component_shown",
		Fields: ids("type → artifact_type"), Required: []string{"conversationId", "messageId", "type"},
	}
	alias := component
	alias.Name, alias.Why = "Custom Component Loaded", "the name that the live chat spec gives it"
	return []vocab.EventDoc{
		{Name: "Conversation Started", Kind: event.KindConversation, Action: "started",
			Fields: []string{conversation, "title → title"}, Required: []string{"conversationId"}},
		{Name: "Message Sent", Kind: event.KindMessage, Action: "sent",
			Fields: ids("message_body → body", "role → role (without: user)"), Required: []string{"conversationId", "messageId", "message_body"}},
		{Name: "Message Received", Kind: event.KindMessage, Action: "received",
			Fields: ids("message_body → body", "role → role (without: agent)"), Required: []string{"conversationId", "messageId", "message_body"}},
		{Name: "Conversation Ended", Kind: event.KindConversation, Action: "ended",
			Fields: []string{conversation, "message_count → reported_message_count (never used for counting)", "reason = explicit"}, Required: []string{"conversationId"},
			Dimension: "answer", Weight: new(0.0), Why: "an explicit end says nothing by itself"},
		{Name: "Action Invoked", Kind: event.KindTool, Action: "called", When: "by the user",
			Fields:   ids("type → tool_type", "action → tool_name", "role → actor (without: user)"),
			Required: []string{"conversationId", "messageId", "type", "action"}, Dimension: "answer", Weight: new(0.3), Why: "acting through the copilot is acceptance"},
		{Name: "Action Invoked", Kind: event.KindTool, Action: "called", When: "role is another",
			Fields:   ids("type → tool_type", "action → tool_name", "role → actor"),
			Required: []string{"conversationId", "messageId", "type", "action"}, Dimension: "answer", Weight: new(0.0)},
		{Name: "Media Generated", Kind: event.KindArtifact, Action: "media_generated",
			Fields:   ids("type → artifact_type", "sub_type, subType → artifact_subtype", "role → actor (without: agent)"),
			Required: []string{"conversationId", "messageId", "type", "sub_type"}},
		component, alias,
		{Name: "Feedback Submitted", Kind: event.KindFeedback, Action: "rated",
			Fields: ids("rating → rating_raw", "rating_scale, ratingScale, scale → rating_scale_raw", "comment → comment", "rater = user",
				"scope = message (without messageId: conversation)"),
			Required: []string{"conversationId", "rating"}, Dimension: "answer", Weights: "2·score − 1", Why: "an explicit rating"},
	}
}

func liveChatEvents() []vocab.EventDoc {
	live := func(name string, k event.Kind, action string, more ...string) vocab.EventDoc {
		fields := []string{"conversation_id → conversation_id", "message_id → message_id", "message_body → body", "agent_id → agent_id", "agent_name → agent_name",
			"conversation_duration → reported_duration_ms (from seconds)"}
		return vocab.EventDoc{Name: name, Kind: k, Action: action, Fields: append(fields, more...), Required: []string{"conversation_id"}}
	}
	sent := live("Live Chat Message Sent", event.KindMessage, "sent", "role → role (without: user)")
	received := live("Live Chat Message Received", event.KindMessage, "received", "role → role (without: human_agent)")
	ended := live("Live Chat Conversation Ended", event.KindConversation, "ended", "reason = explicit")
	sent.Required, received.Required = append(sent.Required, "message_body"), append(received.Required, "message_body")
	ended.Dimension, ended.Weight = "answer", new(0.0)
	received.Why = "the user received it: of a person"
	return []vocab.EventDoc{live("Live Chat Conversation Started", event.KindConversation, "started"), ended, sent, received}
}

func otherCalls() []vocab.EventDoc {
	return []vocab.EventDoc{
		{Name: "any other track", Kind: event.KindProduct, Action: "tracked",
			Fields: []string{"event → product_event", "conversationId → conversation_id", "messageId → message_id", "revenue, value → amount", "currency → currency"},
			Why:    "whether it is a conversion is asked when a question is"},
		{Name: "identify", Kind: event.KindIdentity, Action: "identified", Fields: []string{"userId → user_id", "anonymousId → anonymous_id", "traits → properties"}},
		{Name: "group", Kind: event.KindIdentity, Action: "grouped", Fields: []string{"groupId → group_id", "traits → properties"}},
		{Name: "alias", Kind: event.KindIdentity, Action: "aliased", Fields: []string{"userId → user_id", "previousId → properties"}},
		{Name: "page", Kind: event.KindProduct, Action: "viewed", Fields: []string{"name → product_event", "category → category"}},
		{Name: "screen", Kind: event.KindProduct, Action: "viewed", Fields: []string{"name → product_event", "category → category"}},
	}
}
