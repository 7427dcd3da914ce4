package main

import (
	"bufio"
	"compress/gzip"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/evaldata"
)

// TestFiguresOfARecordingAreTrue sends recorded conversations with "debrief send", asks for their figures
// with "debrief query truth", and has an independent program compare them with what was counted from the
// recording alone: as it was recorded, and shuffled, doubled and partly late.
func TestFiguresOfARecordingAreTrue(t *testing.T) {
	const corpus = "mwoz" // has conversions
	recording := evaldata.Path(t, "data", "corpus", corpus+".events.jsonl.gz")
	truth := evaldata.Path(t, "data", "corpus", corpus+".truth.json")
	checker := evaldata.Path(t, "data", "score", "check_numbers.py")
	if testing.Short() {
		t.Skip("sends some ten thousand events")
	}
	f := func(name string, files ...string) {
		t.Run(name, func(t *testing.T) {
			s := startChild(t, filepath.Join(t.TempDir(), "data"), "DEBRIEF_BOOTSTRAP_CONVERSIONS=Task Completed,Booking Completed")
			defer s.kill(t)
			for _, file := range files {
				runDebrief(t, "send", "--server", s.url, "--write-key", childKey, file)
				s.settle(t)
			}
			answers := filepath.Join(t.TempDir(), "answers.json")
			runDebrief(t, "query", "truth", "--server", s.url, "--token", childToken, "--out", answers)
			out, err := exec.CommandContext(t.Context(), "python3", checker, "--truth", truth, "--got", answers).CombinedOutput()
			if err != nil || !strings.Contains(string(out), " 0 wrong") {
				t.Errorf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
	f("as recorded", recording)
	most, late := disorder(t, recording)
	f("shuffled, doubled, late", most, late)
}

// disorder writes the lines of a recording to two files, shuffled: nine tenths of them twice to the first,
// and all others to the second.
func disorder(t *testing.T, recording string) (most, late string) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	lines := readLines(t, recording)
	rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	cut := len(lines) / 10
	first := append(append([]string{}, lines[cut:]...), lines[cut:]...)
	rng.Shuffle(len(first), func(i, j int) { first[i], first[j] = first[j], first[i] })
	dir := t.TempDir()
	most, late = filepath.Join(dir, "most.jsonl"), filepath.Join(dir, "late.jsonl")
	for file, content := range map[string][]string{most: first, late: lines[:cut]} {
		if err := os.WriteFile(file, []byte(strings.Join(content, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return most, late
}

func readLines(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	scanner := bufio.NewScanner(z)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func runDebrief(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "debrief", args...).CombinedOutput(); err != nil {
		t.Fatalf("debrief %s: %v\n%s", args[0], err, out)
	}
}
