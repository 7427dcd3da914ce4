package query

import (
	"reflect"
	"testing"
)

func TestParseCondition(t *testing.T) {
	f := func(text string, want Condition) {
		t.Helper()
		got, err := ParseCondition(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", text, got, err, want)
		}
		again, err := ParseCondition(got.String())
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%s written as %s: got %+v, %v", text, got.String(), again, err)
		}
	}
	f("channel:eq:web", Condition{Field: "channel", Cmp: Eq, Values: []string{"web"}})
	f("!channel:eq:web|app", Condition{Not: true, Field: "channel", Cmp: Eq, Values: []string{"web", "app"}})
	f(`channel:eq:a\|b|c\\|d\e`, Condition{Field: "channel", Cmp: Eq, Values: []string{"a|b", `c\`, `d\e`}})
	f("at:gte:2026-05-01T10:00:00Z", Condition{Field: "at", Cmp: AtLeast, Values: []string{"2026-05-01T10:00:00Z"}})
	f(`body:contains:a|b\c`, Condition{Field: "body", Cmp: Contains, Values: []string{`a|b\c`}})
	f("user_id:eq:", Condition{Field: "user_id", Cmp: Eq, Values: []string{""}})
	f("!user_id:exists", Condition{Not: true, Field: "user_id", Cmp: Exists})
	bad := func(text string) {
		t.Helper()
		if got, err := ParseCondition(text); err == nil {
			t.Errorf("%q is understood as %+v", text, got)
		}
	}
	bad("")
	bad("!")
	bad("channel")
	bad(":eq:web")
	bad("channel:eq")
	bad("channel:like:web")
	bad("channel:exists:")
}

func FuzzParseCondition(f *testing.F) {
	f.Add(`!channel:eq:a\|b|c\\|d\e`)
	f.Add("body:contains:x:y")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text)
		if err != nil {
			return
		}
		again, err := ParseCondition(c.String())
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%q is %+v; written as %q it is %+v, %v", text, c, c.String(), again, err)
		}
	})
}

func TestConditionsOnEventFieldsAreLifted(t *testing.T) {
	f := func(text string, g Grain, want *Filter) {
		t.Helper()
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.At(g)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s at %s: got %+v, %v", text, g, got, err)
		}
	}
	is := Is("tool_name", Eq, "x")
	f("tool_name:eq:x", Events, is)
	f("tool_name:eq:x", Conversations, &Filter{Has: is})
	f("!tool_name:eq:x", Conversations, &Filter{Not: &Filter{Has: is}})
	f("channel:exists", Conversations, Is("channel", Exists))
}
