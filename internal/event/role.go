package event

import "strings"

var roleSpelling = strings.NewReplacer("-", "_", " ", "_")

// RoleOf finds the role that a client's word stands for; "" if the word is not known. Case, and
// hyphens or spaces for underscores, do not matter.
func RoleOf(word string) string {
	switch word { // as the specs write them
	case "":
		return ""
	case "customer", "user":
		return RoleUser
	case "agent", "assistant":
		return RoleAgent
	}
	switch roleSpelling.Replace(strings.ToLower(strings.TrimSpace(word))) {
	case "user", "customer", "human", "end_user":
		return RoleUser
	case "agent", "assistant", "ai", "ai_agent", "bot", "copilot", "model", "task_automation_agent":
		return RoleAgent
	case "human_agent":
		return RoleHumanAgent
	case "system":
		return RoleSystem
	case "tool":
		return RoleTool
	}
	return ""
}
