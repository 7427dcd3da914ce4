package api

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPagesAreThoseOfTheWebUI: views lead to every entry of the rail, and nowhere else.
func TestPagesAreThoseOfTheWebUI(t *testing.T) {
	text, err := os.ReadFile("../../ui/src/shell/pages.ts")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range regexp.MustCompile(`\bpath: '([^']*)'`).FindAllStringSubmatch(string(text), -1) {
		want = append(want, m[1])
	}
	got := slices.Clone(pages)
	slices.Sort(got)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(got, want) {
		t.Errorf("got %q, the web UI has %q", got, want)
	}
}

func TestViewsThatNobodyCouldOpen(t *testing.T) {
	f := func(name, page string, ok bool) {
		t.Helper()
		v := View{Name: name, Page: page}
		if err := v.check(); (err == nil) != ok {
			t.Errorf("%q on %q: %v", name, page, err)
		}
	}
	f("Failures", "/conversations", true)
	f("Failures", "/", true)
	f("Prices", "/topics/topic_1", true)
	f("  ", "/", false)
	f("x", "/nowhere", false)
	f("x", "/conversationsx", false)
	f("x", "//evil.example", false)
	f("x", "", false)
}

func TestSavedStatementsRead(t *testing.T) {
	f := func(statement string, ok bool) {
		t.Helper()
		if err := checkReads(statement); (err == nil) != ok {
			t.Errorf("%q: %v", statement, err)
		}
	}
	f("SELECT 1", true)
	f(" -- by day\n/* and\nsource */ with x AS (SELECT 1) FROM x", true)
	f("from events", true)
	f("((select 1))", true)
	f("VALUES(1)", true)
	f("DROP TABLE events", false)
	f("-- SELECT\nDELETE FROM events", false)
	f("/* SELECT", false)
	f("selected", false)
	f("", false)
	f("1", false)
}

func TestAnnotationsAreOfTimesThatEventsHave(t *testing.T) {
	f := func(at time.Time, ok bool) {
		t.Helper()
		if err := (&server{}).checkAnnotation(t.Context(), Annotation{At: at}); (err == nil) != ok {
			t.Errorf("%v: %v", at, err)
		}
	}
	f(time.Time{}, true)
	f(time.Now().AddDate(1, 0, 0), true)
	f(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), false)
	f(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), false)
}

func TestMisreadBodiesAreSaidInWords(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		var v struct {
			Name   string    `json:"name"`
			At     time.Time `json:"at"`
			N      int       `json:"n"`
			Share  *float64  `json:"share"`
			On     bool      `json:"on"`
			Labels []string  `json:"labels"`
			Inner  struct {
				Name string `json:"name"`
			} `json:"inner"`
		}
		d := json.NewDecoder(strings.NewReader(body))
		d.DisallowUnknownFields()
		err := d.Decode(&v)
		if err == nil || misread(err) != want {
			t.Errorf("%s: got %v, want %q", body, err, want)
			if err != nil {
				t.Logf("in words: %q", misread(err))
			}
		}
	}
	f(``, "it is empty")
	f(`[]`, "it is to be an object, not a list")
	f(`{"name":1}`, "name is to be a text, not a number")
	f(`{"n":"x"}`, "n is to be a whole number within bounds, not a text")
	f(`{"n":1.5}`, "n is to be a whole number within bounds, not another number")
	f(`{"share":true}`, "share is to be a number, not true or false")
	f(`{"on":{}}`, "on is to be true or false, not an object")
	f(`{"labels":"x"}`, "labels is to be a list, not a text")
	f(`{"inner":{"name":[]}}`, "inner.name is to be a text, not a list")
	f(`{"at":5}`, "a time is a text such as 2026-11-21T03:04:05Z")
	f(`{"at":"tomorrow"}`, `tomorrow is no time; write one as 2026-11-21T03:04:05Z`)
	f(`{"colour":1}`, `unknown field "colour"`)
}
