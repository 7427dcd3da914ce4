package plan

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLintNamesPlaceAndFault(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		p, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range p.Lint() {
			got = append(got, fmt.Sprintf("%d %s %s: %s", x.Line, x.Severity, x.Path, x.Message))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", text, diff)
		}
	}
	one := func(schema string) string { return "name: p\nevents:\n  - name: E\n    schema: " + schema + "\n" }
	f(one(`{properties: {a: {type: string}}, required: [a]}`))

	// The plan and its events.
	f("name: My Plan\nextends: [nonsense]\n", "1 error name: a plan has a name of lower-case words with dashes, like shop-copilot",
		`2 error extends[0]: there is no built-in plan "nonsense"`)
	f("name: p\n", "0 error events: the plan has no event")
	f("name: p\nrating_scale: lots\nevents:\n  - {name: E, rating_scale: 5}\n", "2 error rating_scale: is no scale; write 1-5, 0-10, 5, thumbs, nps, csat or ces")
	f("name: p\nevents:\n  - {name: E}\n  - {name: E}\n", "4 error events[1]: track E version 1 is there twice")
	f("name: p\nevents:\n  - {name: E}\n  - {name: E, version: 2}\n  - {type: page, name: E}\n")
	f("name: p\nevents:\n  - {name: E, aliases: [F]}\n  - {name: F}\n", "4 error events[1].name: is an alias of E already, so this rule is never reached")
	f("name: p\nevents:\n  - {name: F}\n  - {name: E, aliases: [F]}\n", "4 error events[1].aliases[0]: is F already")
	f("name: p\nevents:\n  - {type: identify, name: E}\n  - {type: alias}\n  - {description: x}\n",
		"3 error events[0].name: identify calls have no name; leave it out",
		`4 error events[1].type: there is no type "alias"; it is track, identify, group, page or screen`,
		"5 error events[2]: a track event has a name")
	f("name: p\nevents:\n  - {name: Message Sent}\n  - {name: message_sent}\n", "4 warning events[1].name: differs from Message Sent only in case, spaces or punctuation")
	f("name: p\nevents:\n  - {name: A, schema: {properties: {chatId: {}}}}\n  - {name: B, schema: {properties: {chat_id: {}}}}\n",
		"4 warning events[1].schema.properties.chat_id: another property of this plan is spelled chatId")

	// Schemas.
	f(one(`{properties: {a: {type: strin}}}`), `4 error events[0].schema.properties.a.type: must be one of "array", "boolean", "integer", "null", "number", "object", "string"`)
	f(one(`{properties: {a: {pattern: "^(?=x)"}}}`),
		"4 error events[0].schema.properties.a.pattern: is no regular expression of RE2 (which has no look-around and no back-references): "+
			"error parsing regexp: invalid or unsupported Perl syntax: `(?=`")
	f(one(`{properties: {a: {$ref: "https://example.com/s.json"}}}`),
		"4 error events[0].schema: refers to https://example.com/s.json: a plan is complete in itself; copy the schema into $defs")
	f(one(`{properties: {a: {type: string, enmu: [x]}}, requierd: [a]}`),
		"4 warning events[0].schema.properties.a.enmu: is no keyword of JSON Schema and has no effect; did you mean enum?",
		"4 warning events[0].schema.requierd: is no keyword of JSON Schema and has no effect; did you mean required?")
	f(one(`{properties: {chatId: {}}, required: [chat_id, other]}`),
		"4 warning events[0].schema.required[0]: chat_id is required and not among the properties; did you mean chatId?",
		"4 warning events[0].schema.required[1]: other is required and not among the properties")
	f(one(`{properties: {a: {minimum: 5, maximum: 1}, b: {type: string, enum: [x, 1]}, c: {format: date-tme}}}`),
		"4 warning events[0].schema.properties.a.minimum: is above maximum, so that no value fits",
		"4 warning events[0].schema.properties.b.enum[1]: is a number and can never be, as the type is string",
		`4 warning events[0].schema.properties.c.format: there is no format "date-tme", so that nothing is checked`)
	f("name: p\n$defs:\n  used: {type: string}\n  x: {type: strin}\nevents:\n  - {name: E, schema: {properties: {a: {$ref: \"#/$defs/used\"}}}}\n",
		`4 error $defs.x.type: must be one of "array", "boolean", "integer", "null", "number", "object", "string"`)
	f("name: p\n$defs:\n  pair: {items: [{type: string}]} # draft-07, as a rule may be\nevents:\n  - {name: E}\n")
	f("name: p\ncommon: {type: 7}\n$defs: {x: {mininum: 1}}\nevents: [{name: E}]\n",
		`2 error common.type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", got number`, "3 warning $defs.x.mininum: is no keyword of JSON Schema and has no effect; did you mean minimum?")
}
