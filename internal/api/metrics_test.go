package api

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/debrief-dev/debrief/internal/metric"
)

func TestEveryMetricAnswersInItsShape(t *testing.T) {
	a := start(t)
	if got := len(part(t, a.get(t, "/api/v1/metrics"), "metrics").([]any)); got != len(metric.All()) {
		t.Errorf("catalogue has %d metrics, want %d", got, len(metric.All()))
	}
	for _, m := range metric.All() {
		a.get(t, "/api/v1/metrics/"+m.Name)
		a.get(t, "/api/v1/metrics/"+m.Name+"?from=2026-05-04&until=2026-05-06&period=day&compare=previous&breakdown="+m.Dimensions[0]+"")
		for _, s := range m.Stats {
			a.get(t, "/api/v1/metrics/"+m.Name+"?stat="+string(s))
		}
	}
}

func TestMetricAnswersByPeriodBreakdownAndComparison(t *testing.T) {
	a := start(t)
	got := a.get(t, "/api/v1/metrics/conversations?from=2026-05-04&until=2026-05-07&period=day&breakdown=channel&compare=previous")
	f := func(want string, keys ...any) {
		t.Helper()
		if g := text(t, part(t, got, keys...)); g != want {
			t.Errorf("%v: got %s, want %s", keys, g, want)
		}
	}
	f(`{"coverage":null,"n":2,"value":2}`, "total")
	f(`[{"n":1,"start":"2026-05-04T00:00:00Z","value":1},{"n":1,"start":"2026-05-05T00:00:00Z","value":1},{"n":0,"start":"2026-05-06T00:00:00Z","value":0}]`, "series")
	f(`{"from":"2026-05-01T00:00:00Z","until":"2026-05-04T00:00:00Z","zone":"UTC"}`, "previous", "range")
	f(`null`, "previous", "change")
	f(`[{"coverage":null,"keys":["web"],"n":2,"previous_value":0,"series":[{"n":1,"start":"2026-05-04T00:00:00Z","value":1},{"n":1,"start":"2026-05-05T00:00:00Z","value":1},{"n":0,"start":"2026-05-06T00:00:00Z","value":0}],"value":2}]`, "groups")
}

func TestFiltersSelectConversationsAtEveryGrain(t *testing.T) {
	a := start(t)
	f := func(metric, params, want string) {
		t.Helper()
		got := a.get(t, "/api/v1/metrics/"+metric+"?"+params)
		if g := text(t, part(t, got, "total", "value")); g != want {
			t.Errorf("%s?%s: got %s, want %s", metric, params, g, want)
		}
	}
	f("conversations", "", "3")
	f("conversations", "filter=channel:eq:app|web", "3")
	f("conversations", "filter=tool_name:eq:track_order", "1")
	f("conversations", "filter="+url.QueryEscape("!tool_name:exists"), "2")
	f("conversations", "filter=channel:eq:web&filter=user_messages:gt:0", "2")
	f("conversations", "q=ORDER", "1")
	f("messages", "", "4")
	f("messages", "q=order", "2")
	f("messages", "filter=tool_name:eq:track_order&where=role:eq:user", "1")
	f("active_users", "filter=channel:eq:app", "0")
	f("people", "", "2")
	f("users", "filter=tool_name:exists", "1")
	f("users", "where=source_event:eq:Ghost", "0")
	f("satisfaction", "", "0.75")
	f("rating", "", "4")
	f("response_time", "", "2000")
	f("conversations", "filter=converted:eq:true", "0")
	f("messages", "filter=number.properties.price:gt:1", "0")
	f("events", "where=number.properties.price:gt:1", "1")
}

func TestConversionsFollowDefinitions(t *testing.T) {
	a := start(t)
	a.send(t, http.MethodPut, "/api/v1/conversions/purchase", `{"events":["Item Purchased"],"where":["number.properties.price:gt:10"]}`)
	a.send(t, http.MethodPut, "/api/v1/conversions/other", `{"events":["Ghost"]}`)
	f := func(metric, params, want string) {
		t.Helper()
		if g := text(t, part(t, a.get(t, "/api/v1/metrics/"+metric+"?"+params), "total")); g != want {
			t.Errorf("%s?%s: got %s, want %s", metric, params, g, want)
		}
	}
	f("conversions", "conversion=purchase", `{"coverage":null,"n":1,"value":1}`)
	f("conversions", "", `{"coverage":null,"n":2,"value":2}`)
	f("conversions", "conversion=purchase&attribution=explicit", `{"coverage":null,"n":0,"value":0}`)
	f("converted_conversations", "conversion=purchase", `{"coverage":null,"n":1,"value":1}`)
	f("converted_conversations", "conversion=purchase&attribution=explicit", `{"coverage":null,"n":0,"value":0}`)
	f("conversion_rate", "conversion=purchase&filter=channel:eq:web", `{"coverage":null,"n":2,"value":0.5}`)
	f("messages_to_conversion", "conversion=purchase", `{"coverage":null,"n":1,"value":1}`)
	f("conversations", "conversion=purchase&filter=converted:eq:true", `{"coverage":null,"n":1,"value":1}`)
	f("messages", "conversion=purchase&filter=converted:eq:true", `{"coverage":null,"n":2,"value":2}`)
	got := a.get(t, "/api/v1/events?conversion=purchase&filter=converted:eq:true")
	if n := len(part(t, got, "events").([]any)); n != 5 {
		t.Errorf("events of converted conversations: got %d, want 5", n)
	}
}

