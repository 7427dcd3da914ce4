package duckstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// crashDir in the environment makes the test binary the process that is killed.
const crashDir = "DUCKSTORE_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := writeUntilKilled(dir, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const crashBatch = 300

// crashEvents are the events of a batch: conversations that go on from batch to batch, over four months.
func crashEvents(batch uint64) []*event.Event {
	var out []*event.Event
	for i := range crashBatch {
		at := time.Date(2026, time.Month(1+i%4), 3, 0, 0, i, int(batch)*1000, time.UTC)
		out = append(out, &event.Event{
			ID: fmt.Sprintf("event-%d-%d", batch, i), Source: "s", Vocabulary: "segment", SourceEvent: "Message Sent",
			Kind: event.KindMessage, Action: "sent", Role: event.RoleUser, UserID: fmt.Sprintf("user-%d", i%40),
			ConversationID: fmt.Sprintf("chat-%d", i), OccurredAt: at, ReceivedAt: at, Body: new("hello"),
			Raw: fmt.Appendf(nil, `{"batch":%d,"index":%d}`, batch, i),
		})
	}
	return out
}

// crashRetracts take a row of the batch before away again.
func crashRetracts(batch uint64) []eventstore.Retract {
	if batch == 1 {
		return nil
	}
	return []eventstore.Retract{{ID: fmt.Sprintf("event-%d-%d", batch-1, batch%crashBatch)}}
}

// writeUntilKilled goes on where the store's cursor stands, folds months meanwhile, and says what is
// durable.
func writeUntilKilled(dir string, out io.Writer) error {
	ctx := context.Background()
	s, err := duckstore.Open(ctx, duckstore.Config{Dir: dir, MemoryLimit: 512 << 20, CompactEvery: -1, Now: farFuture})
	if err != nil {
		return err
	}
	cursor, err := s.Cursor(ctx)
	if err != nil {
		return err
	}
	go func() {
		for {
			if err := s.Compact(ctx); err != nil {
				fmt.Fprintln(os.Stderr, "compact:", err)
				os.Exit(1)
			}
		}
	}()
	for batch := cursor + 1; ; batch++ {
		if _, err := s.Write(ctx, &eventstore.Batch{Puts: crashEvents(batch), Retracts: crashRetracts(batch), Cursor: batch}); err != nil {
			return err
		}
		fmt.Fprintln(out, batch)
	}
}

// A process that is killed at any time, while it writes and folds, has stored every batch that it said
// it had, once, and no part of another.
func TestKilledWhileWritingAndFolding(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	var said uint64
	for round := range rounds {
		said = max(said, runAndKill(t, dir, time.Duration(200+rnd.IntN(1500))*time.Millisecond))
		checkCrashed(t, dir, said)
		if t.Failed() {
			t.Fatalf("round %d, seed %d", round, seed)
		}
	}
	if said == 0 {
		t.Error("nothing was written before any kill")
	}
}

// runAndKill returns the last batch that the process said was durable.
func runAndKill(t *testing.T, dir string, after time.Duration) uint64 {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	var said uint64
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if n, err := strconv.ParseUint(lines.Text(), 10, 64); err == nil {
			said = n
		}
	}
	_ = cmd.Wait() // it was killed
	if stderr.Len() > 0 {
		t.Errorf("the process failed by itself: %s", &stderr)
	}
	return said
}

func checkCrashed(t *testing.T, dir string, said uint64) {
	t.Helper()
	s, err := duckstore.Open(t.Context(), duckstore.Config{Dir: dir, MemoryLimit: 512 << 20, CompactEvery: -1, Now: farFuture})
	if err != nil {
		t.Fatalf("open after the kill: %v", err)
	}
	defer s.Close()
	cursor, err := s.Cursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if cursor < said {
		t.Errorf("cursor %d, but batch %d was said to be durable", cursor, said)
	}
	if cursor == 0 {
		return
	}
	want := float64(cursor*crashBatch - (cursor - 1))
	for grain, m := range map[query.Grain]query.Measure{
		query.Events:        {As: "n", Op: query.Distinct, Field: "id"},
		query.Conversations: {As: "n", Op: query.Sum, Field: "events"},
		query.Users:         {As: "n", Op: query.Sum, Field: "events"},
	} {
		got, err := s.Query(t.Context(), query.Query{Grain: grain, Measures: []query.Measure{m, {As: "rows", Op: query.Count}}})
		if err != nil {
			t.Fatalf("%s: %v", grain, err)
		}
		if n := got.Rows[0].Values[0].Num; n != want {
			t.Errorf("cursor %d: %s hold %v events, want %v", cursor, grain, n, want)
		}
		if rows := got.Rows[0].Values[1].Num; grain == query.Events && rows != want {
			t.Errorf("cursor %d: %v rows of %v ids", cursor, rows, want)
		}
	}
	e, err := s.Event(t.Context(), fmt.Sprintf("event-%d-%d", cursor, 17))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf(`{"batch":%d,"index":17}`, cursor); string(e.Raw) != want {
		t.Errorf("raw of the last batch: %s, want %s", e.Raw, want)
	}
}
