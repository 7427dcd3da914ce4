package vocab

import (
	"testing"

	"github.com/debrief-dev/debrief/internal/event"
)

// anyCall claims every call and maps nothing.
type anyCall struct{}

func (anyCall) Name() string       { return "any" }
func (anyCall) Claims(*Call) bool  { return true }
func (anyCall) Map(*Call)          {}
func (anyCall) Codes() []Code      { return nil }
func (anyCall) Events() []EventDoc { return nil }

// TestRawHoldsClientFacts holds what the door saw of a client to its place in the stored call: it is
// nowhere else once the log is trimmed.
func TestRawHoldsClientFacts(t *testing.T) {
	mapper := NewMapper(nil, anyCall{})
	f := func(ip, agent, call, want string) {
		t.Helper()
		var e event.Event
		in := Input{Request: &event.Request{}, Raw: &event.Raw{ID: "an-id-of-one-call", Type: "track", IP: ip, UserAgent: agent, JSON: []byte(call)}}
		if err := mapper.Map(in, &e); err != nil {
			t.Fatalf("map %s: %v", call, err)
		}
		if string(e.Raw) != want {
			t.Errorf("call %s\nkept as %s\nwant    %s", call, e.Raw, want)
		}
	}
	// Nothing seen: the call as it came.
	f("", "", `{"event":"A",  "context":{"ip":null}}`, `{"event":"A",  "context":{"ip":null}}`)
	f("203.0.113.7", "Mail/1", `{"event":"A"}`, `{"event":"A","context":{"ip":"203.0.113.7","userAgent":"Mail/1"}}`)
	f("203.0.113.7", "", `{"event":"A","context":null}`, `{"event":"A","context":{"ip":"203.0.113.7"}}`)
	f("203.0.113.7", "Mail/1", `{"context":{}, "event":"A"}`, `{"event":"A","context":{"ip":"203.0.113.7","userAgent":"Mail/1"}}`)
	f("203.0.113.7", "", `{"context":{"userAgent": "own", "ip" : null,"x":{"y":[1, 2]}},"event":"A"}`,
		`{"event":"A","context":{"userAgent":"own","x":{"y":[1, 2]},"ip":"203.0.113.7"}}`)
	f("", "a\"b\\c\x01\xff", `{"event":"A\n","k\"":"\u00e9"}`, `{"event":"A\n","k\"":"\u00e9","context":{"userAgent":"a\"b\\c\u0001`+"\uFFFD"+`"}}`)
	f("203.0.113.7", "", `{"context":{"x":1},"event":"A","context":null}`, `{"event":"A","context":{"ip":"203.0.113.7"}}`)
	// There is no place in a context that is no object.
	f("203.0.113.7", "Mail/1", `{"event":"A","context":"web"}`, `{"event":"A","context":"web"}`)
}
