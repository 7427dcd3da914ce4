package app

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// placeholder stands for a time so many seconds after the trace began.
var placeholder = regexp.MustCompile(`"@[0-9.]+"`)

// What a trace of PostHog's says in its parts is one question and one answer, its tokens count once, and
// feedback that names the trace alone finds the conversation; in any order.
func TestPostHogTraceIsOneTurn(t *testing.T) {
	events := []string{
		`{"event":"$ai_feedback","uuid":"feedback-000000000001","timestamp":"@9","distinct_id":"u1","properties":{"$ai_trace_id":"t1","$ai_feedback_text":"thanks"}}`,
		`{"event":"$ai_generation","uuid":"generation-0000000002","timestamp":"@4","distinct_id":"u1","properties":{"$ai_trace_id":"t1","$ai_span_id":"g2","$ai_parent_id":"t1","$ai_model":"m","$ai_latency":1,
			"$ai_input":[{"role":"user","content":"How warm is it?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","function":{"name":"weather","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"11"}],
			"$ai_output_choices":[{"role":"assistant","content":"11 degrees."}],"$ai_input_tokens":20,"$ai_output_tokens":4,"$ai_stop_reason":"stop"}}`,
		`{"event":"$ai_span","uuid":"span-000000000000001","timestamp":"@3","distinct_id":"u1","properties":{"$ai_trace_id":"t1","$ai_span_id":"s1","$ai_parent_id":"t1","$ai_span_name":"weather","$ai_latency":0.5,"$ai_input_state":"{}","$ai_output_state":11}}`,
		`{"event":"$ai_generation","uuid":"generation-0000000001","timestamp":"@2","distinct_id":"u1","properties":{"$ai_trace_id":"t1","$ai_span_id":"g1","$ai_parent_id":"t1","$ai_model":"m","$ai_latency":1,
			"$ai_input":[{"role":"user","content":"How warm is it?"}],"$ai_output_choices":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","function":{"name":"weather","arguments":"{}"}}]}],
			"$ai_input_tokens":10,"$ai_output_tokens":3,"$ai_stop_reason":"tool_calls"}}`,
		`{"event":"$ai_trace","uuid":"trace-00000000000001","timestamp":"@4.1","distinct_id":"u1","properties":{"$ai_trace_id":"t1","$ai_session_id":"c1","$ai_latency":3.2,"$ai_input_state":{"messages":[{"role":"user","content":"How warm is it?"}]},
			"$ai_output_state":{"messages":[{"role":"assistant","content":"11 degrees."}]},"$ai_input_tokens":30,"$ai_output_tokens":7}}`,
	}
	s := start(t, t.TempDir(), nil)
	began := time.Now().Add(-time.Minute)
	for _, e := range events { // each a request of its own
		e = placeholder.ReplaceAllStringFunc(e, func(at string) string {
			seconds, err := strconv.ParseFloat(at[2:len(at)-1], 64)
			if err != nil {
				t.Fatal(err)
			}
			return began.Add(time.Duration(seconds * float64(time.Second))).Format(`"` + time.RFC3339Nano + `"`)
		})
		resp, err := http.Post(s.LocalURL()+"/batch/", "application/json", strings.NewReader(`{"api_key":"`+testKey+`","batch":[`+e+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", e, resp.Status)
		}
	}
	messages := s.transcript("c1", 2)
	if *messages[0].Body != "How warm is it?" || *messages[1].Body != "11 degrees." || messages[0].TurnID == "" || messages[0].TurnID != messages[1].TurnID {
		t.Errorf("messages %+v", messages)
	}
	var in, out int64
	for _, e := range s.export() {
		if e.ConversationID != "c1" || e.UserID != "u1" {
			t.Errorf("%s is in %q of %q", e.SourceEvent, e.ConversationID, e.UserID)
		}
		if e.ModelCall() {
			in, out = in+*e.InputTokens, out+*e.OutputTokens
		}
		if e.Kind == event.KindTool && (e.ToolName != "weather" || e.ToolOK == nil || !*e.ToolOK) {
			t.Errorf("tool %+v", e)
		}
	}
	if in != 30 || out != 7 {
		t.Errorf("%d tokens in, %d out; want 30, 7", in, out)
	}
}
