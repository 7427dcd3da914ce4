package insight

import (
	"context"
	"encoding/json"
	"iter"
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// NewestCalls streams the newest events of the scope with their raw calls, the newest first.
func (in *Insight) NewestCalls(ctx context.Context, s Scope, limit int) iter.Seq2[*event.Event, error] {
	l, err := s.list(ctx, in, query.Events)
	if err != nil {
		return func(yield func(*event.Event, error) bool) { yield(nil, err) }
	}
	l.Desc, l.Limit, l.Raw = true, limit, true
	return in.Store.Events(ctx, l)
}

// CallType returns the type of the call that a row with its raw call was made of.
func CallType(e *event.Event) string {
	switch {
	case e.Kind == event.KindIdentity && e.Action == "identified":
		return "identify"
	case e.Kind == event.KindIdentity && e.Action == "grouped":
		return "group"
	case e.Kind == event.KindIdentity:
		return "alias"
	case e.SpanID != "" || e.Kind == event.KindProduct && e.Action == "traced":
		return typeOf(e.Raw, "span", "span", "log", "track")
	case e.Kind == event.KindProduct && e.Action == "viewed":
		return typeOf(e.Raw, "page", "page", "screen")
	}
	return typeOf(e.Raw, "track", "span", "log")
}

// typeOf returns the type that a call says, if it is one of some, else another.
func typeOf(raw []byte, otherwise string, some ...string) string {
	var call struct{ Type any }
	if json.Unmarshal(raw, &call) != nil {
		return otherwise
	}
	said, _ := call.Type.(string)
	for _, t := range some {
		if strings.EqualFold(strings.TrimSpace(said), t) {
			return t
		}
	}
	return otherwise
}
