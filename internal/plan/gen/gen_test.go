package gen

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/plan"
)

const shop = `
name: shop
version: 4
$defs: {money: {type: object, required: [amount], properties: {amount: {type: number}, currency: {enum: [USD, EUR]}}}}
events:
  - name: Message Sent
    description: A user adds a message. */ Every one.
    schema:
      type: object
      required: [conversationId, type]
      properties:
        conversationId: {type: string, description: The conversation.}
        type: {enum: [text, voice]}
        role: {enum: [customer, agent, "2nd line"], description: Who.}
        tokens: {type: integer}
        "odd-name": {type: [boolean, "null"]}
        when: {}
  - name: Order Placed
    version: 1
    schema: {properties: {old: {type: string}}}
  - name: Order Placed
    version: 2
    deprecated: true
    schema:
      required: [total, lines]
      properties:
        total: {$ref: "#/$defs/money"}
        tip: {$ref: "#/$defs/money"}
        lines: {type: array, items: {type: object, required: [sku], properties: {sku: {type: string}, sizes: {type: array, items: {enum: [1, 2.5]}}}}}
        tags: {type: array, items: {type: string}}
        extra: {type: object}
        either: {anyOf: [{type: string}, {type: number}]}
        comment: {type: [string, "null"]}
      additionalProperties: true
  - name: delete
  - name: Hard Words
    schema:
      required: [len, out, item, value, name, m, func, len_]
      properties: {len: {type: string}, out: {type: array, items: {enum: [a]}}, item: {type: array, items: {enum: [b]}}, value: {}, name: {}, m: {}, func: {}, len_: {}}
  - name: 3D Model Shown
    schema: {properties: {id: {type: string}}, allOf: [{required: [id]}]}
  - name: Kind
    schema: {properties: {a: {const: 1}}, additionalProperties: false}
  - type: identify
    schema: {properties: {plan: {enum: [free, paid]}}, required: [plan]}
  - type: group
    schema: {properties: {name: {type: string}}}
  - type: page
    name: Pricing
  - type: screen
    name: Home
    schema: {properties: {tab: {type: string}}, required: [tab]}
`

func parse(t *testing.T, text string) *plan.Plan {
	t.Helper()
	p, err := plan.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// plans are all that code is generated from here.
func plans(t *testing.T) []*plan.Plan {
	return append(plan.Builtins(), parse(t, shop), parse(t, "name: own\nextends: [segment-copilot]\nevents:\n  - {name: Chat Opened}\n"))
}

func TestOutputIsTheSameEveryTime(t *testing.T) {
	generated := regexp.MustCompile(`^// Code generated .* DO NOT EDIT\.\n`) // as go help generate has it
	for _, p := range plans(t) {
		for name, write := range map[string]func() ([]byte, error){
			"ts": func() ([]byte, error) { return TypeScript(p) },
			"go": func() ([]byte, error) { return Go(p, "events") },
		} {
			first, err := write()
			if err != nil {
				t.Fatalf("%s %s: %v", p.Name, name, err)
			}
			if !generated.Match(first) {
				t.Errorf("%s %s begins with %.80q", p.Name, name, first)
			}
			for range 3 {
				if again, err := write(); err != nil || !bytes.Equal(first, again) {
					t.Fatalf("%s %s: written again it differs", p.Name, name)
				}
			}
		}
	}
}

func TestUnsoundPlansAreRefused(t *testing.T) {
	for _, text := range []string{"name: \"a\\nb\"\nevents: [{name: E}]\n", "name: p\nevents: [{name: E, schema: {type: 7}}]\n", "name: p\nextends: [nonsense]\n"} {
		if out, err := TypeScript(parse(t, text)); err == nil {
			t.Errorf("%q: no error, but\n%s", text, out)
		}
	}
}

func TestGoRefusesWhatIsNoPackage(t *testing.T) {
	for _, name := range []string{"", "My-Events", "func", "1st"} {
		if _, err := Go(parse(t, shop), name); err == nil {
			t.Errorf("%q: no error", name)
		}
	}
}

// write fills a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs a program in a folder and returns what it prints.
func run(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// goStub stands in for analytics-go, as far as generated code knows it.
const goStub = `package analytics

type Message interface{ Validate() error }
type Properties map[string]interface{}
type Traits map[string]interface{}
type Context struct{ Extra map[string]interface{} }
type Track struct {
	UserId, AnonymousId, Event string
	Context *Context
	Properties Properties
}
type Identify struct {
	UserId, AnonymousId string
	Context *Context
	Traits Traits
}
type Group struct {
	UserId, AnonymousId, GroupId string
	Context *Context
	Traits Traits
}
type Page struct {
	UserId, AnonymousId, Name string
	Context *Context
	Properties Properties
}
type Screen struct {
	UserId, AnonymousId, Name string
	Context *Context
	Properties Properties
}

func (Track) Validate() error    { return nil }
func (Identify) Validate() error { return nil }
func (Group) Validate() error    { return nil }
func (Page) Validate() error     { return nil }
func (Screen) Validate() error   { return nil }
`

func goModule(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":                 "module example.com/app\n\ngo 1.26\n\nrequire github.com/segmentio/analytics-go/v3 v3.3.0\n\nreplace github.com/segmentio/analytics-go/v3 => ./analytics\n",
		"analytics/go.mod":       "module github.com/segmentio/analytics-go/v3\n\ngo 1.26\n",
		"analytics/analytics.go": goStub,
	})
	return dir
}

