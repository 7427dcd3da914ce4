package vocabtest

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/trace"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// Laws maps all cases, and calls of this package's own, and checks what package vocab promises of
// every vocabulary.
func Laws(t *testing.T, v vocab.Vocabulary, cases []Case) {
	t.Helper()
	claimed := 0
	all := append(slices.Clone(cases), strange(cases)...)
	for i, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			if row := check(t, v, c, all[(i+1)%len(all)]); row.Vocabulary == v.Name() {
				claimed++
			}
		})
	}
	if claimed == 0 {
		t.Errorf("%s claims none of %d calls", v.Name(), len(all))
	}
	codesAreExplained(t, v)
	eventsAreDocumented(t, v, cases)
}

// Fuzz feeds arbitrary calls to a vocabulary, beginning with the cases. Call it from a fuzz test.
func Fuzz(f *testing.F, v vocab.Vocabulary, cases []Case) {
	for _, c := range append(slices.Clone(cases), strange(cases)...) {
		f.Add(c.Call, c.Input().Raw.Type)
	}
	f.Fuzz(func(t *testing.T, call []byte, typ string) {
		var object map[string]json.RawMessage
		if !utf8.Valid(call) || json.Unmarshal(call, &object) != nil || object == nil {
			t.Skip("the door refuses it")
		}
		if !slices.Contains([]string{"track", "identify", "page", "screen", "group", "alias", "span", "log"}, typ) {
			t.Skip("the door refuses it")
		}
		check(t, v, Case{Call: call, About: About{Type: typ}}, Case{Call: []byte(`{"event":"Other","properties":{"a":"b"}}`)})
	})
}

// rest claims whatever the vocabulary under test does not.
type rest struct{}

func (rest) Name() string                     { return "rest" }
func (rest) Claims(*vocab.Call) bool          { return true }
func (rest) Codes() []vocab.Code              { return nil }
func (rest) Events() []vocab.EventDoc         { return nil }
func (rest) Map(c *vocab.Call)                { c.Row.Kind, c.Row.Action = event.KindProduct, "tracked" }
func hash(body string) string                 { return strconv.Itoa(len(body)) }
func mapper(v vocab.Vocabulary) *vocab.Mapper { return vocab.NewMapper(hash, v, rest{}) }

