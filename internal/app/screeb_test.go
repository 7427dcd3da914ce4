package app

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest/segment/clienttest"
	"github.com/debrief-dev/debrief/sdk/browser"
)

// screebReport is what Screeb's client says it did with the tag installed in one way.
type screebReport struct {
	How            string
	UserID         string `json:"userId"`
	ConversationID string `json:"conversationId"`
	SessionID      string `json:"sessionId"`
	AgentID        string `json:"agentId"`
	Out            struct {
		Ready    map[string]any
		Identity struct {
			ChannelID    string    `json:"channel_id"`
			AnonymousID  string    `json:"anonymous_id"`
			UserID       string    `json:"user_id"`
			IsReady      bool      `json:"is_ready"`
			SessionID    string    `json:"session_id"`
			SessionStart time.Time `json:"session_start"`
			SessionEnd   time.Time `json:"session_end"`
		}
		QueuedPromise, BadName, Unknown, AfterClose string
		ResetChangesAnon                            bool
		UserAfterReset                              *string
	}
	Warnings []string
}

// Every command of a page that was written for Screeb's tag is there once, however the tag was installed.
func TestScreebClientIsUnderstood(t *testing.T) {
	root := evaldata.Path(t, "clients")
	if testing.Short() {
		t.Skip("runs other people's programs")
	}
	if _, err := fs.Stat(browser.Files(), "tag.js"); err != nil {
		if os.Getenv("DEBRIEF_REQUIRE_SHARED") == "1" { // as in CI
			t.Fatal(`the browser tag is not part of this build; run "make build" before`)
		}
		t.Skip(`the browser tag is not part of this build; run "make build" before`)
	}
	s := start(t, t.TempDir(), nil)
	out := clienttest.NewRunner(t, root).Output(t, clienttest.Client{Name: "screeb", Folder: "screeb-browser", Args: []string{"node", "driver.mjs"}}, s.LocalURL(), testKey)
	var reports []screebReport
	if err := json.Unmarshal(out, &reports); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if len(reports) != 4 {
		t.Fatalf("%d reports, want one of each way to install the tag", len(reports))
	}
	const each = 10 // events
	s.until("all events are stored", func() bool { return len(s.export()) >= each*len(reports) })
	s.settle()
	all := s.export()
	if len(all) != each*len(reports) {
		t.Errorf("%d events are stored, want %d", len(all), each*len(reports))
	}
	for _, r := range reports {
		t.Run(r.How, func(t *testing.T) {
			checkScreebResults(t, r)
			checkScreebEvents(t, r, slices.DeleteFunc(slices.Clone(all), func(e event.Event) bool { return e.UserID != r.UserID }))
		})
	}
}

