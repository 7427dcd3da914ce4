package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/eventstore/duckstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Million says how to measure the answers that pages ask for, on real conversations repeated under new ids.
type Million struct {
	// Corpora is the folder of the evaluation data's corpora: *.events.jsonl.gz, Segment calls.
	Corpora string
	// Dir is the server's data directory. What an earlier run left there is used again.
	Dir      string
	Messages int // that there are at least
	Rounds   int // each question is asked so often
	Only     string
	Log      io.Writer
}

// Asked is how long one question took.
type Asked struct {
	Page, Question string
	Median, P95    time.Duration
	CPU            time.Duration // of the server, median: what load elsewhere on the machine changes least
	Bytes          int           // of the answer
	Skipped        string        // why it was not asked
	// ByHand is the median of the same question in SQL on the store's files, 0 where there is none.
	ByHand time.Duration
}

// copyShift is how far a repetition of the corpora is moved in time.
const copyShift = 8 * 7 * 24 * time.Hour

// Measure fills the directory if it is empty, and asks.
func (m Million) Measure(ctx context.Context) ([]Asked, error) {
	if err := m.prepare(ctx); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	s, err := startServer(m.Dir, wholeServer)
	if err != nil {
		return nil, err
	}
	var asked []Asked
	if err = s.settled(ctx); err == nil {
		asked, err = m.ask(ctx, s, client{base: "http://" + s.Door})
	}
	if err := errors.Join(err, s.stop()); err != nil {
		return nil, err
	}
	return asked, m.byHand(ctx, asked)
}

func (m Million) prepare(ctx context.Context) error {
	done := filepath.Join(m.Dir, "bench-is-filled")
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	began := time.Now()
	s, err := startServer(m.Dir, wholeServer)
	if err != nil {
		return err
	}
	messages, err := m.send(ctx, client{base: "http://" + s.Door})
	if err == nil {
		_, err = client{base: "http://" + s.Door}.caughtUp(ctx)
	}
	if err := errors.Join(err, s.stop()); err != nil {
		return err
	}
	fmt.Fprintf(m.Log, "sent %d messages until they could be asked for in %v\n", messages, time.Since(began).Round(time.Second))
	if err := m.annotate(ctx); err != nil {
		return err
	}
	return os.WriteFile(done, nil, 0o644)
}

// send sends the corpora through the door again and again, until there are enough messages.
func (m Million) send(ctx context.Context, api client) (messages int, err error) {
	files, err := filepath.Glob(filepath.Join(m.Corpora, "*.events.jsonl.gz"))
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("no corpora in %s (%w)", m.Corpora, err)
	}
	batches := make(chan string)
	failed := make(chan error, 4)
	var wg sync.WaitGroup
	for range cap(failed) {
		wg.Go(func() {
			for b := range batches {
				if code, err := api.do(ctx, http.MethodPost, "/v1/batch", b, nil); err != nil || code != http.StatusOK {
					failed <- fmt.Errorf("send: status %d, %w", code, err)
					return
				}
			}
		})
	}
	defer wg.Wait()
	defer close(batches)
	for copies := 0; messages < m.Messages; copies++ {
		for _, file := range files {
			n, err := eachBatch(file, copies, func(b string) error {
				select {
				case batches <- b:
					return nil
				case err := <-failed:
					return err
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			if messages += n; err != nil {
				return messages, err
			}
		}
	}
	return messages, nil
}

// eachBatch makes batches of a corpus under the ids of one of its copies.
func eachBatch(file string, copies int, use func(batch string) error) (messages int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	var calls []string
	flush := func() error {
		if len(calls) == 0 {
			return nil
		}
		b := `{"batch":[` + strings.Join(calls, ",") + `]}`
		calls = calls[:0]
		return use(b)
	}
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte(`"event":"Message `)) {
			messages++
		}
		call, err := copied(lines.Bytes(), copies)
		if err != nil {
			return messages, err
		}
		if calls = append(calls, call); len(calls) == 100 {
			if err := flush(); err != nil {
				return messages, err
			}
		}
	}
	return messages, errors.Join(flush(), lines.Err())
}

// copied is a call under other ids, later.
func copied(line []byte, copies int) (string, error) {
	if copies == 0 {
		return string(line), nil
	}
	var call map[string]any
	if err := json.Unmarshal(line, &call); err != nil {
		return "", err
	}
	suffix := fmt.Sprint("-", copies)
	rename := func(of map[string]any, names ...string) {
		for _, name := range names {
			if id, ok := of[name].(string); ok && id != "" {
				of[name] = id + suffix
			}
		}
	}
	rename(call, "messageId", "userId", "anonymousId")
	if properties, ok := call["properties"].(map[string]any); ok {
		rename(properties, "conversationId", "messageId")
	}
	if at, ok := call["timestamp"].(string); ok {
		t, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			return "", err
		}
		call["timestamp"] = t.Add(time.Duration(copies) * copyShift).Format(time.RFC3339Nano)
	}
	b, err := json.Marshal(call)
	return string(b), err
}

