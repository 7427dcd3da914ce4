package truth_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/truth"
	"github.com/debrief-dev/debrief/internal/vocab"
	"github.com/debrief-dev/debrief/internal/vocab/segment"
)

// TestTruthOfARecording loads a recorded set of conversations, asks for its counts over HTTP, and has the
// scorer compare them with what was counted from the recording alone.
func TestTruthOfARecording(t *testing.T) {
	f := func(name string, store eventstore.Store) {
		t.Helper()
		load(t, store, evaldata.Path(t, "data", "corpus", name+".events.jsonl.gz"))
		answer := ask(t, serve(t, store))
		answersAll(t, evaldata.Path(t, "data", "corpus", name+".truth.json"), answer)
		got := filepath.Join(t.TempDir(), "got.json")
		if err := os.WriteFile(got, answer, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "python3", evaldata.Path(t, "data", "score", "check_numbers.py"),
			"--truth", evaldata.Path(t, "data", "corpus", name+".truth.json"), "--got", got).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		t.Logf("%s: %s", name, bytes.TrimSpace(out))
	}
	duck, err := duckstore.Open(t.Context(), duckstore.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer duck.Close()
	f("mwoz", duck) // has conversions
	if !testing.Short() {
		f("convai", memstore.New())
	}
}

// answersAll checks that every figure of a truth file is answered: the scorer looks only at what is.
func answersAll(t *testing.T, file string, answer []byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := errors.Join(json.Unmarshal(data, &want), json.Unmarshal(answer, &got)); err != nil {
		t.Fatal(err)
	}
	delete(want, "definitions")
	var lacks func(path string, want, got map[string]any)
	lacks = func(path string, want, got map[string]any) {
		for key, w := range want {
			g, ok := got[key]
			if !ok {
				t.Errorf("%s%s is not answered", path, key)
				continue
			}
			if w, ok := w.(map[string]any); ok {
				g, _ := g.(map[string]any)
				lacks(path+key+".", w, g)
			}
		}
	}
	lacks("", want, got)
}

// load maps a recording into a store, in random order and with repetitions.
func load(t *testing.T, store eventstore.Store, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	mapper := vocab.NewMapper(nil, segment.Vocabulary{})
	received := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	var rows []*event.Event
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var call struct{ MessageID, Type string }
		if err := json.Unmarshal(lines.Bytes(), &call); err != nil {
			t.Fatal(err)
		}
		raw := event.Raw{ID: call.MessageID, Type: call.Type, JSON: bytes.Clone(lines.Bytes())}
		e := new(event.Event)
		in := vocab.Input{Request: &event.Request{Workspace: "default", Source: "s", Protocol: "segment", ReceivedAt: received}, Seq: int64(len(rows)), Raw: &raw}
		if err := mapper.Map(in, e); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rows = append(rows, rows[:len(rows)/10]...)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for len(rows) > 0 {
		n := min(5000, len(rows))
		if _, err := store.Write(t.Context(), &eventstore.Batch{Puts: rows[:n]}); err != nil {
			t.Fatal(err)
		}
		rows = rows[n:]
	}
}

// goals are the workspace's conversion definitions.
type goals []insight.Conversion

func (g goals) Conversions(context.Context) ([]insight.Conversion, error) { return g, nil }

// serve starts the API over a store. Its pipeline needs three questions to catch up.
func serve(t *testing.T, store eventstore.Reader) string {
	t.Helper()
	behind := int64(3)
	h, err := api.New(api.Config{
		Insight: &insight.Insight{Store: store, Conversions: goals{{Name: "done", Events: []string{"Task Completed", "Booking Completed"}}}},
		Status: func(context.Context) (api.Status, error) {
			behind--
			return api.Status{Pipeline: api.PipelineStatus{LagRecords: max(behind, 0)}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func ask(t *testing.T, server string) []byte {
	t.Helper()
	var progress bytes.Buffer
	answer, err := truth.Query(t.Context(), truth.Config{Server: server, Token: "t", Wait: time.Minute, Progress: &progress})
	if err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	if !strings.Contains(progress.String(), "waiting") {
		t.Errorf("it did not say that it waits:\n%s", &progress)
	}
	data, err := answer.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return data
}
