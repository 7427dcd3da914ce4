package duckstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/valyala/fastjson"
)

// The column rare holds a JSON object of the fields that few rows have, by their JSON names. Scalars
// are themselves, times are Unix microseconds, and what is JSON already is a string of it: questions
// about one field must not have to read, or trip over, what a client sent in another.

// sentProperties is the member that keeps the properties as they were sent, where the column has
// them in another writing; see normalProperties.
const sentProperties = "sent_properties"

// appendRare appends the event's rare fields, and nothing if it has none.
func (s *shape) appendRare(b []byte, e *event.Event, sent json.RawMessage) []byte {
	start := len(b)
	member := func(name string) {
		if len(b) == start {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, '"', ':')
	}
	for _, f := range s.rare {
		switch f.holds {
		case aString:
			if v := *at[string](f, e); v != "" {
				member(f.name)
				b = appendJSONString(b, v)
			}
		case aStringPtr:
			if p := *at[*string](f, e); p != nil {
				member(f.name)
				b = appendJSONString(b, *p)
			}
		case someJSON:
			if v := *at[json.RawMessage](f, e); len(v) > 0 {
				member(f.name)
				b = appendJSONString(b, string(v))
			}
		case aList:
			if len(*at[[]struct{}](f, e)) > 0 {
				member(f.name)
				b = append(b, f.list(e)...)
			}
		case anIntPtr:
			if p := *at[*int64](f, e); p != nil {
				member(f.name)
				b = strconv.AppendInt(b, *p, 10)
			}
		case aFloatPtr:
			if p := *at[*float64](f, e); p != nil {
				member(f.name)
				b = strconv.AppendFloat(b, *p, 'g', -1, 64)
			}
		case aBoolPtr:
			if p := *at[*bool](f, e); p != nil {
				member(f.name)
				b = strconv.AppendBool(b, *p)
			}
		case anInt:
			member(f.name)
			b = strconv.AppendInt(b, *at[int64](f, e), 10)
		case aBool:
			member(f.name)
			b = strconv.AppendBool(b, *at[bool](f, e))
		case aTime:
			if t := *at[time.Time](f, e); !t.IsZero() {
				member(f.name)
				b = strconv.AppendInt(b, t.UnixMicro(), 10)
			}
		}
	}
	if len(sent) > 0 {
		member(sentProperties)
		b = appendJSONString(b, string(sent))
	}
	if len(b) > start {
		b = append(b, '}')
	}
	return b
}

// appendJSONString appends s as a JSON string.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[from:i]...), `\ufffd`...)
				from = i + 1
			}
			i += n
			continue
		case c == '"' || c == '\\':
			b = append(append(b, s[from:i]...), '\\', c)
			from = i + 1
		case c < 0x20:
			b = append(append(b, s[from:i]...), `\u00`...)
			b = append(b, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
			from = i + 1
		}
		i++
	}
	return append(append(b, s[from:]...), '"')
}

// readRare sets the fields of e that rare holds.
func (s *shape) readRare(p *fastjson.Parser, e *event.Event, rare string) error {
	v, err := p.Parse(rare)
	if err != nil {
		return fmt.Errorf("read rare fields of %s: %w", e.ID, err)
	}
	o, err := v.Object()
	if err != nil {
		return fmt.Errorf("read rare fields of %s: %w", e.ID, err)
	}
	o.Visit(func(key []byte, v *fastjson.Value) {
		if string(key) == sentProperties {
			e.Properties = json.RawMessage(v.GetStringBytes())
			e.Properties = append(json.RawMessage(nil), e.Properties...)
			return
		}
		f := s.byName[string(key)]
		if f == nil {
			return // of a later version; its members are no harm
		}
		switch f.holds {
		case aString, aStringPtr, someJSON:
			f.setText(e, string(v.GetStringBytes()))
		case aList:
			f.setText(e, v.String())
		case anInt:
			*at[int64](f, e) = v.GetInt64()
		case anIntPtr:
			*at[*int64](f, e) = new(v.GetInt64())
		case aFloatPtr:
			n, _ := strconv.ParseFloat(string(v.MarshalTo(nil)), 64)
			*at[*float64](f, e) = &n
		case aBool:
			*at[bool](f, e) = v.GetBool()
		case aBoolPtr:
			*at[*bool](f, e) = new(v.GetBool())
		case aTime:
			*at[time.Time](f, e) = time.UnixMicro(v.GetInt64()).UTC()
		}
	})
	return nil
}
