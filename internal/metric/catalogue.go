package metric

// All returns every metric, by name. The caller owns the slice.
func All() []Metric {
	return []Metric{
		abandonedRate(),
		actions(),
		activeUsers(),
		agentMessages(),
		agentMessagesPerConversation(),
		cachedInputShare(),
		cancelledCalls(),
		components(),
		conversations(),
		conversationsEnded(),
		conversationsPerUser(),
		conversationsWithFeedback(),
		conversationsWithoutAgentMessage(),
		conversationsWithoutUserMessage(),
		conversionRate(),
		conversions(),
		convertedConversations(),
		cost(),
		costPerConversation(),
		costPerResolved(),
		dissatisfiedRate(),
		duration(),
		escalatedRate(),
		events(),
		eventIDs(),
		failedAnswerRate(),
		failedCallRate(),
		failedCalls(),
		failedRate(),
		feedback(),
		firstResponseTime(),
		generationLatency(),
		impliedSatisfaction(),
		injectionAttemptRate(),
		inputTokens(),
		media(),
		messageLength(),
		messages(),
		messagesPerConversation(),
		messagesPerUser(),
		messagesToConversion(),
		modelCalls(),
		negativeSentimentRate(),
		newUsers(),
		outputTokens(),
		overallSatisfaction(),
		people(),
		permissionAllowedRate(),
		permissionAnswers(),
		predictedRating(),
		rating(),
		refusalRate(),
		rephraseRate(),
		resolvedRate(),
		responseTime(),
		returningUsers(),
		satisfaction(),
		sessions(),
		singleMessageConversations(),
		timeToFirstToken(),
		tokensPerConversation(),
		toolFailureRate(),
		toolFailures(),
		toolLatency(),
		userMessages(),
		userMessagesPerConversation(),
		users(),
	}
}

// Find returns the metric of that name.
func Find(name string) (Metric, bool) {
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}
