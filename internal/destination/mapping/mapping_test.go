package mapping

import (
	"encoding/json"
	"strings"
	"testing"
)

const call = `{"type":"track","event":"Stock Purchased","userId":"U-1","timestamp":"2026-11-21T10:00:00.000Z",
	"properties":{"symbol":"ACME","amount":12.50,"big":123456789012345678901234567890,"none":null,"empty":"","yes":true,
	"items":[{"id":1,"q":{"n":2}},{"id":3}],"nested":{"a":{"b":[10,20]}},"text":"{\"x\":[1]}","a b":"spaced","html":"<&>"},
	"context":{"app":{"name":"Desk"}}}`

func TestDirectives(t *testing.T) {
	f := func(mapping, want string) {
		t.Helper()
		m, err := Parse([]byte(mapping))
		if err != nil {
			t.Errorf("%s: %v", mapping, err)
			return
		}
		got, err := m.Apply([]byte(call))
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s, %v\nwant %s", mapping, got, err, want)
		}
	}
	f(`{"@path":"$."}`, call)
	f(`{"@path":"$.properties.amount"}`, `12.50`)
	f(`{"@path":"$.properties.big"}`, `123456789012345678901234567890`)
	f(`{"@path":"properties.items[1].id"}`, `3`)
	f(`{"@path":"$.properties['a b']"}`, `"spaced"`)
	f(`{"a":{"@path":"$.properties.items[2].id"},"b":{"@path":"$.properties.none"},"c":{"@path":"$.type.x"}}`, `{"b":null}`)
	f(`["x",{"@path":"$.nowhere"},{"@path":"$.type"}]`, `["x","track"]`)
	f(`{"@template":"{{event}} by {{ userId }}: {{properties.amount}}{{properties.none}} {{{properties.items}}} {{open"}`,
		`"Stock Purchased by U-1: 12.50 [{\"id\":1,\"q\":{\"n\":2}},{\"id\":3}] {{open"`)
	f(`{"@literal":{"x":{"@path":"$.type"}}}`, `{"x":"track"}`)
	f(`{"@if":{"exists":{"@path":"$.userId"},"then":1,"else":2}}`, `1`)
	f(`{"@if":{"exists":{"@path":"$.properties.none"},"then":1,"else":2}}`, `2`)
	f(`{"@if":{"exists":{"@path":"$.properties.empty"},"then":1,"else":2}}`, `1`)
	f(`{"@if":{"blank":{"@path":"$.properties.empty"},"then":1,"else":2}}`, `2`)
	f(`{"@if":{"blank":{"@path":"$.userId"},"then":1,"else":2}}`, `1`)
	f(`{"a":{"@if":{"exists":{"@path":"$.nowhere"},"then":1}}}`, `{}`)
	f(`{"@case":{"operator":"lower","value":{"@path":"$.userId"}}}`, `"u-1"`)
	f(`{"@case":{"operator":"upper","value":{"@path":"$.properties.yes"}}}`, `true`)
	f(`{"@replace":{"pattern":"C","replacement":".","value":{"@path":"$.properties.symbol"}}}`, `"A.ME"`)
	f(`{"@replace":{"pattern":"s","replacement":"$1","pattern2":"Tock","ignorecase":true,"global":false,"value":{"@path":"$.event"}}}`, `"$1 Purchased"`)
	f(`{"@replace":{"pattern":".","value":{"@path":"$.properties.amount"}}}`, `"1250"`)
	f(`{"@arrayPath":["$.properties.items",{"sku":{"@path":"$.id"},"n":{"@path":"$.q.n"}}]}`, `[{"n":2,"sku":1},{"sku":3}]`)
	f(`{"@arrayPath":["$.properties.nested",{"x":{"@path":"$.a.b[0]"}}]}`, `[{"x":10}]`)
	f(`{"@arrayPath":["$.properties.items"]}`, `[{"id":1,"q":{"n":2}},{"id":3}]`)
	f(`{"@flatten":{"value":{"@path":"$.properties.nested"},"separator":"_"}}`, `{"a_b_0":10,"a_b_1":20}`)
	f(`{"@flatten":{"value":{"@path":"$.properties.nested"},"separator":".","omitArrays":true}}`, `{"a.b":[10,20]}`)
	f(`{"@flatten":{"value":{"@path":"$.userId"},"separator":"."}}`, `"U-1"`)
	f(`{"@json":{"mode":"encode","value":{"@path":"$.context"}}}`, `"{\"app\":{\"name\":\"Desk\"}}"`)
	f(`{"@json":{"mode":"decode","value":{"@path":"$.properties.text"}}}`, `{"x":[1]}`)
	f(`{"@merge":{"objects":[{"a":1,"b":1},{"b":2},{"@path":"$.userId"}],"direction":"right"}}`, `{"a":1,"b":2}`)
	f(`{"@merge":{"objects":[{"a":1,"b":1},{"b":2,"c":3}],"direction":"left"}}`, `{"a":1,"b":1,"c":3}`)
	f(`{"@transform":{"apply":{"k":{"@path":"$.context.app"}},"mapping":{"n":{"@path":"$.k.name"}}}}`, `{"n":"Desk"}`)
	f(`{"a":{"@excludeWhenNull":{"@path":"$.properties.none"}},"b":{"@excludeWhenNull":{"@path":"$.properties.empty"}}}`, `{"b":""}`)
	f(`{"h":{"@path":"$.properties.html"}}`, `{"h":"<&>"}`)
}

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	f := func(mapping, want string) {
		t.Helper()
		if _, err := Parse([]byte(mapping)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.100s: got %v, want %q in it", mapping, err, want)
		}
	}
	f(`{`, "no JSON")
	f(`{} {}`, "no JSON")
	f(`{"a":{"@pth":"$.x"}}`, "mapping.a.@pth: there is no such directive")
	f(`{"@path":"$.x","b":1}`, "stands alone")
	f(`{"@path":7}`, "takes text")
	f(`{"@if":{"then":1}}`, "either")
	f(`{"@if":{"exists":1,"blank":2}}`, "either")
	f(`{"@case":{"operator":"title","value":"x"}}`, "none of lower, upper")
	f(`{"@case":{"value":"x"}}`, `lacks "operator"`)
	f(`{"@json":{"mode":"encode","value":1,"x":2}}`, `has no "x"`)
	f(`{"@merge":{"objects":{}}}`, "no array")
	f(`{"@arrayPath":"x"}`, "an array")
	f(strings.Repeat(`[`, 100)+strings.Repeat(`]`, 100), "deeper")
}

func FuzzMapping(f *testing.F) {
	f.Add(`{"a":{"@path":"$.a[0]['b"},"b":{"@template":"{{a}}}"}}`, `{"a":[1]}`)
	f.Add(`{"@flatten":{"value":{"@path":"$."},"separator":""}}`, `{"":{"":[[],{}]}}`)
	f.Add(`{"@json":{"mode":"decode","value":"x"}}`, `[]`)
	f.Add(`{"@path":"[["}`, `null`)
	f.Fuzz(func(t *testing.T, mapping, call string) {
		m, err := Parse([]byte(mapping))
		if err != nil {
			return
		}
		got, err := m.Apply([]byte(call))
		if err == nil && !m.identity && !json.Valid(got) {
			t.Errorf("%s of %s made %s, which is no JSON", mapping, call, got)
		}
	})
}
