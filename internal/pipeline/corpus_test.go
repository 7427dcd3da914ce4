package pipeline

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debrief-dev/debrief/internal/evaldata"
	"github.com/debrief-dev/debrief/internal/event"
)

// truth is the part of a corpus' truth file that rows alone answer.
type truth struct {
	Events   int            `json:"events"`
	ByName   map[string]int `json:"events_by_name"`
	First    time.Time      `json:"first"`
	Last     time.Time      `json:"last"`
	Convs    int            `json:"conversations"`
	Users    int            `json:"users"`
	Messages map[string]int `json:"messages"`
	Ended    int            `json:"conversations_ended"`
	Thumbs   map[string]int `json:"thumbs"`
	Rating   struct {
		Histogram map[string]int `json:"histogram"`
	} `json:"rating"`
	Actions map[string]int `json:"actions"`
	Chars   map[string]struct {
		N   int     `json:"n"`
		Sum float64 `json:"sum"`
	} `json:"body_chars"`
}

// TestRowsOfARealCorpusAgreeWithItsTruth carries real conversations through the pipeline, shuffled and
// doubled, and counts the rows.
func TestRowsOfARealCorpusAgreeWithItsTruth(t *testing.T) {
	path := evaldata.Path(t, "data", "corpus", "convai.events.jsonl.gz")
	var want truth
	data, err := os.ReadFile(evaldata.Path(t, "data", "corpus", "convai.truth.json"))
	if err == nil {
		err = json.Unmarshal(data, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	calls := corpus(t, path)
	synctest.Test(t, func(t *testing.T) {
		seed := uint64(len(calls))
		rnd := rand.New(rand.NewPCG(seed, 1))
		time.Sleep(time.Until(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))) // the bubble begins in 2000
		r := newRig(t)
		r.config.MaxEvents = 2000
		_, stop := r.start()
		double := append(calls, calls...)
		rnd.Shuffle(len(double), func(i, k int) { double[i], double[k] = double[k], double[i] })
		for len(double) > 0 {
			n := min(len(double), 1+rnd.IntN(200))
			r.append(double[:n]...)
			double = double[n:]
		}
		settle()
		_ = stop()
		if d := cmp.Diff(want, count(r.rows())); d != "" {
			t.Errorf("truth -, rows +:\n%s", d)
		}
		if n := r.tallies.count(Duplicate, ""); n != int64(len(calls)) {
			t.Errorf("%d duplicates, want %d", n, len(calls))
		}
	})
}

// corpus reads the calls of a corpus as the door would log them.
func corpus(t *testing.T, path string) (calls []event.Raw) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(z)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return calls
		}
		var head struct{ Type, MessageID string }
		if err != nil || json.Unmarshal(line, &head) != nil {
			t.Fatalf("line %d: %v", len(calls), err)
		}
		calls = append(calls, event.Raw{ID: head.MessageID, Type: head.Type, JSON: line})
	}
}

// count answers the truth's questions.
func count(rows map[string]*event.Event) truth {
	got := truth{
		Events: len(rows), ByName: map[string]int{}, Messages: map[string]int{}, Thumbs: map[string]int{}, Actions: map[string]int{},
		Chars: map[string]struct {
			N   int     `json:"n"`
			Sum float64 `json:"sum"`
		}{},
	}
	got.Rating.Histogram = map[string]int{}
	conversations, users, ended := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range rows {
		got.ByName[e.SourceEvent]++
		if !e.Tracked() {
			continue
		}
		if got.First.IsZero() || e.OccurredAt.Before(got.First) {
			got.First = e.OccurredAt
		}
		if e.OccurredAt.After(got.Last) {
			got.Last = e.OccurredAt
		}
		conversations[e.ConversationID], users[e.UserID] = true, true
		switch {
		case e.Kind == event.KindMessage:
			role := map[string]string{event.RoleUser: "customer", event.RoleAgent: "agent"}[e.Role]
			got.Messages[role]++
			got.Messages["total"]++
			c := got.Chars[role]
			c.N++
			c.Sum += float64(*e.BodyChars)
			got.Chars[role] = c
		case e.Kind == event.KindTool:
			got.Actions[e.ToolName]++
		case e.Action == "ended":
			ended[e.ConversationID] = true
		case e.Action == "rated":
			n := strconv.FormatFloat(*e.Score**e.RatingMax+(1-*e.Score)**e.RatingMin, 'g', -1, 64)
			if *e.RatingMax == 1 {
				got.Thumbs[n]++
			} else {
				got.Rating.Histogram[n]++
			}
		}
	}
	got.Convs, got.Users, got.Ended = len(conversations), len(users), len(ended)
	return got
}
