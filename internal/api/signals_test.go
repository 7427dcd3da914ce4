package api

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// concluded is an Analyses of one signal.
type concluded struct {
	setting SignalSetting
	reruns  int
}

func (c *concluded) signal() Signal {
	s := Signal{Name: "rephrase", Title: "Asked again", Group: "course", Dimension: "answer", Weight: -0.5, DefaultWeight: -0.5, Rule: "…", Off: c.setting.Off, Thresholds: []SignalThreshold{}}
	for name, v := range c.setting.Thresholds {
		s.Thresholds = append(s.Thresholds, SignalThreshold{Name: name, Value: v, Default: 180, Min: 10, Max: 3600})
	}
	return s
}

func (c *concluded) Signals(context.Context) (Signals, error) {
	return Signals{Signals: []Signal{c.signal()}, Outcomes: []OutcomeRule{}}, nil
}

func (c *concluded) SetSignal(_ context.Context, name string, s SignalSetting) (Signal, error) {
	if err := c.check(name, s); err != nil {
		return Signal{}, err
	}
	c.setting = s
	return c.signal(), nil
}

func (c *concluded) check(name string, s SignalSetting) error {
	if name != "rephrase" {
		return fmt.Errorf("signal %q: %w", name, ErrNotFound)
	}
	if s.Thresholds["seconds"] > 3600 {
		return fmt.Errorf("%w: seconds is from 10 to 3600", ErrInvalid)
	}
	return nil
}

func (c *concluded) PreviewSignal(_ context.Context, name string, s SignalSetting) (SignalPreview, error) {
	return SignalPreview{Signal: name, Then: int64(s.Thresholds["seconds"]), Gained: []SignalFinding{}, Lost: []SignalFinding{}}, c.check(name, s)
}

func (c *concluded) Progress(context.Context) (AnalysisProgress, error) {
	return AnalysisProgress{Version: int64(c.reruns)}, nil
}

func (c *concluded) Rerun(context.Context) error { c.reruns++; return nil }

func (c *concluded) Explain(_ context.Context, id string) (AnalysisExplained, error) {
	return AnalysisExplained{}, fmt.Errorf("conversation %q: %w", id, ErrNotFound)
}

func (c *concluded) Learning(context.Context) (Learning, error) {
	return Learning{Terms: []LearnedTerm{}}, nil
}

func (c *concluded) Learn(context.Context) (Learning, error) {
	return Learning{Ratings: 7, Terms: []LearnedTerm{}}, nil
}

func TestSignalsAreTunedWithinBounds(t *testing.T) {
	c := &concluded{}
	a := start(t, func(cfg *Config) { cfg.Analyses = c })
	f := func(method, path, body string, want int) []byte {
		t.Helper()
		res, got := a.send(t, method, "/api/v1/"+path, body)
		if res.StatusCode != want {
			t.Errorf("%s %s %s: got %s %s, want %d", method, path, body, res.Status, got, want)
		}
		return got
	}
	f("GET", "signals", "", http.StatusOK)
	f("PUT", "signals/rephrase", `{"thresholds":{"seconds":240}}`, http.StatusOK)
	if c.setting.Thresholds["seconds"] != 240 {
		t.Errorf("set is %+v", c.setting)
	}
	f("PUT", "signals/rephrase", `{"thresholds":{"seconds":9999}}`, http.StatusBadRequest)
	f("PUT", "signals/rephrase", `{"treshold":1}`, http.StatusBadRequest)
	f("PUT", "signals/nothing", `{}`, http.StatusNotFound)
	f("GET", "signals/rephrase/preview?threshold.seconds=x", "", http.StatusBadRequest)
	f("GET", "signals/rephrase/preview?seconds=60", "", http.StatusBadRequest)
	f("GET", "signals/nothing/preview", "", http.StatusNotFound)
	f("GET", "signals/nothing/rate", "", http.StatusNotFound)
	f("GET", "signals/nothing/examples", "", http.StatusNotFound)
	if got := a.get(t, "/api/v1/signals/rephrase/preview?threshold.seconds=60")["then"]; got != 60.0 {
		t.Errorf("the preview is of %v seconds", got)
	}
	f("POST", "analysis/rerun", "", http.StatusAccepted)
	if got := a.get(t, "/api/v1/analysis")["version"]; got != 1.0 {
		t.Errorf("version after a rerun is %v", got)
	}
	f("GET", "conversations/c1/analysis", "", http.StatusNotFound)
	f("GET", "analysis/learning", "", http.StatusOK)
	f("POST", "analysis/learning", "", http.StatusOK)
}

func TestRatesOfSignalsAreSharesOfWhatWasAnalysed(t *testing.T) {
	a := start(t)
	at := noon.Add(3 * time.Second)
	again := event.Signal{Name: "rephrase", Dimension: "answer", Weight: -0.5, EventID: "e", At: at, Reason: "same words 0.82, 40 s apart"}
	thanks := event.Signal{Name: "thanks", Dimension: "answer", Weight: 0.4, EventID: "f", At: at, Reason: "thanks 4 s after an answer"}
	var b eventstore.Batch
	for id, signals := range map[string][]event.Signal{"c1": {again, thanks, again}, "c/2 ü": nil} { // c3 was not analysed
		b.Analyses = append(b.Analyses, &event.Analysis{ConversationID: id, Version: 1, AnalysedAt: at, Outcome: event.OutcomeFailed, Signals: signals})
	}
	if _, err := a.store.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	f := func(path string, want map[string]any) {
		t.Helper()
		got := a.get(t, "/api/v1/signals/"+path)
		for k := range got {
			if _, ok := want[k]; !ok {
				delete(got, k)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", path, d)
		}
	}
	type m = map[string]any
	type l = []any
	day := func(d int) string { return noon.AddDate(0, 0, d).Truncate(24 * time.Hour).Format(time.RFC3339) }
	monday, tuesday := m{"start": day(0), "n": 1.0, "of": 1.0, "rate": 1.0}, m{"start": day(1), "n": 0.0, "of": 1.0, "rate": 0.0}
	f("rates", m{"of": 2.0, "conversations": 3.0, "signals": l{
		m{"name": "rephrase", "n": 1.0, "rate": 0.5, "series": l{}}, m{"name": "thanks", "n": 1.0, "rate": 0.5, "series": l{}},
	}})
	week := "from=" + day(0)[:10] + "&until=" + day(2)[:10]
	f("rates?period=day&"+week, m{"of": 2.0, "conversations": 2.0, "signals": l{
		m{"name": "rephrase", "n": 1.0, "rate": 0.5, "series": l{monday, tuesday}}, m{"name": "thanks", "n": 1.0, "rate": 0.5, "series": l{monday, tuesday}},
	}})
	f("rephrase/rate?period=day&breakdown=conversation_id&"+week, m{"n": 1.0, "of": 2.0, "rate": 0.5, "series": l{monday, tuesday}, "groups_total": 2.0, "groups": l{
		m{"keys": l{"c/2 ü"}, "n": 0.0, "of": 1.0, "rate": 0.0}, m{"keys": l{"c1"}, "n": 1.0, "of": 1.0, "rate": 1.0},
	}})
	f("rage/rate", m{"n": 0.0, "of": 2.0, "rate": 0.0})
	got := a.get(t, "/api/v1/signals/rephrase/examples")["examples"].([]any)
	if len(got) != 1 || len(got[0].(m)["signals"].([]any)) != 2 || got[0].(m)["conversation_id"] != "c1" {
		t.Errorf("examples %v", got)
	}
}
