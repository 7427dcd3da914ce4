package vocab

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// TakeRole takes the role of a message's author and fills role, role_raw and actor. Without one, or
// with one that is not known, the role is implied.
func (c *Call) TakeRole(implied string) {
	c.Row.Role = c.takeRole(implied)
	c.Row.Actor = c.Row.Role
	if c.Row.Actor == event.RoleTool {
		c.Row.Actor = event.RoleAgent
	}
}

// TakeActor takes the role of who did something that is no message, into actor and role_raw. With
// implied "" no role is expected: a missing one is not noted, an unknown one stays free.
func (c *Call) TakeActor(implied string) {
	if implied == "" && event.RoleOf(c.roleWord()) == "" {
		return
	}
	c.Row.Actor = c.takeRole(implied)
	if c.Row.Actor == event.RoleTool {
		c.Row.Actor = event.RoleAgent
	}
}

func (c *Call) roleWord() string {
	s, _ := c.Property("role").Text()
	return s
}

func (c *Call) takeRole(implied string) string {
	m := c.props.find("role")
	if m == nil || m.taken || m.value.Absent() {
		c.Repair("missing_role", "", implied)
		return implied
	}
	word, ok := m.value.Text()
	if !ok {
		c.Violation("invalid_role")
		return implied
	}
	m.taken = true
	if strings.TrimSpace(word) == "" {
		c.Repair("missing_role", "", implied)
		return implied
	}
	c.Row.RoleRaw = word
	role := event.RoleOf(word)
	if role == "" {
		c.Repair("unknown_role", word, implied)
		return implied
	}
	return role
}
