package insight

import (
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

func TestPreviousKeepsTheCalendar(t *testing.T) {
	f := func(zone, from, until, want string) {
		t.Helper()
		loc, err := query.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(s string) time.Time {
			v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		r := query.Range{From: at(from), Until: at(until)}
		got, err := previous(r, loc)
		if err != nil || !got.From.Equal(at(want)) || !got.Until.Equal(r.From) {
			t.Errorf("%s %s – %s: got from %s, %v; want %s", zone, from, until, got.From.In(loc).Format("2006-01-02 15:04"), err, want)
		}
	}
	f("UTC", "2026-05-04 00:00", "2026-05-11 00:00", "2026-04-27 00:00")
	f("UTC", "2026-05-04 10:00", "2026-05-04 12:30", "2026-05-04 07:30")
	f("UTC", "2026-03-01 00:00", "2026-04-01 00:00", "2026-02-01 00:00")
	f("UTC", "2026-01-01 00:00", "2026-04-01 00:00", "2025-10-01 00:00")
	f("UTC", "2026-03-01 00:00", "2026-03-31 00:00", "2026-01-30 00:00")
	// Clocks go forward on 29 March: the days before have one hour more in sum.
	f("Europe/Paris", "2026-03-29 00:00", "2026-03-30 00:00", "2026-03-28 00:00")
	f("Europe/Paris", "2026-03-30 00:00", "2026-04-06 00:00", "2026-03-23 00:00")
	f("Europe/Paris", "2026-03-29 12:00", "2026-03-30 12:00", "2026-03-28 11:00")
	if _, err := previous(query.Range{From: time.Now()}, time.UTC); err == nil {
		t.Error("an open range has a period before it")
	}
}

func TestBucketsLeaveNoGap(t *testing.T) {
	f := func(zone string, p query.Period, from, until string, want int) {
		t.Helper()
		loc, err := query.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(s string) time.Time {
			v, err := time.ParseInLocation(time.DateOnly, s, loc)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		q := query.Query{Period: p, WeekStart: time.Monday, Range: query.Range{From: at(from), Until: at(until)}}
		got, err := buckets(&q, nil, loc)
		if err != nil || len(got) != want {
			t.Fatalf("%s %s %s – %s: got %d buckets, %v; want %d", zone, p, from, until, len(got), err, want)
		}
		next := 0
		for x := q.Range.From; x.Before(q.Range.Until); x = x.Add(15 * time.Minute) {
			b := query.Bucket(x, p, loc, q.WeekStart)
			for next < len(got) && got[next].Before(b) {
				next++
			}
			if next == len(got) || !got[next].Equal(b) {
				t.Fatalf("%s %s: %s falls into a bucket (%s) that is not listed", zone, p, x, b)
			}
		}
	}
	f("UTC", query.Hour, "2026-05-01", "2026-05-03", 48)
	f("Europe/Paris", query.Hour, "2026-03-29", "2026-03-30", 23)
	f("Europe/Paris", query.Hour, "2026-10-25", "2026-10-26", 25)
	f("Europe/Paris", query.Day, "2026-03-01", "2026-04-01", 31)
	f("Europe/Paris", query.Week, "2026-03-02", "2026-11-02", 35)
	f("Europe/Paris", query.Month, "2026-01-01", "2027-01-01", 12)
	f("America/Sao_Paulo", query.Day, "2017-10-01", "2017-11-01", 31) // a midnight is skipped
	f("Pacific/Apia", query.Day, "2011-12-28", "2012-01-02", 4)       // a day is skipped
	f("Australia/Lord_Howe", query.Day, "2026-04-01", "2026-04-10", 9)
	f("Australia/Lord_Howe", query.Hour, "2026-04-05", "2026-04-06", 25) // half an hour is repeated
	f("UTC", query.Hour, "2026-01-01", "2028-01-03", 17568)
}

func TestHalvesPartARangeAtADay(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	f := func(from, until, want time.Time) {
		t.Helper()
		got := halves(query.Range{From: from, Until: until}, loc)
		if !got[0].From.Equal(from) || !got[0].Until.Equal(want) || !got[1].From.Equal(want) || !got[1].Until.Equal(until) {
			t.Errorf("%v to %v: got %v, want them to part at %v", from, until, got, want)
		}
	}
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, loc) } // clocks go back on the 1st
	f(day(1), day(5), day(3))
	f(day(2), day(5), day(3))
	f(day(1), day(2), day(1).Add(12*time.Hour+30*time.Minute))
}
