package profile

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/enrich/injection"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/redact"
)

// Bounds of what a prompt tells of one value. Write keys are public, so that anybody can send traits: what is
// longer than a label may be a sentence to the model.
const (
	maxLabel      = 40 // characters
	maxLabelWords = 3
	maxListed     = 5 // values of a list
)

// wary decides what of a profile may stand in a prompt, and how. What it does not understand it leaves out.
type wary struct {
	redactor  *redact.Redactor
	injection *linear.Turns
}

func newWary() *wary {
	strictest := func(string) redact.Mode { return redact.Mode{Level: redact.All, Content: redact.Redacted} }
	return &wary{redactor: redact.New(redact.Config{Mode: strictest, Key: []byte("pseudonyms are never shown")}), injection: injection.New()}
}

// unmasked returns those of some values that redaction at its strictest leaves as they are, names included. Numbers
// are looked at as if they were texts, so that an age is none of them.
func (w *wary) unmasked(values map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	type call struct {
		Type   string                     `json:"type"`
		Traits map[string]json.RawMessage `json:"traits"`
	}
	before := call{"identify", make(map[string]json.RawMessage, len(values))}
	for name, value := range values {
		if len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9') {
			value = json.RawMessage(`"` + string(value) + `"`)
		}
		before.Traits[name] = value
	}
	text, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &before); err != nil { // as it was written
		return nil, err
	}
	raw, after := event.Raw{JSON: text}, call{}
	w.redactor.Call("", "", &raw)
	if err := json.Unmarshal(raw.JSON, &after); err != nil {
		return nil, err
	}
	out := make(map[string]json.RawMessage, len(values))
	for name, value := range values {
		if masked, ok := after.Traits[name]; ok && bytes.Equal(masked, before.Traits[name]) {
			out[name] = value
		}
	}
	return out, nil
}

// value writes a JSON value for a prompt: numbers, truths and days as they are, other texts quoted; "" for what is
// not told.
func (w *wary) value(v json.RawMessage) string {
	if len(v) == 0 {
		return ""
	}
	switch v[0] {
	case '[':
		return w.list(v)
	case '"':
		var text string
		if json.Unmarshal(v, &text) != nil {
			return ""
		}
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return day(at)
		}
		return w.quoted(text)
	case 't', 'f':
		return string(v)
	case '{', 'n':
		return ""
	}
	n, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(n, 'g', 12, 64)
}

func (w *wary) list(v json.RawMessage) string {
	var items []json.RawMessage
	if json.Unmarshal(v, &items) != nil {
		return ""
	}
	var told []string
	for _, item := range items {
		if len(item) > 0 && item[0] == '[' {
			continue
		}
		if text := w.value(item); text != "" && len(told) < maxListed {
			told = append(told, text)
		}
	}
	return strings.Join(told, " and ")
}

// quoted writes a label in quotes; "" for what is none, or reads like an instruction.
func (w *wary) quoted(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if !isLabel(text) || pseudonym.MatchString(text) || w.commands(text) {
		return ""
	}
	return `"` + text + `"`
}

// pseudonym matches what redaction puts in the place of an id.
var pseudonym = regexp.MustCompile(`^[a-z]+_[a-p]{16}$`)

// name writes the name of a trait that a call sent; "" for one that is not told.
func (w *wary) name(name string) string {
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
	for _, c := range name {
		if c >= utf8.RuneSelf || c != '_' && c != '-' && c != '.' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return ""
		}
	}
	if !isLabel(name) || isID(name) || w.commands(name) {
		return ""
	}
	return name
}

// commands reports whether a label reads like an attempt to change what the copilot is told.
func (w *wary) commands(label string) bool {
	var in linear.Input
	talk := words.Talk{Turns: []words.Turn{{Role: words.User, Raw: label}}}
	talk.Turns[0].Read(strings.Join(wordsOf(label), " "))
	return w.injection.Score(&talk, 0, &in) >= injection.Threshold
}

// isLabel reports whether a text is a label: few words of letters and digits, with few signs between, none of
// which opens or closes anything.
func isLabel(text string) bool {
	if text == "" || utf8.RuneCountInString(text) > maxLabel || !utf8.ValidString(text) {
		return false
	}
	for _, c := range text {
		if !unicode.In(c, unicode.Letter, unicode.Mark, unicode.Nd) && !strings.ContainsRune(" .,+-_/%&'€$£", c) {
			return false
		}
	}
	n := len(wordsOf(text))
	return n > 0 && n <= maxLabelWords
}

// wordsOf splits a label at its signs, and where a capital letter follows a small one.
func wordsOf(label string) []string {
	var b strings.Builder
	var before rune
	for _, c := range label {
		if unicode.IsUpper(c) && unicode.IsLower(before) {
			b.WriteByte(' ')
		}
		if !unicode.In(c, unicode.Letter, unicode.Mark, unicode.Nd) && c != '\'' {
			c = ' '
		}
		b.WriteRune(c)
		before = c
	}
	return strings.Fields(b.String())
}

// isID reports whether a name says that its value is an id: "id", "account_id", "crmId", "uuid".
func isID(name string) bool {
	all := wordsOf(name)
	switch strings.ToLower(all[len(all)-1]) {
	case "id", "ids", "uuid", "guid", "key", "token", "hash":
		return true
	}
	return false
}

// day writes the day of a time, in UTC.
func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }
