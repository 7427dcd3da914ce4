package trace

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

// brief writes messages as "role: text", with "+parts" and the finish reason behind.
func brief(messages []Message) string {
	var out []string
	for _, m := range messages {
		s := m.Role + ": -"
		if m.Text != nil {
			s = m.Role + ": " + *m.Text
		}
		if len(m.Parts) > 0 {
			s += " +parts"
		}
		if m.callsTools() {
			s += " +tools"
		}
		if m.FinishReason != "" {
			s += " (" + m.FinishReason + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestParseMessages(t *testing.T) {
	f := func(data, role, want string) {
		t.Helper()
		if got := brief(ParseMessages([]byte(data), role)); got != want {
			t.Errorf("%s\n got %s\nwant %s", data, got, want)
		}
	}
	// OpenTelemetry
	f(`[{"role":"user","parts":[{"type":"text","content":"a"},{"type":"text","content":"b"}]}]`, "user", "user: ab")
	f(`[{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"tool_call","id":"1","name":"f","arguments":{}}],"finish_reason":"tool_call"}]`, "assistant", "agent: - +parts +tools (tool_call)")
	f(`[{"role":"tool","parts":[{"type":"tool_call_response","id":"1","response":{}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"1","result":{}}]}]`, "user", "tool: - +parts; tool: - +parts")
	f(`"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"a\"}]}]"`, "user", "user: a")
	f(`[{"type":"text","content":"Be kind."}]`, "system", "system: Be kind.")
	f(`[{"role":"user","parts":[{"type":"text"}]}]`, "user", "user: -") // not captured
	// logs
	f(`{"content":"hi"}`, "user", "user: hi")
	f(`{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ho"}}`, "assistant", "agent: ho (stop)")
	f(`{"index":0,"finish_reason":"tool_calls","message":{"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}}`, "assistant", "agent: - +parts +tools (tool_calls)")
	f(`{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant"}}`, "assistant", "agent: - +tools (tool_calls)")
	// OpenAI, Vercel, Anthropic, Google
	f(`[{"role":"developer","content":"x"},{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"image_url","image_url":{}}]}]`, "user", "system: x; user: a +parts")
	f(`[{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}]`, "assistant", "agent: - +parts +tools")
	f(`{"messages":[{"role":"user","content":"hi"}],"system":"Be kind."}`, "user", "system: Be kind.; user: hi")
	f(`{"prompt":"hi"}`, "user", "user: hi")
	f(`[{"role":"assistant","content":[{"type":"tool-call","toolCallId":"1"}]},{"role":"tool","content":[{"type":"tool-result","toolCallId":"1"}]}]`, "user", "agent: - +parts +tools; tool: - +parts")
	f(`[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"42"}]}]`, "user", "tool: - +parts")
	f(`[{"role":"user","content":[{"type":"tool_result"},{"type":"text","text":"go on"}]}]`, "user", "user: go on +parts")
	f(`[{"role":"model","parts":[{"text":"ho"},{"functionCall":{"name":"f"}}]}]`, "assistant", "agent: ho +parts +tools")
	f(`{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"ho"}}]}`, "assistant", "agent: ho (stop)")
	f(`[[{"role":"human","content":"hi"}]]`, "user", "user: hi") // LangChain's batch of one
	f(`["a","b"]`, "user", "user: a; user: b")
	// strings
	f(`"hi"`, "user", "user: hi")
	f(`"{\"answer\": 42}"`, "assistant", `agent: {"answer": 42}`) // JSON, but no message
	f(`""`, "assistant", "agent: ")
	// nothing
	f(``, "user", "")
	f(`null`, "user", "")
	f(`{"a":1}`, "user", "")
	f(`[`, "user", "")
	f(`17`, "user", "")
}

func TestTextWithPartsKeepsThemAsSent(t *testing.T) {
	const parts = `[{"type":"reasoning","content":"<hm>"},{"type":"text","content":"a & b"}]`
	m := ParseOutput([]byte(`[{"role":"assistant","parts":` + parts + `}]`))
	if got := string(m[0].Parts); got != parts {
		t.Errorf("got %s, want %s", got, parts)
	}
	c := Content{Output: m}
	if got := string(c.JSON()); !strings.Contains(got, parts) {
		t.Errorf("%s has not the parts as sent", got)
	}
}

func TestTrailing(t *testing.T) {
	f := func(data, want string) {
		t.Helper()
		if got := brief(ParseInput([]byte(data))); got != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
	f(`[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]`, "user: c")
	f(`[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{}]},{"role":"tool","content":"42"}]`, "tool: 42")
	f(`[{"role":"user","content":"a"},{"role":"system","content":"s"}]`, "user: a")
	f(`[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]`, "")
	if got := Trailing(nil); got != nil {
		t.Errorf("nothing captured gives %v", got)
	}
	if got := ParseInput([]byte(`[{"role":"assistant","content":"b"}]`)); got == nil {
		t.Error("an input that ends with the agent counts as not captured")
	}
}

func TestContentSurvivesItsEncoding(t *testing.T) {
	f := func(c Content) {
		t.Helper()
		got, err := ParseContent(c.JSON())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("content differs (-want +got):\n%s", diff)
		}
	}
	f(Content{})
	f(Content{Root: true})
	f(Content{Input: []Message{}, Output: []Message{TextMessage("assistant", "<b>&</b>")}})
	f(Content{Root: true, Fallback: true, Input: []Message{{Role: "user", Parts: json.RawMessage(`[{"type":"blob"}]`)}}})
	if got := (Content{}).JSON(); got != nil {
		t.Errorf("no content is %s, want nothing", got)
	}
	if got := string((Content{Root: true, Fallback: true}).JSON()); got != `{"root":true}` {
		t.Errorf("no messages to fall back to, yet got %s", got)
	}
	if _, err := ParseContent([]byte(`[{"type":"text"}]`)); err == nil {
		t.Error("a list of parts is no content")
	}
}

func TestRoles(t *testing.T) {
	f := func(word, want string) {
		t.Helper()
		if got := TextMessage(word, "").Role; got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	f("assistant", event.RoleAgent)
	f("model", event.RoleAgent)
	f("human", event.RoleUser)
	f("developer", event.RoleSystem)
	f("function", event.RoleTool)
	f("critic", "critic")
}

// Whatever is sent, a message can be read, kept, and derived from.
func FuzzParseMessages(f *testing.F) {
	for _, s := range []string{answered, continued, `{"index":0,"message":{"tool_calls":[{"function":{"arguments":"{"}}]}}`, `"[\"a\"]"`, `[{"type":"text"},"x",null]`, `{"messages":"[]","system":"s"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := Content{Input: ParseInput(data), Output: ParseOutput(data)}
		if !json.Valid(data) && len(c.Output) > 0 {
			t.Fatalf("%q is no JSON, but says %s", data, brief(c.Output))
		}
		again, err := ParseContent(c.JSON())
		if err != nil {
			t.Fatal(err)
		}
		if a, b := brief(c.Output), brief(again.Output); a != b {
			t.Fatalf("%q: kept as %q, was %q", data, b, a)
		}
		e := span("c", "", "chat", 0, 1)
		e.Parts = c.JSON()
		derived(t, []*event.Event{e})
	})
}

func FuzzParseContent(f *testing.F) {
	f.Add([]byte(`{"root":true,"input":[{"role":"user","text":"hi"}],"output":[{"role":"agent","text":null,"parts":[{"type":"tool_call"}]}]}`))
	f.Add([]byte(`{"input":[{"parts":7}],"output":[{"finish_reason":"tool-calls"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseContent(data)
		if err != nil {
			return
		}
		again, err := ParseContent(c.JSON())
		if err != nil {
			t.Fatalf("%q: second round: %v", data, err)
		}
		if a, b := brief(c.Output), brief(again.Output); a != b {
			t.Fatalf("%q: second round %q, first %q", data, b, a)
		}
		e := span("c", "", "chat", 0, 1)
		e.Parts = data
		derived(t, []*event.Event{e})
	})
}
