package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const shopPlan = `
name: shop
version: 2
rating_scale: "1-5"
events:
  - name: Message Sent
    property_aliases: {message_body: [content, text]}
    schema:
      type: object
      required: [conversationId, message_body]
      properties:
        conversationId: {type: string, minLength: 1}
        message_body: {type: string, maxLength: 40}
        role: {enum: [customer, agent]}
        tokens: {type: integer, minimum: 0}
        at: {type: string, format: date-time}
        code: {type: string, pattern: "^[a-z]+$"}
        items:
          type: array
          maxItems: 2
          items:
            type: object
            properties:
              price: {type: number}
            additionalProperties: false
            required: [price]
  - name: Component Loaded
    aliases: [Custom Component Loaded]
    schema:
      properties: {type: {type: string}}
      additionalProperties: true
  - name: Order Placed
    version: 1
    schema: {properties: {total: {type: string}}, required: [total]}
  - name: Order Placed
    version: 2
    rating_scale: thumbs
    schema: {properties: {total: {type: number}}, required: [total]}
  - type: identify
    schema: {properties: {plan: {enum: [free, paid]}}}
  - type: page
    name: Pricing
  - name: Free Form
    rating_scale: 0-10
`

func checker(t testing.TB, text string) *Checker {
	t.Helper()
	p, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lines writes violations as "kind field: description".
func lines(list []Violation) []string {
	var out []string
	for _, v := range list {
		out = append(out, strings.TrimSpace(string(v.Kind)+" "+v.Field)+": "+v.Description)
	}
	return out
}

func TestCheckSaysWhatDeviates(t *testing.T) {
	c := checker(t, shopPlan)
	f := func(call string, want ...string) {
		t.Helper()
		typ := "track"
		if rest, ok := strings.CutPrefix(call, `{"type":"`); ok {
			typ, _, _ = strings.Cut(rest, `"`)
		}
		if diff := cmp.Diff(want, lines(c.Check(Call{Type: typ, JSON: []byte(call)}))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", call, diff)
		}
	}
	sent := func(props string) string { return `{"event":"Message Sent","properties":` + props + `}` }
	f(sent(`{"conversationId":"c","message_body":"hi"}`))
	f(sent(`{"conversationId":"c"}`), "required_missing properties.message_body: is required")
	f(`{"event":"Message Sent"}`, "required_missing properties.conversationId: is required", "required_missing properties.message_body: is required")
	f(sent(`null`), "required_missing properties.conversationId: is required", "required_missing properties.message_body: is required")
	f(sent(`"text"`), "type_mismatch properties: expected object, got string")
	f(sent(`{"conversationId":7,"message_body":"hi"}`), "type_mismatch properties.conversationId: expected string, got number")
	f(sent(`{"conversationId":"","message_body":"hi"}`), "constraint properties.conversationId: must have at least 1 character")
	f(sent(`{"conversationId":"c","message_body":"hi","tokens":"12"}`), "type_mismatch properties.tokens: expected integer, got string")
	f(sent(`{"conversationId":"c","message_body":"hi","tokens":1.5}`), "type_mismatch properties.tokens: expected integer, got number")
	f(sent(`{"conversationId":"c","message_body":"hi","tokens":-1}`), "constraint properties.tokens: must be at least 0")
	f(sent(`{"conversationId":"c","message_body":"hi","tokens":1e999999999}`))
	f(sent(`{"conversationId":"c","message_body":"hi","role":"boss"}`), `constraint properties.role: must be one of "customer", "agent"`)
	f(sent(`{"conversationId":"c","message_body":"hi","role":true}`), `type_mismatch properties.role: expected one of "customer", "agent", got boolean`)
	f(sent(`{"conversationId":"c","message_body":"hi","at":"soon"}`), "constraint properties.at: must be a valid date-time")
	f(sent(`{"conversationId":"c","message_body":"hi","code":"A1"}`), "constraint properties.code: must match the pattern ^[a-z]+$")
	f(sent(`{"conversationId":"c","message_body":"hi","colour":"red"}`), "unplanned_property properties.colour: is not in the plan")
	f(sent(`{"conversationId":"c","message_body":"hi","items":[{"price":1},{"price":"2"}]}`), "type_mismatch properties.items.$.price: expected number, got string")
	f(sent(`{"conversationId":"c","message_body":"hi","items":[{"price":1,"sku":"x"},{}]}`),
		"required_missing properties.items.$.price: is required", "unplanned_property properties.items.$.sku: is not in the plan")
	f(sent(`{"conversationId":"c","message_body":"hi","items":[{"price":"1"},{"price":"2"}]}`), "type_mismatch properties.items.$.price: expected number, got string") // told once
	f(sent(`{"conversationId":"c","message_body":"hi","items":[1,{"price":1},{"price":1}]}`),
		"constraint properties.items: must have at most 2 items", "type_mismatch properties.items.$: expected object, got number")

	// Names.
	f(`{"event":"message sent","properties":{}}`, "unplanned_event: is not in the plan; did you mean Message Sent?")
	f(`{"event":"component_loaded","properties":{}}`, "unplanned_event: is not in the plan; did you mean Component Loaded?")
	f(`{"event":"Rain","properties":{}}`, "unplanned_event: is not in the plan")
	f(`{"event":"","properties":{}}`, "unplanned_event: has no name")
	f(`{"event":"Custom Component Loaded","properties":{"anything":1}}`)
	f(`{"event":"Free Form","properties":{"anything":1}}`)

	// Odd ways that are understood: another name, beside properties; never the envelope's messageId.
	f(sent(`{"conversationId":"c","content":"hi"}`))
	f(sent(`{"conversationId":"c","message_body":"hi","content":"hi"}`), "unplanned_property properties.content: is not in the plan")
	f(`{"event":"Message Sent","conversationId":"c","properties":{"message_body":"hi"}}`)

	// Other types.
	f(`{"type":"identify","traits":{"plan":"free"}}`)
	f(`{"type":"identify","traits":{"plan":"gold"}}`, `constraint traits.plan: must be one of "free", "paid"`)
	f(`{"type":"identify","traits":{"plan":"free","age":3}}`, "unplanned_property traits.age: is not in the plan")
	f(`{"type":"identify","context":{"traits":{"plan":1}}}`, `type_mismatch traits.plan: expected one of "free", "paid", got number`)
	f(`{"type":"identify","properties":{"plan":"paid"}}`)
	f(`{"type":"page","name":"Pricing"}`)
	f(`{"type":"page","name":"Home"}`, "unplanned_event: is not in the plan")
	f(`{"type":"group","traits":{"x":1}}`)
	f(`{"type":"screen","name":"Any"}`)
	f(`{"type":"span","name":"Any"}`)

	// What is no call.
	f(`[]`, "unknown: the call is no JSON object")
	f(``, "unknown: the call is no JSON object")
	f(`{"event":"Message Sent","properties":`+strings.Repeat("[", 300)+strings.Repeat("]", 300)+`}`, "unknown: the call is nested too deeply")
}

func TestCheckNamesTheRule(t *testing.T) {
	c := checker(t, shopPlan)
	got := c.Check(Call{Type: "track", Event: "Message Sent", JSON: []byte(`{"properties":{"conversationId":"c","message_body":"hi","tokens":-1,"x":1}}`)})
	want := []Violation{
		{Kind: KindConstraint, Event: "Message Sent", Field: "properties.tokens", Description: "must be at least 0", Rule: "Message Sent#/properties/tokens/minimum", Version: 1},
		{Kind: KindUnplannedProperty, Event: "Message Sent", Field: "properties.x", Description: "is not in the plan", Rule: "Message Sent#", Version: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if code := got[0].Code(); code != "plan_constraint" {
		t.Errorf("code: got %q", code)
	}
}

func TestAnyLiveVersionWillDo(t *testing.T) {
	c := checker(t, shopPlan)
	f := func(call string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, lines(c.Check(Call{Type: "track", Event: "Order Placed", JSON: []byte(call)}))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", call, diff)
		}
	}
	f(`{"properties":{"total":"9"}}`)
	f(`{"properties":{"total":9}}`)
	f(`{"properties":{"total":9},"context":{"protocols":{"event_version":2}}}`)
	f(`{"properties":{"total":9},"context":{"protocols":{"event_version":7}}}`)
	f(`{"properties":{"total":"9"},"context":{"protocols":{"event_version":2}}}`, "type_mismatch properties.total: expected number, got string")
	f(`{"properties":{"total":true}}`, "type_mismatch properties.total: expected string, got boolean") // against the oldest
	got := c.Check(Call{Type: "track", Event: "Order Placed", JSON: []byte(`{"properties":{"total":true},"context":{"protocols":{"event_version":2}}}`)})
	if len(got) != 1 || got[0].Version != 2 {
		t.Errorf("asked for version 2, got %+v", got)
	}
}

func TestAlternativesAreReportedInFewWords(t *testing.T) {
	c := checker(t, `{"name":"p","events":[{"name":"E","schema":{"properties":{
		"a":{"anyOf":[{"type":"string"},{"type":"null"}]},
		"b":{"anyOf":[{"type":"string"},{"type":"object","required":["id"]}]},
		"c":{"oneOf":[{"type":"integer"},{"minimum":0}]},
		"d":{"not":{"type":"string"}},
		"e":{"type":"object","anyOf":[{"required":["x"]},{"required":["y"]}]},
		"f":{"type":"object","dependentRequired":{"x":["y"]},"propertyNames":{"maxLength":1}},
		"g":false
	}}}]}`)
	f := func(props string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, lines(c.Check(Call{Type: "track", Event: "E", JSON: []byte(`{"properties":` + props + `}`)}))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", props, diff)
		}
	}
	f(`{"a":1}`, "type_mismatch properties.a: expected string or null, got number")
	f(`{"b":{}}`, "required_missing properties.b.id: is required")
	f(`{"c":3}`, "constraint properties.c: fits more than one of the alternatives, of which it may fit only one")
	f(`{"d":"x"}`, "constraint properties.d: is what the plan excludes")
	f(`{"e":{}}`, "required_missing properties.e.x: one of x, y is required")
	f(`{"f":{"x":1}}`, "required_missing properties.f.y: is required when x is there")
	f(`{"f":{"long":1}}`, "constraint properties.f.long: has a name that the plan does not allow")
	f(`{"g":1}`, "unplanned_property properties.g: is not allowed here")
}

func TestCommonRuleSeesTheWholeCall(t *testing.T) {
	c := checker(t, `
name: p
$defs: {id: {type: string, minLength: 3}}
common:
  properties:
    userId: {$ref: "#/$defs/id"}
    context: {properties: {app: {required: [version]}}}
events:
  - name: E
    call: {properties: {context: {required: [page]}}, required: [context]}
    schema: {properties: {id: {$ref: "#/$defs/id"}}}
`)
	got := lines(c.Check(Call{Type: "track", Event: "E", JSON: []byte(`{"userId":"u","properties":{"id":"1"},"context":{"app":{}}}`)}))
	want := []string{
		"required_missing context.page: is required",
		"constraint properties.id: must have at least 3 characters",
		"required_missing context.app.version: is required",
		"constraint userId: must have at least 3 characters",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := lines(c.Check(Call{Type: "alias", JSON: []byte(`{"userId":"u"}`)})); len(got) != 1 {
		t.Errorf("an alias call: got %q, want one violation of the common rule", got)
	}
}

func TestWhatTheCommonRuleNamesIsPlanned(t *testing.T) {
	c := checker(t, `
name: p
$defs: {tenant: {properties: {properties: {properties: {tenant: {type: string}}, patternProperties: {^x_: {}}}}}}
common:
  allOf: [{$ref: "#/$defs/tenant"}]
  properties: {traits: {properties: {region: {type: string}}}}
events:
  - name: E
    schema: {properties: {a: {type: string}}}
  - type: identify
    schema: {properties: {plan: {type: string}}}
`)
	f := func(typ, call string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, lines(c.Check(Call{Type: typ, JSON: []byte(call)}))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", call, diff)
		}
	}
	f("track", `{"event":"E","properties":{"a":"b","tenant":"t","x_1":1}}`)
	f("track", `{"event":"E","properties":{"tenant":1,"region":"r"}}`,
		"unplanned_property properties.region: is not in the plan", "type_mismatch properties.tenant: expected string, got number")
	f("identify", `{"traits":{"plan":"free","region":"r","tenant":"t"}}`, "unplanned_property traits.tenant: is not in the plan")
}

func TestWhatTwoRulesFindIsOneViolation(t *testing.T) {
	c := checker(t, `
name: p
common: {properties: {properties: {required: [id], properties: {n: {type: integer}}}}}
events:
  - {name: E, schema: {required: [id], properties: {id: {}, n: {type: integer}}}}
`)
	list := c.Check(Call{Type: "track", JSON: []byte(`{"event":"E","properties":{"n":"x"}}`)})
	want := []string{"required_missing properties.id: is required", "type_mismatch properties.n: expected integer, got string"}
	if diff := cmp.Diff(want, lines(list)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(list) > 0 && list[0].Rule != "E#/required" {
		t.Errorf("the rule is %s, want the event's", list[0].Rule)
	}
}

// A schema is compiled with the definitions that it needs and no others, and needs those of its definitions.
func TestDefinitionsAreFoundHoweverTheyAreReferredTo(t *testing.T) {
	var unused strings.Builder
	for i := range 300 {
		fmt.Fprintf(&unused, "  unused%d: {properties: {a: {$ref: '#/$defs/tree'}, b: {type: array, items: {type: integer}}}}\n", i)
	}
	c := checker(t, `
name: p
$defs:
  tree: {type: object, properties: {left: {$ref: "#/$defs/tree"}, leaf: {$ref: "#/$defs/a~1b"}}}
  a/b: {type: integer}
  part: {properties: {sku: {type: string}}}
  named: {$anchor: here, type: boolean}
`+unused.String()+`events:
  - {name: Tree, schema: {properties: {tree: {$ref: "#/$defs/tree"}}}}
  - {name: Deep, schema: {properties: {sku: {$ref: "#/$defs/part/properties/sku"}}}}
  - {name: Anchor, schema: {properties: {yes: {$ref: "#here"}}}}
  - {name: Own, schema: {$defs: {part: {type: "null"}}, properties: {part: {$ref: "#/$defs/part"}}}}
`)
	f := func(event, properties, want string) {
		t.Helper()
		got := lines(c.Check(Call{Type: "track", Event: event, JSON: []byte(`{"properties":` + properties + `}`)}))
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", event, diff)
		}
	}
	f("Tree", `{"tree":{"left":{"left":{"leaf":"x"}}}}`, "type_mismatch properties.tree.left.left.leaf: expected integer, got string")
	f("Deep", `{"sku":1}`, "type_mismatch properties.sku: expected string, got number")
	f("Anchor", `{"yes":1}`, "type_mismatch properties.yes: expected boolean, got number")
	f("Own", `{"part":1}`, "type_mismatch properties.part: expected null, got number")
}

func TestViolationsQuoteNoText(t *testing.T) {
	c := checker(t, shopPlan)
	const secret = "s3cret words of a user"
	call := `{"event":"Message Sent","properties":{"conversationId":{"a":"` + secret + `"},"message_body":"` + secret + strings.Repeat("x", 40) +
		`","role":"` + secret + `","tokens":"` + secret + `","at":"` + secret + `","code":"` + secret + `","items":"` + secret + `"}}`
	list := c.Check(Call{Type: "track", JSON: []byte(call)})
	if len(list) != 7 {
		t.Errorf("got %d violations, want 7: %q", len(list), lines(list))
	}
	if i := slices.IndexFunc(list, func(v Violation) bool { return strings.Contains(v.Description+v.Rule+v.Field, "s3cret") }); i >= 0 {
		t.Errorf("quotes what was sent: %q", list[i].Description)
	}
}

// Violations are counted by their words: what users write must not make each of them its own.
func TestTheSameDeviationHasTheSameWords(t *testing.T) {
	c := checker(t, `
name: p
events:
  - name: E
    schema:
      properties:
        short: {maxLength: 2}
        long: {minLength: 90}
        few: {maxItems: 1}
        many: {minItems: 90, uniqueItems: true}
        small: {maxProperties: 1}
        pair: {prefixItems: [true], items: false}
`)
	call := func(n int) Call {
		list := strings.Repeat(`1,`, n) + `1`
		return Call{Type: "track", Event: "E", JSON: fmt.Appendf(nil, `{"properties":{"short":%q,"long":%[1]q,"few":[%s],"many":[%d,%[2]s],"small":{"a":1,"b%[3]d":1},"pair":[%[2]s]}}`,
			strings.Repeat("x", n), list, n)}
	}
	first := c.Check(call(5))
	if len(first) != 7 {
		t.Errorf("got %d violations, want 7: %q", len(first), lines(first))
	}
	if diff := cmp.Diff(first, c.Check(call(50))); diff != "" {
		t.Errorf("longer values: (-short +long)\n%s", diff)
	}
}

func TestRatingScaleOfTheEventComesFirst(t *testing.T) {
	c := checker(t, shopPlan)
	f := func(name, want string) {
		t.Helper()
		if got := c.RatingScale("track", name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	f("Free Form", "0-10")
	f("Message Sent", "1-5")
	f("Unknown", "1-5")
}
