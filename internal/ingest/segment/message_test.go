package segment

import (
	"strings"
	"testing"
)

// TestMessagesSayWhatToChange: the developer who reads a refusal finds the name he wrote.
func TestMessagesSayWhatToChange(t *testing.T) {
	d := newDoor(t, nil)
	f := func(path, body, want string) {
		t.Helper()
		r := d.do(ask{path: path, headers: []string{basic("wk_web")}, body: body})
		if r.status != 400 || !strings.Contains(r.body, want) {
			t.Errorf("%s %q: got %d %s, want %s", path, body, r.status, r.body, want)
		}
	}
	long := strings.Repeat("i", 2000)
	f("/v1/track", `{"event":"A","userId":true}`, `userId must be a string or a number`)
	f("/v1/track", `{"event":"A","anonymousId":[]}`, `anonymousId must be a string or a number`)
	f("/v1/track", `{"event":"A","userId":"u","messageId":{}}`, `messageId must be a string or a number`)
	f("/v1/track", `{"event":"`+long+`","userId":"u"}`, `event is longer than 1024 characters`)
	f("/v1/group", `{"groupId":"`+long+`","userId":"u"}`, `groupId is longer than 1024 characters`)
	f("/v1/alias", `{"previousId":false,"userId":"u"}`, `previousId must be a string or a number`)
	f("/v1/batch", "\x1f\x8b\x08\x00\x00", "Content-Encoding: gzip")
	f("/v1/track", "", "line 1, column 1")
}
