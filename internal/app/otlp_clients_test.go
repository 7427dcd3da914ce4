package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest/segment/clienttest"
)

// otlpClient is one way in which a client exports spans and logs.
type otlpClient struct {
	name, folder string
	args, env    []string
	spans, logs  int
	content      bool
}

func otlpClients() []otlpClient {
	vercel := func(name string, spans int, env ...string) otlpClient {
		return otlpClient{name: name, folder: "vercel-ai-v7", args: []string{"node", "driver.mjs"}, env: env, spans: spans, content: !slices.Contains(env, "CONTENT=0")}
	}
	golang := func(gen string, logs int, args ...string) otlpClient {
		return otlpClient{name: "go " + gen, folder: "otel-go", args: append([]string{"go", "run", ".", "-gen", gen}, args...), spans: 5, logs: logs, content: true}
	}
	return []otlpClient{
		vercel("vercel protobuf", 21, "ENC=proto", "LINK=enrich"),
		vercel("vercel json gzip", 21, "ENC=json", "GZIP=1", "LINK=context", "AUTH=bearer"),
		vercel("vercel legacy", 14, "ENC=proto", "INTEGRATION=legacy", "LINK=context", "OTLP_PATH=/api/public/otel/v1/traces"),
		vercel("vercel without content", 21, "ENC=json", "LINK=enrich", "CONTENT=0"),
		golang("new", 2),
		golang("structured", 2, "-gzip", "-auth", "bearer"),
		golang("old", 6),
	}
}

// otlpReport is what a client says it did.
type otlpReport struct {
	ConversationID, UserID, SessionID string
	Turns                             []struct {
		Prompt, Response          string
		InputTokens, OutputTokens int64
	}
	Tools []struct {
		Name string
		OK   bool
	}
	Errors []struct {
		Prompt, Error string
		Aborted       bool
	}
	Evaluations []struct{ Name string }
}

// Real clients export spans and logs; what they meant is there once they are joined: each question and
// answer once, tokens counted once, tools, the failure and the abort.
func TestOpenTelemetryClientsAreUnderstood(t *testing.T) {
	root := evaldata.Path(t, "clients")
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	runner := clienttest.NewRunner(t, root)
	s := start(t, t.TempDir(), nil)
	reports := map[string]otlpReport{}
	for _, c := range otlpClients() { // all of them first, as a trace waits for its parts
		reports[c.name] = s.runOTLP(runner, c)
	}
	for _, c := range otlpClients() {
		t.Run(c.name, func(t *testing.T) {
			s := &server{App: s.App, t: t}
			report := reports[c.name]
			s.checkSpans(c, report)
			s.checkTurns(c, report)
		})
	}
}

// runOTLP runs a client and returns its report.
func (s *server) runOTLP(runner *clienttest.Runner, c otlpClient) otlpReport {
	s.t.Helper()
	return s.runOTLPAt(runner, c, s.LocalURL())
}

// runOTLPAt is runOTLP for a client that is told to send to a URL.
func (s *server) runOTLPAt(runner *clienttest.Runner, c otlpClient, to string) otlpReport {
	s.t.Helper()
	out := clienttest.Output(s.t, runner.Folder(s.t, c.folder), c.args, append(slices.Clone(c.env), "BASE_URL="+to, "WRITE_KEY="+testKey))
	var report otlpReport
	if err := json.Unmarshal(out, &report); err != nil {
		s.t.Fatalf("client %s: %v; report %q", c.name, err, out)
	}
	return report
}

// traced returns all rows of the conversation and of its traces.
func (s *server) traced(conversation string) []event.Event {
	s.t.Helper()
	all := s.export()
	traces := map[string]bool{}
	for _, e := range all {
		if e.ConversationID == conversation && e.TraceID != "" {
			traces[e.TraceID] = true
		}
	}
	return slices.DeleteFunc(all, func(e event.Event) bool { return e.ConversationID != conversation && !traces[e.TraceID] })
}

// figuresOf counts what rows say.
type figuresOf struct {
	spans, logs, evaluations   int
	in, out                    int64
	failed, cancelled          int
	tools                      []string
	asked, answered, unwritten []string // messages; those without a body
	strangers                  []string // rows of another person or conversation
	odd                        []string // violations
}

