package unity

import "github.com/debrief-dev/debrief/internal/event"

// backendEvents are those that a backend is told of as well.
func backendEvents() []entry {
	return []entry{
		{on: backend, sub: "favorite_conversation", kind: event.KindConversation, action: "favorited", if_: "IsFavorite is true",
			fields: "ConversationTitle → title; IsFavorite → favorite", need: "ConversationId; IsFavorite; ConversationTitle",
			when: notUnfavorite, signal: signal{dimension: answer, weight: 0.6}, why: "kept for later use", then: onlyKnownFavorite},
		{on: backend, sub: "favorite_conversation", kind: event.KindConversation, action: "unfavorited", if_: "IsFavorite is false",
			fields: "ConversationTitle → title; IsFavorite → favorite", need: "ConversationId; IsFavorite; ConversationTitle",
			signal: signal{dimension: answer, weight: -0.2}, why: "taking the star away is weak: it may be tidying"},
		{on: backend, sub: "delete_conversation", kind: event.KindConversation, action: "deleted",
			fields: "ConversationTitle → title", need: "ConversationId; ConversationTitle",
			signal: signal{dimension: answer, weight: -0.2}, why: "weakly negative: also tidying and privacy"},
		{on: backend, sub: "rename_conversation", kind: event.KindConversation, action: "renamed",
			fields: "ConversationTitle → title (the new one)", need: "ConversationId; ConversationTitle",
			signal: signal{dimension: answer, weight: 0.2}, why: "effort spent to find it again"},
		{on: backend, sub: "load_conversation", kind: event.KindConversation, action: "opened",
			fields: "ConversationTitle → title", need: "ConversationId; ConversationTitle",
			signal: signal{dimension: answer, weight: 0.2}, why: "came back to it"},
		{on: backend, sub: "cancel_request", kind: event.KindGeneration, action: "cancelled",
			fields: "actor = user", need: "ConversationId",
			signal: signal{dimension: answer, weight: -0.5}, why: "stopped the answer before its end: too slow or going wrong"},
		{on: backend, sub: "edit_code", kind: event.KindInteraction, action: "edited", fields: "target = code",
			signal: signal{dimension: answer, weight: -0.2}, why: "had to be corrected"},
		{on: backend, sub: "create_new_conversation", kind: event.KindConversation, action: "created",
			signal: signal{dimension: answer}, why: "neutral; the new conversation has no id yet"},
		{on: backend, sub: "refresh_inspirational_prompt", kind: event.KindInteraction, action: "suggestion_refreshed", fields: "target = suggestion",
			signal: signal{dimension: suggestion, weight: -0.2}, why: "the offered prompts did not fit; says nothing about answers"},
	}
}

// contextEvents are those of what is attached to a message. Their Timestamp is the editor's uptime and no
// time of day; it stays a property.
func contextEvents() []entry {
	const attached = "ContextType → context_type; ContextContent → context_content"
	const both = "ContextType; ContextContent"
	attach := func(sub, method string) entry {
		return entry{on: context, sub: sub, kind: event.KindInteraction, action: "context_attached", fields: "target = context; method = " + method + "; " + attached}
	}
	flyout := attach("choose_context_from_flyout", "flyout")
	flyout.need = both
	image := attach("drag_drop_image_file_attached_context", "drop_file")
	image.fields += "; IsSuccessful → success"
	return []entry{
		{on: context, sub: "expand_context", kind: event.KindInteraction, action: "expanded", fields: "target = context",
			signal: signal{dimension: answer}, why: "inspection"},
		{on: context, sub: "expand_command_logic", kind: event.KindInteraction, action: "expanded", fields: "target = command",
			signal: signal{dimension: answer}, why: "inspection before running: neither trust nor distrust"},
		{on: context, sub: "ping_attached_context_object_from_flyout", kind: event.KindInteraction, action: "located",
			fields: "target = context; " + attached, need: both},
		{on: context, sub: "clear_all_attached_context", kind: event.KindInteraction, action: "context_cleared", fields: "target = context"},
		{on: context, sub: "remove_single_attached_context", kind: event.KindInteraction, action: "context_removed",
			fields: "target = context; " + attached, need: both},
		{on: context, sub: "drag_drop_attached_context", kind: event.KindInteraction, action: "context_attached",
			fields: "target = context; method = drag_drop; " + attached + "; IsSuccessful → success", need: both + "; IsSuccessful",
			signal: signal{dimension: ui, weigh: dropped, words: "taken 0, refused −0.3"}, why: "a refused drop is friction of the UI, not of the answer"},
		flyout,
		image,
		attach("screenshot_attached_context", "screenshot"),
		attach("annotation_attached_context", "annotation"),
		attach("upload_image_attached_context", "upload"),
		attach("clipboard_image_attached_context", "clipboard"),
	}
}

