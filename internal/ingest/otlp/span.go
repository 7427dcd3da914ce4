package otlp

import (
	"encoding/hex"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debrief-dev/debrief/internal/event"
)

// traces writes a call for each span.
func (w *writer) traces(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			w.scope(rs.Resource(), ss.Scope())
			for _, s := range ss.Spans().All() {
				w.span(s)
			}
		}
	}
}

// span writes one call. Its event id is made of the span's ids, so that a batch that is sent again adds
// nothing.
func (w *writer) span(s ptrace.Span) {
	raw := event.Raw{Type: "span", Reject: missingIDs(s)}
	w.begin("span", s.Name())
	if raw.Reject == nil {
		w.key("messageId")
		from := len(w.out) + 1
		w.out = append(w.out, '"')
		w.hex(traceID(s.TraceID()))
		w.out = append(w.out, ':')
		w.hex(spanID(s.SpanID()))
		raw.ID = string(w.out[from:])
		w.out = append(w.out, '"')
	}
	w.time("timestamp", s.StartTimestamp())
	if s.StartTimestamp() == 0 {
		raw.Repairs = append(raw.Repairs, event.Repair{Code: "missing_timestamp"})
	}
	w.shared(s.Attributes())
	w.key("trace")
	w.out = append(w.out, '{')
	w.id("trace_id", traceID(s.TraceID()))
	w.id("span_id", spanID(s.SpanID()))
	w.id("parent_span_id", spanID(s.ParentSpanID()))
	w.member("kind", kind(s.Kind()))
	w.time("end", s.EndTimestamp())
	w.status(s.Status())
	w.events(s.Events())
	w.links(s.Links())
	if remote(s.Flags()) {
		w.key("remote_parent")
		w.out = append(w.out, "true"...)
	}
	w.member("trace_state", s.TraceState().AsRaw())
	w.dropped("dropped_attributes", s.DroppedAttributesCount())
	w.dropped("dropped_events", s.DroppedEventsCount())
	w.dropped("dropped_links", s.DroppedLinksCount())
	w.out = append(w.out, '}')
	w.end(raw)
}

// missingIDs refuses a span that nothing can be joined to: mostly a log record that was sent to the
// traces, which decodes as one.
func missingIDs(s ptrace.Span) *event.Reject {
	what := ""
	switch noTrace, noSpan := s.TraceID().IsEmpty(), s.SpanID().IsEmpty(); {
	case noTrace && noSpan:
		what = "trace_id and span_id are"
	case noTrace:
		what = "trace_id is"
	case noSpan:
		what = "span_id is"
	default:
		return nil
	}
	return &event.Reject{Code: "missing_span_id", Message: what + " missing or zero; if these are log records, send them to /v1/logs"}
}

// remote reports whether the parent is known to be in another process: bits 8 and 9 of the flags.
func remote(flags uint32) bool {
	const known, is = 1 << 8, 1 << 9
	return flags&(known|is) == known|is
}

// kind is a span kind in one word; empty if it is not said.
func kind(k ptrace.SpanKind) string {
	switch k {
	case ptrace.SpanKindInternal:
		return "internal"
	case ptrace.SpanKindServer:
		return "server"
	case ptrace.SpanKindClient:
		return "client"
	case ptrace.SpanKindProducer:
		return "producer"
	case ptrace.SpanKindConsumer:
		return "consumer"
	}
	return ""
}

func (w *writer) status(s ptrace.Status) {
	code := ""
	switch s.Code() {
	case ptrace.StatusCodeOk:
		code = "ok"
	case ptrace.StatusCodeError:
		code = "error"
	}
	if code == "" && s.Message() == "" {
		return
	}
	w.key("status")
	w.out = append(w.out, '{')
	w.member("code", code)
	w.member("message", s.Message())
	w.out = append(w.out, '}')
}

func (w *writer) events(events ptrace.SpanEventSlice) {
	if events.Len() == 0 {
		return
	}
	w.key("events")
	w.out = append(w.out, '[')
	for _, e := range events.All() {
		w.comma()
		w.out = append(w.out, '{')
		w.member("name", e.Name())
		w.time("time", e.Timestamp())
		if e.Attributes().Len() > 0 {
			w.key("attributes")
			w.attributes(e.Attributes())
		}
		w.out = append(w.out, '}')
	}
	w.out = append(w.out, ']')
}

func (w *writer) links(links ptrace.SpanLinkSlice) {
	if links.Len() == 0 {
		return
	}
	w.key("links")
	w.out = append(w.out, '[')
	for _, l := range links.All() {
		w.comma()
		w.out = append(w.out, '{')
		w.id("trace_id", traceID(l.TraceID()))
		w.id("span_id", spanID(l.SpanID()))
		if l.Attributes().Len() > 0 {
			w.key("attributes")
			w.attributes(l.Attributes())
		}
		w.out = append(w.out, '}')
	}
	w.out = append(w.out, ']')
}

// traceID and spanID are the bytes of an id; nil for the zero one, which means none.
func traceID(id pcommon.TraceID) []byte {
	if id.IsEmpty() {
		return nil
	}
	return id[:]
}

func spanID(id pcommon.SpanID) []byte {
	if id.IsEmpty() {
		return nil
	}
	return id[:]
}

// id appends an id as a member, unless there is none.
func (w *writer) id(k string, id []byte) {
	if id == nil {
		return
	}
	w.key(k)
	w.out = append(w.out, '"')
	w.hex(id)
	w.out = append(w.out, '"')
}

func (w *writer) hex(id []byte) { w.out = hex.AppendEncode(w.out, id) }
