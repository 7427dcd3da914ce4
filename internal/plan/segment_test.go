package plan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const publicAPI = `{"data":{"trackingPlan":{"id":"tp_1","name":"Shop Copilot!","slug":"Shop","description":"What we send","type":"LIVE"},
"rules":[
 {"type":"COMMON","version":1,"jsonSchema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"context":{"type":"object","required":["app"]}}}},
 {"type":"TRACK","key":"Order Placed","version":1,"deprecatedAt":"0001-01-01T00:00:00Z","jsonSchema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object",
  "description":"An order","labels":{"team":"shop"},
  "properties":{"context":{},"traits":{"type":"object"},"properties":{"type":"object","properties":{
    "total":{"type":"number","id":"/properties/properties/properties/total","description":"In USD"},"at":{"type":"date-time"},"note":{"type":"any"},
    "code":{"type":["string","null"],"pattern":"^(?!x)"},"items":{"type":"array","items":{"$ref":"#/definitions/item"}}},"required":["total"]}},
  "definitions":{"item":{"type":"object","properties":{"price":{"type":"number"}},"required":["price"]}},
  "required":["properties","context"]}},
 {"type":"TRACK","key":"Order Placed","version":2,"deprecatedAt":"2024-05-01T00:00:00Z","jsonSchema":{"type":"object","properties":{"properties":{"type":"object","properties":{"total":{"type":"string"}}}},"required":["properties"]}},
 {"type":"IDENTIFY","version":1,"jsonSchema":{"type":"object","properties":{"traits":{"type":"object","properties":{"plan":{"enum":["free"]}}}}}},
 {"type":"PAGE","key":"Pricing","version":1,"jsonSchema":{"type":"object","properties":{"properties":{"type":"object"}}}},
 {"type":"ALIEN","jsonSchema":{}},
 {"type":"TRACK","key":"Nothing"}
]}}`

