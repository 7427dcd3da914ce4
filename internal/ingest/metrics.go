package ingest

import (
	"fmt"
	"net/http"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics counts what passes a door, by protocol:
//
//	debrief_ingest_requests_total{protocol,status}      answers
//	debrief_ingest_body_bytes_total{protocol}           bodies as sent, before decompression
//	debrief_ingest_calls_accepted_total{protocol}       calls durable in the log
//	debrief_ingest_calls_rejected_total{protocol,code}  calls refused one by one, kept in the log
//	debrief_ingest_refused_total{protocol,code}         requests refused as a whole
//	debrief_ingest_in_flight_requests, …_bytes          inside now
type Metrics struct {
	set      *metrics.Set
	protocol string
	ok       *metrics.Counter
	bytes    *metrics.Counter
	accepted *metrics.Counter
}

// NewMetrics registers the counters of a protocol in set; nil keeps them unseen.
func NewMetrics(set *metrics.Set, protocol string, gate *Gate) *Metrics {
	if set == nil {
		set = metrics.NewSet()
	}
	label := func(name string) string { return fmt.Sprintf("%s{protocol=%q}", name, protocol) }
	m := &Metrics{set: set, protocol: protocol,
		bytes:    set.GetOrCreateCounter(label("debrief_ingest_body_bytes_total")),
		accepted: set.GetOrCreateCounter(label("debrief_ingest_calls_accepted_total")),
	}
	m.ok = m.requests(http.StatusOK)
	set.GetOrCreateGauge(label("debrief_ingest_in_flight_requests"), func() float64 { return float64(gate.Requests()) })
	set.GetOrCreateGauge(label("debrief_ingest_in_flight_bytes"), func() float64 { return float64(gate.Bytes()) })
	return m
}

func (m *Metrics) requests(status int) *metrics.Counter {
	return m.set.GetOrCreateCounter(fmt.Sprintf("debrief_ingest_requests_total{protocol=%q,status=\"%d\"}", m.protocol, status))
}

// Answered counts an answer.
func (m *Metrics) Answered(status int) {
	if status == http.StatusOK {
		m.ok.Inc()
		return
	}
	m.requests(status).Inc()
}

// Read counts the bytes of a body.
func (m *Metrics) Read(n int) { m.bytes.Add(n) }

// Accepted counts calls that are durable.
func (m *Metrics) Accepted(n int) { m.accepted.Add(n) }

// Rejected counts a call refused alone.
func (m *Metrics) Rejected(code string) {
	m.set.GetOrCreateCounter(fmt.Sprintf("debrief_ingest_calls_rejected_total{protocol=%q,code=%q}", m.protocol, code)).Inc()
}

// Refused counts a request refused as a whole.
func (m *Metrics) Refused(code string) {
	m.set.GetOrCreateCounter(fmt.Sprintf("debrief_ingest_refused_total{protocol=%q,code=%q}", m.protocol, code)).Inc()
}