// check maps a case in every way that must not matter, and checks the row.
func check(t *testing.T, v vocab.Vocabulary, c, other Case) *event.Event {
	t.Helper()
	in := c.Input()
	before := bytes.Clone(c.Call)
	m, e := mapper(v), new(event.Event)
	if err := m.Map(in, e); err != nil {
		t.Fatalf("map %q: %v", c.Call, err)
	}
	if !bytes.Equal(before, in.Raw.JSON) {
		t.Fatalf("mapping changed the call\nfrom %s\nto   %s", before, in.Raw.JSON)
	}
	first, also := *e, m.Also()
	checkAlso(t, c, e, also)
	var noise, again event.Event
	if err := m.Map(other.Input(), &noise); err != nil {
		t.Fatalf("map %q: %v", other.Call, err)
	}
	again = noise // a row is overwritten whole
	if err := m.Map(in, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(also, m.Also()) {
		t.Errorf("mapped again after another call, the further rows of %s differ:\n%s", c.Call, cmp.Diff(also, m.Also()))
	}
	if !reflect.DeepEqual(&first, &again) {
		t.Errorf("mapped again after another call, %s differs:\n%s", c.Call, cmp.Diff(&first, &again))
	}
	if !reflect.DeepEqual(&first, e) {
		t.Errorf("a later call changed the row of %s:\n%s", c.Call, cmp.Diff(&first, e))
	}
	checkRow(t, v, c, in, e)
	checkKept(t, v, c, append([]*event.Event{e}, also...))
	return e
}

// checkAlso checks the rows that a call made beside its own.
func checkAlso(t *testing.T, c Case, call *event.Event, also []*event.Event) {
	t.Helper()
	ids := map[string]bool{call.ID: true}
	for _, e := range also {
		switch {
		case ids[e.ID] || !strings.HasPrefix(e.ID, call.ID+"#") || e.DerivedFrom != call.ID:
			t.Errorf("%s\nfurther row has the id %q, derived from %q", c.Call, e.ID, e.DerivedFrom)
		case !vocab.Known(e.Kind, e.Action):
			t.Errorf("%s\nfurther row: %s/%s is no kind and action", c.Call, e.Kind, e.Action)
		case e.OccurredAt.IsZero() || e.OccurredAt.Location() != time.UTC || e.OccurredAt.Nanosecond()%1000 != 0:
			t.Errorf("%s\nfurther row: time %v is not in UTC microseconds", c.Call, e.OccurredAt)
		case e.Source != call.Source || e.Workspace != call.Workspace || e.Vocabulary != call.Vocabulary || e.SourceEvent == "" || e.Revision != 0:
			t.Errorf("%s\nfurther row lacks its origin", c.Call)
		}
		ids[e.ID] = true
	}
}

// checkRow checks the laws of one row.
func checkRow(t *testing.T, v vocab.Vocabulary, c Case, in vocab.Input, e *event.Event) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s\n"+format, append([]any{c.Call}, args...)...)
	}
	if !bytes.Equal(e.Raw, in.Raw.JSON) && !hasRepair(e, "unpaired_surrogate") {
		fail("raw is not the call: %s", e.Raw)
	}
	if !json.Valid(e.Raw) {
		fail("raw is not valid JSON")
	}
	if e.ID == "" || e.SourceEvent == "" || e.Source != in.Request.Source || e.Workspace != in.Request.Workspace || e.Revision != 0 {
		fail("row lacks its origin: id %q, source event %q, source %q, workspace %q, revision %d", e.ID, e.SourceEvent, e.Source, e.Workspace, e.Revision)
	}
	if !vocab.Known(e.Kind, e.Action) {
		fail("%s/%s is no kind and action", e.Kind, e.Action)
	}
	for _, at := range []time.Time{e.OccurredAt, e.OriginalAt, e.SentAt, e.ReceivedAt} {
		if at.Location() != time.UTC && !at.IsZero() || at.Nanosecond()%1000 != 0 {
			fail("time %v is not in UTC microseconds", at)
		}
	}
	if e.OccurredAt.Year() < 2000 || e.OccurredAt.After(e.ReceivedAt.Add(time.Hour)) {
		fail("occurred at %v, received at %v", e.OccurredAt, e.ReceivedAt)
	}
	known := append(vocab.SharedCodes(), v.Codes()...)
	for _, r := range e.Repairs {
		if !slices.ContainsFunc(known, func(k vocab.Code) bool { return k.Name == r.Code && !k.Violation }) && !slices.Contains(in.Raw.Repairs, r) {
			fail("repair %s is not explained", r.Code)
		}
		if e.Body != nil && len(*e.Body) > 16 && (strings.Contains(r.From, *e.Body) || strings.Contains(r.To, *e.Body)) {
			fail("repair %s quotes the message", r.Code)
		}
	}
	for _, code := range e.Violations {
		if !slices.ContainsFunc(known, func(k vocab.Code) bool { return k.Name == code && k.Violation }) {
			fail("violation %s is not explained", code)
		}
	}
	if e.Kind == event.KindMessage && e.MessageID == "" {
		fail("message without id")
	}
	if e.Score != nil && (*e.Score < 0 || *e.Score > 1) {
		fail("score %v", *e.Score)
	}
	checkFields(t, c, e)
}

// checkFields checks what the store expects of a row's values.
func checkFields(t *testing.T, c Case, e *event.Event) {
	t.Helper()
	row := reflect.ValueOf(e).Elem()
	for i := range row.NumField() {
		name, f := row.Type().Field(i).Name, row.Field(i)
		if f.Kind() == reflect.Pointer && !f.IsNil() {
			f = f.Elem()
		}
		switch {
		case f.Kind() == reflect.String && !utf8.ValidString(f.String()):
			t.Errorf("%s\n%s is not valid UTF-8: %q", c.Call, name, f)
		case f.Kind() == reflect.Float64 && (math.IsNaN(f.Float()) || math.IsInf(f.Float(), 0)):
			t.Errorf("%s\n%s is %v", c.Call, name, f)
		case f.Type() == reflect.TypeFor[json.RawMessage]() && name != "Raw" && f.Len() > 0:
			var compact bytes.Buffer
			if err := json.Compact(&compact, f.Bytes()); err != nil || !bytes.Equal(compact.Bytes(), f.Bytes()) {
				t.Errorf("%s\n%s is not compact JSON: %s (%v)", c.Call, name, f.Bytes(), err)
			}
		}
	}
	if len(e.Properties) > 0 && (e.Properties[0] != '{' || string(e.Properties) == "{}") {
		t.Errorf("%s\nproperties are %s; want an object or nothing", c.Call, e.Properties)
	}
}

// checkKept checks that a property is either left among the row's properties, or found in a column of
// the row or of one beside it. Of messages, what a trace's content keeps is enough; a vocabulary that
// brings them together from several properties says which by a method Condenses.
func checkKept(t *testing.T, v vocab.Vocabulary, c Case, rows []*event.Event) {
	t.Helper()
	condenser, condenses := v.(interface{ Condenses(key string) bool })
	var call struct {
		Properties json.RawMessage `json:"properties"`
	}
	var sent, left map[string]any
	exact(c.Call, &call)
	exact(call.Properties, &sent)
	exact(rows[0].Properties, &left)
	var columns []string
	for _, e := range rows {
		columns = append(columns, columnTexts(e)...)
	}
	for key, value := range sent {
		if _, ok := left[key]; ok || value == nil || strings.TrimSpace(text(value)) == "" {
			continue
		}
		if extra, ok := left["extra"].(map[string]any); ok && extra["properties"] != nil {
			continue
		}
		if condenses && condenser.Condenses(key) && len(rows[0].Parts)+len(rows[0].ToolArgs)+len(rows[0].ToolResult) > 0 {
			continue
		}
		if inner, ok := value.(map[string]any); ok && len(inner) == 1 && inner["text"] != nil {
			value = inner["text"] // as some clients wrap a message
		}
		if !slices.ContainsFunc(columns, func(col string) bool { return same(col, text(value)) }) && !inContent(rows[0], value) {
			t.Errorf("%s\nproperty %q (%s) is neither kept nor mapped; properties %s", c.Call, key, text(value), rows[0].Properties)
		}
	}
}

// inContent reports whether the row's content holds the messages of a property.
func inContent(e *event.Event, value any) bool {
	said, err := trace.ParseContent(e.Parts)
	if err != nil {
		return false
	}
	data, err := json.Marshal(value)
	if err != nil {
		return false
	}
	in, out := trace.ParseInput(data), trace.ParseOutput(data)
	return in != nil && sameMessages(in, said.Input) || out != nil && sameMessages(out, said.Output)
}

// sameMessages compares messages whatever the order of the keys in their parts.
func sameMessages(a, b []trace.Message) bool {
	return cmp.Equal(a, b, cmp.Transformer("parts", func(parts json.RawMessage) any { return decoded(string(parts)) }))
}

// exact decodes JSON with case-sensitive keys where it matters to these laws: a struct's key matches
// any case, so the call's own "properties" is looked up in a map.
func exact(data []byte, v any) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if s, ok := v.(*struct {
		Properties json.RawMessage `json:"properties"`
	}); ok {
		var m map[string]json.RawMessage
		_ = dec.Decode(&m)
		s.Properties = m["properties"]
		return
	}
	_ = dec.Decode(v)
}

func columnTexts(e *event.Event) []string {
	var out []string
	row := reflect.ValueOf(e).Elem()
	for i := range row.NumField() {
		f := row.Field(i)
		pointer := f.Kind() == reflect.Pointer && !f.IsNil()
		if pointer {
			f = f.Elem()
		}
		switch {
		case f.Kind() == reflect.String && f.String() != "":
			out = append(out, f.String())
		case f.Kind() == reflect.Float64:
			out = append(out, strconv.FormatFloat(f.Float(), 'g', -1, 64))
		case f.Kind() == reflect.Int64:
			out = append(out, strconv.FormatInt(f.Int(), 10))
		case f.Kind() == reflect.Bool && pointer:
			out = append(out, strconv.FormatBool(f.Bool()))
		case f.Type() == reflect.TypeFor[json.RawMessage]() && row.Type().Field(i).Name != "Raw" && f.Len() > 0:
			out = append(out, string(f.Bytes()))
			if s, ok := decoded(string(f.Bytes())).(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	data, _ := json.Marshal(v)
	return string(data)
}

// spelling removes what tells the spellings of one word apart, beside case.
var spelling = strings.NewReplacer("_", "", "-", "", " ", "")

// same reports whether a column holds what was sent: as text, in another spelling, below a namespace,
// or as a number in the unit of the column.
func same(column, sent string) bool {
	if column == sent || strings.HasSuffix(column, sent) || column == strings.TrimSpace(sent) || spelling.Replace(strings.ToLower(column)) == spelling.Replace(strings.ToLower(sent)) {
		return true
	}
	if json.Valid([]byte(sent)) && json.Valid([]byte(column)) && cmp.Equal(decoded(column), decoded(sent)) {
		return true
	}
	a, errA := strconv.ParseFloat(column, 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(sent), 64)
	return errA == nil && errB == nil && (a == b || a == b*1e3)
}

func decoded(s string) (v any) {
	_ = json.Unmarshal([]byte(s), &v)
	return v
}

func hasRepair(e *event.Event, code string) bool {
	return slices.ContainsFunc(e.Repairs, func(r event.Repair) bool { return r.Code == code })
}

// codesAreExplained checks the vocabulary's own table.
func codesAreExplained(t *testing.T, v vocab.Vocabulary) {
	t.Helper()
	for _, c := range v.Codes() {
		if c.Name == "" || c.Name != strings.ToLower(c.Name) || strings.ContainsAny(c.Name, " -") || c.Meaning == "" || c.When == "" {
			t.Errorf("code %+v: want a snake_case name, a meaning and when it is noted", c)
		}
	}
}