// annotate writes analyses, topics and labels of likely shape for every conversation that has none, and folds
// the months.
func (m Million) annotate(ctx context.Context) error {
	s, err := duckstore.Open(ctx, duckstore.Config{Dir: m.store(), CompactEvery: -1})
	if err != nil {
		return err
	}
	began, n := time.Now(), 0
	rnd := rand.New(rand.NewPCG(1, 2))
	l := query.List{Grain: query.Conversations, Limit: 5000}
	for {
		page, err := s.Conversations(ctx, l)
		if err != nil {
			return errors.Join(err, s.Close())
		}
		b := &eventstore.Batch{}
		for i := range page.Conversations {
			c := &page.Conversations[i]
			if c.Outcome == "" {
				b.Analyses = append(b.Analyses, likelyAnalysis(rnd, c))
			}
			if c.Topic == "" {
				topic := min(rnd.IntN(60), rnd.IntN(60))
				b.Topics = append(b.Topics, event.ConversationTopic{ConversationID: c.ID, Topic: fmt.Sprintf("topic_%02d", topic), Group: fmt.Sprint("group_", topic%7)})
			}
			if rnd.IntN(50) == 0 {
				b.Labels = append(b.Labels, event.ConversationLabels{ConversationID: c.ID, Labels: []string{[]string{"bug", "praise", "follow up"}[rnd.IntN(3)]}})
			}
		}
		n += len(b.Analyses)
		if _, err := s.Write(ctx, b); err != nil {
			return errors.Join(err, s.Close())
		}
		if l.After = page.Next; l.After == "" {
			break
		}
	}
	fmt.Fprintf(m.Log, "wrote %d analyses in %v\n", n, time.Since(began).Round(time.Millisecond))
	return errors.Join(s.Compact(ctx), s.Checkpoint(ctx), s.Close())
}

func likelyAnalysis(rnd *rand.Rand, c *eventstore.ConversationRow) *event.Analysis {
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	a := &event.Analysis{
		ConversationID: c.ID, Version: 1, AnalysedAt: c.LastEventAt.Add(time.Minute),
		Outcome:       pick(event.OutcomeResolved, event.OutcomeResolved, event.OutcomeResolved, event.OutcomeAbandoned, event.OutcomeFailed, event.OutcomeEscalated, event.OutcomeOpen),
		OutcomeReason: "the last answer was not objected to", Language: pick("en", "en", "en", "zh", "ja"), Sentiment: pick("negative", "neutral", "neutral", "positive"),
		SentimentScore: new(rnd.Float64()*2 - 1), Emotion: pick("others", "others", "angry", "happy", ""), ImpliedSatisfaction: new(rnd.Float64()),
		GoalReached: new(rnd.Float64()), PredictedRating: new(rnd.Float64()), DissatisfiedTurns: int64(rnd.IntN(3)), FailedAnswers: int64(rnd.IntN(2)),
	}
	for range rnd.IntN(5) {
		a.Signals = append(a.Signals, event.Signal{Name: pick("rephrase", "loop", "thanks", "copied", "abandoned", "unanswered", "refusal", "failed_answer", "follow_up", "restart"),
			Dimension: pick("answer", "trust", "tool"), Weight: rnd.Float64()*2 - 1, EventID: "e", At: c.FirstEventAt, Reason: "same words 0.82, 40 s apart"})
	}
	if len(a.Signals) > 0 {
		a.Quality = new(rnd.Float64()*2 - 1)
	}
	return a
}

func (m Million) store() string { return filepath.Join(m.Dir, "workspaces", "default", "store") }

// ask asks every question so often, by turns, and sorts the times.
func (m Million) ask(ctx context.Context, s *server, api client) ([]Asked, error) {
	questions, err := pages(ctx, api)
	if err != nil {
		return nil, err
	}
	asked := make([]Asked, len(questions))
	times, cpu := make([][]time.Duration, len(questions)), make([][]time.Duration, len(questions))
	for round := range m.Rounds + 1 {
		for i, q := range questions {
			if asked[i].Skipped != "" || m.Only != "" && !strings.Contains(q.page+" "+q.name, m.Only) {
				continue
			}
			asked[i].Page, asked[i].Question = q.page, q.name
			before, err := s.cpu()
			if err != nil {
				return nil, err
			}
			began := time.Now()
			code, n, err := api.get(ctx, q.path)
			took := time.Since(began)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.path, err)
			}
			after, err := s.cpu()
			if err != nil {
				return nil, err
			}
			if code != http.StatusOK {
				asked[i].Skipped = fmt.Sprint("answers ", code)
				continue
			}
			asked[i].Bytes = n
			if round > 0 { // the first one reads the files
				times[i], cpu[i] = append(times[i], took), append(cpu[i], after-before)
			}
		}
	}
	for i, t := range times {
		if len(t) > 0 {
			slices.Sort(t)
			slices.Sort(cpu[i])
			asked[i].CPU = cpu[i][len(t)/2]
			asked[i].Median, asked[i].P95 = t[len(t)/2], t[min(len(t)-1, len(t)*95/100)]
		}
	}
	return slices.DeleteFunc(asked, func(a Asked) bool { return a.Question == "" }), nil
}

// get asks, and returns the status and the size of the answer.
func (c client) get(ctx context.Context, path string) (code, size int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return 0, 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	return res.StatusCode, int(n), err
}
