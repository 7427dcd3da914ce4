package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// day is the date of times without one: a Monday.
const day = "2024-03-04"

// batchParser reads the "events" files of a script, which count their events together.
type batchParser struct {
	events int
	last   time.Time
}

func (p *batchParser) parse(text string) (*eventstore.Batch, error) {
	b := &eventstore.Batch{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch {
		case line == "" || line[0] == '#':
		case word == "import":
			b.Import = true
		case word == "cursor":
			b.Cursor, err = strconv.ParseUint(rest, 10, 64)
		case word == "retract":
			r := eventstore.Retract{ID: rest}
			if id, revision, ok := strings.Cut(rest, " "); ok {
				r.ID = id
				r.Revision, err = strconv.ParseInt(revision, 10, 64)
			}
			b.Retracts = append(b.Retracts, r)
		case word == "analysis":
			a := &event.Analysis{Version: 1}
			err = parseInto(rest, a)
			b.Analyses = append(b.Analyses, a)
		case word == "topic":
			var t topicLine
			err = parseInto(rest, &t)
			b.Topics = append(b.Topics, event.ConversationTopic{ConversationID: t.ID, Topic: t.Topic, Group: t.Group})
		case word == "labels":
			var l labelsLine
			err = parseInto(rest, &l)
			b.Labels = append(b.Labels, event.ConversationLabels{ConversationID: l.ID, Labels: l.Labels})
		case word == "identity":
			var x identityLine
			err = parseInto(rest, &x)
			b.Identities = append(b.Identities, event.Identity(x))
		default:
			var e *event.Event
			if e, err = p.parseEvent(line); err == nil {
				b.Puts = append(b.Puts, e)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return b, nil
}

func (p *batchParser) parseEvent(line string) (*event.Event, error) {
	at, rest, _ := strings.Cut(line, " ")
	what, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kind, action, ok := strings.Cut(what, "/")
	if !ok {
		return nil, fmt.Errorf("%q is not kind/action", what)
	}
	occurred, err := p.parseTime(at)
	if err != nil {
		return nil, err
	}
	p.last = occurred
	p.events++
	e := &event.Event{
		ID: "e" + strconv.Itoa(p.events), RequestSeq: int64(p.events), Source: "s1", Vocabulary: "test", SourceEvent: what,
		Kind: event.Kind(kind), Action: action, OccurredAt: occurred, ReceivedAt: occurred,
	}
	switch what {
	case "message/sent":
		e.Role = event.RoleUser
	case "message/received":
		e.Role = event.RoleAgent
	}
	return e, parseInto(rest, e)
}

// topicLine, labelsLine and identityLine are what scripts say beside events.
type topicLine struct {
	ID    string `json:"conversation_id"`
	Topic string `json:"topic"`
	Group string `json:"group,omitempty"`
}

type labelsLine struct {
	ID     string   `json:"conversation_id"`
	Labels []string `json:"labels"`
}

type identityLine struct {
	Type    string `json:"type"`
	ID      string `json:"id"`
	Person  string `json:"person,omitempty"`
	Ignored bool   `json:"ignored,omitempty"`
}

// parseInto sets the fields that name=value pairs name.
func parseInto(s string, to any) error {
	fields, err := parseFields(s)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(fields))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

func (p *batchParser) parseTime(s string) (time.Time, error) {
	if after, ok := strings.CutPrefix(s, "+"); ok {
		d, err := time.ParseDuration(after)
		return p.last.Add(d), err
	}
	switch strings.Count(s, ":") {
	case 1:
		s += ":00"
		fallthrough
	case 2:
		if !strings.Contains(s, "T") {
			s = day + "T" + s + "Z"
		}
	}
	return time.Parse(time.RFC3339Nano, s)
}

// parseFields turns name=value pairs into a JSON object.
func parseFields(s string) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not name=value", s)
		}
		v, rest, err := parseValue(rest, stringFields[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields[name], s = v, rest
	}
	return json.Marshal(fields)
}

// parseValue reads a JSON value, or a word of plain text, from the start of s.
func parseValue(s string, isString bool) (v json.RawMessage, rest string, err error) {
	if s != "" && strings.ContainsRune(`"{[`, rune(s[0])) {
		d := json.NewDecoder(strings.NewReader(s))
		if err := d.Decode(&v); err != nil {
			return nil, "", err
		}
		return v, s[d.InputOffset():], nil
	}
	word, rest, _ := strings.Cut(s, " ")
	if !isString && json.Valid([]byte(word)) {
		return json.RawMessage(word), rest, nil
	}
	v, err = json.Marshal(word)
	return v, rest, err
}

// stringFields are the JSON names of an event's fields that hold text.
var stringFields = func() map[string]bool {
	names := map[string]bool{}
	for f := range reflect.TypeFor[event.Event]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names[name] = f.Type.Kind() == reflect.String || f.Type == reflect.TypeFor[*string]()
	}
	return names
}()

// formatBatch writes a batch as parse reads it.
func formatBatch(b *eventstore.Batch) string {
	var out strings.Builder
	if b.Import {
		out.WriteString("import\n")
	}
	for _, e := range b.Puts {
		fmt.Fprintln(&out, formatEvent(e))
	}
	for _, r := range b.Retracts {
		fmt.Fprintf(&out, "retract %s %d\n", r.ID, r.Revision)
	}
	for _, a := range b.Analyses {
		fmt.Fprintln(&out, "analysis", formatFields(a, "analysis_version"))
	}
	for _, t := range b.Topics {
		fmt.Fprintln(&out, "topic", formatFields(&topicLine{t.ConversationID, t.Topic, t.Group}))
	}
	for _, l := range b.Labels {
		fmt.Fprintln(&out, "labels", formatFields(&labelsLine{l.ConversationID, l.Labels}))
	}
	for _, x := range b.Identities {
		fmt.Fprintln(&out, "identity", formatFields(new(identityLine(x))))
	}
	if b.Cursor != 0 {
		fmt.Fprintf(&out, "cursor %d\n", b.Cursor)
	}
	return out.String()
}

// formatEvent writes all fields of an event that are not zero, and those that would be guessed.
func formatEvent(e *event.Event) string {
	without := *e
	without.OccurredAt, without.Kind, without.Action = time.Time{}, "", ""
	return e.OccurredAt.UTC().Format(time.RFC3339Nano) + " " + string(e.Kind) + "/" + e.Action + " " + formatFields(&without, "role", "request_seq")
}

// formatFields writes the fields of a struct that are not zero, and some always, as parseInto reads them.
func formatFields(of any, always ...string) string {
	var out []string
	for f, x := range reflect.ValueOf(of).Elem().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if x.IsZero() && !slices.Contains(always, name) {
			continue
		}
		b, err := json.Marshal(x.Interface())
		if err != nil {
			panic("BUG: format " + name + ": " + err.Error())
		}
		out = append(out, name+"="+string(b))
	}
	return strings.Join(out, " ")
}
