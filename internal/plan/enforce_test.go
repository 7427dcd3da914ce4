package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
)

func enforcer(t testing.TB, plan, settings string) *Enforcer {
	t.Helper()
	var e Enforcement
	if err := json.Unmarshal([]byte(settings), &e); err != nil {
		t.Fatal(err)
	}
	out, err := NewEnforcer(checker(t, plan), e, "shop", 2)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestJudgeTakesTheHardestAction(t *testing.T) {
	const odd = `{"event":"Message Sent","properties":{"conversationId":7,"message_body":"hi","x":1,"items":[{"price":"a"},{"price":2,"y":3}]}}`
	const unplanned = `{"event":"Rain","properties":{}}`
	f := func(settings, call string, action Action, omit ...string) {
		t.Helper()
		v := enforcer(t, shopPlan, settings).Judge(Call{Type: "track", JSON: []byte(call)}, nil)
		if v.Action != action {
			t.Errorf("%s %s: got %s, want %s", settings, call, v.Action, action)
		}
		if len(v.Violations) == 0 {
			t.Errorf("%s %s: no violation is reported", settings, call)
		}
		if diff := cmp.Diff(omit, v.Omit); diff != "" {
			t.Errorf("%s: omit (-want +got)\n%s", settings, diff)
		}
	}
	f(`{}`, odd, ActionAllow)
	f(`{}`, unplanned, ActionAllow)
	f(`{"track":{"unplanned_events":"block"}}`, odd, ActionAllow)
	f(`{"track":{"unplanned_events":"block"}}`, unplanned, ActionBlock)
	f(`{"track":{"unplanned_events":"quarantine"}}`, unplanned, ActionQuarantine)
	f(`{"track":{"violations":"quarantine"}}`, odd, ActionQuarantine)
	f(`{"track":{"violations":"quarantine","unplanned_properties":"block"}}`, odd, ActionBlock)
	f(`{"track":{"unplanned_properties":"omit"}}`, odd, ActionOmit, "/properties/items/1/y", "/properties/x")
	f(`{"track":{"violations":"omit"}}`, odd, ActionOmit, "/properties/conversationId", "/properties/items/0/price")
	f(`{"track":{"violations":"quarantine","unplanned_properties":"omit"}}`, odd, ActionQuarantine)
	f(`{"identify":{"violations":"block"}}`, odd, ActionAllow)
	// What is missing leaves nothing to take out.
	f(`{"track":{"violations":"omit"}}`, `{"event":"Message Sent"}`, ActionAllow)
}

func TestAllDeviationsCountHoweverMany(t *testing.T) {
	const text = `
name: p
events:
  - name: E
    schema: {properties: {list: {items: {type: string}}}}
`
	call := Call{Type: "track", Event: "E", JSON: []byte(`{"properties":{"list":[` + strings.Repeat(`1,`, 300) + `"a"]`)}
	for i := range 20_000 {
		call.JSON = fmt.Appendf(call.JSON, `,"x%d":%d`, i, i)
	}
	call.JSON = append(call.JSON, `}}`...)
	v := enforcer(t, text, `{"track":{"violations":"omit","unplanned_properties":"omit"}}`).Judge(call, nil)
	if len(v.Violations) > most || len(v.Omit) != 20_300 {
		t.Errorf("got %d violations and %d omissions, want at most %d and 20300", len(v.Violations), len(v.Omit), most)
	}
	if left, err := Omit(call.JSON, v.Omit); string(left) != `{"properties":{"list":["a"]}}` {
		t.Errorf("left are %.100s %v", left, err)
	}
	if v := enforcer(t, text, `{"track":{"unplanned_properties":"block"}}`).Judge(call, nil); v.Action != ActionBlock {
		t.Errorf("unplanned properties beyond many wrong items: got %s, want block", v.Action)
	}
	again := enforcer(t, text, `{}`).Judge(call, nil)
	if diff := cmp.Diff(v.Violations, again.Violations); diff != "" {
		t.Errorf("the same call again: (-first +second)\n%s", diff)
	}
}

func TestOmissionReachesWhereAPropertyWasSent(t *testing.T) {
	e := enforcer(t, shopPlan, `{"track":{"violations":"omit"},"identify":{"violations":"omit"}}`)
	f := func(typ, call, want string) {
		t.Helper()
		v := e.Judge(Call{Type: typ, JSON: []byte(call)}, nil)
		got, err := Omit([]byte(call), v.Omit)
		if err != nil || string(got) != want {
			t.Errorf("%s:\ngot  %s %v\nwant %s", call, got, err, want)
		}
		if left := e.checker.check(Call{Type: typ, JSON: got}); len(v.Omit) > 0 {
			for _, l := range left.own {
				if l.Kind != KindRequiredMissing && l.Kind != KindUnplannedProperty {
					t.Errorf("%s: still there: %v", got, l)
				}
			}
		}
	}
	f("track", `{"event":"Message Sent","properties":{"conversationId":"c","content":7,"n":1.10}}`, `{"event":"Message Sent","properties":{"conversationId":"c","n":1.10}}`)
	f("track", `{"event":"Message Sent","tokens":"x","properties":{"conversationId":"c","message_body":"<b>"}}`, `{"event":"Message Sent","properties":{"conversationId":"c","message_body":"<b>"}}`)
	f("track", `{"event":"Message Sent","properties":{"role":1,"conversationId":"c","message_body":"m","role":2}}`, `{"event":"Message Sent","properties":{"conversationId":"c","message_body":"m"}}`)
	f("identify", `{"context":{"traits":{"plan":1,"a/b~c":2}}}`, `{"context":{"traits":{"a/b~c":2}}}`)
	f("track", `{"event":"Message Sent","properties":{"conversationId":"c","message_body":"m","items":[1,{"price":1}]}}`,
		`{"event":"Message Sent","properties":{"conversationId":"c","message_body":"m","items":[{"price":1}]}}`)
}

func TestStrictTurnsRepairsIntoViolations(t *testing.T) {
	call := Call{Type: "track", Event: "Message Sent", JSON: []byte(`{"type":"track","conversationId":"c","properties":{"content":"hi"}}`)}
	repairs := []event.Repair{{Code: "action_as_type", From: "track", To: "track"}}
	if v := enforcer(t, shopPlan, `{"track":{"violations":"block"}}`).Judge(call, repairs); v.Action != ActionAllow || len(v.Violations) > 0 {
		t.Errorf("not strict: got %+v", v)
	}
	v := enforcer(t, shopPlan, `{"strict":true,"track":{"violations":"quarantine"}}`).Judge(call, repairs)
	want := []string{
		"repair properties.message_body: was sent as content",
		"repair properties.conversationId: was sent beside properties",
		"repair: was understood all the same: action_as_type",
	}
	if diff := cmp.Diff(want, lines(v.Violations)); diff != "" || v.Action != ActionQuarantine {
		t.Errorf("strict: %s (-want +got)\n%s", v.Action, diff)
	}
	alias := Call{Type: "track", Event: "Custom Component Loaded", JSON: []byte(`{"type":"track","properties":{}}`)}
	got := lines(enforcer(t, shopPlan, `{"strict":true}`).Judge(alias, nil).Violations)
	if diff := cmp.Diff([]string{"repair: is another name of Component Loaded"}, got); diff != "" {
		t.Errorf("alias: (-want +got)\n%s", diff)
	}
}

func TestCommonRuleJudgesWhatTheControlsLeave(t *testing.T) {
	const text = `
name: p
common: {properties: {properties: {maxProperties: 1}}}
events:
  - name: E
    schema: {properties: {a: {type: string}}}
`
	call := Call{Type: "track", Event: "E", JSON: []byte(`{"properties":{"a":"x","b":1}}`)}
	f := func(settings string, action Action, violations int) {
		t.Helper()
		if v := enforcer(t, text, settings).Judge(call, nil); v.Action != action || len(v.Violations) != violations {
			t.Errorf("%s: got %s and %q, want %s and %d violations", settings, v.Action, lines(v.Violations), action, violations)
		}
	}
	f(`{"track":{"common":"block"}}`, ActionBlock, 2)
	f(`{"track":{"unplanned_properties":"omit","common":"block"}}`, ActionOmit, 1)
	f(`{"track":{"unplanned_properties":"quarantine","common":"allow"}}`, ActionQuarantine, 2)
}

func TestWithoutAPlanEverythingIsAllowed(t *testing.T) {
	var e *Enforcer
	call := Call{Type: "track", Event: "E", JSON: []byte(`{}`)}
	if v := e.Judge(call, nil); v.Action != ActionAllow || v.Violations != nil {
		t.Errorf("got %+v", v)
	}
	if allocs := testing.AllocsPerRun(10, func() { e.Judge(call, nil) }); allocs > 0 {
		t.Errorf("no plan costs %v allocations", allocs)
	}
}

func TestEnforcementIsValidated(t *testing.T) {
	f := func(settings string, wants ...string) {
		t.Helper()
		var e Enforcement
		if err := json.Unmarshal([]byte(settings), &e); err != nil {
			t.Fatal(err)
		}
		err := e.Validate()
		if (err == nil) != (len(wants) == 0) {
			t.Errorf("%s: got %v", settings, err)
		}
		for _, want := range wants {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q in it", settings, err, want)
			}
		}
	}
	f(`{}`)
	f(`{"track":{"violations":"omit","common":"block","unplanned_events":"quarantine"},"strict":true}`)
	f(`{"track":{"violations":"drop"},"group":{"unplanned_events":"omit"}}`, `no action "drop"`, "group.unplanned_events: omit is for properties")
}

