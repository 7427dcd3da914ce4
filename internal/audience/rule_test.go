package audience

import (
	"encoding/json"
	"testing"
	"time"
)

var now = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func ruleOf(t *testing.T, text string) *Rule {
	t.Helper()
	var r Rule
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &r
}

func TestTraitTests(t *testing.T) {
	f := func(rule, value string, want bool) {
		t.Helper()
		r := ruleOf(t, `{"trait":`+rule+`}`)
		if err := r.Validate(); err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		if got := r.Holds(Person{Traits: map[string]json.RawMessage{"k": json.RawMessage(value)}}, now); got != want {
			t.Errorf("%s of %s: got %v", rule, value, got)
		}
	}
	f(`{"key":"k","op":"equals","values":["pro","team"]}`, `"team"`, true)
	f(`{"key":"k","op":"equals","values":["pro"]}`, `"Pro"`, false)
	f(`{"key":"k","op":"equals","values":["2"]}`, `2.0`, true)
	f(`{"key":"k","op":"equals","values":["true"]}`, `true`, true)
	f(`{"key":"k","op":"equals","values":["AAPL"]}`, `["TSLA","AAPL"]`, true)
	f(`{"key":"k","op":"differs","values":["pro"]}`, `"free"`, true)
	f(`{"key":"k","op":"differs","values":["pro"]}`, `null`, false)
	f(`{"key":"other","op":"absent"}`, `1`, true)
	f(`{"key":"k","op":"absent"}`, `null`, true)
	f(`{"key":"k","op":"exists"}`, `[]`, false)
	f(`{"key":"k","op":"gte","values":["3"]}`, `3`, true)
	f(`{"key":"k","op":"gt","values":["3"]}`, `"10"`, true) // numbers as text are numbers
	f(`{"key":"k","op":"lt","values":["3"]}`, `"many"`, false)
	f(`{"key":"k","op":"lt","values":["2026-05-01"]}`, `"2026-04-30T23:00:00Z"`, true)
	f(`{"key":"k","op":"contains","values":["LAND"]}`, `"Switzerland"`, true)
	f(`{"key":"k","op":"starts_with","values":["Sw"]}`, `"Switzerland"`, true)
	f(`{"key":"k","op":"ends_with","values":["Land"]}`, `"Switzerland"`, false)
	f(`{"key":"k","op":"within_last","values":["7d"]}`, `"2026-05-13T12:00:00Z"`, true)
	f(`{"key":"k","op":"within_last","values":["7d"]}`, `"2026-05-21T12:00:00Z"`, false)
	f(`{"key":"k","op":"before_last","values":["7d"]}`, `"2026-05-13"`, true)
	f(`{"key":"k","op":"within_next","values":["30d"]}`, `"2026-06-19"`, true)
	f(`{"key":"k","op":"within_next","values":["30d"]}`, `"2026-06-19T12:00:01Z"`, false)
	f(`{"key":"k","op":"within_next","values":["30d"]}`, `"2026-05-20T11:59:59Z"`, false)
	f(`{"key":"k","op":"within_next","values":["30d"]}`, `"soon"`, false)
	f(`{"key":"k","op":"after_next","values":["30d"]}`, `"2026-06-20"`, true)
	f(`{"key":"k","op":"after_next","values":["30d"]}`, `"2026-06-19"`, false)
	f(`{"key":"k","op":"after_next","values":["30d"]}`, `"2026-04-01"`, false)
}

func TestTimeAloneMovesRulesThatAskForAges(t *testing.T) {
	f := func(op string, want bool) {
		t.Helper()
		r := ruleOf(t, `{"not":{"any":[{"trait":{"key":"k","op":"`+op+`","values":["30d"]}}]}}`)
		if ages := r.Ages(); r.Moves() != want || want != (len(ages) == 1 && ages[0] == 30*24*time.Hour) {
			t.Errorf("%s: moves %v, ages %v", op, r.Moves(), ages)
		}
	}
	for _, op := range []string{"within_last", "before_last", "within_next", "after_next"} {
		f(op, true)
	}
	f("equals", false)
}

func TestEachDeedTakesItsOwnCount(t *testing.T) {
	const deed = `{"did":{"of":"events","where":["kind:eq:message"],`
	r := ruleOf(t, `{"any":[{"all":[`+deed+`"at_least":2}},`+deed+`"at_most":0}}]},{"not":`+deed+`"at_least":5}}}]}`)
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	f := func(want bool, counts ...int) {
		t.Helper()
		if got := r.Holds(Person{Counts: counts}, now); got != want {
			t.Errorf("counts %v: got %v", counts, got)
		}
	}
	if n := len(r.Deeds()); n != 3 {
		t.Fatalf("%d deeds", n)
	}
	f(true, 2, 0, 9)
	f(false, 2, 1, 9)
	f(false, 1, 0, 5)
	f(true, 1, 7, 4)
}

func TestRulesAreRefusedInWords(t *testing.T) {
	f := func(text string) {
		t.Helper()
		if err := ruleOf(t, text).Validate(); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
	f(`{}`)
	f(`{"all":[]}`)
	f(`{"all":[{}]}`)
	f(`{"trait":{"key":"k","op":"exists"},"not":{"trait":{"key":"k","op":"exists"}}}`)
	f(`{"trait":{"key":"","op":"exists"}}`)
	f(`{"trait":{"key":"k","op":"like","values":["x"]}}`)
	f(`{"trait":{"key":"k","op":"exists","values":["x"]}}`)
	f(`{"trait":{"key":"k","op":"gt","values":["1","2"]}}`)
	f(`{"trait":{"key":"k","op":"within_last","values":["soon"]}}`)
	f(`{"trait":{"key":"k","op":"within_next","values":["2026-05-01"]}}`)
	f(`{"did":{"of":"events","where":["kind:eq:message"]}}`)
	f(`{"did":{"of":"events","where":[],"at_least":1}}`)
	f(`{"did":{"of":"events","where":["kind:eq:message"],"at_least":3,"at_most":2}}`)
	f(`{"did":{"of":"people","where":["kind:eq:message"],"at_least":3}}`)
}

func TestConditionsThatCouldNeverHoldAreFutile(t *testing.T) {
	f := func(op, value string, want bool) {
		t.Helper()
		r := ruleOf(t, `{"all":[{"not":{"trait":{"key":"seats","op":"`+op+`","values":["`+value+`"]}}}]}`)
		if err := r.Validate(); err != nil {
			t.Fatalf("%s %s: %v", op, value, err)
		}
		if err := r.Futile(); (err != nil) != want {
			t.Errorf("%s %s: %v", op, value, err)
		}
	}
	for _, op := range []string{"lt", "lte", "gt", "gte"} {
		for _, value := range []string{"abc", "", "NaN", "2026-13-40", "01.05.2026", "7d"} {
			f(op, value, true)
		}
		for _, value := range []string{"3", "-0.5", "2026-05-01", "2026-05-01T10:00:00+02:00"} {
			f(op, value, false)
		}
	}
	f("equals", "abc", false)
	f("within_last", "7d", false)
}
