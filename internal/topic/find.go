package topic

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich/topics"
	"github.com/debrief-dev/debrief/internal/query"
)

// lookEvery is how often it is asked at most whether there is enough to find topics in.
const lookEvery = 5 * time.Second

// growAfter is how long topics are kept at least while conversations come in fast: an import.
const growAfter = 30 * time.Second

// findAnew finds topics if there is enough and it is time, and reports whether it did.
func (t *Topics) findAnew(ctx context.Context) (bool, error) {
	t.mu.Lock()
	now := t.config.Now()
	asked, about, few := t.asked, t.about, len(t.model.Topics) == 0
	if !asked && now.Sub(t.checked) < lookEvery {
		t.mu.Unlock()
		return false, nil
	}
	t.checked = now
	t.mu.Unlock()
	n, err := t.spoken(ctx)
	if err != nil {
		return false, err
	}
	grown := float64(n) >= t.config.Growth*float64(about.Conversations) && now.Sub(about.At) >= growAfter
	old := now.Sub(about.At) >= t.config.Every && n != about.Conversations
	if n < int64(t.config.Fewest) || !asked && !grown && !old && (!few || n == about.Conversations) {
		t.mu.Lock()
		t.asked = false
		t.mu.Unlock()
		return false, nil
	}
	return true, t.find(ctx, n)
}

// spoken counts the conversations with messages of a user.
func (t *Topics) spoken(ctx context.Context) (int64, error) {
	res, err := t.config.Store.Query(ctx, query.Query{Grain: query.Conversations, Filter: query.Is("user_messages", query.Greater, "0"),
		Measures: []query.Measure{{As: "n", Op: query.Count}}})
	if err != nil || len(res.Rows) == 0 {
		return 0, err
	}
	return int64(res.Rows[0].Values[0].Num), nil
}

// find finds topics in the newest conversations, keeps the ids of those that were there before, and lets all
// conversations be assigned anew.
func (t *Topics) find(ctx context.Context, n int64) error {
	began := time.Now()
	t.progress(0)
	defer t.progress(-1)
	docs, err := t.newest(ctx)
	if err != nil {
		return err
	}
	// One processor is left to others, if there are two.
	model, labels := topics.Fit(docs, topics.Config{Workers: max(1, runtime.GOMAXPROCS(0)-1), Progress: func(done float64) { t.progress(0.3 + 0.7*done) }})
	t.mu.Lock()
	old := t.model
	keep := map[string]bool{}
	for id, d := range t.decisions {
		if d.Pinned || d.Name != "" {
			keep[id] = true
		}
		if d.MergedInto != "" {
			keep[d.MergedInto] = true
		}
	}
	t.mu.Unlock()
	model.Adopt(old, docs, labels, keep)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.model, t.asked = model, false
	t.about = about{At: t.config.Now(), Conversations: n, Read: int64(len(docs)), Used: int64(model.Texts), TookMS: time.Since(began).Milliseconds()}
	if err := t.store(); err != nil {
		return err
	}
	t.rewrites = []rewrite{{what: everything}}
	t.config.Logger.Info("topics found", slog.Int("topics", len(model.Topics)), slog.Int64("conversations", n), slog.Int("texts", model.Texts), slog.Duration("took", time.Since(began)))
	return nil
}

// newest reads what users say in the newest conversations.
func (t *Topics) newest(ctx context.Context) ([]topics.Doc, error) {
	var docs []topics.Doc
	l := query.List{Grain: query.Conversations, Filter: query.Is("user_messages", query.Greater, "0"), Desc: true, Limit: page}
	for len(docs) < t.config.Newest {
		list, err := t.config.Store.Conversations(ctx, l)
		if err != nil {
			return nil, fmt.Errorf("read conversations for topics: %w", err)
		}
		var ids []string
		for _, c := range list.Conversations {
			ids = append(ids, c.ID)
		}
		some, err := t.read(ctx, ids)
		if err != nil {
			return nil, err
		}
		docs = append(docs, some...)
		t.progress(0.3 * float64(len(docs)) / float64(t.config.Newest))
		if l.After = list.Next; list.Next == "" {
			break
		}
	}
	return docs[:min(len(docs), t.config.Newest)], nil
}

func (t *Topics) progress(done float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fitting = done
}

// Refit asks for topics to be found anew, soon.
func (t *Topics) Refit() {
	t.mu.Lock()
	t.asked = true
	t.mu.Unlock()
	t.rounds.Wake()
}
