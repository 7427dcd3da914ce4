package unity

// Groups of Unity's events, by what all spellings of their names have in common.
const (
	backend = "AIAssistantUITriggerBackendEvent"
	context = "AIAssistantContextEvent"
	plugin  = "AIAssistantPluginEvent"
	local   = "AIAssistantUITriggerLocalEvent"
	send    = "AIAssistantSendUserMessageEvent"
	ttft    = "AIAssistantUserMessageTtftEvent"
	gwTTFT  = "AIAssistantGatewayTtftEvent"
	gateway = "AIAssistantGatewayEvent"
	mcpTool = "AIAssistantMcpToolCallEvent"
	mcpLife = "AIAssistantMcpSessionEvent"

	// thumbs is what the assistant tells Unity's own service of an answer that was rated. It is no event.
	thumbs = "FeedbackCreationV1"
)

// prefix begins the names under which Unity sends events; classes and headings lack it.
const prefix = "aiassistant"

// groups returns the name of a group's events by each spelling, folded: the event's own name, that of
// the class behind it, and the heading of Unity's document.
func groups() map[string]string {
	out := map[string]string{"specialcharinusermessageeventdata": send, fold(thumbs): thumbs}
	for _, name := range []string{backend, context, plugin, local, send, ttft, gwTTFT, gateway, mcpTool, mcpLife} {
		event := fold(name)
		own := event[len(prefix):]
		out[event], out[own], out[own+"s"], out[own+"data"] = name, name, name, name
	}
	return out
}

// longest is more than the longest folded name has.
const longest = 64

// fold returns what is compared of a name: its letters, in lower case.
func fold(name string) string {
	var buf [longest]byte
	return string(appendFolded(buf[:0], name))
}

// appendFolded appends the folded name to dst, and stops where it is longer than any name of Unity's.
func appendFolded(dst []byte, name string) []byte {
	for i := 0; i < len(name) && len(dst) < longest; i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		case c >= 'a' && c <= 'z':
			dst = append(dst, c)
		}
	}
	return dst
}

// spellings returns a property as Unity's code has it and with its first letter in the other case, which
// serializers of other names' styles write.
func spellings(name string) []string {
	other := []byte(name)
	other[0] ^= 'a' - 'A'
	return []string{name, string(other)}
}

// snake returns a name of Unity's code in snake case: "ConversationId" becomes conversation_id.
func snake(name string) string {
	var out []byte
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				out = append(out, '_')
			}
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}
