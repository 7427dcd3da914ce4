package function

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/function/js"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/secret"
)

// deploy returns functions and the id of a deployed insert function.
func deploy(t testing.TB, code string) (*Functions, string) {
	t.Helper()
	dir := t.TempDir()
	meta, err := metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(dir, "debrief.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	engine := js.New(js.Config{Limits: js.Limits{Time: 30 * time.Second}})
	t.Cleanup(func() { _, _ = engine.Close(), meta.Close() })
	f := New(Config{Workspace: metastore.DefaultWorkspace, Meta: meta, Secrets: secret.New(filepath.Join(dir, "secrets.key")), Engine: engine})
	name, kind := "Test", Insert
	one, err := f.CreateFunction(t.Context(), "ada", api.FunctionChange{Name: &name, Kind: &kind, Code: &code})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.DeployFunction(t.Context(), one.ID, 1); err != nil {
		t.Fatal(err)
	}
	return f, one.ID
}

// Calls run together; what one of them does, leaves behind, or breaks is no other's fate.
func TestInsertJudgesEachCallByItself(t *testing.T) {
	f, id := deploy(t, `const kept = []
function onTrack(event) {
  kept.push(new Uint8Array(3 << 20).fill(1))
  if (event.event === 'drop') return null
  if (event.event === 'refuse') throw new ValidationError('no')
  if (event.event === 'later') throw new RetryError('not now')
  if (event.event === 'break') { while (true) kept.push(new Uint8Array(1 << 20).fill(1)) }
  return event
}`)
	names := []string{"drop", "refuse", "later"}
	for range 25 { // more than there is memory for together
		names = append(names, "pass")
	}
	names = append(names, "break", "pass")
	calls := make([]json.RawMessage, len(names))
	for i, name := range names {
		calls[i] = json.RawMessage(fmt.Sprintf(`{"type":"track","event":%q,"n":%d}`, name, i))
	}
	made, errs := f.Insert(t.Context(), id, calls)
	if len(made) != len(calls) || len(errs) != len(calls) {
		t.Fatalf("%d calls and %d errors of %d", len(made), len(errs), len(calls))
	}
	want := map[string]string{"refuse": "ValidationError", "break": "OutOfMemory"}
	for i, name := range names {
		var d *destination.Discarded
		errors.As(errs[i], &d)
		switch {
		case name == "later":
			if errs[i] == nil || d != nil {
				t.Errorf("%d, %s: %v, want one that is tried again", i, name, errs[i])
			}
		case want[name] != "":
			if d == nil || d.Code != want[name] {
				t.Errorf("%d, %s: %v, want %s", i, name, errs[i], want[name])
			}
		case errs[i] != nil || (made[i] == nil) != (name == "drop"):
			t.Errorf("%d, %s: %s, %v", i, name, made[i], errs[i])
		case name == "pass" && !strings.HasSuffix(string(made[i]), fmt.Sprintf(`"n":%d}`, i)):
			t.Errorf("%d, %s: became %s", i, name, made[i])
		}
	}
}

func TestRunsAreBounded(t *testing.T) {
	f := func(want int, sizes ...int) {
		t.Helper()
		calls := make([]json.RawMessage, len(sizes))
		for i, size := range sizes {
			calls[i] = make(json.RawMessage, size)
		}
		if got := runOf(calls); got != want {
			t.Errorf("%d calls of %v: %d in a run, want %d", len(sizes), sizes[:min(len(sizes), 4)], got, want)
		}
	}
	f(1, 10)
	f(100, make([]int, 100)...)
	f(100, make([]int, 101)...)
	f(1, maxRunBytes+1, 1)
	f(1, maxRunBytes, 1)
	f(2, maxRunBytes-1, 1, 1)
}

// BenchmarkInsert is an insert function on a batch of a hundred calls against the same calls one by one: ratio is how
// many times as many calls a second the batch makes.
func BenchmarkInsert(b *testing.B) {
	f, id := deploy(b, `function onTrack(event) { event.properties.n += 1; delete event.properties.message_body; return event }`)
	calls := make([]json.RawMessage, 100)
	for i := range calls {
		calls[i] = json.RawMessage(fmt.Sprintf(`{"type":"track","event":"Message Sent","messageId":"m-%d","userId":"ada","properties":{"n":%d,"message_body":%q}}`, i, i, strings.Repeat("what people write ", 20)))
	}
	insert := func(calls []json.RawMessage) time.Duration {
		begin := time.Now()
		if _, errs := f.Insert(b.Context(), id, calls); errors.Join(errs...) != nil {
			b.Fatal(errors.Join(errs...))
		}
		return time.Since(begin)
	}
	insert(calls[:1]) // compiles the engine
	var batch, single time.Duration
	for b.Loop() {
		batch += insert(calls)
		for i := range calls {
			single += insert(calls[i : i+1])
		}
	}
	rate := func(d time.Duration) float64 { return float64(len(calls)*b.N) / d.Seconds() }
	b.ReportMetric(rate(batch), "calls/s")
	b.ReportMetric(rate(single), "single_calls/s")
	b.ReportMetric(single.Seconds()/batch.Seconds(), "ratio")
}
