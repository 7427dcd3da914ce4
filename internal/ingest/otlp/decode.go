package otlp

import (
	"bytes"
	"fmt"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// decoder is what reads a request of a signal in an encoding. A request of OTLP is, on the wire, the same
// message as the data that it carries; the packages of the requests would bring gRPC along.
type decoder[T any] func([]byte) (T, error)

// decode reads a request. No bytes are the empty request in either encoding.
func decode[T any](text []byte, e encoding, s signal, empty T, proto, json decoder[T]) (T, *ingest.Failure) {
	if len(bytes.TrimSpace(text)) == 0 {
		return empty, nil
	}
	err := bounded(text, e, s)
	if err == nil {
		read := json
		if e == encodingProto {
			read = proto
		}
		var data T
		if data, err = read(text); err == nil {
			return data, nil
		}
		if e == encodingJSON {
			if mended, ok := withoutBadIDs(text); ok {
				if data, err = read(mended); err == nil {
					return data, nil
				}
			}
		}
	}
	return empty, &ingest.Failure{Status: 400, Code: "invalid_" + e.name(), Message: "the body is no " + s.name() + " request of OTLP in " + e.name() + hint(text, e)}
}

// hint says what is likely wrong, and quotes nothing.
func hint(text []byte, e encoding) string {
	begins := bytes.TrimSpace(text)[0]
	switch {
	case e == encodingProto && begins == '{':
		return "; it looks like JSON, which needs Content-Type application/json"
	case e == encodingJSON && begins != '{':
		return "; it looks like protobuf, which needs Content-Type application/x-protobuf"
	}
	return ""
}

func (e encoding) name() string {
	if e == encodingProto {
		return "protobuf"
	}
	return "json"
}

func (s signal) name() string {
	switch s {
	case signalLogs:
		return "logs"
	case signalMetrics:
		return "metrics"
	}
	return "traces"
}

// take stores what a request holds.
func (h *Handler) take(v *ingest.Visit, text []byte, s signal, e encoding) (result, *ingest.Failure) {
	if s == signalMetrics {
		return h.takeMetrics(text, e)
	}
	wr := h.writers.Get().(*writer)
	defer h.writers.Put(wr)
	wr.reset(len(text))
	if s == signalTraces {
		data, f := decode(text, e, s, ptrace.NewTraces(), new(ptrace.ProtoUnmarshaler).UnmarshalTraces, new(ptrace.JSONUnmarshaler).UnmarshalTraces)
		if f != nil {
			return result{}, f
		}
		wr.traces(data)
		if e == encodingJSON && data.SpanCount() == 0 {
			wr.misdirected(text)
		}
	} else {
		data, f := decode(text, e, s, plog.NewLogs(), new(plog.ProtoUnmarshaler).UnmarshalLogs, new(plog.JSONUnmarshaler).UnmarshalLogs)
		if f != nil {
			return result{}, f
		}
		wr.logs(data)
	}
	calls := wr.finish()
	if f := v.Store(calls); f != nil {
		return result{}, f
	}
	return rejections(calls, s), nil
}

// rejections counts the calls that were refused, and says why by the first of them: one message is all
// that OTLP has room for. All of them are listed among the rejections.
func rejections(calls []event.Raw, s signal) result {
	var r result
	var first *event.Reject
	for i := range calls {
		if calls[i].Reject == nil {
			continue
		}
		if first == nil {
			first = calls[i].Reject
		}
		r.rejected++
	}
	if first != nil {
		what := "spans"
		if s == signalLogs {
			what = "log records"
		}
		r.message = fmt.Sprintf("%d of %d %s refused; the first: %s: %s", r.rejected, len(calls), what, first.Code, first.Message)
	}
	return r
}

// takeMetrics counts data points and forgets them. The answer says so, or instrumentations that export
// metrics beside their spans would report errors for ever.
func (h *Handler) takeMetrics(text []byte, e encoding) (result, *ingest.Failure) {
	data, f := decode(text, e, signalMetrics, pmetric.NewMetrics(), new(pmetric.ProtoUnmarshaler).UnmarshalMetrics, new(pmetric.JSONUnmarshaler).UnmarshalMetrics)
	if f != nil {
		return result{}, f
	}
	n := data.DataPointCount()
	if n == 0 {
		return result{}, nil
	}
	h.points.Add(n)
	return result{int64(n), "metrics are not stored; figures are made of spans and logs. Set OTEL_METRICS_EXPORTER=none to stop sending them"}, nil
}
