package vocab

// Code explains a code that rows carry in their repairs or violations. Codes are stable: people
// filter by them.
type Code struct {
	Name string // snake_case
	// Violation: the call lacks something or says something unusable. Otherwise it is a repair: the call
	// said something in an odd way that was understood all the same.
	Violation bool
	Meaning   string
	When      string
}

// SharedCodes lists the codes that this package notes itself, for calls of any vocabulary.
func SharedCodes() []Code {
	return []Code{
		{Name: "action_as_type", Meaning: "the call type was read from the top-level action", When: "`type` is absent and `action` names a call type, as in the examples of the AI Copilot spec"},
		{Name: "type_over_action", Meaning: "`type` and the top-level `action` name different call types; `type` holds", When: "both name a call type"},
		{Name: "path_over_type", Meaning: "the route names another call type than the call; the route holds", When: "single-event routes such as `/v1/track`"},
		{Name: "lifted_to_properties", Meaning: "a known copilot property beside `properties` was read as if inside", When: "it is absent inside; track calls only"},
		{Name: "properties_as_traits", Meaning: "traits were read from `properties`", When: "identify and group calls without `traits`"},
		{Name: "repeated_key", Meaning: "a key was sent twice; the last value holds", When: "in the call, its properties, traits or context"},
		{Name: "unpaired_surrogate", Meaning: "half of a UTF-16 surrogate pair became U+FFFD, in the raw call too", When: "a string escapes one alone"},
		{Name: "invalid_utf8", Meaning: "text that is not UTF-8 became U+FFFD, in the raw call too", When: "noted at the door"},
		{Name: "numeric_id", Meaning: "an id was sent as a number and is kept as its text", When: "any id"},
		{Name: "short_message_id", Meaning: "the event id is the client's, combined with event name, conversation id and original time", When: "the envelope's `messageId` has fewer than 16 characters: such ids are used again"},
		{Name: "missing_message_id", Meaning: "the chat message has no id of its own; `env:` and the event id stand in", When: "message events"},
		{Name: "conversation_id_alias", Meaning: "the conversation id was found under a name that no spec uses", When: "anything but `conversationId`, `conversation_id`, `ConversationId`"},
		{Name: "message_id_alias", Meaning: "the chat message id was found under a name that no spec uses", When: "anything but `messageId`, `message_id`, `MessageId`"},
		{Name: "body_alias", Meaning: "the message text was found under another name", When: "message events; `message_body`, `content`, `text`, `message`, `prompt`, `response`, `body`, in this order"},
		{Name: "missing_role", Meaning: "the role is the one that the event implies", When: "the event has a role and none was sent"},
		{Name: "unknown_role", Meaning: "the role is the one that the event implies; what was sent is in `role_raw`", When: "a role that is not in the table of roles"},
		{Name: "text_from_scalar", Meaning: "a number or boolean was kept as its text", When: "a property that should be a string"},
		{Name: "number_from_text", Meaning: "a number was read from a string", When: "a property that should be a number, ratings excepted"},
		{Name: "inferred_rating_scale", Meaning: "the scale of a rating was inferred from its value alone; the row is marked inferred", When: "neither the call nor the source says a scale"},
		{Name: "naive_timestamp", Meaning: "a time without zone was read as UTC", When: "`timestamp`"},
		{Name: "numeric_timestamp", Meaning: "a number was read as seconds or milliseconds since 1970", When: "`timestamp`"},
		{Name: "loose_timestamp", Meaning: "a time that is not quite ISO 8601 was read all the same", When: "a date alone, a space instead of T"},
		{Name: "implausible_timestamp", Meaning: "the row is stored at receive time; the original time is kept", When: "before 2000, or more than ten years before receipt"},
		{Name: "future_timestamp", Meaning: "the row is stored at receive time; the original time is kept", When: "more than an hour after receipt"},
		{Name: "stale_sent_at", Meaning: "the time was not moved by the difference of the clocks, as `sentAt` may be old", When: "mobile libraries, and requests marked as retries"},

		{Name: "invalid_timestamp", Violation: true, Meaning: "the time cannot be read; the row is stored at receive time", When: "`timestamp`"},
		{Name: "invalid_properties", Violation: true, Meaning: "`properties` or `traits` is no object; kept in `extra`", When: "any call"},
		{Name: "missing_conversation_id", Violation: true, Meaning: "the event belongs to no conversation", When: "events that need one"},
		{Name: "invalid_conversation_id", Violation: true, Meaning: "the conversation id is neither string nor number; left in properties", When: "track calls"},
		{Name: "missing_message_id", Violation: true, Meaning: "the event does not say which message it belongs to", When: "Action Invoked, Media Generated, Component Loaded"},
		{Name: "invalid_message_id", Violation: true, Meaning: "the chat message id is neither string nor number; left in properties", When: "track calls"},
		{Name: "missing_message_body", Violation: true, Meaning: "the message has no text", When: "message events"},
		{Name: "invalid_message_body", Violation: true, Meaning: "the message text is an object or array; kept in `parts`", When: "message events"},
		{Name: "invalid_role", Violation: true, Meaning: "the role is an object or array; left in properties", When: "events that have a role"},
		{Name: "missing_rating", Violation: true, Meaning: "the rating is absent", When: "rating events"},
		{Name: "invalid_rating", Violation: true, Meaning: "the rating cannot be read on its scale; no score", When: "rating events"},
		{Name: "rating_out_of_range", Violation: true, Meaning: "the rating lies outside its scale; no score", When: "rating events"},
		{Name: "missing_rating_scale", Violation: true, Meaning: "the rating came without the scale that it needs", When: "rating events whose scale neither the source says nor the value tells; Screeb's always need one"},
		{Name: "unknown_rating_scale", Violation: true, Meaning: "the scale that was sent cannot be read; the next authority decides", When: "rating events"},
		{Name: "invalid_amount", Violation: true, Meaning: "the amount is no number; left in properties", When: "`revenue`, `value`"},
		{Name: "invalid_number", Violation: true, Meaning: "a count or duration that is mapped is no number, or below 0; left in properties", When: "tokens, latencies, counts"},
		{Name: "invalid_text", Violation: true, Meaning: "a property that should be a string is an object or array; left in properties", When: "mapped text properties"},
	}
}
