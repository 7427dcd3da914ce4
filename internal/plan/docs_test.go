package plan

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// blocks returns the fenced blocks of a language.
func blocks(text, language string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "```"+language+"\n")
		if !ok {
			return out
		}
		block, after, _ := strings.Cut(rest, "\n```")
		out, text = append(out, block), after
	}
}

func TestExamplesOfTheDocsAreSound(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "plans.md"))
	if err != nil {
		t.Fatal(err)
	}
	plans := blocks(string(text), "yaml")
	if len(plans) == 0 {
		t.Fatal("docs/plans.md has no plan")
	}
	for _, block := range plans {
		p := mustParse(t, block)
		for _, problem := range p.Lint() {
			t.Errorf("%+v", problem)
		}
		c, err := Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Check(Call{Type: "track", Event: "Order Placed", JSON: []byte(`{"properties":{"conversationId":"c","total":"12.50"}}`)})
		if len(got) != 1 || !strings.Contains(string(text), strings.Join([]string{string(got[0].Kind), got[0].Event, got[0].Field, got[0].Description}, "   ")) {
			t.Errorf("the docs tell another violation than %+v", got)
		}
		if want := "`" + got[0].Rule + "`"; !strings.Contains(string(text), want) {
			t.Errorf("the docs do not name the rule %s", want)
		}
	}
	for _, block := range blocks(string(text), "json") {
		var e Enforcement
		dec := json.NewDecoder(strings.NewReader(block))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			t.Fatal(err)
		}
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, k := range []Kind{
		KindUnplannedEvent, KindUnplannedProperty, KindRequiredMissing, KindTypeMismatch, KindConstraint, KindRepair, KindUnknown,
		KindResponseWithoutPrompt, KindUnknownMessage, KindGap, KindMessageCountMismatch,
	} {
		if !strings.Contains(string(text), "`"+string(k)+"`") {
			t.Errorf("the docs do not explain %s", k)
		}
	}
	for _, p := range Builtins() {
		if !strings.Contains(string(text), "| `"+p.Name+"` |") {
			t.Errorf("the docs do not list the built-in plan %s", p.Name)
		}
	}
}
