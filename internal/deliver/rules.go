package deliver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/mapping"
)

// Rules are what a destination gets, and how. They are stored as JSON. The zero value is all calls that its kind
// takes, in its kind's shape.
type Rules struct {
	Filter Filter `json:"filter"`
	// Functions are insert functions, by id, in the order that they run in.
	Functions []string `json:"functions,omitempty"`
	// Mapping replaces the default mapping of the spec; it must have one.
	Mapping json.RawMessage `json:"mapping,omitempty"`
	// RetryHours is how long a call is tried again while the place takes others; 0: 4, as at Segment.
	RetryHours float64 `json:"retry_hours,omitempty"`
}

// defaultRetry is Segment's: four hours.
const defaultRetry = 4 * time.Hour

// maxRetryHours bounds RetryHours.
const maxRetryHours = 7 * 24

func (r *Rules) retry() time.Duration {
	if r.RetryHours == 0 {
		return defaultRetry
	}
	return time.Duration(r.RetryHours * float64(time.Hour))
}

// Filter selects calls. Every part that says something must hold.
type Filter struct {
	Sources []string `json:"sources,omitempty"` // ids
	Types   []string `json:"types,omitempty"`   // call types
	// Events are names of track, page and screen calls; "*" stands for any text. Calls without a name
	// (identify, group, alias) are not looked at by them.
	Events []string    `json:"events,omitempty"`
	Except []string    `json:"except,omitempty"` // as Events, of those left out
	Where  []Condition `json:"where,omitempty"`
}

// Condition compares what stands at a path of the call ("$.properties.plan").
type Condition struct {
	Path string `json:"path"`
	// Is is one of Comparisons.
	Is    string   `json:"is"`
	Value string   `json:"value,omitempty"`
	Any   []string `json:"any,omitempty"` // of one_of
}

// Comparisons of conditions. All but exists and not_exists are false of what is not there, and the negative ones
// true.
func Comparisons() []string {
	return []string{"equals", "not_equals", "exists", "not_exists", "contains", "not_contains", "starts_with", "ends_with", "one_of", "less", "at_most", "greater", "at_least"}
}

// Bounds of rules.
const (
	maxConditions = 50
	maxNames      = 500
)

// Check reports every fault of rules for a destination of a kind, joined.
func (r *Rules) Check(spec *destination.Spec) error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, kind := range r.Filter.Types {
		if !slices.Contains(Types(spec), kind) {
			fault("filter: %s takes no %q calls", spec.Name, kind)
		}
	}
	if len(r.Filter.Events)+len(r.Filter.Except)+len(r.Filter.Sources)+len(r.Functions) > maxNames || len(r.Filter.Where) > maxConditions {
		fault("filter: at most %d names and %d conditions", maxNames, maxConditions)
	}
	for _, name := range slices.Concat(r.Filter.Events, r.Filter.Except) {
		if _, err := path.Match(glob(name), ""); err != nil {
			fault("filter: event name %q is no pattern", name)
		}
	}
	for i := range r.Filter.Where {
		c := &r.Filter.Where[i]
		if c.Path == "" || !slices.Contains(Comparisons(), c.Is) {
			fault("filter: condition %d has a path, and is one of %s", i+1, strings.Join(Comparisons(), ", "))
		}
		if _, err := strconv.ParseFloat(c.Value, 64); err != nil && slices.Contains([]string{"less", "at_most", "greater", "at_least"}, c.Is) {
			fault("filter: condition %d compares with a number", i+1)
		}
	}
	if r.Mapping != nil {
		if spec.Mapping == nil {
			fault("mapping: %s has a shape of its own", spec.Name)
		} else if _, err := mapping.Parse(r.Mapping); err != nil {
			errs = append(errs, err)
		}
	}
	if r.RetryHours < 0 || r.RetryHours > maxRetryHours {
		fault("retry_hours is from 0 to %d", maxRetryHours)
	}
	return errors.Join(errs...)
}

// segmentTypes are the call types of Segment.
func segmentTypes() []string {
	return []string{"track", "identify", "page", "screen", "group", "alias"}
}

// Types are the call types that a kind takes.
func Types(spec *destination.Spec) []string {
	if len(spec.Types) > 0 {
		return spec.Types
	}
	return segmentTypes()
}

// glob turns "*" of names into a pattern of package path: what is special there is not here, and "/" is no
// separator.
func glob(name string) string {
	name = strings.ReplaceAll(name, "/", "\x00")
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `?`, `\?`).Replace(name)
}

func matches(patterns []string, name string) bool {
	name = strings.ReplaceAll(name, "/", "\x00")
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(glob(p), name)
		return ok && err == nil
	})
}

// selector decides by rules what a destination gets.
type selector struct {
	filter Filter
	types  []string
	names  []string // by which calls may name the destination in their integrations, in lower case
}

func newSelector(spec *destination.Spec, id, name string, f Filter) *selector {
	types := Types(spec)
	if len(f.Types) > 0 {
		types = f.Types
	}
	return &selector{f, types, []string{strings.ToLower(id), strings.ToLower(name), strings.ToLower(spec.Title), strings.ToLower(spec.Name)}}
}

// takes reports whether a call is for the destination. It may be asked from several goroutines.
func (s *selector) takes(c *accepted) bool {
	f := &s.filter
	if !slices.Contains(s.types, c.kind) || len(f.Sources) > 0 && !slices.Contains(f.Sources, c.row.Source) || !s.wanted(c.integrations) {
		return false
	}
	if name, named := c.name(); named && (len(f.Events) > 0 && !matches(f.Events, name) || matches(f.Except, name)) {
		return false
	}
	if len(f.Where) == 0 {
		return true
	}
	d := json.NewDecoder(bytes.NewReader(c.call))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return false
	}
	for i := range f.Where {
		if !f.Where[i].holds(value) {
			return false
		}
	}
	return true
}

// wanted reads a call's integrations, as Segment means them: "All" is true unless it says otherwise, and what is
// said of one destination goes before it.
func (s *selector) wanted(integrations json.RawMessage) bool {
	if len(integrations) == 0 {
		return true
	}
	var said map[string]json.RawMessage
	if json.Unmarshal(integrations, &said) != nil {
		return true
	}
	all := true
	for name, value := range said {
		off := string(value) == "false"
		switch lower := strings.ToLower(name); {
		case slices.Contains(s.names, lower):
			return !off
		case lower == "all":
			all = !off
		}
	}
	return all
}

func (c *Condition) holds(call any) bool {
	text, there := mapping.Lookup(call, c.Path)
	switch c.Is {
	case "exists":
		return there
	case "not_exists":
		return !there
	case "not_equals":
		return !there || text != c.Value
	case "not_contains":
		return !there || !strings.Contains(text, c.Value)
	}
	if !there {
		return false
	}
	switch c.Is {
	case "equals":
		return text == c.Value
	case "contains":
		return strings.Contains(text, c.Value)
	case "starts_with":
		return strings.HasPrefix(text, c.Value)
	case "ends_with":
		return strings.HasSuffix(text, c.Value)
	case "one_of":
		return slices.Contains(c.Any, text)
	}
	a, errA := strconv.ParseFloat(text, 64)
	b, errB := strconv.ParseFloat(c.Value, 64)
	if errA != nil || errB != nil {
		return false
	}
	switch c.Is {
	case "less":
		return a < b
	case "at_most":
		return a <= b
	case "greater":
		return a > b
	}
	return a >= b // at_least
}
