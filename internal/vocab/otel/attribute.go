package otel

import "slices"

// field is something that a row may say, whatever the attribute is called.
type field uint8

const (
	fieldNone field = iota
	fieldOperation
	fieldProvider
	fieldRequestModel
	fieldResponseModel
	fieldResponseID
	fieldFinish
	fieldInput
	fieldOutput
	fieldCacheRead
	fieldCacheWrite
	fieldReasoning
	fieldCost
	fieldFirstSeconds
	fieldFirstMillis
	fieldStream
	fieldConversation
	fieldSession
	fieldUser
	fieldAnonymous
	fieldAgentID
	fieldAgentName
	fieldAgentVersion
	fieldToolName
	fieldToolType
	fieldToolCallID
	fieldToolArgs
	fieldToolResult
	fieldSource
	fieldQuery
	fieldDocuments
	fieldErrorType
	fieldErrorMessage
	fieldEvaluation
	fieldScore
	fieldLabel
	fieldExplanation
	fieldMetadata
	fieldUsageDetails
	fieldCostDetails
	fieldFirstAt
	fieldCount // how many there are
)

// sort is what values a field can have.
type sort uint8

const (
	sortText  sort = iota // a scalar that is not empty
	sortID                // the same, not too long
	sortTotal             // a whole number from 0
	sortCost              // a number from 0
	sortBool
	sortAny   // anything but null
	sortWords // a word, or a list of them
)

// sortOf returns what values a field can have.
func sortOf(f field) sort {
	switch f {
	case fieldInput, fieldOutput, fieldCacheRead, fieldCacheWrite, fieldReasoning:
		return sortTotal
	case fieldCost, fieldFirstSeconds, fieldFirstMillis:
		return sortCost
	case fieldStream:
		return sortBool
	case fieldToolArgs, fieldToolResult, fieldQuery, fieldDocuments, fieldMetadata, fieldUsageDetails, fieldCostDetails:
		return sortAny
	case fieldFinish:
		return sortWords
	case fieldConversation, fieldSession, fieldUser, fieldAnonymous:
		return sortID
	}
	return sortText
}

// alias is what an attribute says, and how much it is preferred: the lowest rank wins.
type alias struct {
	field field
	rank  int
}

