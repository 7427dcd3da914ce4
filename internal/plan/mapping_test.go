package plan

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/evaldata"
)

// mappingRow is a row of the table that says what events there are.
type mappingRow struct{ vocabulary, event, subtype, required string }

func mapping(t *testing.T) []mappingRow {
	t.Helper()
	text, err := os.ReadFile(evaldata.Path(t, "spec", "mapping.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []mappingRow
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		f := strings.Split(line, "\t")
		out = append(out, mappingRow{f[0], f[1], f[2], f[6]})
	}
	return out
}

// sample is a value that a property of a name may have.
func sample(name string) any {
	switch name {
	case "rating":
		return 4
	case "rating_scale":
		return "1-5"
	case "IsFavorite", "IsSuccessful":
		return "True"
	case "UserAnswer":
		return "AllowOnce"
	case "ttftMs":
		return 350
	}
	return "x"
}

var notUpper = regexp.MustCompile(`_+([a-z])`)

// wire spells a SubType as Unity's client does.
func wire(subtype string) string {
	s := notUpper.ReplaceAllStringFunc("_"+subtype, func(m string) string { return strings.ToUpper(m[len(m)-1:]) })
	return s
}

// Every event of the table that a built-in plan is for conforms to it with what the table requires, and
// misses a property without.
func TestBuiltinsKnowEveryEventOfTheTable(t *testing.T) {
	checkers := map[string][]*Checker{
		"segment": {builtinChecker(t, "segment-copilot")}, "screeb": {builtinChecker(t, "screeb-2025-09"), builtinChecker(t, "screeb-2026")},
		"unity": {builtinChecker(t, "unity")}, "unity-newer": {builtinChecker(t, "unity")},
	}
	checked := 0
	for _, row := range mapping(t) {
		if strings.HasPrefix(row.event, "Live Chat") || row.event == "identify" || strings.HasPrefix(row.event, "any other") {
			continue
		}
		for _, c := range checkers[row.vocabulary] {
			for _, event := range strings.Split(row.event, " / ") {
				for _, subtype := range spellings(row.subtype) {
					checked++
					testRow(t, c, row, event, subtype)
				}
			}
		}
	}
	if checked < 120 {
		t.Errorf("checked %d events; the table has more", checked)
	}
}

// spellings lists the SubTypes of a row: documents abbreviate several in one.
func spellings(subtypes string) []string {
	if subtypes == "" || strings.HasPrefix(subtypes, "(") {
		return []string{""}
	}
	suffix := ""
	if strings.HasSuffix(subtypes, "_attached_context") && strings.Contains(subtypes, "/") {
		subtypes, suffix = strings.TrimSuffix(subtypes, "_attached_context"), "_attached_context"
	}
	var out []string
	for s := range strings.SplitSeq(subtypes, "/") {
		s = strings.TrimSuffix(strings.TrimSpace(s), "_") + suffix
		out = append(out, s)
		if strings.ToLower(s) == s {
			out = append(out, wire(s))
		}
	}
	return out
}

func testRow(t *testing.T, c *Checker, row mappingRow, event, subtype string) {
	t.Helper()
	props := map[string]any{}
	if subtype != "" {
		props["SubType"] = subtype
	}
	if strings.Contains(event, "Ttft") {
		props["ttftMs"] = sample("ttftMs")
	}
	var required []string
	for name := range strings.SplitSeq(row.required, ",") {
		if name, optional := strings.CutSuffix(name, "?"); name != "" && !optional {
			name, _, _ = strings.Cut(name, "|")
			required = append(required, name)
			props[name] = sample(name)
		}
	}
	check := func() []string {
		text, err := json.Marshal(map[string]any{"type": "track", "event": event, "properties": props})
		if err != nil {
			t.Fatal(err)
		}
		return lines(c.Check(Call{Type: "track", Event: event, JSON: text}))
	}
	if got := check(); len(got) > 0 {
		t.Errorf("%s %s: got %q, want none", event, subtype, got)
	}
	for _, name := range required {
		if row.vocabulary == "screeb" && name != "prompt" && name != "response" && name != "rating" {
			continue // later pages ask for less
		}
		value := props[name]
		delete(props, name)
		if got := check(); len(got) != 1 || !strings.HasPrefix(got[0], "required_missing properties."+name) {
			t.Errorf("%s %s without %s: got %q", event, subtype, name, got)
		}
		props[name] = value
	}
}

// The treatments of section B.3 that a plan can see.
func TestUnityOddities(t *testing.T) {
	c := builtinChecker(t, "unity")
	f := func(name, data string, want ...string) {
		t.Helper()
		got := lines(c.Check(Call{Type: "track", Event: name, JSON: []byte(`{"properties":` + data + `}`)}))
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s %s: got %q, want %q", name, data, got, want)
		}
	}
	const local = "AIAssistantUITriggerLocalEvent"
	permission := func(answer string) string {
		return `{"SubType":"PermissionResponse","ConversationId":"c","FunctionId":"f","PermissionType":"p","UserAnswer":` + answer + `}`
	}
	f(local, permission(`"DenyAlways"`))
	f(local, permission(`"Perhaps"`), `constraint properties.UserAnswer: must be one of "AllowOnce", "AllowAlways", "DenyOnce", "DenyAlways"`)
	f(local, `{"SubType":"OpenReferenceUrl","Url":"https://x"}`)
	f(local, `{"SubType":"OpenReferenceUrl"}`, "required_missing properties.ReferenceUrl: is required")
	f(local, `{"SubType":"ModifyRunCommandPreviewWithObjectPicker"}`)
	f(local, `{"SubType":"SaveCode","ResponseMessage":"x","ConversationId":"","Something":"else"}`)
	f("UI Trigger Local Event", `{"SubType":"window_opened"}`)
	f("UITriggerLocalEventData", `{"SubType":"WindowOpened"}`)
	f("AIAssistantUITriggerBackendEvent", `{"SubType":"favorite_conversation","ConversationId":"c","ConversationTitle":"t","IsFavorite":true}`,
		"type_mismatch properties.IsFavorite: expected string, got boolean")
	f("AIAssistantUITriggerBackendEvent", `{"SubType":"favorite_conversation","ConversationId":"c","ConversationTitle":"t","IsFavorite":"yes"}`,
		"constraint properties.IsFavorite: must match the pattern ^([Tt]rue|[Ff]alse)$")
	f("SendUserMessageEventData", `{"userPrompt":"p","commandMode":"Agent","conversationId":"c","messageId":"m","autoRunEnabled":"True"}`)
}