// checkScreebResults looks at what the page was told.
func checkScreebResults(t *testing.T, r screebReport) {
	t.Helper()
	out := r.Out
	if out.BadName != "rejected" || out.Unknown != "rejected" || out.AfterClose != "rejected" {
		t.Errorf("a bad name is %s, an unknown command %s, a command after close %s", out.BadName, out.Unknown, out.AfterClose)
	}
	queued := "resolved"
	if r.How == "arguments" || r.How == "array" {
		queued = "" // these stubs return no promise
	}
	if out.QueuedPromise != queued {
		t.Errorf("the promise of a queued command is %q, want %q", out.QueuedPromise, queued)
	}
	if !out.ResetChangesAnon || out.UserAfterReset != nil {
		t.Errorf("after a reset: another anonymous id %v, user %v", out.ResetChangesAnon, out.UserAfterReset)
	}
	id := out.Identity
	if id.ChannelID != testKey || id.UserID != r.UserID || id.AnonymousID == "" || !id.IsReady || id.SessionID == "" ||
		time.Since(id.SessionStart) > time.Minute || id.SessionEnd.Before(time.Now().Add(25*time.Minute)) {
		t.Errorf("identity %+v", id)
	}
	if out.Ready["user_id"] != r.UserID {
		t.Errorf("onReady was called with %v", out.Ready)
	}
	if len(r.Warnings) > 0 {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// checkScreebEvents looks at what is stored of the person.
func checkScreebEvents(t *testing.T, r screebReport, events []event.Event) {
	t.Helper()
	id := r.Out.Identity
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	got := map[string]int{}
	for _, e := range events {
		if len(e.Violations) > 0 || e.AnonymousID != id.AnonymousID || e.Locale != "en" {
			t.Errorf("%s: violations %v, anonymous id %q, locale %q", e.SourceEvent, e.Violations, e.AnonymousID, e.Locale)
		}
		session := e.SessionID
		switch session {
		case r.SessionID:
			session = "page's"
		case id.SessionID:
			session = "tag's"
		}
		conversation := e.ConversationID
		if conversation == r.ConversationID {
			conversation = "one"
		}
		what := string(e.Kind) + "/" + e.Action + " " + conversation + " " + session + ": "
		switch e.Kind {
		case event.KindMessage:
			what += e.Role + ", " + text(e.Body) + " " + e.AgentID
		case event.KindFeedback:
			if e.Score == nil || *e.Score != 0.75 {
				t.Errorf("score %v of %s on %s, want 0.75", e.Score, e.RatingRaw, e.RatingScaleRaw)
			}
			what += e.RatingRaw + " on " + e.RatingScaleRaw + " " + e.AgentID
		case event.KindConversion:
			what += e.ConversionName + " " + e.AgentID
		case event.KindIdentity:
			what += e.GroupID + " " + string(e.Properties)
		}
		got[what]++
		if e.Kind == event.KindMessage && text(e.Body) == "How can I export my data?" && string(e.Properties) != `{"custom":{"nested":[1,"a"]}}` {
			t.Errorf("the prompt's own properties are %s", e.Properties)
		}
	}
	want := map[string]int{
		`identity/identified  tag's:  {"plan":"growth","age":42,"logged":true,"signed_up_at":"1970-01-01T00:00:00.000Z"}`: 1,
		`identity/grouped  tag's: acme {"city":"Paris","group_type":"company"}`:                                           1,
		`message/sent one page's: user, How can I export my data? `:                                                       1,
		`message/received one page's: agent, You can export your data from the Settings page. `:                           1,
		`message/sent one page's: user, And as CSV? agent_789`:                                                            1,
		`message/received one page's: agent, Yes. agent_789`:                                                              1,
		`feedback/rated one page's: 4 on 1-5 `:                                                                            1,
		`feedback/rated one page's: 4 on 5 agent_789`:                                                                     1,
		`conversion/converted one page's: Subscription started `:                                                          1,
		`conversion/converted  tag's: conversion agent_789`:                                                               1,
	}
	if !maps.Equal(got, want) {
		for _, what := range slices.Sorted(maps.Keys(got)) {
			t.Logf("%d %s", got[what], what)
		}
		t.Errorf("the events above are stored; want %q", slices.Sorted(maps.Keys(want)))
	}
}

// A back end that was written for Screeb's API changes host and key.
func TestScreebServerAPIIsUnderstood(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	send := func(body string) string {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, s.LocalURL()+"/1.0/event", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+testKey)
		resp, answer := s.send(req)
		return fmt.Sprintf("%d %s", resp.StatusCode, answer)
	}
	got := send(`[
		{"type": "identify", "user_alias": "ada", "properties": {"plan": "pro"}},
		{"type": "group.assign", "user_alias": "ada", "group_type": "company", "group_name": "acme"},
		{"type": "copilot", "user_alias": "ada", "event_name": "screeb_copilot_user_prompt", "context": {"locale": "fr"},
			"properties": {"prompt": "How?", "conversation_id": "c1", "session_id": "s1"}},
		{"type": "copilot", "user_alias": "ada", "name": "screeb_copilot_response", "properties": {"response": "So.", "conversation_id": "c1", "session_id": "s1"}},
		{"type": "track", "event_name": "screeb_copilot_satisfaction", "properties": {"rating_scale": "5", "rating": "4", "conversation_id": "c1", "session_id": "s1"}},
		{"type": "survey"},
		{"type": "page", "user_alias": "ada", "url": "https://shop.example/"},
		{"type": "screen", "user_alias": "ada", "screen_name": "Home"},
		{"type": "group.unassign", "user_alias": "ada", "group_type": "company", "group_name": "acme"}
	]`)
	if !strings.HasPrefix(got, `200 {"success":true,"accepted":8,"rejected":[{"index":5,"code":"unknown_type"`) {
		t.Errorf("answer %s", got)
	}
	s.until("all events are stored", func() bool { return len(s.export()) >= 8 })
	s.settle()
	seen := map[string]int{}
	for _, e := range s.export() {
		if len(e.Violations) > 0 {
			t.Errorf("%s: violations %v", e.SourceEvent, e.Violations)
		}
		person := e.UserID
		if person == "" && e.AnonymousID != "" {
			person = "somebody"
		}
		what := fmt.Sprintf("%s/%s of %s: %s%s%s%s", e.Kind, e.Action, person, e.ConversationID, e.GroupID, e.ProductEvent, e.Locale)
		if e.Body != nil {
			what += " " + *e.Body
		}
		if e.Score != nil {
			what += fmt.Sprint(" ", *e.Score)
		}
		seen[what]++
	}
	want := map[string]int{
		"identity/identified of ada: ": 1, "identity/grouped of ada: acme": 1,
		"message/sent of ada: c1fr How?": 1, "message/received of ada: c1 So.": 1, "feedback/rated of somebody: c1 0.75": 1,
		"product/viewed of ada: ": 1, "product/viewed of ada: Home": 1, "product/tracked of ada: Group Unassigned": 1,
	}
	if !maps.Equal(seen, want) {
		t.Errorf("stored %v\nwant %v", seen, want)
	}
	var list struct {
		Rejections []struct{ Code, Call string }
	}
	s.until("the refused item is listed", func() bool { s.get("rejections", &list); return len(list.Rejections) > 0 })
	if list.Rejections[0].Code != "unknown_type" || list.Rejections[0].Call != `{"type": "survey"}` {
		t.Errorf("refused %+v", list.Rejections)
	}
}

// Pages that pass Screeb's website id to init keep it: a source may have it as its write key.
func TestSourceTakesTheKeyThatPagesHave(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	const body = `{"name":"Shop","write_key":"5c62c145-91f1-4abd","settings":{"ignore_anonymous":"true"}}`
	if status, answer := s.do(http.MethodPost, "/api/v1/sources", body); status != http.StatusCreated || !strings.Contains(answer, `"write_keys":["5c62c145-91f1-4abd"]`) {
		t.Errorf("create: %d %s", status, answer)
	}
	if status, answer := s.do(http.MethodPost, "/api/v1/sources", body); status != http.StatusConflict || strings.Contains(answer, "5c62c145") {
		t.Errorf("the same key again: %d %s", status, answer)
	}
	s.post("5c62c145-91f1-4abd", call("1", "Message Sent", `"x":1`))
	if _, answer := s.do(http.MethodGet, "/screeb/settings/5c62c145-91f1-4abd", ""); answer != `{"ignoreAnonymous":true}` {
		t.Errorf("settings for the tag: %s", answer)
	}
}
