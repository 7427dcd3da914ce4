/** What a code of validation means, and what to change in the client. The full list is in the
 *  documentation of vocabularies; a code that is not here is shown by its name. */
export interface Explanation {
  meaning: string
  fix: string
}

export type CodeKind = 'repair' | 'violation' | 'rejection' | 'deviation'

const e = (meaning: string, fix: string): Explanation => ({ meaning, fix })

const repairs: Record<string, Explanation> = {
  action_as_type: e('The call type was read from the top-level “action”.', 'Send "type": "track". SDKs do; the examples in the spec do not.'),
  type_over_action: e('“type” and “action” name different call types; “type” holds.', 'Leave “action” out at the top level.'),
  path_over_type: e('The route names another call type than the call; the route holds.', 'Send each call to its own route, or all of them to /v1/batch.'),
  lifted_to_properties: e('A copilot property stood beside “properties” and was read as if inside.', 'Move it into “properties”.'),
  properties_as_traits: e('Traits were read from “properties”.', 'Send “traits” in identify and group calls.'),
  repeated_key: e('A key was sent twice; the last value holds.', 'Send each key once.'),
  unpaired_surrogate: e('Half of a surrogate pair became �.', 'Cut texts between characters, not inside an emoji.'),
  numeric_id: e('An id was sent as a number.', 'Send ids as strings: large numbers lose digits in JavaScript.'),
  short_message_id: e('The event id is too short to be unique, so it was combined with other fields.', 'Let the SDK make the top-level messageId, or send a UUID.'),
  missing_message_id: e('The chat message has no id; one was made from the event id.', 'Send properties.messageId, so that feedback and components can point at the message.'),
  conversation_id_alias: e('The conversation id was found under another name.', 'Name it conversationId.'),
  message_id_alias: e('The message id was found under another name.', 'Name it messageId, inside properties.'),
  body_alias: e('The message text was found under another name.', 'Name it message_body.'),
  missing_role: e('The role is the one that the event implies.', 'Nothing, unless someone else wrote the message: then send “role”.'),
  unknown_role: e('The role is not known; the one that the event implies was taken.', 'Use customer, agent, ai_agent or human_agent.'),
  text_from_scalar: e('A number or boolean was kept as text.', 'Send a string.'),
  number_from_text: e('A number was read from a string.', 'Send a number.'),
  inferred_rating_scale: e('The scale of a rating was inferred from its value alone.', 'Send rating_scale, or set the scale in the settings of this source.'),
  naive_timestamp: e('A time without zone was read as UTC.', 'End timestamps with Z or an offset.'),
  numeric_timestamp: e('A number was read as seconds or milliseconds since 1970.', 'Send ISO 8601 times.'),
  loose_timestamp: e('A time that is not quite ISO 8601 was read all the same.', 'Send times like 2026-03-31T14:05:00Z.'),
  implausible_timestamp: e('The time is long past; the event is stored at the time of receipt.', 'Check the clock of the client.'),
  future_timestamp: e('The time is in the future; the event is stored at the time of receipt.', 'Check the clock of the client; let the SDK set sentAt.'),
  stale_sent_at: e('The difference of clocks was not taken off, as sentAt may be old.', 'Nothing: mobile SDKs and retries do this.'),
  event_name_alias: e('The event was sent under its live chat name.', 'Nothing; or send Component Loaded.'),
  invalid_utf8: e('Text that is not UTF-8 became �.', 'Send UTF-8.'),
  missing_timestamp: e('There was no time; the event is stored at the time of receipt.', 'Send the start of the span, or the time of the record.'),
  missing_operation: e('A span was taken for a model call by its model and tokens.', 'Set gen_ai.operation.name.'),
  unknown_operation: e('The operation is none of the conventions.', 'Set gen_ai.operation.name to one of them, as chat or execute_tool.'),
  negative_duration: e('The span ends before it starts and has no latency.', 'Check the clocks of the client.'),
  cached_tokens_added: e('Cached tokens were added to the input tokens, which include them.', 'Nothing; or count cached tokens among the input tokens.'),
  from_trace: e('Other spans of the trace filled this in.', ''),
  merged_message: e('The client sent this message itself; it was not derived again.', ''),
  withdrawn_rating: e('The person took this rating back; it has no score any more.', ''),
  linked_conversation: e('The event says no conversation; that of the same person and session around it was taken.', ''),
  self_alias: e('An alias joins an id to itself and does nothing.', 'Call alias before identify, or not at all.'),
}

