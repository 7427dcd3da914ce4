/** What a code of validation means, and what to change in the client. The full list is in the
 *  documentation of vocabularies; a code that is not here is shown by its name. */
export interface Explanation {
  meaning: string
  fix: string
}

export type CodeKind = 'repair' | 'violation' | 'rejection'

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
}

/** What a code means; codes of both kinds may share a name. */
export function explain(code: string, kind: CodeKind): Explanation {
  const known = kind === 'repair' ? repairs[code] : kind === 'violation' ? violations[code] : undefined
  return known ?? { meaning: code.replaceAll('_', ' '), fix: '' }
}