func TestParametersAreStrict(t *testing.T) {
	a := start(t)
	f := func(target, parameter string) {
		t.Helper()
		if e := a.refused(t, http.MethodGet, "/api/v1/"+target, "", http.StatusBadRequest, "invalid_parameter"); e.Parameter != parameter {
			t.Errorf("%s: got parameter %q, want %q", target, e.Parameter, parameter)
		}
	}
	f("metrics/conversations?period=fortnight", "period")
	f("metrics/conversations?from=yesterday", "from")
	f("metrics/conversations?from=2026-05-04&until=2026-05-01", "until")
	f("metrics/conversations?zone=Mars", "zone")
	f("metrics/conversations?zone=Local", "zone")
	f("metrics/conversations?week_start=someday", "week_start")
	f("metrics/conversations?filter=channel", "filter")
	f("metrics/conversations?filter=channel:like:web", "filter")
	f("metrics/conversations?filter=colour:eq:red", "filter")
	f("metrics/conversations?filter=messages:eq:many", "filter")
	f("metrics/conversations?where=colour:eq:red", "where")
	f("metrics/conversations?breakdown=colour", "breakdown")
	f("metrics/conversations?breakdown=channel,channel", "breakdown")
	f("metrics/conversations?breakdown=channel,mode,locale,source,agent_id", "breakdown")
	f("metrics/conversations?compare=previous", "compare")
	f("metrics/conversations?stat=mean", "stat")
	f("metrics/duration?stat=p50", "stat")
	f("metrics/conversations?limit=0", "limit")
	f("metrics/conversations?limit=10001", "limit")
	f("metrics/conversations?conversion=unknown", "conversion")
	f("metrics/conversations?attribution=inferred", "attribution")
	f("metrics/conversations?period=hour&from=2000-01-01&until=2026-01-01", "period")
	f("metrics/conversations?period=day&period=day", "period")
	f("metrics/conversations?period=", "period")
	f("metrics/conversations?%zz", "query string")
	f("conversations?sort=channel", "sort")
	f("conversations?after=zzz", "after")
	f("conversations?desc=yes", "desc")
	f("conversations/facets", "fields")
	f("conversations/facets?fields=colour", "fields")
	f("events?after=zzz", "after")
	f("people?sort=name", "sort")
	f("people?after=zzz", "after")
	f("export/events?format=xml", "format")
	f("live?source=", "source")
	a.refused(t, http.MethodGet, "/api/v1/metrics/speed", "", http.StatusNotFound, "not_found")
	a.refused(t, http.MethodGet, "/api/v1/nothing", "", http.StatusNotFound, "not_found")
	a.refused(t, http.MethodPost, "/api/v1/metrics", "", http.StatusMethodNotAllowed, "method_not_allowed")
}

func TestBucketsFollowZoneAndWeekStart(t *testing.T) {
	a := start(t)
	f := func(params, want string) {
		t.Helper()
		got := a.get(t, "/api/v1/metrics/conversations?"+params)
		var starts []any
		for _, p := range part(t, got, "series").([]any) {
			starts = append(starts, part(t, p, "start"), part(t, p, "n"))
		}
		if g := text(t, starts); g != want {
			t.Errorf("%s: got %s, want %s", params, g, want)
		}
	}
	f("period=week&from=2026-04-27&until=2026-05-11", `["2026-04-27T00:00:00Z",1,"2026-05-04T00:00:00Z",2]`)
	f("period=week&from=2026-05-03&until=2026-05-10&week_start=sunday", `["2026-05-03T00:00:00Z",2]`)
	f("period=day&from=2026-05-05&until=2026-05-07&zone=Pacific/Auckland", `["2026-05-05T00:00:00+12:00",1,"2026-05-06T00:00:00+12:00",1]`)
	f("period=hour&from=2026-05-04T11:30:00Z&until=2026-05-04T12:30:00Z&zone=Asia/Kolkata", `["2026-05-04T17:00:00+05:30",1]`)
	f("period=month", `["2026-04-01T00:00:00Z",1,"2026-05-01T00:00:00Z",2]`)
	// Clocks in Paris go forward on 29 March 2026: the day has 23 hours, and no bucket is lost.
	f("period=day&from=2026-03-28&until=2026-03-31&zone=Europe/Paris", `["2026-03-28T00:00:00+01:00",0,"2026-03-29T00:00:00+01:00",0,"2026-03-30T00:00:00+02:00",0]`)
}