func TestGeneratedGoCompilesAndSendsTheCalls(t *testing.T) {
	dir := goModule(t)
	for _, p := range plans(t) {
		text, err := Go(p, "p"+strings.NewReplacer("-", "").Replace(p.Name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, map[string]string{"p" + strings.ReplaceAll(p.Name, "-", "") + "/events.go": string(text)})
	}
	write(t, dir, map[string]string{"main.go": `package main

import (
	"encoding/json"
	"fmt"

	"github.com/segmentio/analytics-go/v3"

	"example.com/app/pshop"
)

type printer struct{}

func (printer) Enqueue(m analytics.Message) error {
	text, err := json.Marshal(m)
	fmt.Println(string(text))
	return err
}

func main() {
	var q printer
	who := pshop.Who{UserID: "ada"}
	_ = pshop.MessageSent(q, who, "c1", pshop.MessageSentTypeText, pshop.MessageSentOptional{Role: pshop.MessageSentRoleCustomer, Tokens: new(int64(7))})
	usd := pshop.NewOrderPlacedTotal(9.5, pshop.OrderPlacedTotalOptional{})
	line := pshop.NewOrderPlacedLinesItem("x", pshop.OrderPlacedLinesItemOptional{})
	_ = pshop.OrderPlaced(q, who, usd, []pshop.OrderPlacedLinesItem{line}, pshop.OrderPlacedOptional{Extra2: map[string]any{"a": 1}, Extra: map[string]any{"b": 2}})
	_ = pshop.Identify(q, who, pshop.IdentifyPlanPaid)
	_ = pshop.Group(q, who, "g", pshop.GroupOptional{Name: new("Initech")})
	_ = pshop.PagePricing(q, who, pshop.PagePricingOptional{})
}
`})
	if out, err := run(dir, "go", "vet", "./..."); err != nil {
		t.Fatalf("vet: %v\n%s", err, out)
	}
	out, err := run(dir, "go", "run", ".")
	if err != nil {
		t.Fatalf("run: %v\n%s", err, out)
	}
	const want = `{"UserId":"ada","AnonymousId":"","Event":"Message Sent","Context":null,"Properties":{"conversationId":"c1","role":"customer","tokens":7,"type":"text"}}
{"UserId":"ada","AnonymousId":"","Event":"Order Placed","Context":{"Extra":{"protocols":{"event_version":2}}},"Properties":{"b":2,"extra":{"a":1},"lines":[{"sku":"x"}],"total":{"amount":9.5}}}
{"UserId":"ada","AnonymousId":"","Context":null,"Traits":{"plan":"paid"}}
{"UserId":"ada","AnonymousId":"","GroupId":"g","Context":null,"Traits":{"name":"Initech"}}
{"UserId":"ada","AnonymousId":"","Name":"Pricing","Context":null,"Properties":{}}
`
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
}

func TestGoViolationsDoNotCompile(t *testing.T) {
	dir := goModule(t)
	text, err := Go(parse(t, shop), "shop")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"shop/events.go": string(text)})
	f := func(call, want string) {
		t.Helper()
		write(t, dir, map[string]string{"bad/bad.go": "package bad\n\nimport \"example.com/app/shop\"\n\nvar q shop.Queue\nvar who shop.Who\n\nfunc bad() { " + call + " }\n"})
		out, err := run(dir, "go", "build", "./bad")
		if (err == nil) != (want == "") || !strings.Contains(out, want) {
			t.Errorf("%s: %v, want %q in\n%s", call, err, want, out)
		}
	}
	f(`shop.MessageSent(q, who, "c", shop.MessageSentTypeText, shop.MessageSentOptional{})`, "")
	f(`shop.MessageSent(q, who, "c", shop.MessageSentOptional{})`, "not enough arguments") // type is missing
	f(`shop.MessageSent(q, who, "c", "song", shop.MessageSentOptional{})`, "cannot use \"song\"")
	f(`shop.MessageSent(q, who, 7, shop.MessageSentTypeText, shop.MessageSentOptional{})`, "cannot use 7")
	f(`shop.MessageSent(q, who, "c", shop.MessageSentTypeText, shop.MessageSentOptional{Colour: "red"})`, "unknown field Colour")
	f(`shop.MessageSnt(q, who)`, "undefined: shop.MessageSnt")
}
