// Package trait is computed traits: properties of a person that follow from what the person did. A
// definition is data, and is asked as one question of the closed algebra broken down by person, so that a
// trait means what the same question means on a page. It knows neither where definitions are kept nor
// when they are computed: package compute does.
package trait

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// Aggregate says what a trait makes of the rows of a person. The set is that of Segment's computed traits.
type Aggregate string

// The aggregates. All but Count look at the values of Field; a row without it does not count.
const (
	Count        Aggregate = "count"         // rows
	Sum          Aggregate = "sum"           // of a number
	Avg          Aggregate = "avg"           // of a number
	Min          Aggregate = "min"           // of a number or a time
	Max          Aggregate = "max"           // of a number or a time
	MostFrequent Aggregate = "most_frequent" // the value of most rows, at least MinCount; of equally many the first by its bytes
	First        Aggregate = "first"         // the value of the earliest row; at one time the first by its bytes
	Last         Aggregate = "last"          // the value of the latest row; at one time the first by its bytes
	UniqueList   Aggregate = "unique_list"   // the values, each once, by their bytes; at most MaxList
	UniqueCount  Aggregate = "unique_count"  // how many different values
)

// Aggregates are all of them, in the order in which people are offered them.
func Aggregates() []Aggregate {
	return []Aggregate{Count, Sum, Avg, Min, Max, MostFrequent, First, Last, UniqueList, UniqueCount}
}

// ofValues says that an aggregate needs the rows of a person by the values of its field.
func (a Aggregate) ofValues() bool {
	return slices.Contains([]Aggregate{MostFrequent, First, Last, UniqueList}, a)
}

// Bounds of a definition.
const (
	MaxList       = 1000
	MaxConditions = 20
	MaxWindow     = 10 * 366 * 24 * time.Hour
	// DefaultMinCount is Segment's for the most frequent value.
	DefaultMinCount = 2
)

// Definition is what a trait is computed of.
type Definition struct {
	// Of is query.Events or query.Conversations: what one row is. Facts of a conversation, such as its topic,
	// outcome or satisfaction, are fields of conversations.
	Of query.Grain `json:"of"`
	// Where are conditions that all hold for a row, as [query.ParseCondition] reads them. Of events there is at
	// least one; without one, identify calls and page views would be counted with the messages.
	Where     []string  `json:"where,omitempty"`
	Aggregate Aggregate `json:"aggregate"`
	Field     string    `json:"field,omitempty"`     // of the grain; none for Count
	MinCount  int       `json:"min_count,omitempty"` // of MostFrequent; 0 is DefaultMinCount
	// Window leaves out rows that are older; 0 looks at all. It ends now, so that a trait changes with time alone.
	Window Duration `json:"window,omitempty"`
	// Conversion names the definition of conversions that the fields of conversations go by that speak of one
	// (converted, messages_to_conversion …); empty is any of all.
	Conversion string `json:"conversion,omitempty"`
}

// Duration is a time.Duration that is written in days, "30d", or as in Go: "36h0m0s".
type Duration time.Duration

// Day is the Duration of one day.
const Day = Duration(24 * time.Hour)

// MarshalText writes the duration, in days where it is whole ones.
func (d Duration) MarshalText() ([]byte, error) {
	if d != 0 && d%Day == 0 {
		return fmt.Appendf(nil, "%dd", d/Day), nil
	}
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText reads a duration of Go, or a number of days: "30d".
func (d *Duration) UnmarshalText(text []byte) error {
	if m := days.FindSubmatch(text); m != nil {
		text = fmt.Appendf(nil, "%sh", m[1])
		n, err := time.ParseDuration(string(text))
		*d = Duration(24 * n)
		return err
	}
	n, err := time.ParseDuration(string(text))
	*d = Duration(n)
	if err != nil {
		return errors.New(`write a duration as "30d" or "36h"`)
	}
	return nil
}

var days = regexp.MustCompile(`^(\d{1,4})d$`)

// Key is the form of keys of traits and audiences: what a copilot's code reads, so short and plain.
var keys = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// CheckKey reports why a key cannot be one.
func CheckKey(key string) error {
	if !keys.MatchString(key) {
		return fmt.Errorf("key %q; it is 1 to 64 lower-case letters, digits and _, a letter first", key)
	}
	return nil
}

// Validate reports all that is wrong with a definition, joined. Whether its conversion exists is not looked at.
func (d *Definition) Validate() error {
	if d.Of != query.Events && d.Of != query.Conversations {
		return fmt.Errorf("of %q; it is events or conversations", d.Of)
	}
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !slices.Contains(Aggregates(), d.Aggregate) {
		add("aggregate %q; use one of %v", d.Aggregate, Aggregates())
	}
	if d.Of == query.Events && len(d.Where) == 0 {
		add(`where: say which events, for example "source_event:eq:Message Sent"`)
	}
	if len(d.Where) > MaxConditions {
		add("where: %d conditions; at most %d", len(d.Where), MaxConditions)
	}
	if d.Window < 0 || time.Duration(d.Window) > MaxWindow {
		add("window %s; it is from 0 (ever) to ten years", time.Duration(d.Window))
	}
	if d.MinCount < 0 || d.MinCount > 0 && d.Aggregate != MostFrequent {
		add("min_count belongs to most_frequent, and is above 0")
	}
	if _, err := d.filter(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, d.checkField())
	return errors.Join(errs...)
}

func (d *Definition) checkField() error {
	if d.Aggregate == Count {
		if d.Field != "" {
			return errors.New("count has no field; say in where what rows have")
		}
		return nil
	}
	if d.Field == "" {
		return fmt.Errorf("%s needs a field", d.Aggregate)
	}
	f, err := query.Resolve(d.Of, d.Field)
	if err != nil {
		return err
	}
	switch d.Aggregate {
	case Sum, Avg:
		if f.Type != query.Number {
			return fmt.Errorf("%s of %s, which is a %s; of a number only (a property that holds one is number.NAME)", d.Aggregate, d.Field, f.Type)
		}
	case Min, Max:
		if f.Type != query.Number && f.Type != query.Time {
			return fmt.Errorf("%s of %s, which is a %s; of a number or a time only (a property that holds a number is number.NAME)", d.Aggregate, d.Field, f.Type)
		}
	}
	return nil
}

// AsksConversion says that the definition looks at what counts as a conversion.
func (d *Definition) AsksConversion() bool {
	f, err := d.filter()
	if err != nil || d.Of != query.Conversations {
		return false
	}
	fields := map[string]bool{d.Field: true}
	if f != nil {
		f.Fields(fields)
	}
	for field := range fields {
		if query.OfConversion(field) {
			return true
		}
	}
	return false
}

// AsksTopics says that the definition looks at the topics of conversations.
func (d *Definition) AsksTopics() bool { return d.Field == "topic" || d.Field == "topic_group" }

// filter is the conditions as one.
func (d *Definition) filter() (*query.Filter, error) {
	return all(d.Of, d.Where)
}

func all(g query.Grain, conditions []string) (*query.Filter, error) {
	var fs []*query.Filter
	for _, text := range conditions {
		c, err := query.ParseCondition(text)
		if err != nil {
			return nil, fmt.Errorf("where %q: %w", text, err)
		}
		f, err := c.At(g)
		if err != nil {
			return nil, fmt.Errorf("where %q: %w", text, err)
		}
		fs = append(fs, f)
	}
	return query.AllOf(fs...), nil
}
