package plan

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustParse(t testing.TB, text string) *Plan {
	t.Helper()
	p, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDiffTellsWhatBreaks(t *testing.T) {
	f := func(before, after string, want ...string) {
		t.Helper()
		var got []string
		for _, c := range Diff(mustParse(t, before), mustParse(t, after)) {
			got = append(got, fmt.Sprintf("%s%s %s: %s", map[bool]string{true: "! "}[c.Breaking], c.Event, c.Path, c.Description))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s\n(-want +got)\n%s", before, after, diff)
		}
	}
	plan := func(events string) string { return `{"name":"p","events":[` + events + `]}` }
	schema := func(s string) string { return plan(`{"name":"E","schema":` + s + `}`) }
	f(plan(`{"name":"A"}`), plan(`{"name":"A"}`))
	f(plan(`{"name":"A"},{"name":"B"}`), plan(`{"name":"C"},{"name":"A"}`), "track C : is new", "! track B : is gone; calls of it are unplanned now")
	f(plan(`{"name":"A"}`), plan(`{"name":"A"},{"name":"A","version":2}`), "track A : has a new version 2")
	f(plan(`{"name":"A"},{"name":"A","version":2}`), plan(`{"name":"A","version":2}`), "! track A : lost version 1")
	f(plan(`{"name":"A","aliases":["a","b"]}`), plan(`{"name":"A","aliases":["b","c"],"deprecated":true}`),
		"track A : is deprecated now", "! track A : is no longer known as a", "track A : is known as c too")
	f(schema(`{"properties":{"a":{},"b":{}},"required":["a"]}`), schema(`{"properties":{"b":{},"c":{}},"required":["b"]}`),
		"! track E properties.a: is gone; it is unplanned now", "track E properties.c: is new",
		"track E properties.a: became optional", "! track E properties.b: became required")
	open := `,"additionalProperties":true}`
	f(schema(`{"properties":{"a":{}}`+open), schema(`{"properties":{"b":{}}`+open),
		"track E properties.a: is no longer described", "! track E properties.b: has a rule now; it was free before")
	f(schema(`{"properties":{}`+open), schema(`{"properties":{},"additionalProperties":false}`), "! track E properties: no longer takes any further property")
	p := func(s string) string { return schema(`{"properties":{"a":` + s + `}}`) }
	f(p(`{"type":"integer"}`), p(`{"type":"number"}`), `track E properties.a: type changed from "integer" to "number"`)
	f(p(`{"type":"string"}`), p(`{"type":["string","null"]}`), `track E properties.a: type changed from "string" to "string", "null"`)
	f(p(`{"type":"string"}`), p(`{"type":"number"}`), `! track E properties.a: type changed from "string" to "number"`)
	f(p(`{"enum":[1,2]}`), p(`{"enum":[2,3]}`), `! track E properties.a: enum changed from 1, 2 to 2, 3`)
	f(p(`{"enum":[1]}`), p(`{"enum":[1,3]}`), `track E properties.a: enum changed from 1 to 1, 3`)
	f(p(`{"minimum":1}`), p(`{"minimum":0,"maxLength":5}`), "track E properties.a: minimum changed from 1 to 0", "! track E properties.a: maxLength is now 5")
	f(p(`{"maximum":5}`), p(`{"maximum":4}`), "! track E properties.a: maximum changed from 5 to 4")
	f(p(`{"pattern":"a"}`), p(`{}`), "track E properties.a: pattern is gone")
	f(p(`{"items":{"type":"string"}}`), p(`{"items":{"type":"number"}}`), `! track E properties.a.$: type changed from "string" to "number"`)
	f(p(`{"properties":{"x":{}}}`), p(`{"properties":{"y":{}}}`), "track E properties.a.x: is no longer described", "! track E properties.a.y: has a rule now; it was free before")
	f(p(`{"allOf":[{"required":["a"]}]}`), p(`{"allOf":[{"required":["a","bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]}]}`), "! track E properties.a: allOf changed")
	f(p(`{"description":"x"}`), p(`{"description":"y"}`), "track E properties.a: description changed")
	f(`{"name":"p","events":[],"common":{"required":["userId"]}}`, `{"name":"p","events":[],"common":{"required":["userId","x"]}}`, "!  common: changed")
	// What a plan extends counts as its own.
	f(`{"name":"p","extends":["screeb-2025-09"]}`, `{"name":"p","extends":["screeb-2025-09"],"events":[{"name":"screeb_copilot_response"}]}`,
		"track screeb_copilot_response : description changed", "track screeb_copilot_response properties: has no schema any more")
}