func TestEnforcersMayBeShared(t *testing.T) {
	e := enforcer(t, shopPlan, `{"track":{"violations":"omit"}}`)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				v := e.Judge(Call{Type: "track", JSON: []byte(typicalCall)}, nil)
				if len(v.Violations) != 0 {
					t.Errorf("got %q", lines(v.Violations))
				}
				e.Judge(Call{Type: "track", JSON: []byte(`{"event":"Message Sent","content":7,"properties":{"text":1}}`)}, nil)
			}
		})
	}
	wg.Wait()
}

// typicalCall is a browser's call, context and all.
const typicalCall = `{"timestamp":"2026-11-21T03:06:09.763Z","integrations":{"Segment.io":true},"event":"Message Sent","type":"track",` +
	`"properties":{"conversationId":"conv-1238041hdou","message_body":"What is the best stock right now?","role":"customer","tokens":12},` +
	`"context":{"page":{"path":"/","referrer":"","search":"?utm_source=news","title":"Copilot","url":"https://example.com/?utm_source=news"},` +
	`"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",` +
	`"userAgentData":{"brands":[{"brand":"Chromium","version":"156"}],"mobile":false,"platform":"Linux"},"locale":"en-US",` +
	`"library":{"name":"analytics.js","version":"next-1.84.3"},"campaign":{"source":"news","name":"spring"},"timezone":"UTC"},` +
	`"messageId":"ajs-next-1795230369763-78db37a6-0000","anonymousId":"e36378db-0000","userId":null}`

func BenchmarkJudge(b *testing.B) {
	run := func(name string, e *Enforcer) {
		b.Run(name, func(b *testing.B) {
			call := Call{Type: "track", Event: "Message Sent", JSON: []byte(typicalCall)}
			b.ReportAllocs()
			for b.Loop() {
				if v := e.Judge(call, nil); v.Action != ActionAllow {
					b.Fatal(v)
				}
			}
		})
	}
	run("none", nil)
	run("event", enforcer(b, shopPlan, `{"track":{"violations":"omit"}}`))
	run("common", enforcer(b, shopPlan+`
common: {properties: {userId: {type: [string, "null"]}}}
`, `{"track":{"violations":"omit"}}`))
}
