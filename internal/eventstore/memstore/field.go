package memstore

import (
	"reflect"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// row is one row of a grain: exactly one of event, conversation and person is set.
type row struct {
	event        *event.Event
	conversation *conversation
	person       *person
}

func (r row) grain() query.Grain {
	switch {
	case r.event != nil:
		return query.Events
	case r.conversation != nil:
		return query.Conversations
	}
	return r.person.grain
}

// time is what ranges and periods look at. Rows of persons are cut before they are made.
func (r row) time() time.Time {
	switch {
	case r.event != nil:
		return r.event.OccurredAt
	case r.conversation != nil:
		return r.conversation.At
	}
	return r.person.activeFrom
}

// values are the values of a field of a row: none where it is absent, several of a set-valued field.
func (v *view) values(r row, name string) []value {
	f, err := query.Resolve(r.grain(), name)
	if err != nil {
		panic("BUG: field was not validated: " + err.Error())
	}
	switch f.Origin {
	case query.Column:
		if r.event != nil {
			return column(reflect.ValueOf(r.event).Elem(), name)
		}
		if _, ok := columns[reflect.TypeFor[event.Conversation]()][name]; ok {
			return column(reflect.ValueOf(r.conversation.Conversation), name)
		}
		return r.conversation.beside.column(name)
	case query.Property:
		return propertyValues(r.event.Properties, f)
	case query.OfEvents:
		var all []value
		for _, e := range r.conversation.tracked {
			all = append(all, v.values(row{event: e}, name)...)
		}
		return all
	}
	return v.computed(r, name)
}

// columns of the stored shapes: the index of the struct field with a JSON name.
var columns = map[reflect.Type]map[string]int{
	reflect.TypeFor[event.Event]():        jsonNames(reflect.TypeFor[event.Event]()),
	reflect.TypeFor[event.Conversation](): jsonNames(reflect.TypeFor[event.Conversation]()),
	reflect.TypeFor[event.Analysis]():     jsonNames(reflect.TypeFor[event.Analysis]()),
}

func jsonNames(t reflect.Type) map[string]int {
	index := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		index[name] = i
	}
	return index
}

// column reads the struct field with a JSON name.
func column(of reflect.Value, name string) []value {
	f := of.Field(columns[of.Type()][name])
	if f.Kind() == reflect.Pointer {
		if f.IsNil() {
			return nil
		}
		f = f.Elem()
	}
	switch f.Kind() {
	case reflect.String:
		return text(f.String())
	case reflect.Bool:
		return boolean(f.Bool())
	case reflect.Int64:
		return number(float64(f.Int()))
	case reflect.Float64:
		return number(f.Float())
	}
	return instant(f.Interface().(time.Time))
}

// computed gives the fields that query lists as Computed.
func (v *view) computed(r row, name string) []value {
	switch name {
	case "hour_of_day":
		return number(float64(r.time().In(v.zone).Hour()))
	case "weekday":
		day := r.time().In(v.zone).Weekday()
		if day == time.Sunday {
			return number(7)
		}
		return number(float64(day))
	}
	switch {
	case r.event != nil:
		return v.computedOfEvent(r.event, name)
	case r.conversation != nil:
		return v.computedOfConversation(r.conversation, name)
	}
	return r.person.field(name)
}

func (v *view) computedOfEvent(e *event.Event, name string) []value {
	var out []value
	switch name {
	case "tracked":
		return boolean(e.Tracked())
	case "person":
		return text(v.person(e.UserID, e.AnonymousID))
	case "repair":
		for _, repair := range e.Repairs {
			out = append(out, text(repair.Code)...)
		}
		return out
	case "violation":
		for _, violation := range e.Violations {
			out = append(out, text(violation)...)
		}
		return out
	case "response_ms":
		if ms, ok := v.responses[e]; ok {
			return number(ms)
		}
		return nil
	}
	panic("BUG: unknown computed field " + name)
}

func (v *view) computedOfConversation(c *conversation, name string) []value {
	switch name {
	case "person":
		return text(v.person(c.UserID, c.AnonymousID))
	case "tokens":
		if c.InputTokens == nil && c.OutputTokens == nil {
			return nil
		}
		var sum int64
		for _, n := range []*int64{c.InputTokens, c.OutputTokens} {
			if n != nil {
				sum += *n
			}
		}
		return number(float64(sum))
	case "converted":
		return boolean(c.converted)
	case "converted_at":
		return instant(c.convertedAt)
	case "conversion_inferred":
		return boolean(c.inferred)
	case "messages_to_conversion":
		if !c.converted {
			return nil
		}
		return number(float64(c.messagesToConversion()))
	case "outcome":
		return text(c.outcome())
	case "satisfaction":
		if n, _ := c.satisfaction(); n != nil {
			return number(*n)
		}
		return nil
	case "satisfaction_band":
		n, _ := c.satisfaction()
		switch {
		case n == nil:
			return nil
		case *n < query.SatisfactionFair:
			return text(query.BandPoor)
		case *n < query.SatisfactionGood:
			return text(query.BandFair)
		}
		return text(query.BandGood)
	case "satisfaction_source":
		_, source := c.satisfaction()
		return text(source)
	case "signal":
		return texts(c.signals())
	case "label":
		return texts(c.labels)
	}
	panic("BUG: unknown computed field " + name)
}
