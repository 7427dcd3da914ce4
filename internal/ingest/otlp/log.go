package otlp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/debrief-dev/debrief/internal/event"
)

// logs writes a call for each log record.
func (w *writer) logs(ld plog.Logs) {
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			w.scope(rl.Resource(), sl.Scope())
			for _, r := range sl.LogRecords().All() {
				w.log(r)
			}
		}
	}
}

// log writes one call. The record's event id is a hash of all that it says.
func (w *writer) log(r plog.LogRecord) {
	raw := event.Raw{Type: "log"}
	from := len(w.out)
	w.begin("log", eventName(r))
	at := r.Timestamp()
	if at == 0 {
		at = r.ObservedTimestamp()
	}
	w.time("timestamp", at)
	w.shared(r.Attributes())
	w.key("trace")
	w.out = append(w.out, '{')
	w.id("trace_id", traceID(r.TraceID()))
	w.id("span_id", spanID(r.SpanID()))
	w.dropped("dropped_attributes", r.DroppedAttributesCount())
	w.out = append(w.out, '}')
	if r.Body().Type() != pcommon.ValueTypeEmpty {
		w.key("body")
		w.value(r.Body())
	}
	w.member("severity", severity(r))
	if at == 0 {
		// Without a time nothing tells a record from the next one like it: the door makes an id.
		raw.Repairs = append(raw.Repairs, event.Repair{Code: "missing_timestamp"})
	} else {
		raw.ID = w.hash(w.out[from:])
		w.member("messageId", raw.ID)
	}
	w.end(raw)
}

// misdirected refuses the records of a request for logs in JSON that was sent to the traces. It would be
// read as one without spans, as what is unknown is passed over.
func (w *writer) misdirected(text []byte) {
	if !bytes.Contains(text, []byte(`"resourceLogs"`)) {
		return
	}
	ld, err := new(plog.JSONUnmarshaler).UnmarshalLogs(text)
	if err != nil {
		return
	}
	w.logs(ld)
	for i := range w.calls {
		w.calls[i].Reject = &event.Reject{Code: "missing_span_id", Message: "this is a log record; send them to /v1/logs"}
	}
}

// eventName is the name of the event that a record is: a field since OTLP 1.5, an attribute before.
func eventName(r plog.LogRecord) string {
	if r.EventName() != "" {
		return r.EventName()
	}
	if v, ok := r.Attributes().Get("event.name"); ok && v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	return ""
}

func severity(r plog.LogRecord) string {
	if r.SeverityText() != "" {
		return r.SeverityText()
	}
	if r.SeverityNumber() == plog.SeverityNumberUnspecified {
		return ""
	}
	return r.SeverityNumber().String()
}

// hash makes an event id of a record, which has none of its own: the same record makes the same id in
// each request, so that a request that is sent again adds nothing. Equal records of one request are told
// apart by their order.
func (w *writer) hash(record []byte) string {
	sum := sha256.Sum256(record)
	id := "log:" + hex.EncodeToString(sum[:16])
	if w.seen == nil {
		w.seen = map[string]int{}
	}
	n := w.seen[id]
	w.seen[id]++
	if n > 0 {
		id += "." + strconv.Itoa(n)
	}
	return id
}
