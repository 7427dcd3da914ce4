package filelog

import (
	"bufio"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// producerDir tells this program, started as a child of its own test, to append to the log there.
const producerDir = "DEBRIEF_TEST_PRODUCER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(producerDir); dir != "" {
		produce(dir)
	}
	os.Exit(m.Run())
}

// produce appends from many goroutines until it is killed, and prints a line for each acknowledged
// record, in one write so that none is cut.
func produce(dir string) {
	l, err := Open(Config{Dir: dir, SegmentBytes: 256 << 10})
	if err != nil {
		log.Fatal(err)
	}
	_, start := l.Bounds()
	var wg sync.WaitGroup
	for producer := range 16 {
		wg.Go(func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("%d/%d/%d", start, producer, n)
				pos, err := l.Append(context.Background(), []byte(record(key)))
				if err != nil {
					log.Fatal(err)
				}
				fmt.Fprintf(os.Stdout, "%d %s\n", pos, key)
				if n%50 == 49 && pos > 400 {
					if err := l.Trim(pos - 400); err != nil {
						log.Fatal(err)
					}
				}
			}
		})
	}
	wg.Wait()
}

// record is the record of that key: of a size and content that follow from it.
func record(key string) string {
	h := fnv.New64a()
	io.WriteString(h, key)
	r := rand.New(rand.NewPCG(h.Sum64(), 0))
	size := r.IntN(2000)
	if r.IntN(20) == 0 {
		size = r.IntN(100_000) // large enough to be written in blocks
	}
	return key + "|" + strings.Repeat(string(rune('a'+r.IntN(26))), size)
}

// TestKilledProcessLosesNothing kills a process with kill -9 while many goroutines append, twenty
// times on the same log, each time after a random number of acknowledgements. Each acknowledged record
// that was not trimmed must be there, whole and at its position, and nothing but whole records.
func TestKilledProcessLosesNothing(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	acked, unacked := 0, 0
	for range rounds {
		a, u := killOnce(t, dir, 1+r.IntN(3000))
		acked, unacked = acked+a, unacked+u
	}
	t.Logf("%d acknowledged records, %d that were not and are there all the same", acked, unacked)
}

// killOnce starts a producer, kills it after so many acknowledgements and checks the log.
func killOnce(t *testing.T, dir string, after int) (acked, unacked int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), producerDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	keys := map[eventlog.Position]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() { // up to the end: what was in the pipe counts
		var pos eventlog.Position
		var key string
		if _, err := fmt.Sscan(lines.Text(), &pos, &key); err != nil {
			t.Fatalf("line %q of the producer: %v", lines.Text(), err)
		}
		if keys[pos] != "" {
			t.Fatalf("position %d was given to %s and %s", pos, keys[pos], key)
		}
		if keys[pos] = key; len(keys) == after {
			child.Process.Kill()
		}
	}
	if err := child.Wait(); err == nil || len(keys) < after {
		t.Fatalf("the producer ended by itself after %d records: %v", len(keys), err)
	}
	return len(keys), checkKilled(t, dir, keys)
}

// checkKilled opens the log of a killed process and returns how many records are there that were
// appended by it and not acknowledged.
func checkKilled(t *testing.T, dir string, keys map[eventlog.Position]string) (unacked int) {
	t.Helper()
	l, err := Open(Config{Dir: dir, SegmentBytes: 256 << 10})
	if err != nil {
		t.Fatalf("reopen after the kill: %v", err)
	}
	defer l.Close()
	before, last := l.Bounds()
	found := map[eventlog.Position]string{}
	newest := map[string]int{} // of each producer of each process
	reader := l.Reader(before)
	for want := before + 1; want <= last; want++ {
		got, ok, err := reader.TryNext()
		if err != nil || !ok || got.Position != want {
			t.Fatalf("read record %d: got %d, %v, %v", want, got.Position, ok, err)
		}
		key, _, _ := strings.Cut(string(got.Data), "|")
		if string(got.Data) != record(key) {
			t.Fatalf("record %d, %s, is not whole", want, key)
		}
		slash := strings.LastIndexByte(key, '/')
		var n int
		fmt.Sscan(key[slash+1:], &n)
		if previous, ok := newest[key[:slash]]; ok && n != previous+1 {
			t.Fatalf("record %d, %s, comes after number %d of its producer", want, key, previous)
		}
		newest[key[:slash]] = n
		found[want] = key
	}
	for pos, key := range keys {
		if pos > before && found[pos] != key {
			t.Fatalf("position %d was acknowledged for %s and holds %q; the log has (%d, %d]", pos, key, found[pos], before, last)
		}
		if pos > last {
			t.Fatalf("position %d was acknowledged and the log ends at %d", pos, last)
		}
		delete(found, pos)
	}
	first := slices.Min(slices.Collect(maps.Keys(keys)))
	for pos := range found {
		if pos > first {
			unacked++
		}
	}
	return unacked
}

// TestOneProcessAtATime: the lock holds against other processes, and ends with its holder.
func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), producerDir+"="+dir)
	out, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "in use by another process") {
		t.Errorf("another process opened the log as well: %v, %s", err, out)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	killOnce(t, dir, 1) // after Close one can
	if l, err = Open(Config{Dir: dir}); err != nil {
		t.Fatalf("open after the holder of the lock was killed: %v", err)
	}
	l.Close()
}
