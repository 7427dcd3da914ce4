package api

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

const (
	stepAsked    = "step1=" + "source_event%3Aeq%3Amessage%2Fsent&name1=asked"
	stepAnswered = "&step2=" + "source_event%3Aeq%3Amessage%2Freceived"
	stepTracked  = "&step3=" + "tool_name%3Aexists&step3=conversation.channel%3Aeq%3Aweb"
)

func TestFunnelCountsStepsAndOpensThem(t *testing.T) {
	a := start(t)
	got := a.get(t, "/api/v1/funnel?"+stepAsked+stepAnswered+stepTracked+"&window=1h&breakdown=channel")
	f := func(want string, keys ...any) {
		t.Helper()
		if g := text(t, part(t, got, keys...)); g != want {
			t.Errorf("%v: got %s, want %s", keys, g, want)
		}
	}
	f(`{"conditions":["source_event:eq:message/sent"],"interval":[0.3423802275066532,1],"median_ms_from_previous":null,"n":2,"name":"asked","rate_from_first":1,"rate_from_previous":1}`, "steps", 0)
	f(`1`, "steps", 1, "n")
	f(`2000`, "steps", 1, "median_ms_from_previous")
	f(`0.5`, "steps", 2, "rate_from_first")
	f(`1`, "steps", 2, "rate_from_previous")
	f(`"tool_name:exists, conversation.channel:eq:web"`, "steps", 2, "name")
	f(`3600000`, "window_ms")
	f(`["web"]`, "groups", 0, "keys")
	f(`1`, "groups_total")

	opens := func(endpoint, selection, spec, want string, keys ...any) {
		t.Helper()
		got := a.get(t, "/api/v1/"+endpoint+"funnel="+url.QueryEscape(selection+"?"+spec))
		if g := text(t, part(t, got, keys...)); g != want {
			t.Errorf("%s %s: got %s, want %s", endpoint, selection, g, want)
		}
	}
	opens("conversations?", "reached:1", stepAsked+stepAnswered, "2", "total")
	opens("conversations?", "reached:2", stepAsked+stepAnswered, "1", "total")
	opens("conversations?", "dropped:2", stepAsked+stepAnswered, `"c/2 ü"`, "conversations", 0, "conversation_id")
	opens("conversations/facets?fields=channel&", "reached:1", stepAsked+stepAnswered, `[{"count":2,"value":"web"}]`, "facets", 0, "values")
	opens("metrics/messages?", "dropped:2", stepAsked+stepAnswered, "1", "total", "value")
	opens("conversations?", "reached:2", stepAsked+stepAnswered+"&per=person", "2", "total") // both are Ada's
	opens("conversations?from=2026-05-05&", "reached:2", stepAsked+stepAnswered+"&per=person", "0", "total")
	opens("people?", "reached:2", stepAsked+stepAnswered+"&per=person", "1", "total")
}

func TestFunnelSaysWhatIsWrong(t *testing.T) {
	a := start(t)
	f := func(params, parameter string) {
		t.Helper()
		if e := a.refused(t, http.MethodGet, "/api/v1/"+params, "", http.StatusBadRequest, "invalid_parameter"); e.Parameter != parameter {
			t.Errorf("%s: at fault is %s, want %s", params, e.Parameter, parameter)
		}
	}
	f("funnel", "step1")
	f("funnel?step1=nosuch", "step1")
	f("funnel?step1=nosuch:eq:1", "step1")
	f("funnel?step1=*&step2=conversation.nosuch:exists", "step2")
	f("funnel?step1=*&step3=*", "step3")
	f("funnel?step1=*&name2=x", "name2")
	f("funnel?step1=*&window=fortnight", "window")
	f("funnel?step1=*&window=400d", "window")
	f("funnel?step1=*&breakdown=nosuch", "breakdown")
	f("conversations?funnel=reached:1", "funnel")
	f("conversations?funnel="+url.QueryEscape("reached:2?step1=*"), "funnel")
	f("conversations?funnel="+url.QueryEscape("dropped:1?step1=*"), "funnel")
	f("conversations?funnel="+url.QueryEscape("reached:1?step1=*&until=x"), "funnel")
	f("retention?breakdown=nosuch", "breakdown")
	f("retention?first=nosuch:exists", "first")
	f("retention?periods=61", "periods")
	f("paths?nodes=rumour", "nodes")
}

func TestRetentionTellsNobodyFromNotOver(t *testing.T) {
	// Thursday of the week after: that week is not over.
	a := start(t, func(c *Config) { c.Insight.Now = func() time.Time { return noon.Add(10 * 24 * time.Hour) } })
	a.put(t, &event.Event{Kind: event.KindMessage, Action: "sent", UserID: "bob", OccurredAt: noon.Add(-7 * 24 * time.Hour), ConversationID: "b1", Channel: "app"})
	got := a.get(t, "/api/v1/retention?breakdown=channel&periods=3")
	f := func(want string, keys ...any) {
		t.Helper()
		if g := text(t, part(t, got, keys...)); g != want {
			t.Errorf("%v: got %s, want %s", keys, g, want)
		}
	}
	f(`[{"complete":2,"returned":[1,0,0],"size":1,"start":"2026-04-27T00:00:00Z"},{"complete":1,"returned":[1,0],"size":1,"start":"2026-05-04T00:00:00Z"}]`, "cohorts")
	f(`{"eligible":2,"interval":[0.3423802275066532,1],"k":0,"rate":1,"returned":2}`, "curve", 0)
	f(`1`, "curve", 1, "eligible")
	f(`{"eligible":0,"interval":null,"k":2,"rate":null,"returned":0}`, "curve", 2)
	f(`2`, "groups_total")
	if n := len(part(t, a.get(t, "/api/v1/retention?who=people&period=day"), "cohorts").([]any)); n != 2 {
		t.Errorf("people begin on %d days, want 2", n)
	}
}

func TestPathsAddUp(t *testing.T) {
	a := start(t)
	got := a.get(t, "/api/v1/paths?nodes=tool,conversion&depth=2")
	f := func(want string, keys ...any) {
		t.Helper()
		if g := text(t, part(t, got, keys...)); g != want {
			t.Errorf("%v: got %s, want %s", keys, g, want)
		}
	}
	f(`3`, "conversations")
	f(`{"id":"0:start","kind":"start","n":3,"name":null,"step":0}`, "nodes", 0)
	f(`{"id":"1:tool:track_order","kind":"tool","n":1,"name":"track_order","step":1}`, "nodes", 1)
	f(`[{"from":"0:start","n":1,"step":0,"to":"1:tool:track_order"},{"from":"0:start","n":2,"step":0,"to":"4:end"},{"from":"1:tool:track_order","n":1,"step":1,"to":"4:end"}]`, "links")
	got = a.get(t, "/api/v1/paths")
	f(`"topic"`, "nodes", 0, "kind")
}
