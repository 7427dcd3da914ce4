package duckstore_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/eventstore/memstore"
	"github.com/debrief-dev/debrief/internal/eventstore/storetest"
	"github.com/debrief-dev/debrief/internal/query"
)

// testdata/format1.tar.gz is a store that the last version of format 1 wrote, with two sealed months,
// late rows for them, and rows of them that were replaced and retracted; format1.jsonl.gz is what was
// written to it. format2.tar.gz is the same of format 2, format3.tar.gz of format 3, which was told more:
// format3.jsonl.gz.

// unpackStore unpacks the store of an older format.
func unpackStore(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files := tar.NewReader(unzip(t, name))
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.FileInfo().IsDir() {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		data, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func unzip(t *testing.T, name string) io.Reader {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// writesOf are the batches of a file, and a reference that they were written to.
func writesOf(t *testing.T, name string) ([]*eventstore.Batch, eventstore.Store) {
	t.Helper()
	reference := memstore.New()
	var writes []*eventstore.Batch
	for d := json.NewDecoder(unzip(t, name)); d.More(); {
		b := &eventstore.Batch{}
		if err := d.Decode(b); err != nil {
			t.Fatal(err)
		}
		if _, err := reference.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		writes = append(writes, b)
	}
	return writes, reference
}

// openLater opens a store at a time when all months are past.
func openLater(t *testing.T, dir string, log io.Writer) *duckstore.Store {
	t.Helper()
	s, err := duckstore.Open(t.Context(), duckstore.Config{
		Dir: dir, MemoryLimit: 512 << 20, CompactEvery: -1, Now: farFuture, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpenUpgradesOlderFormats(t *testing.T) {
	for i, written := range []string{"format1.jsonl.gz", "format1.jsonl.gz", "format3.jsonl.gz"} {
		t.Run(fmt.Sprint("Format", i+1), func(t *testing.T) { testUpgrade(t, i+1, written) })
	}
}

func testUpgrade(t *testing.T, format int, written string) {
	dir := unpackStore(t, fmt.Sprintf("format%d.tar.gz", format))
	writes, reference := writesOf(t, written)
	var log bytes.Buffer
	s := openLater(t, dir, &log)
	if !strings.Contains(log.String(), "upgraded the event store") || !strings.Contains(log.String(), fmt.Sprint("from=", format)) {
		t.Errorf("the upgrade is not logged: %s", log.String())
	}
	check := func(when string) {
		t.Helper()
		for seed := range uint64(3) {
			storetest.Agree(t, reference, s, writes, seed, 60)
		}
		if t.Failed() {
			t.Fatal(when)
		}
	}
	reopen := func() {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		log.Reset()
		s = openLater(t, dir, &log)
		if log.Len() > 0 {
			t.Errorf("opened again, it logs %s", log.String())
		}
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	check("upgraded")
	reopen()
	check("opened again")
	// A conversation of before goes on, and rows of before are replaced.
	batch := &eventstore.Batch{Import: true, Cursor: 20}
	for i, chat := range []string{"march-0", "march-1", "april-2", "late-march"} {
		at := time.Date(2026, 5, 30, 0, 0, i, 0, time.UTC)
		batch.Puts = append(batch.Puts, &event.Event{ID: fmt.Sprint("new-", i), Source: "src_1", Vocabulary: "otel", SourceEvent: "chat",
			Kind: event.KindGeneration, Action: "completed", CountsUsage: true, InputTokens: new(int64(10)), CostUSD: new(0.5),
			ResponseModel: "m-9", TraceID: "new-trace", ConversationID: chat, OccurredAt: at, ReceivedAt: at})
	}
	changed := *writes[0].Puts[9]
	changed.Revision, changed.TraceID = 5, "changed-trace"
	batch.Puts = append(batch.Puts, &changed)
	batch.Analyses = []*event.Analysis{{ConversationID: "march-0", Version: 1, Outcome: event.OutcomeResolved, Quality: new(0.5),
		Signals: []event.Signal{{Name: "thanks", At: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)}}}}
	batch.Topics = []event.ConversationTopic{{ConversationID: "april-2", Topic: "t1"}}
	batch.Labels = []event.ConversationLabels{{ConversationID: "march-1", Labels: []string{"seen"}}}
	batch.Identities = []event.Identity{{Type: event.IdentityUser, ID: "u5", Person: "u4"}, {Type: event.IdentityAnonymous, ID: "x4", Ignored: true}}
	writes = append(writes, batch)
	for _, store := range []eventstore.Store{reference, s} {
		if _, err := store.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	check("written to")
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("folded")
	reopen()
	check("folded and opened again")
	if err := s.Err(); err != nil {
		t.Error(err)
	}
}

// What an upgrade changes is kept, whole: put in the place of the store's files it is the store of
// before, and is upgraded again.
func TestUpgradeKeepsWhatItChanges(t *testing.T) {
	dir := unpackStore(t, "format1.tar.gz")
	writes, reference := writesOf(t, "format1.jsonl.gz")
	s := openLater(t, dir, io.Discard)
	at := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	if _, err := s.Write(t.Context(), &eventstore.Batch{Puts: []*event.Event{{ID: "since", OccurredAt: at, ReceivedAt: at}}}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Compact(t.Context()), s.Close()); err != nil { // the sealed files of before are dropped
		t.Fatal(err)
	}
	kept := filepath.Join(dir, "before-format-2")
	for _, name := range []string{"hot.duckdb", "months"} {
		if err := errors.Join(os.RemoveAll(filepath.Join(dir, name)), os.Rename(filepath.Join(kept, name), filepath.Join(dir, name))); err != nil {
			t.Fatal(err)
		}
	}
	s = openLater(t, dir, io.Discard)
	defer s.Close()
	storetest.Agree(t, reference, s, writes, 9, 20)
	if _, err := s.Event(t.Context(), "since"); !errors.Is(err, eventstore.ErrNotFound) {
		t.Errorf("a row of after the upgrade: %v, want ErrNotFound", err)
	}
}

// An upgrade that a crash cut short before its commit begins again, whatever it had copied.
func TestUpgradeBeginsAgain(t *testing.T) {
	dir := unpackStore(t, "format1.tar.gz")
	writes, reference := writesOf(t, "format1.jsonl.gz")
	half := filepath.Join(dir, "before-format-2", "months")
	if err := os.MkdirAll(half, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(half, "2026-03.g1.duckdb"), filepath.Join(half, "..", "hot.duckdb")} {
		if err := os.WriteFile(name, []byte("cut short"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := openLater(t, dir, io.Discard)
	defer s.Close()
	storetest.Agree(t, reference, s, writes, 8, 20)
	if data, err := os.ReadFile(filepath.Join(half, "2026-03.g1.duckdb")); err != nil || len(data) < 1<<12 {
		t.Errorf("the copy has %d bytes (%v)", len(data), err)
	}
}

// Rows of months sealed in format 1 are found by their trace ids.
func TestTraceIDsOfFormat1(t *testing.T) {
	s := openLater(t, unpackStore(t, "format1.tar.gz"), io.Discard)
	defer s.Close()
	_, reference := writesOf(t, "format1.jsonl.gz")
	count := func(store eventstore.Store, id string) (n int) {
		l := query.List{Grain: query.Events, Filter: query.Is("trace_id", query.Eq, id)}
		for e, err := range store.Events(context.Background(), l) {
			if err != nil || e.TraceID != id {
				t.Fatalf("row %+v: %v", e, err)
			}
			n++
		}
		return n
	}
	traces := 0
	for e, err := range reference.Events(t.Context(), query.List{Grain: query.Events}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.TraceID == "" {
			continue
		}
		traces++
		if want, got := count(reference, e.TraceID), count(s, e.TraceID); got != want {
			t.Errorf("trace %q has %d rows, want %d", e.TraceID, got, want)
		}
	}
	if traces < 20 {
		t.Fatalf("the reference has %d rows of traces only", traces)
	}
}
