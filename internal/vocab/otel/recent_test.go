package otel

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// What is new in an input is the same, whether its history is read or not.
func TestHistoryMayBePassedOver(t *testing.T) {
	f := func(text string) {
		t.Helper()
		v, ok := vocab.ParseValue(text)
		if !ok {
			t.Fatalf("%s is no JSON", text)
		}
		want := trace.Trailing(trace.ParseMessages([]byte(text), "user"))
		if d := cmp.Diff(want, trace.Trailing(parseInput(v, "user"))); d != "" {
			t.Errorf("%s\nwant -, got +:\n%s", text, d)
		}
	}
	elements := []string{
		`{"role":"user","content":"a"}`, `{"role":"assistant","content":"b"}`, ` { "content" : "c" , "role" : "assistant" } `, `{"role":"system","content":"d"}`,
		`{"role":"tool","parts":[{"type":"tool_call_response","response":1}]}`, `{"role":"assistant","parts":[{"type":"tool_call_response","response":1}]}`,
		`{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}`, `{"role":"\u0061ssistant","content":"e"}`, `{"role":"assistant","role":"user","content":"f"}`,
		`"text"`, `["x"]`, `{"type":"text","text":"g"}`, `{"message":{"role":"assistant","content":"h"}}`, `1`, `null`, `{"role":7}`,
	}
	for _, e := range elements {
		f(`[` + e + `]`)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		list := "["
		for i := range 1 + r.IntN(6) {
			if i > 0 {
				list += ","
			}
			list += elements[r.IntN(len(elements))]
		}
		list += "]"
		f(list)
		quoted, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		f(string(quoted))
	}
	for _, odd := range []string{`[]`, `"["`, `"[1"`, `{}`, `"hello"`, `7`} {
		f(odd)
	}
}