func TestImportSegmentPublicAPI(t *testing.T) {
	p, problems, err := ImportSegment([]byte(publicAPI))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	const want = `name: shop-copilot
description: What we send
version: 1
common:
  type: object
  properties:
    context:
      type: object
      required: [app]
$defs:
  item:
    type: object
    properties:
      price:
        type: number
    required: [price]
events:
  - name: Order Placed
    description: An order
    labels:
      team: shop
    schema:
      type: object
      properties:
        total:
          type: number
          id: "/properties/properties/properties/total"
          description: In USD
        at:
          type: string
          format: date-time
        note: {}
        code:
          type: [string, "null"]
          pattern: "^(?!x)"
        items:
          type: array
          items:
            $ref: "#/$defs/item"
      required: [total]
    call:
      required: [context]
  - name: Order Placed
    version: 2
    deprecated: true
    schema:
      type: object
      properties:
        total:
          type: string
  - type: identify
    schema:
      type: object
      properties:
        plan:
          enum: [free]
  - type: page
    name: Pricing
    schema:
      type: object
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var said []string
	for _, x := range problems {
		said = append(said, string(x.Severity)+" "+x.Path)
	}
	if diff := cmp.Diff([]string{"warning rules[5]", "warning rules[6]", "error events[0].schema.properties.code.pattern"}, said); diff != "" {
		t.Errorf("problems (-want +got)\n%s", diff)
	}
}

func TestImportSegmentOlderShapes(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		p, _, err := ImportSegment([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got := []string{p.Name}
		for _, e := range p.Events {
			got = append(got, e.key().title()+" "+string(e.Schema))
		}
		if len(p.Common) > 0 {
			got = append(got, "common "+string(p.Common))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
	const config = `{"name":"workspaces/w/tracking-plans/rs_1","display_name":"My Plan","rules":{
	 "events":[{"name":"A","description":"d","version":1,"rules":{"properties":{"properties":{"properties":{"x":{"type":"string"}}}}}},{"name":"B"}],
	 "global":{"properties":{"userId":{"type":"string"}}},"identify":{"properties":{"traits":{"properties":{"y":{}}}}},"group":{},"identify_traits":[{"name":"y"}]}}`
	want := []string{"my-plan", `track A {"properties":{"x":{"type":"string"}}}`, `identify {"properties":{"y":{}}}`, `common {"properties":{"userId":{"type":"string"}}}`}
	f(config, want...)
	f(`{"tracking_plans":[`+config+`]}`, want...)
	// typewriter's plan.json, newer and older.
	f(`{"id":"tp_1","name":"Plan","rules":[{"type":"TRACK","key":"A","version":1,"jsonSchema":{"properties":{"properties":{"required":["x"]}}}}]}`, "plan", `track A {"required":["x"]}`)
	f(`[{"type":"GROUP","jsonSchema":{"properties":{"traits":{"items":[{}]}}}}]`, "imported", `group {"$schema":"http://json-schema.org/draft-07/schema#","items":[{}]}`)
	for _, text := range []string{`{}`, `{"rules":3}`, `[`, `"x"`} {
		if _, _, err := ImportSegment([]byte(text)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestSegmentRoundTrip(t *testing.T) {
	p := mustParse(t, `
name: shop
description: d
version: 1
common: {properties: {userId: {type: string}}}
$defs: {id: {type: string}}
events:
  - name: A
    description: An event
    labels: {team: x}
    deprecated: true
    schema: {type: object, properties: {id: {$ref: "#/$defs/id"}, n: {type: integer}}, required: [id]}
    call: {properties: {context: {required: [page]}}, required: [context]}
  - name: A
    version: 2
    schema: {type: object, properties: {n: {type: integer}}}
  - type: identify
    schema: {type: object, properties: {plan: {type: string}}}
  - type: screen
    name: Home
    schema: {type: object, properties: {x: {}}, required: [x]}
`)
	text, err := ExportSegment(p)
	if err != nil {
		t.Fatal(err)
	}
	back, problems, err := ImportSegment(text)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	want, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := back.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s\nexported:\n%s", diff, text)
	}
}

func TestExportedBuiltinsCheckAlike(t *testing.T) {
	for _, p := range Builtins() {
		text, err := ExportSegment(p)
		if err != nil {
			t.Fatal(err)
		}
		back, _, err := ImportSegment(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Compile(back); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		// Every rule is one of the whole event, as Segment wants it.
		var doc struct {
			Rules []struct {
				JSONSchema struct {
					Properties map[string]json.RawMessage `json:"properties"`
				} `json:"jsonSchema"`
			} `json:"rules"`
		}
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for i, r := range doc.Rules {
			if r.JSONSchema.Properties["properties"] == nil && r.JSONSchema.Properties["traits"] == nil {
				t.Errorf("%s: rule %d has no properties of the event", p.Name, i)
			}
		}
	}
}

func TestPlansSurviveBeingWritten(t *testing.T) {
	for _, p := range append(Builtins(), mustParse(t, shopPlan)) {
		first, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		yaml, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{first, yaml} {
			back, err := Parse(text)
			if err != nil {
				t.Fatalf("%s: %v\n%s", p.Name, err, text)
			}
			second, err := back.JSON()
			if err != nil || !bytes.Equal(first, second) {
				t.Errorf("%s: %v %s", p.Name, err, cmp.Diff(string(first), string(second)))
			}
		}
	}
}

func TestParseNamesLineAndPath(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		p, err := Parse([]byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && err == nil:
			t.Errorf("%q: got %+v, want the error %q", text, p, want)
		case err != nil && !strings.Contains(err.Error(), want):
			t.Errorf("%q: got %v, want %q in it", text, err, want)
		}
	}
	f("name: p\nevents: []\n", "")
	f("\ufeff# a comment\n---\nname: p\n", "")
	f("name: p\nevents:\n  - name: A\n    shcema: {}\n", "line 4: events[0].shcema: is not known here")
	f("name: p\nevents:\n  - name: A\n    version: one\n", "line 4: events[0].version: expected an integer")
	f("name: p\nevents:\n  name: A\n", "line 3: events: expected a list of events, found an object")
	f("name: p\nevents:\n  - just text\n", "line 3: events[0]: expected an object, found a string")
	f("name: p\nname: q\n", "line 2")
	f("name: p\nevents:\n  - name: A\n    schema: [1]\n", "line 4: events[0].schema: expected a JSON Schema, found a list")
	f("name: [p\n", "line 1")
	f("name: *nobody\n", "there is no anchor nobody")
	f("", "the file is empty")
	f("a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"+
		"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "more than 200000 values")
	f("{\n \"name\": \"p\",\n \"events\": [\n  {\"name\": 7}\n ]\n}", "line 4: events[0].name: expected a string, found a number")
	f("{\n \"name\": \"p\",\n \"evnts\": []\n}", "line 3: evnts: is not known here")
	f("{\n \"name\": \"p\",\n \"events\": [,]\n}", "line 3")
	f(`{"name":"p","events":[{"name":"A","schema":{"type":"object","type":"string"}}]}`, "events[0].schema.type: is there twice")
	f("name: p\nevents:\n  - name: A\n    labels: {tier: 1}\n", "events[0].labels.tier: expected a string")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(shopPlan))
	f.Add([]byte(publicAPI))
	f.Add([]byte("name: p\nevents:\n  - &a {name: A, schema: true}\n  - *a\n"))
	f.Add([]byte("{\"name\":\"p\",\"events\":[{\"name\":\"A\",\"schema\":{\"const\":\"yes\\n no\"}}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if _, _, importErr := ImportSegment(data); importErr == nil && len(data) == 0 {
			t.Error("imported nothing")
		}
		if err != nil {
			return
		}
		p.Lint()
		first, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(first)
		if err != nil {
			t.Fatalf("the plan as JSON is not read again: %v\n%s", err, first)
		}
		if second, err := back.JSON(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("written and read again it differs: %v\n%s\n%s", err, first, second)
		}
		yaml, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(yaml); err != nil {
			t.Fatalf("the plan as YAML is not read again: %v\n%s", err, yaml)
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{typicalCall, `{"event":"Message Sent","properties":{"items":[{"price":1e400}]}}`, `{"context":{"traits":[]}}`, `{"event":{},"properties":{"a":{}}}`} {
		f.Add("track", []byte(seed))
		f.Add("identify", []byte(seed))
	}
	plan := shopPlan + "common: {properties: {properties: {maxProperties: 3}}}\n"
	omit := Controls{UnplannedProperties: ActionOmit, Violations: ActionOmit, Common: ActionOmit}
	e, err := NewEnforcer(checker(f, plan), Enforcement{Track: omit, Identify: omit, Strict: true}, "shop", 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typ string, call []byte) {
		v := e.Judge(Call{Type: typ, JSON: call}, nil)
		if v.Action == ActionOmit {
			out, err := Omit(call, v.Omit)
			if err != nil || !json.Valid(out) {
				t.Fatalf("omit %q from %s: %v %s", v.Omit, call, err, out)
			}
		} else if len(v.Omit) > 0 {
			t.Fatalf("action %s omits %q", v.Action, v.Omit)
		}
	})
}
