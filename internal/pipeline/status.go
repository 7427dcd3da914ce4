package pipeline

import (
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Lag says how far the store is behind the log.
type Lag struct {
	End     eventlog.Position // of the log
	Cursor  eventlog.Position // stored up to here
	Records int64             // read and not stored yet; the log may hold more while End is beyond Cursor
	Delay   time.Duration     // age of the oldest of them
}

// Lag returns how far the store is behind the log.
func (p *Pipeline) Lag() Lag {
	_, end := p.config.Log.Bounds()
	p.mu.Lock()
	defer p.mu.Unlock()
	l := Lag{End: end, Cursor: p.cursor}
	for _, w := range p.waiting {
		l.Records += w.records
	}
	if len(p.waiting) > 0 {
		l.Delay = max(0, p.config.Now().Sub(p.waiting[0].oldest))
	}
	return l
}

// meters are what operators watch.
type meters struct {
	stored, duplicates, rejected *metrics.Counter
	held                         *metrics.Counter // in quarantine
	conflicts                    *metrics.Counter // of the duplicates, those whose content differs
	writes, retries, trimmed     *metrics.Counter
	freshness                    *metrics.Histogram
}

func newMeters(p *Pipeline) meters {
	set := p.config.Metrics
	set.NewGauge("debrief_pipeline_lag_records", func() float64 { return float64(p.Lag().Records) })
	set.NewGauge("debrief_pipeline_lag_seconds", func() float64 { return p.Lag().Delay.Seconds() })
	return meters{
		stored:     set.NewCounter(`debrief_pipeline_calls_total{outcome="stored"}`),
		duplicates: set.NewCounter(`debrief_pipeline_calls_total{outcome="duplicate"}`),
		conflicts:  set.NewCounter(`debrief_pipeline_conflicts_total`),
		rejected:   set.NewCounter(`debrief_pipeline_calls_total{outcome="rejected"}`),
		held:       set.NewCounter(`debrief_pipeline_calls_total{outcome="held"}`),
		writes:     set.NewCounter(`debrief_pipeline_writes_total`),
		retries:    set.NewCounter(`debrief_pipeline_retries_total`),
		trimmed:    set.NewCounter(`debrief_pipeline_trimmed_before_stored_total`),
		freshness:  set.NewHistogram(`debrief_pipeline_freshness_seconds`),
	}
}
