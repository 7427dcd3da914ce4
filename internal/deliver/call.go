package deliver

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// accepted is a call that was accepted, as a destination may get it.
type accepted struct {
	request      event.Request // with this call alone
	place        int           // of it in the request that it came in
	kind         string        // call type
	row          *event.Event
	call         json.RawMessage
	integrations json.RawMessage // nil: said nothing
}

// name returns the event name of calls that have one.
func (a *accepted) name() (string, bool) {
	switch a.kind {
	case "identify", "group", "alias":
		return "", false
	}
	return a.row.SourceEvent, true
}

// acceptor reads calls as the pipeline does. It is for one goroutine.
type acceptor struct {
	config *Config
	mapper *vocab.Mapper
}

func (d *Deliver) acceptor() *acceptor {
	return &acceptor{&d.config, vocab.NewMapper(d.config.BodyHash(), d.config.Vocabularies...)}
}

// calls returns those of a request that were accepted, in their order, each with those that tell another source of its
// violations. What the door refused, a plan held back, or nobody can map is not delivered.
func (a *acceptor) calls(req *event.Request, position uint64) []*accepted {
	var out []*accepted
	for i := range req.Calls {
		if req.Calls[i].Reject != nil {
			continue
		}
		c, told, err := a.call(req, i, position, true)
		if err != nil {
			a.config.Logger.Error("call cannot be mapped for delivery", slog.String("source", req.Source), slog.Uint64("position", position),
				slog.Int("index", i), slog.Any("error", err))
			continue
		}
		if c != nil {
			out = append(out, c)
		}
		out = append(out, told...)
	}
	return out
}

// call reads one call; nil if judge says that plans are asked and one holds it back. What a plan omits is omitted
// either way. If plans are asked, told are the calls that tell of its violations.
func (a *acceptor) call(req *event.Request, index int, position uint64, judge bool) (c *accepted, told []*accepted, err error) {
	defer func() {
		if r := recover(); r != nil { // the value may quote the call, which is never logged
			c, told, err = nil, nil, fmt.Errorf("vocabulary panics with %T", r)
		}
	}()
	raw := req.Calls[index]
	one := *req
	one.Workspace, one.Calls = a.config.Workspace, []event.Raw{raw}
	enforcer := a.config.Plan(req.Source)
	in := vocab.Input{Request: &one, Seq: int64(position), Index: int64(index), Source: a.config.Settings(req.Source), Raw: &raw}
	if enforcer != nil {
		in.Source.PlannedScale = enforcer.RatingScale
	}
	row := new(event.Event)
	if err := a.mapper.Map(in, row); err != nil {
		return nil, nil, err
	}
	if enforcer != nil && raw.Type != "span" && raw.Type != "log" {
		verdict := enforcer.Judge(plan.Call{Type: raw.Type, Event: row.SourceEvent, JSON: raw.JSON}, row.Repairs)
		if judge {
			if told, err = a.told(in, enforcer, row, verdict.Violations); err != nil {
				return nil, nil, err
			}
		}
		switch action := verdict.Action; {
		case action == plan.ActionQuarantine && judge:
			return nil, told, nil
		case action == plan.ActionBlock && judge:
			to := enforcer.Enforcement().ForwardBlockedTo
			if to == "" || to == req.Source {
				return nil, told, nil
			}
			one.Source, in.Source = to, a.config.Settings(to)
			err = a.mapper.Map(in, row)
		case action == plan.ActionOmit:
			if raw.JSON, err = plan.Omit(raw.JSON, verdict.Omit); err == nil {
				err = a.mapper.Map(in, row)
			}
		}
		if err != nil {
			return nil, nil, err
		}
	}
	c, err = assemble(one, index, raw.Type, row)
	return c, told, err
}

// toldPlaces is how many violations of a call have a place of their own, beyond those of all calls of a request: the
// door takes fewer calls in one.
const toldPlaces = 1 << 20