// aliases are the attributes that are mapped: of each field those of the conventions first, then those of
// the others.
var aliases = rank([][]string{
	fieldOperation:     {"gen_ai.operation.name", "ai.operationId", "openinference.span.kind", "llm.request.type", "traceloop.span.kind", "langfuse.observation.type"},
	fieldProvider:      {"gen_ai.provider.name", "gen_ai.system", "ai.model.provider", "llm.provider", "llm.system"},
	fieldRequestModel:  {"gen_ai.request.model", "ai.model.id", "llm.request.model_name", "llm.model_name", "embedding.model_name", "langfuse.observation.model.name"},
	fieldResponseModel: {"gen_ai.response.model", "ai.response.model", "llm.response.model_name"},
	fieldResponseID:    {"gen_ai.response.id", "ai.response.id", "llm.response.id"},
	fieldFinish:        {"gen_ai.response.finish_reasons", "ai.response.finishReason", "llm.finish_reason", "llm.response.finish_reason", "gen_ai.completion.0.finish_reason"},
	fieldInput: {"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "ai.usage.inputTokens", "ai.usage.promptTokens",
		"llm.token_count.prompt", "llm.usage.prompt_tokens", "ai.usage.tokens"},
	fieldOutput: {"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "ai.usage.outputTokens", "ai.usage.completionTokens",
		"llm.token_count.completion", "llm.usage.completion_tokens"},
	fieldCacheRead: {"gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "ai.usage.cachedInputTokens",
		"ai.usage.inputTokenDetails.cacheReadTokens", "llm.token_count.prompt_details.cache_read"},
	fieldCacheWrite: {"gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens",
		"ai.usage.inputTokenDetails.cacheWriteTokens", "llm.token_count.prompt_details.cache_write"},
	fieldReasoning: {"gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "ai.usage.reasoningTokens",
		"ai.usage.outputTokenDetails.reasoningTokens", "llm.token_count.completion_details.reasoning"},
	fieldCost:         {"gen_ai.usage.cost", "llm.cost.total"},
	fieldFirstSeconds: {"gen_ai.response.time_to_first_chunk", "gen_ai.client.operation.time_to_first_chunk"},
	fieldFirstMillis:  {"ai.response.msToFirstChunk"},
	fieldStream:       {"gen_ai.request.stream", "llm.is_streaming", "gen_ai.is_streaming"},
	fieldConversation: {"gen_ai.conversation.id", "langfuse.session.id",
		"traceloop.association.properties.conversation_id", "traceloop.association.properties.conversationId",
		"traceloop.association.properties.chat_id", "traceloop.association.properties.thread_id",
		"ai.telemetry.metadata.conversationId", "ai.telemetry.metadata.conversation_id", "ai.telemetry.metadata.chatId", "ai.telemetry.metadata.threadId",
		"ai.settings.context.conversationId", "ai.settings.context.conversation_id", "ai.settings.context.chatId", "ai.settings.context.threadId"},
	fieldSession: {"session.id", "traceloop.association.properties.session_id", "ai.telemetry.metadata.sessionId", "ai.settings.context.sessionId"},
	fieldUser: {"user.id", "enduser.id", "langfuse.user.id", "ai.telemetry.metadata.userId", "ai.telemetry.metadata.user_id",
		"ai.settings.context.userId", "ai.settings.context.user_id", "traceloop.association.properties.user_id", "traceloop.association.properties.userId", "posthog.distinct_id"},
	fieldAnonymous:    {"enduser.pseudo.id"},
	fieldAgentID:      {"gen_ai.agent.id"},
	fieldAgentName:    {"gen_ai.agent.name", "ai.telemetry.functionId", "traceloop.workflow.name", "agent.name"},
	fieldAgentVersion: {"gen_ai.agent.version"},
	fieldToolName:     {"gen_ai.tool.name", "ai.toolCall.name", "tool.name", "traceloop.entity.name"},
	fieldToolType:     {"gen_ai.tool.type"},
	fieldToolCallID:   {"gen_ai.tool.call.id", "ai.toolCall.id", "tool_call.id"},
	fieldToolArgs: {"gen_ai.tool.call.arguments", "ai.toolCall.args", "ai.toolCall.input",
		"traceloop.entity.input", "langfuse.observation.input", "input.value"},
	fieldToolResult: {"gen_ai.tool.call.result", "ai.toolCall.result", "ai.toolCall.output",
		"traceloop.entity.output", "langfuse.observation.output", "output.value"},
	fieldSource:       {"gen_ai.data_source.id"},
	fieldQuery:        {"gen_ai.retrieval.query.text"},
	fieldDocuments:    {"gen_ai.retrieval.documents"},
	fieldErrorType:    {"error.type", "exception.type"},
	fieldErrorMessage: {"exception.message", "error.message", "langfuse.observation.status_message"},
	fieldEvaluation:   {"gen_ai.evaluation.name"},
	fieldScore:        {"gen_ai.evaluation.score.value"},
	fieldLabel:        {"gen_ai.evaluation.score.label"},
	fieldExplanation:  {"gen_ai.evaluation.explanation"},
	fieldMetadata:     {"metadata"},
	fieldUsageDetails: {"langfuse.observation.usage_details"},
	fieldCostDetails:  {"langfuse.observation.cost_details"},
	fieldFirstAt:      {"langfuse.observation.completion_start_time"},
})

// rank turns lists of names into a table.
func rank(fields [][]string) map[string]alias {
	table := map[string]alias{}
	for f, names := range fields {
		for i, name := range names {
			table[name] = alias{field(f), i}
		}
	}
	return table
}

// names are those of a field, the preferred first: for documents.
func names(f field) []string {
	var out []string
	for name, a := range aliases {
		if a.field == f {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return aliases[a].rank - aliases[b].rank })
	return out
}
