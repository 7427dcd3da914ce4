package destination

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Setting is one field of the settings form.
type Setting struct {
	Key      string // snake_case
	Label    string
	Doc      string // a sentence or two, Markdown
	Type     SettingType
	Secret   bool // encrypted where it is stored, and never shown again
	Required bool
	Default  string
	Choices  []string // of a choice
	Example  string
}

// SettingType is how a setting is written and checked.
type SettingType string

// Types of settings.
const (
	Text    SettingType = "text"
	Number  SettingType = "number"  // a whole number, not negative
	Boolean SettingType = "boolean" // "true" or "false"
	Choice  SettingType = "choice"
	URL     SettingType = "url" // http or https, with a host
	Map     SettingType = "map" // lines of "key: value"; keys are not empty and come once
)

// Settings are the values of a spec's settings by key. After [Spec.Check] every key is there, with its
// default where nothing was said, and every value is of its type.
type Settings map[string]string

// Int returns a Number; 0 when it is empty.
func (s Settings) Int(key string) int {
	n, _ := strconv.Atoi(s[key])
	return n
}

// Bool returns a Boolean.
func (s Settings) Bool(key string) bool { return s[key] == "true" }

// Pair is one line of a Map.
type Pair struct{ Key, Value string }

// Pairs returns the lines of a Map, in their order.
func (s Settings) Pairs(key string) []Pair {
	pairs, _ := parsePairs(s[key])
	return pairs
}

// Check returns the settings trimmed and with defaults filled in, or every fault, joined, each an
// [InvalidSettings]. Faults quote no value.
func (s *Spec) Check(given Settings) (Settings, error) {
	checked := make(Settings, len(s.Settings))
	var errs []error
	fault := func(key, reason string) { errs = append(errs, &InvalidSettings{key, reason}) }
	for i := range s.Settings {
		setting := &s.Settings[i]
		value := strings.TrimSpace(given[setting.Key])
		if value == "" {
			value = setting.Default
		}
		if value == "" && setting.Required {
			fault(setting.Key, "is required")
		} else if reason := setting.check(value); value != "" && reason != "" {
			fault(setting.Key, reason)
		}
		checked[setting.Key] = value
	}
	for key := range given {
		if s.setting(key) == nil {
			fault(key, "is no setting of "+s.Name)
		}
	}
	if len(errs) > 0 {
		slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return nil, errors.Join(errs...)
	}
	return checked, nil
}

func (s *Spec) setting(key string) *Setting {
	for i := range s.Settings {
		if s.Settings[i].Key == key {
			return &s.Settings[i]
		}
	}
	return nil
}

// check returns what is wrong with a value that is not empty, or "".
func (s *Setting) check(value string) string {
	switch s.Type {
	case Number:
		if n, err := strconv.Atoi(value); err != nil || n < 0 {
			return "is no whole number"
		}
	case Boolean:
		if value != "true" && value != "false" {
			return `is neither "true" nor "false"`
		}
	case Choice:
		if !slices.Contains(s.Choices, value) {
			return "is none of " + strings.Join(s.Choices, ", ")
		}
	case URL:
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			return "is no http or https address"
		}
	case Map:
		if _, line := parsePairs(value); line > 0 {
			return `line ` + strconv.Itoa(line) + ` is not "key: value", or its key came before`
		}
	}
	return ""
}

// parsePairs reads lines of "key: value". The number is that of the first line which is none, or 0.
func parsePairs(text string) (pairs []Pair, faulty int) {
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key = strings.TrimSpace(key)
		if !ok || key == "" || seen[key] {
			return nil, i + 1
		}
		seen[key] = true
		pairs = append(pairs, Pair{key, strings.TrimSpace(value)})
	}
	return pairs, 0
}