func countOTLP(rows []event.Event, r otlpReport) figuresOf {
	var f figuresOf
	for _, e := range rows {
		switch {
		case e.DerivedFrom != "":
		case e.SourceEvent == "span":
			f.spans++
		case e.SourceEvent == "log":
			f.logs++
		}
		if e.CountsUsage && e.InputTokens != nil && e.OutputTokens != nil {
			f.in, f.out = f.in+*e.InputTokens, f.out+*e.OutputTokens
		}
		switch e.Kind {
		case event.KindGeneration:
			if e.CountsUsage && e.Action == "failed" {
				f.failed++
			}
			if e.CountsUsage && e.Action == "cancelled" {
				f.cancelled++
			}
		case event.KindTool:
			f.tools = append(f.tools, fmt.Sprintf("%s %v", e.ToolName, *e.ToolOK))
		case event.KindFeedback:
			f.evaluations++
		case event.KindMessage:
			body := ""
			if e.Body == nil {
				f.unwritten = append(f.unwritten, e.ID)
			} else {
				body = *e.Body
			}
			if e.Action == "sent" {
				f.asked = append(f.asked, body)
			} else {
				f.answered = append(f.answered, body)
			}
		}
		if e.ConversationID != r.ConversationID || e.UserID != r.UserID {
			f.strangers = append(f.strangers, fmt.Sprintf("%s %s/%s of %q in %q", e.ID, e.Kind, e.Action, e.UserID, e.ConversationID))
		}
		for _, v := range e.Violations {
			f.odd = append(f.odd, e.ID+" "+v)
		}
	}
	slices.Sort(f.tools)
	slices.Sort(f.asked)
	slices.Sort(f.answered)
	return f
}

// checkSpans checks the rows of spans and logs themselves.
func (s *server) checkSpans(c otlpClient, r otlpReport) {
	s.t.Helper()
	var f figuresOf
	s.until(fmt.Sprintf("%d spans and %d logs are stored", c.spans, c.logs), func() bool {
		f = countOTLP(s.traced(r.ConversationID), r)
		return f.spans >= c.spans && f.logs >= c.logs
	})
	if f.spans != c.spans || f.logs != c.logs {
		s.t.Errorf("%d spans and %d logs, want %d and %d", f.spans, f.logs, c.spans, c.logs)
	}
	var wantIn, wantOut int64
	for _, turn := range r.Turns {
		wantIn, wantOut = wantIn+turn.InputTokens, wantOut+turn.OutputTokens
	}
	if f.in != wantIn || f.out != wantOut {
		s.t.Errorf("%d tokens in and %d out, want %d and %d", f.in, f.out, wantIn, wantOut)
	}
	var tools []string
	for _, tool := range r.Tools {
		tools = append(tools, fmt.Sprintf("%s %v", tool.Name, tool.OK))
	}
	if slices.Sort(tools); !slices.Equal(f.tools, tools) {
		s.t.Errorf("tools %v, want %v", f.tools, tools)
	}
	if f.evaluations != len(r.Evaluations) {
		s.t.Errorf("%d evaluations, want %d", f.evaluations, len(r.Evaluations))
	}
	if len(f.odd) > 0 {
		s.t.Errorf("violations %v", f.odd)
	}
}

// checkOrder checks that the conversation reads as it went, though the spans of a client share milliseconds.
func (s *server) checkOrder(r otlpReport) {
	s.t.Helper()
	var want []string
	for _, turn := range r.Turns {
		want = append(want, "user: "+turn.Prompt, "agent: "+turn.Response)
	}
	for _, e := range r.Errors {
		want = append(want, "user: "+e.Prompt)
	}
	var c struct{ Events []event.Event }
	s.get("conversations/"+r.ConversationID, &c)
	var got []string
	for _, e := range c.Events {
		if e.Kind == event.KindMessage {
			got = append(got, e.Role+": "+*e.Body)
		}
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("the conversation reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// checkTurns checks what the spans add up to.
func (s *server) checkTurns(c otlpClient, r otlpReport) {
	s.t.Helper()
	var asked, answered []string
	failed, cancelled := 0, 0
	for _, turn := range r.Turns {
		asked, answered = append(asked, turn.Prompt), append(answered, turn.Response)
	}
	for _, e := range r.Errors {
		asked = append(asked, e.Prompt)
		if e.Aborted {
			cancelled++
		} else {
			failed++
		}
	}
	if !c.content { // of the failed call nothing is left that was asked
		asked, answered = make([]string, len(asked)-failed), make([]string, len(answered))
	}
	slices.Sort(asked)
	slices.Sort(answered)
	var f figuresOf
	s.until(fmt.Sprintf("%d questions and %d answers are found", len(asked), len(answered)), func() bool {
		f = countOTLP(s.traced(r.ConversationID), r)
		return len(f.asked) >= len(asked) && len(f.answered) >= len(answered) && f.failed >= failed && f.cancelled >= cancelled && len(f.strangers) == 0
	})
	if !slices.Equal(f.asked, asked) || !slices.Equal(f.answered, answered) {
		s.t.Errorf("asked %q, answered %q;\nwant %q and %q", f.asked, f.answered, asked, answered)
	}
	if c.content {
		s.checkOrder(r)
	}
	if f.failed != failed || f.cancelled != cancelled {
		s.t.Errorf("%d failed and %d cancelled, want %d and %d", f.failed, f.cancelled, failed, cancelled)
	}
	if c.content != (len(f.unwritten) == 0) {
		s.t.Errorf("messages without text: %v", f.unwritten)
	}
}
