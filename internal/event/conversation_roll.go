package event

// Roll derives the conversation from its events, which must be all of one conversation's tracked
// events in conversation order ([Event.Before]). It is the definition: an engine that keeps roll-ups
// by other means must agree with it. It panics on an empty slice.
func Roll(events []*Event) Conversation {
	if len(events) == 0 {
		panic("BUG: roll of no events")
	}
	first, last := events[0], events[len(events)-1]
	c := Conversation{
		Workspace: first.Workspace, ID: first.ConversationID, Source: first.Source,
		At: first.OccurredAt, FirstEventAt: first.OccurredAt, LastEventAt: last.OccurredAt,
		Events: int64(len(events)),
	}
	var firstUser *Event
	var scores float64
	for _, e := range events {
		firstOf(&c.UserID, e.UserID)
		firstOf(&c.AnonymousID, e.AnonymousID)
		firstOf(&c.SessionID, e.SessionID)
		firstOf(&c.GroupID, e.GroupID)
		firstOf(&c.AgentID, e.AgentID)
		firstOf(&c.Mode, e.Mode)
		firstOf(&c.Channel, e.Channel)
		firstOf(&c.Locale, e.Locale)
		if e.Title != "" {
			c.Title = e.Title
		}
		if e.ReportedMessageCount != nil {
			c.ReportedMessageCount = e.ReportedMessageCount
		}
		switch e.Kind {
		case KindConversation:
			c.rollLife(e)
		case KindMessage:
			c.rollMessage(e)
			answers := e.Role == RoleAgent || e.Role == RoleHumanAgent
			if firstUser == nil && e.Role == RoleUser {
				firstUser = e
			} else if firstUser != nil && answers && c.FirstResponseMS == nil {
				c.FirstResponseMS = new(float64(e.OccurredAt.Sub(firstUser.OccurredAt).Microseconds()) / 1e3)
			}
		case KindTool:
			if e.Action == "called" {
				c.Actions++
			}
		case KindArtifact:
			switch e.Action {
			case "component_shown":
				c.Components++
			case "media_generated":
				c.Media++
			}
		case KindFeedback:
			c.Feedback++
			if e.Score != nil {
				c.Rated++
				scores += *e.Score
			}
		}
	}
	if c.Rated > 0 {
		c.Score = new(scores / float64(c.Rated))
	}
	if c.Messages > 0 {
		c.DurationMS = new(float64(c.LastMessageAt.Sub(c.FirstMessageAt).Microseconds()) / 1e3)
	}
	return c
}

func (c *Conversation) rollLife(e *Event) {
	switch e.Action {
	case "started":
		if !c.Started {
			c.Started, c.At = true, e.OccurredAt
		}
	case "ended", "deleted":
		c.Ended, c.EndedAt, c.EndReason = true, e.OccurredAt, e.Reason
	}
}

func (c *Conversation) rollMessage(e *Event) {
	c.Messages++
	if c.Messages == 1 {
		c.FirstMessageAt = e.OccurredAt
	}
	c.LastMessageAt = e.OccurredAt
	switch e.Role {
	case RoleUser:
		c.UserMessages++
		if c.Preview == "" && e.Body != nil {
			c.Preview = clip(*e.Body, PreviewChars)
		}
	case RoleAgent:
		c.AgentMessages++
	case RoleHumanAgent:
		c.HumanAgentMessages++
	}
}

func firstOf(dst *string, v string) {
	if *dst == "" {
		*dst = v
	}
}

// clip cuts s after n code points.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
