package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

func TestBucketStartsAtLocalBoundaries(t *testing.T) {
	f := func(zone, at string, p query.Period, week time.Weekday, want string) {
		t.Helper()
		loc, err := query.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		ts, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := query.Bucket(ts, p, loc, week).Format(time.RFC3339); got != want {
			t.Errorf("%s %s of %s: got %s, want %s", zone, p, at, got, want)
		}
	}
	f("", "2026-03-05T13:45:10Z", query.Hour, time.Monday, "2026-03-05T13:00:00Z")
	f("", "2026-03-05T13:45:10Z", query.Week, time.Monday, "2026-03-02T00:00:00Z")
	f("", "2026-03-05T13:45:10Z", query.Week, time.Sunday, "2026-03-01T00:00:00Z")
	f("", "2026-03-05T13:45:10Z", query.Month, time.Monday, "2026-03-01T00:00:00Z")
	f("America/New_York", "2026-03-05T03:00:00Z", query.Day, time.Monday, "2026-03-04T00:00:00-05:00")
	f("Asia/Kathmandu", "2026-03-05T13:50:00Z", query.Hour, time.Monday, "2026-03-05T19:00:00+05:45")
	// The clock went from 00:00 to 01:00 on that day, which therefore starts at 01:00.
	f("America/Sao_Paulo", "2018-11-04T12:00:00Z", query.Day, time.Monday, "2018-11-04T01:00:00-02:00")
	// The clock went back from 01:00 to 00:00 on that day, which starts with the first midnight.
	f("Asia/Amman", "2021-10-28T21:30:00Z", query.Day, time.Monday, "2021-10-29T00:00:00+03:00")
	f("Asia/Amman", "2021-10-29T12:00:00Z", query.Day, time.Monday, "2021-10-29T00:00:00+03:00")
	// The second 01:30 of a day on which the clock goes back.
	f("America/New_York", "2026-11-01T06:30:00Z", query.Hour, time.Monday, "2026-11-01T01:00:00-05:00")
	f("America/New_York", "2026-11-01T05:30:00Z", query.Hour, time.Monday, "2026-11-01T01:00:00-04:00")
}

// A bucket starts at or before each of its times, on the same date for days, and is the bucket of its
// own start.
func TestBucketHoldsItsTimes(t *testing.T) {
	for _, zone := range []string{
		"UTC", "Europe/Paris", "America/Sao_Paulo", "America/Havana", "America/Asuncion", "America/Nuuk", "Atlantic/Azores", "Africa/Cairo",
		"Africa/Casablanca", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Asia/Tehran", "Australia/Lord_Howe", "Pacific/Chatham",
	} {
		loc, err := query.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		for at := time.Date(2016, 1, 1, 0, 7, 0, 0, time.UTC); at.Year() < 2026; at = at.Add(101 * time.Minute) {
			for _, p := range []query.Period{query.Hour, query.Day, query.Week, query.Month} {
				start := query.Bucket(at, p, loc, time.Monday)
				if start.After(at) || !query.Bucket(start, p, loc, time.Monday).Equal(start) && p != query.Hour {
					t.Fatalf("%s: %s of %s starts at %s", zone, p, at.In(loc), start)
				}
				if p == query.Day && start.Format(time.DateOnly) != at.In(loc).Format(time.DateOnly) {
					t.Fatalf("%s: day of %s starts at %s", zone, at.In(loc), start)
				}
				if p == query.Day && start.Add(-1).In(loc).Format(time.DateOnly) == start.Format(time.DateOnly) {
					t.Fatalf("%s: day of %s starts before %s", zone, at.In(loc), start)
				}
			}
		}
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	q := query.Query{
		Grain: "rows", Zone: "Mars/Olympus", Period: "decade", Limit: -1,
		Measures: []query.Measure{{As: "x", Op: query.Sum, Field: "nosuch"}},
	}
	err := q.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`unknown grain "rows"`, `"Mars/Olympus" is not an IANA zone`, `unknown period "decade"`, "limit -1", `no field "nosuch"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestFilterValidate(t *testing.T) {
	f := func(g query.Grain, fl *query.Filter, want string) {
		t.Helper()
		err := fl.Validate(g)
		if want == "" && err != nil {
			t.Errorf("got %v, want no error", err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	f(query.Events, nil, "")
	f(query.Events, query.Is("role", query.Eq, "user"), "")
	f(query.Events, query.Is("properties.plan.name", query.Eq, "pro"), "")
	f(query.Events, query.Is("properties..name", query.Eq, "pro"), "no field")
	f(query.Events, query.Is("latency_ms", query.Less, "fast"), `"fast" is not a number`)
	f(query.Events, query.Is("role", query.Less, "user"), "needs a number or a time")
	f(query.Events, query.Is("occurred_at", query.AtLeast, "2026-01-01T00:00:00Z"), "")
	f(query.Events, query.Is("role", query.Exists, "user"), "takes no value")
	f(query.Events, &query.Filter{Has: query.Is("role", query.Eq, "user")}, "has is for conversations")
	f(query.Conversations, &query.Filter{Has: query.Is("role", query.Eq, "user")}, "")
	f(query.Conversations, query.Is("role", query.Eq, "user"), "field of events")
	f(query.Events, &query.Filter{In: query.Is("messages", query.Greater, "3")}, "")
	f(query.Events, &query.Filter{}, "exactly one")
}

func TestCursorRoundTrip(t *testing.T) {
	c := query.SortedCursor("17", `id with "quotes" and ümlaut`)
	got, err := query.ParseCursor(c.String(), query.SortedCursorKeys)
	if err != nil || got[0] != c[0] || got[1] != c[1] {
		t.Errorf("got %q, %v; want %q", got, err, c)
	}
	for _, bad := range []string{"!", "", "e30", query.EventCursor(at(t)).String()} {
		if _, err := query.ParseCursor(bad, query.SortedCursorKeys); err == nil {
			t.Errorf("cursor %q was taken", bad)
		}
	}
}

func at(t *testing.T) *event.Event {
	t.Helper()
	return &event.Event{ID: "e", OccurredAt: time.Unix(1, 0)}
}

func TestValidateRefusesRepeatedBreakdownAndCircularConversion(t *testing.T) {
	f := func(breakdown []string, match *query.Filter, want string) {
		t.Helper()
		q := query.Query{
			Grain: query.Conversations, Measures: []query.Measure{{As: "n", Op: query.Count}},
			Breakdown: breakdown, Conversion: &query.Conversion{Match: match},
		}
		err := q.Validate()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %+v: got %v, want %q", breakdown, match, err, want)
		}
		l := query.List{Grain: query.Conversations, Conversion: q.Conversion}
		if err := l.Validate(); len(breakdown) == 0 && (err == nil) != (want == "") {
			t.Errorf("list, %+v: got %v, want %q", match, err, want)
		}
	}
	f([]string{"channel", "mode"}, nil, "")
	f([]string{"channel", "mode", "channel"}, nil, "names channel twice")
	f(nil, &query.Filter{In: query.Is("started", query.Eq, "true")}, "")
	f(nil, &query.Filter{In: query.Is("converted", query.Eq, "true")}, "asks for conversions")
	f(nil, &query.Filter{Not: &query.Filter{And: []*query.Filter{{In: query.Is("converted_at", query.Exists)}}}}, "asks for conversions")
}