// localEvents are those of the assistant's window in the first document.
func localEvents() []entry {
	return []entry{
		{on: plugin, sub: "call_plugin", kind: event.KindTool, action: "called",
			fields: "actor = user; tool_type = plugin; PluginLabel → tool_name", need: "PluginLabel",
			signal: signal{dimension: answer, weight: 0.5}, why: "the user took the offered action"},
		{on: local, sub: "open_shortcuts", kind: event.KindInteraction, action: "opened", fields: "target = shortcuts"},
		{on: local, sub: "execute_run_command", kind: event.KindTool, action: "called",
			fields: "actor = user; tool_type = run_command; ResponseMessage → tool_args (the script)", need: "MessageId; ConversationId; ResponseMessage",
			signal: signal{dimension: answer, weight: 0.8}, why: "let the proposal change the project: the strongest acceptance there is"},
		{on: local, sub: "use_inspirational_prompt", kind: event.KindInteraction, action: "suggestion_used",
			fields: "target = suggestion; UsedInspirationalPrompt → value", need: "UsedInspirationalPrompt",
			signal: signal{dimension: suggestion, weight: 0.5}, why: "the suggestion fitted"},
		{on: local, sub: "choose_mode_from_shortcut", kind: event.KindInteraction, action: "mode_changed",
			fields: "target = mode; ChosenMode → value", need: "ChosenMode"},
		{on: local, sub: "copy_code", kind: event.KindInteraction, action: "copied",
			fields: "target = code; ResponseMessage → value", need: "ConversationId; ResponseMessage",
			signal: signal{dimension: answer, weight: 0.6}, why: "taken over into the user's work"},
		{on: local, sub: "copy_response", kind: event.KindInteraction, action: "copied",
			fields: "target = answer; ResponseMessage → value", need: "ConversationId; MessageId; ResponseMessage",
			signal: signal{dimension: answer, weight: 0.4}, why: "useful to someone; also copied to ask elsewhere, hence less than code"},
		{on: local, sub: "save_code", kind: event.KindInteraction, action: "saved",
			fields: "target = code; ResponseMessage → value", need: "ResponseMessage",
			signal: signal{dimension: answer, weight: 0.8}, why: "became a file of the project"},
		{on: local, sub: "open_reference_url", kind: event.KindInteraction, action: "opened",
			fields: "target = reference; ReferenceUrl, Url → value", need: "ReferenceUrl, Url",
			signal: signal{dimension: answer}, why: "interest or doubt: both look the same"},
		{on: local, sub: "modify_run_command_preview_with_object_picker", kind: event.KindInteraction, action: "parameter_changed",
			fields: "target = command; method = object_picker; PreviewParameter → value (absent when cleared)",
			signal: signal{dimension: answer}, why: "ordinary filling-in"},
		{on: local, sub: "modify_run_command_preview_value", kind: event.KindInteraction, action: "parameter_changed",
			fields: "target = command; method = value; PreviewParameter → value", need: "PreviewParameter",
			signal: signal{dimension: answer}, why: "ordinary filling-in"},
		{on: local, sub: "permission_response", kind: event.KindTool, action: "permission_answered",
			fields: "actor = user; FunctionId → tool_name; UserAnswer → permission_answer; PermissionType → permission_type",
			need:   "ConversationId; FunctionId; UserAnswer; PermissionType",
			signal: signal{dimension: trust, weigh: answered, words: "AllowAlways +0.6, AllowOnce +0.2, DenyOnce −0.4, DenyAlways −0.7"},
			why:    "trust in the agent's action, kept apart from answer quality"},
		{on: send, kind: event.KindMessage, action: "sent",
			fields: "role = user; actor = user; userPrompt → body; commandMode → mode", need: "userPrompt; commandMode; conversationId",
			why: "every message of the user, whatever its name says: the first document calls it SpecialCharInUserMessageEventData"},
	}
}
