package segment

// suggestion returns the spec's name that an event name was probably meant to be: the same but for
// case, spaces, hyphens and underscores. It returns "" for other names, and for the name itself.
func suggestion(name string) string {
	const longest = 32 // of the folded names below, with room
	var buf [longest]byte
	folded := buf[:0]
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == ' ' || c == '_' || c == '-':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c < 'a' || c > 'z':
			return ""
		}
		if len(folded) == longest {
			return ""
		}
		folded = append(folded, c)
	}
	meant := ""
	switch string(folded) {
	case "conversationstarted":
		meant = "Conversation Started"
	case "messagesent":
		meant = "Message Sent"
	case "messagereceived":
		meant = "Message Received"
	case "conversationended":
		meant = "Conversation Ended"
	case "actioninvoked":
		meant = "Action Invoked"
	case "mediagenerated":
		meant = "Media Generated"
	case "componentloaded", "customcomponentloaded":
		meant = "Component Loaded"
	case "feedbacksubmitted":
		meant = "Feedback Submitted"
	}
	if meant == name {
		return ""
	}
	return meant
}