const violations: Record<string, Explanation> = {
  invalid_timestamp: e('The time cannot be read; the event is stored at the time of receipt.', 'Send ISO 8601 times.'),
  invalid_properties: e('“properties” or “traits” is no object.', 'Send an object.'),
  missing_conversation_id: e('The event belongs to no conversation.', 'Send properties.conversationId.'),
  invalid_conversation_id: e('The conversation id is neither string nor number.', 'Send a string.'),
  missing_message_id: e('The event does not say which message it belongs to.', 'Send the messageId of the answer in properties.'),
  invalid_message_id: e('The message id is neither string nor number.', 'Send a string.'),
  missing_message_body: e('The message has no text.', 'Send message_body.'),
  invalid_message_body: e('The message text is an object or a list.', 'Send a string; other content is kept as parts.'),
  invalid_role: e('The role is an object or a list.', 'Send a string.'),
  missing_rating: e('The rating is absent.', 'Send “rating” as a number.'),
  invalid_rating: e('The rating cannot be read on its scale.', 'Send a number, and its rating_scale.'),
  rating_out_of_range: e('The rating lies outside its scale.', 'Check rating_scale, or the scale of this source.'),
  unknown_rating_scale: e('The scale cannot be read.', 'Write it as 1-5, 0-10 or thumb.'),
  invalid_amount: e('The amount is no number.', 'Send “revenue” as a number.'),
  invalid_text: e('A text property is an object or a list.', 'Send a string.'),
  suggest_event_name: e('The name is nearly that of a copilot event.', 'Use the exact name, as in Component Loaded.'),
  missing_type: e('“type” is absent.', 'Say which type of action, media or component it was.'),
  missing_action: e('“action” is absent.', 'Say what the action did.'),
  missing_sub_type: e('“sub_type” is absent.', 'Say the format, such as png or mp4.'),
  invalid_message_count: e('message_count is no whole number.', 'Send a number; messages are counted here in any case.'),
  invalid_duration: e('The duration is no number.', 'Send a number.'),
  invalid_number: e('A count or duration is no number, or below 0.', 'Send a number.'),
  invalid_boolean: e('The text is neither true nor false.', 'Send "True" or "False".'),
  boolean_not_text: e('A boolean was sent as JSON’s own.', 'Unity writes booleans as text: "True".'),
  invalid_messages: e('“Messages” is not the JSON that the event should hold.', 'Send the list of messages as JSON.'),
  missing_prompt: e('The prompt is absent.', 'Send “prompt”.'),
  missing_response: e('The answer is absent.', 'Send “response”.'),
  missing_session_id: e('The session id is absent.', 'Send session_id.'),
  missing_rating_scale: e('The rating came without the scale that it needs.', 'Send rating_scale, or set the scale of this source.'),
  missing_trace_id: e('The trace id is absent.', 'Send it, so that calls of one turn are joined.'),
  missing_metric: e('The name or the value of the metric is absent.', 'Send both.'),
  missing_comment: e('The text of the feedback is absent.', 'Send it.'),
  missing_tool_name: e('The tool has no name; that of the span stands in.', 'Set gen_ai.tool.name.'),
  missing_evaluation_name: e('The evaluation has no name.', 'Set gen_ai.evaluation.name.'),
  missing_score_name: e('The score has no name.', 'Send “name”.'),
  missing_subtype: e('SubType is absent; stored as any other track call.', 'Send the SubType of the event.'),
  unknown_subtype: e('SubType is none of the event’s; stored as any other track call.', 'Use a SubType of the document.'),
  unknown_outcome: e('The outcome is not known.', 'Use completed, cancelled, error or session_ended.'),
  unknown_user_answer: e('The answer to the permission is not known; kept as sent.', 'Use AllowOnce, AllowAlways, DenyOnce or DenyAlways.'),
  unknown_reaction: e('The reaction is none of positive, negative and unreact.', 'Use one of them.'),
  too_long_id: e('An id has more than 1,024 characters; left in properties.', 'Send shorter ids.'),
}

/** Kinds of deviation from a tracking plan. On rows they stand with plan_ before. */
const deviations: Record<string, Explanation> = {
  unplanned_event: e('The plan has no such event.', 'Add it to the plan, or mend its name in the client.'),
  unplanned_property: e('The plan does not name the property.', 'Add it to the plan, or leave it out.'),
  required_missing: e('A required property is not there.', 'Send it, or make it optional in the plan.'),
  type_mismatch: e('A value has another type than planned.', 'Send the type that the plan says.'),
  constraint: e('A value breaks a rule of the plan: enum, range, length, pattern or format.', 'Send a value that keeps the rule.'),
  repair: e('It was understood, but sent in an odd way; the source is strict.', 'Mend the client, or let the source be less strict.'),
  unknown: e('The call cannot be checked.', 'See the description.'),
}

/** Codes of calls that were refused at the door. */
const rejections: Record<string, Explanation> = {
  missing_event_name: e('A track call has no name.', 'Send “event”.'),
  missing_span_id: e('A span has no trace id or span id.', 'Let the SDK make them; send log records to /v1/logs.'),
  missing_identity: e('The call names nobody.', 'Send userId or anonymousId.'),
  payload_too_large: e('The call is larger than the limit.', 'Send smaller calls.'),
  too_many_events: e('The request has more calls than the limit.', 'Send smaller batches.'),
  invalid_event: e('The call is no object, or nested too deeply.', 'Send one JSON object for each call.'),
  invalid_json: e('The call is no JSON.', 'Send JSON.'),
}

const words = (code: string) => code.replaceAll('_', ' ')

/** What a code means; codes of several kinds may share a name. */
export function explain(code: string, kind: CodeKind): Explanation {
  if (kind === 'deviation') return deviations[code] ?? e(words(code), '')
  const known = { repair: repairs, violation: violations, rejection: rejections }[kind][code]
  if (known) return known
  if (kind === 'violation' && code.startsWith('plan_')) return deviations[code.slice(5)] ?? e(words(code), '')
  const missing = kind === 'violation' ? /^missing_(.+)$/.exec(code)?.[1] : undefined
  return missing ? e(`“${missing}” is absent.`, 'Send it; the vocabulary says where.') : e(words(code), '')
}

/** What a code of any kind means: of steps of a journey, which do not say the kind. */
export function explainAny(code: string): Explanation {
  const kind = (['violation', 'repair', 'deviation', 'rejection'] as const).find((k) => explain(code, k).fix !== '' || explain(code, k).meaning !== words(code))
  return explain(code, kind ?? 'violation')
}
