package query

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Type is the type of a field's values.
type Type string

// The types that a field can have.
const (
	String Type = "string"
	Number Type = "number" // integers and fractions alike, as float64
	Bool   Type = "bool"
	Time   Type = "time" // an instant, microseconds
)

func (t Type) check(v string) error {
	switch t {
	case Number:
		if n, err := strconv.ParseFloat(v, 64); err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return fmt.Errorf("%q is not a number", v)
		}
	case Bool:
		if v != "true" && v != "false" {
			return fmt.Errorf("%q is neither true nor false", v)
		}
	case Time:
		if _, err := time.Parse(time.RFC3339Nano, v); err != nil {
			return fmt.Errorf("%q is not an RFC 3339 time", v)
		}
	}
	return nil
}

// Field is something that rows of a grain have. An empty string is an absent value; a number or a
// boolean that the model has no pointer for (a count, "inferred") is always present.
type Field struct {
	Name string
	Type Type
	Set  bool // several values a row
	// Origin says where an engine finds it.
	Origin Origin
	Doc    string
}

// Origin is the place that a field's value comes from.
type Origin int

const (
	// Column is a stored field of the row, by its JSON name: of [event.Event], or of
	// [event.Conversation] and what is stored beside it: [event.Analysis] and the conversation's topic. All
	// fields of an analysis are absent where there is none, counts too.
	Column Origin = iota
	// Property is a path below properties: "properties.a.b". Its values are the scalars at that path
	// as text (strings as they are, true and false, numbers as below); an array at the end of the path
	// gives one value for each scalar element; objects, null, empty strings and arrays in arrays give
	// none. Arrays on the way are not looked into: a segment is a key, never an index. Of an object's
	// repeated keys the first counts.
	//
	// The text of an integer is as sent, but -0 is 0. Any other number (with a fraction or an exponent)
	// is the shortest text of its float64 as encoding/json writes it: 12.50 is 12.5, 1e3 and 1000.0
	// are 1000. As Type is String, numbers compare as text; but see NumberPrefix.
	Property
	// Computed is derived when the question is asked; the comment of its entry in the catalogue is
	// its definition.
	Computed
	// OfEvents is an event field asked of conversations: set-valued, see [Query.Breakdown]. It cannot
	// be measured or compared directly; filters use Has.
	OfEvents
)

// PropertyPrefix starts the names of property fields. A segment of the path is a key; keys that
// contain dots cannot be addressed.
const PropertyPrefix = "properties."

// NumberPrefix starts the name of a property field read as number: "number.properties.itemPrice".
// JSON numbers, and strings that are JSON numbers (nothing around them), count, unless float64 cannot
// hold them; anything else is absent.
const NumberPrefix = "number.properties."

// Computed fields, by grain.
var computed = map[Grain][]Field{
	Events: {
		{Name: "tracked", Type: Bool, Doc: "the row stands for a track call; see event.Event.Tracked"},
		{Name: "person", Type: String, Doc: "the person that the row resolves to: user_id, else the one user_id linked to the anonymous id, else the anonymous id; or whom these were decided to be"},
		{Name: "repair", Type: String, Set: true, Doc: "code of each repair"},
		{Name: "violation", Type: String, Set: true, Doc: "each violation"},
		{Name: "hour_of_day", Type: Number, Doc: "0–23 of the row's time in the zone"},
		{Name: "weekday", Type: Number, Doc: "1 (Monday) – 7 (Sunday) of the row's time in the zone"},
		{Name: "response_ms", Type: Number, Doc: "of a message of role agent or human_agent whose message directly before it in the conversation has role user: the time between them, in milliseconds; of all other rows absent"},
	},
	Conversations: {
		{Name: "person", Type: String, Doc: "person of the conversation's user_id and anonymous_id, resolved as for events"},
		{Name: "hour_of_day", Type: Number, Doc: "0–23 of at in the zone"},
		{Name: "weekday", Type: Number, Doc: "1 (Monday) – 7 (Sunday) of at in the zone"},
		{Name: "tokens", Type: Number, Doc: "input_tokens and output_tokens together; absent without either"},
		{Name: "converted", Type: Bool, Doc: "see Conversion"},
		{Name: "converted_at", Type: Time, Doc: "see Conversion"},
		{Name: "conversion_inferred", Type: Bool, Doc: "see Conversion; false where nothing has converted"},
		{Name: "messages_to_conversion", Type: Number, Doc: "see Conversion"},
		{Name: "outcome", Type: String, Doc: "converted, if the conversation has (see Conversion); else what its analysis says; absent where it has none"},
		{Name: "satisfaction", Type: Number, Doc: "score if there is one, else implied_satisfaction: 0..1"},
		{Name: "satisfaction_source", Type: String, Doc: "rated if satisfaction is score, inferred if it is implied_satisfaction"},
		{Name: "satisfaction_band", Type: String, Doc: "poor if satisfaction is below SatisfactionFair, fair below SatisfactionGood, good from there"},
		{Name: "signal", Type: String, Set: true, Doc: "name of each signal of the analysis, once"},
		{Name: "label", Type: String, Set: true, Doc: "each label that people gave the conversation"},
	},
	Users:  personFields,
	People: personFields,
}