// told returns the calls that tell another source of violations, which the pipeline stores, too.
func (a *acceptor) told(in vocab.Input, enforcer *plan.Enforcer, row *event.Event, found []plan.Violation) ([]*accepted, error) {
	to := enforcer.Enforcement().ForwardViolationsTo
	if to == "" || to == in.Request.Source {
		return nil, nil
	}
	name, version := enforcer.Plan()
	var out []*accepted
	for i, v := range found {
		raw := plan.ViolationCall(plan.Told{
			EventID: row.ID, EventName: row.SourceEvent, EventType: in.Raw.Type, Source: in.Request.Source,
			Plan: name, Version: version, Violation: v, At: row.OccurredAt, Index: i,
		})
		one := *in.Request
		one.Source, one.Calls = to, []event.Raw{raw}
		tells := new(event.Event)
		if err := a.mapper.Map(vocab.Input{Request: &one, Seq: in.Seq, Index: in.Index, Source: a.config.Settings(to), Raw: &raw}, tells); err != nil {
			return nil, err
		}
		c, err := assemble(one, (int(in.Index)+1)*toldPlaces+i, raw.Type, tells)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// stored reads a row of the event store, which has its raw call; nil if it is none: rows that were derived of
// others are not.
func (a *acceptor) stored(row *event.Event) (*accepted, error) {
	if row.DerivedFrom != "" || len(row.Raw) == 0 {
		return nil, nil
	}
	kind := callType(row)
	raw := event.Raw{ID: row.ID, Type: kind, SentAt: row.SentAt, JSON: row.Raw}
	if enforcer := a.config.Plan(row.Source); enforcer != nil && kind != "span" && kind != "log" {
		verdict := enforcer.Judge(plan.Call{Type: kind, Event: row.SourceEvent, JSON: row.Raw}, row.Repairs)
		if verdict.Action == plan.ActionOmit {
			text, err := plan.Omit(row.Raw, verdict.Omit)
			if err != nil {
				return nil, err
			}
			raw.JSON, row.Raw = text, text
		}
	}
	request := event.Request{Workspace: row.Workspace, Source: row.Source, Protocol: row.Vocabulary, ReceivedAt: row.ReceivedAt, Calls: []event.Raw{raw}}
	return assemble(request, int(row.BatchIndex), kind, row)
}

// callType tells the type of the call that a row was made of: what the call says, where that fits the row.
func callType(row *event.Event) string {
	var call struct{ Type string }
	_ = json.Unmarshal(row.Raw, &call) // a type that is no text is none
	said := strings.ToLower(strings.TrimSpace(call.Type))
	fits := func(otherwise string, some ...string) string {
		if slices.Contains(some, said) {
			return said
		}
		return otherwise
	}
	switch {
	case row.Kind == event.KindIdentity:
		return map[string]string{"identified": "identify", "grouped": "group"}[row.Action] + map[bool]string{true: "alias"}[row.Action == "aliased"]
	case row.Kind == event.KindProduct && row.Action == "viewed":
		return fits("page", "page", "screen")
	case row.Kind == event.KindProduct && row.Action == "traced":
		return fits("span", "span", "log")
	}
	return fits("track", "span", "log")
}

// timeForm is how Segment's SDKs write times.
const timeForm = "2006-01-02T15:04:05.000Z"

// assemble writes the call as Segment has it: who and when as Debrief understood it, then all that was sent.
func assemble(request event.Request, place int, kind string, row *event.Event) (*accepted, error) {
	a := &accepted{request: request, place: place, kind: kind, row: row}
	out := make([]byte, 0, len(row.Raw)+256)
	out = append(out, '{')
	member := func(key, value string) {
		if value == "" {
			return
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), key...), '"', ':')
		out = jsonscan.AppendQuoted(out, value)
	}
	when := func(key string, t time.Time) {
		if !t.IsZero() {
			member(key, t.UTC().Format(timeForm))
		}
	}
	member("type", kind)
	member("messageId", row.ID)
	when("timestamp", row.OccurredAt)
	when("originalTimestamp", row.OriginalAt)
	when("sentAt", row.SentAt)
	when("receivedAt", row.ReceivedAt)
	member("userId", row.UserID)
	member("anonymousId", row.AnonymousID)
	var s jsonscan.Scanner
	s.ResetCopy(string(row.Raw))
	if s.Len() == 0 || s.Kind(s.Space(0)) != '{' {
		return nil, fmt.Errorf("call %s is no JSON object", row.ID)
	}
	for i, ok := s.Enter(s.Space(0)); ok; {
		end, value := s.Key(i)
		after := s.Value(value)
		switch key := string(s.Text(i, end)); key {
		case `"type"`, `"messageId"`, `"timestamp"`, `"originalTimestamp"`, `"sentAt"`, `"receivedAt"`, `"userId"`, `"anonymousId"`, `"writeKey"`, `"_metadata"`:
		default:
			if key == `"integrations"` {
				a.integrations = slices.Clone(s.Text(value, after))
				if namesIDs(a.integrations) {
					break
				}
			}
			out = append(out, ',')
			out = append(append(append(out, key...), ':'), s.Text(value, after)...)
		}
		i, ok = s.Next(after, '}')
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("read call %s: %w", row.ID, err)
	}
	a.call = append(out, '}')
	return a, nil
}

// namesIDs reports whether a call's integrations name destinations by their ids. Only Debrief knows those, so that is not
// handed on: another place would take "All" for itself.
func namesIDs(integrations json.RawMessage) bool {
	var said map[string]json.RawMessage
	if json.Unmarshal(integrations, &said) != nil {
		return false
	}
	for name := range said {
		if strings.HasPrefix(name, metastore.DestinationIDs) {
			return true
		}
	}
	return false
}
