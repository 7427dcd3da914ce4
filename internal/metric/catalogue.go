package metric

// All returns every metric, by name. The caller owns the slice.
func All() []Metric {
	return []Metric{
		actions(),
		activeUsers(),
		agentMessages(),
		agentMessagesPerConversation(),
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
		duration(),
		events(),
		feedback(),
		firstResponseTime(),
		media(),
		messageLength(),
		messages(),
		messagesPerConversation(),
		messagesPerUser(),
		messagesToConversion(),
		newUsers(),
		people(),
		rating(),
		responseTime(),
		returningUsers(),
		satisfaction(),
		sessions(),
		singleMessageConversations(),
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