// personFields are the facts of a user or person, of the events that make the row.
var personFields = []Field{
	{Name: "person", Type: String, Doc: "the user id, or at the grain of people the resolved person"},
	{Name: "events", Type: Number, Doc: "tracked events"},
	{Name: "messages", Type: Number, Doc: "messages of any role"},
	{Name: "user_messages", Type: Number, Doc: "messages of role user"},
	{Name: "conversations", Type: Number, Doc: "distinct conversation ids"},
	{Name: "sessions", Type: Number, Doc: "distinct session ids"},
	{Name: "feedback", Type: Number, Doc: "feedback events"},
	{Name: "active_from", Type: Time, Doc: "first of the events"},
	{Name: "active_until", Type: Time, Doc: "last of the events"},
	{Name: "first_seen_at", Type: Time, Doc: "first tracked event of all, whatever the range and filter"},
	{Name: "new", Type: Bool, Doc: "first_seen_at lies in the row's bucket; without a period, in the range"},
}

// columns of the two stored shapes, read from their JSON names so that a field added to the model
// can be asked for at once.
var columns = map[Grain]map[string]Field{
	Events: columnsOf(reflect.TypeFor[event.Event](), "raw", "parts", "properties", "repairs", "violations", "tool_args", "tool_result"),
	Conversations: besides(columnsOf(reflect.TypeFor[event.Conversation]()),
		columnsOf(reflect.TypeFor[event.Analysis](), "conversation_id", "outcome", "outcome_reason", "signals"),
		map[string]Field{
			"topic":       {Name: "topic", Type: String, Doc: "id of the topic that the conversation belongs to"},
			"topic_group": {Name: "topic_group", Type: String, Doc: "id of the topic above it"},
		}),
}

// SatisfactionFair and SatisfactionGood are where bands of satisfaction begin: on five stars, fair is
// from about two and a half, good from nearly four.
const (
	SatisfactionFair = 0.4
	SatisfactionGood = 0.7
)

// Values of the field satisfaction_band.
const (
	BandPoor = "poor"
	BandFair = "fair"
	BandGood = "good"
)

// Values of the field satisfaction_source.
const (
	SatisfactionRated    = "rated"
	SatisfactionInferred = "inferred"
)

// besides adds fields of other stored shapes.
func besides(fields map[string]Field, more ...map[string]Field) map[string]Field {
	for _, others := range more {
		for name, f := range others {
			if _, taken := fields[name]; taken {
				panic("BUG: two fields of conversations are called " + name)
			}
			fields[name] = f
		}
	}
	return fields
}

func columnsOf(t reflect.Type, without ...string) map[string]Field {
	out := map[string]Field{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if slices.Contains(without, name) {
			continue
		}
		ft := t.Field(i).Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		typ := String
		switch {
		case ft == reflect.TypeFor[time.Time]():
			typ = Time
		case ft.Kind() == reflect.Bool:
			typ = Bool
		case ft.Kind() == reflect.Int64 || ft.Kind() == reflect.Float64:
			typ = Number
		case ft.Kind() != reflect.String:
			panic(fmt.Sprintf("BUG: %s.%s has no field type", t, t.Field(i).Name))
		}
		out[name] = Field{Name: name, Type: typ, Origin: Column}
	}
	return out
}

// Resolve finds a field by its name at a grain. At the grains of users and people only the facts of
// a person are fields. The error names near misses.
func Resolve(g Grain, name string) (Field, error) {
	for _, f := range computed[g] {
		if f.Name == name {
			f.Origin = Computed
			return f, nil
		}
	}
	if f, ok := columns[g][name]; ok {
		return f, nil
	}
	switch g {
	case Events:
		if path, ok := strings.CutPrefix(name, NumberPrefix); ok && validPath(path) {
			return Field{Name: name, Type: Number, Set: true, Origin: Property}, nil
		}
		if path, ok := strings.CutPrefix(name, PropertyPrefix); ok && validPath(path) {
			return Field{Name: name, Type: String, Set: true, Origin: Property}, nil
		}
	case Conversations:
		if f, err := Resolve(Events, name); err == nil {
			return Field{Name: name, Type: f.Type, Set: true, Origin: OfEvents, Doc: f.Doc}, nil
		}
	}
	return Field{}, fmt.Errorf("%s have no field %q", g, name)
}

func validPath(path string) bool {
	return path != "" && len(path) <= 512 && !slices.Contains(strings.Split(path, "."), "")
}

// Fields lists the fields of a grain but for properties, by name.
func Fields(g Grain) []Field {
	out := slices.Collect(maps.Values(columns[g]))
	for _, f := range computed[g] {
		f.Origin = Computed
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}
