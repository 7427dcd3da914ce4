package vocab

import "github.com/debrief-dev/debrief/internal/jsonscan"

// addClient writes into the row's call what the door saw of the client itself, its address and user
// agent, as a client of Segment's would have: in the context. The call is all that is kept for good. The
// door fills in only what the client did not say; a context that is no object has no place for it.
func (c *Call) addClient() {
	ip, agent := c.raw.IP, c.raw.UserAgent
	if ip == "" && agent == "" {
		return
	}
	var sent []member
	if m := c.top.find("context"); m != nil && m.value.IsObject() {
		sent = c.ctx.members
	} else if m != nil && !m.value.Absent() {
		return
	}
	out := append(make([]byte, 0, len(c.Row.Raw)+len(ip)+len(agent)+64), '{')
	for i := range c.top.members {
		if m := &c.top.members[i]; m.key != "context" {
			out = appendMember(out, m.key, m.value.text)
		}
	}
	out = append(out, `"context":{`...)
	for i := range sent {
		if m := &sent[i]; (m.key != "ip" || ip == "") && (m.key != "userAgent" || agent == "") {
			out = appendMember(out, m.key, m.value.text)
		}
	}
	if ip != "" {
		out = append(jsonscan.AppendQuoted(append(out, `"ip":`...), ip), ',')
	}
	if agent != "" {
		out = append(jsonscan.AppendQuoted(append(out, `"userAgent":`...), agent), ',')
	}
	out[len(out)-1] = '}' // for the last comma
	c.Row.Raw = append(out, '}')
}

// appendMember appends a member whose value is JSON text, and a comma.
func appendMember(out []byte, key, text string) []byte {
	out = append(append(jsonscan.AppendQuoted(out, key), ':'), text...)
	return append(out, ',')
}
