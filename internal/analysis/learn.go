package analysis

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/linear/fit"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/signal"
)

const (
	// FewestRatings is how many rated conversations it takes at least to learn from; FewestOfEach how many of
	// them are rated well, and badly.
	FewestRatings, FewestOfEach = 200, 30
	// mostRatings bounds what is learned from: the newest.
	mostRatings = 3000
	// LearningFolds is into how many parts the people are divided: each is predicted by what was learned of the others.
	LearningFolds = 5
	// learnEvery is how often it is learned anew, and learnCheck how often it is looked whether there is enough.
	learnEvery, learnCheck = 24 * time.Hour, 10 * time.Minute
	// learnMore is by how much ratings must have grown for other weights to take the place of those in use:
	// each change makes history be analysed again.
	learnMore = 1.2
	// fewestTerms is in how many conversations a signal must be to be learned of.
	fewestTerms = 10
)

// goodScore and badScore divide ratings: what is between says neither.
const goodScore, badScore = 0.6, 0.4

// Learned is what was learned from a workspace's own ratings.
type Learned struct {
	At time.Time `json:"at"`
	// Version is that of analysers and signals that it is of: of others it is not used.
	Version int64 `json:"version"`
	Ratings int64 `json:"ratings"`
	// Used says that satisfaction is concluded by it, Reason why or why not.
	Used   bool   `json:"used"`
	Reason string `json:"reason"`
	// Own and Shipped are the same test of both, each conversation predicted without its person; nil if there
	// was not enough to learn from.
	Own     *AUC   `json:"own"`
	Shipped *AUC   `json:"shipped"`
	Terms   []Term `json:"terms"`
	// Weights are those in use, by the name of the feature.
	Weights map[string]float64 `json:"weights"`
	Bias    float64            `json:"bias"`
	// Good and Bad are the mean scores of good ratings and of bad ones: what is concluded lies between them, so
	// that it is the rating to expect and not the chance of a good one.
	Good float64 `json:"good"`
	Bad  float64 `json:"bad"`
	// Of is how many ratings those in use were learned from.
	Of int64 `json:"of"`
}

// Term is what one signal or score adds.
type Term struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"` // of the log odds
	N      int64   `json:"n"`      // conversations with it
}

func parseLearned(text string) (*Learned, error) {
	if text == "" {
		return nil, nil
	}
	l := new(Learned)
	if err := json.Unmarshal([]byte(text), l); err != nil {
		return nil, fmt.Errorf("read what was learned: %w", err)
	}
	if l.Version != Version(0) {
		l.Used = false
	}
	return l, nil
}

// Learned returns what was learned last; the zero value if nothing was yet.
func (a *Analysis) Learned() Learned {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.learned == nil {
		return Learned{Reason: fmt.Sprintf("nothing was learned yet; at least %d rated conversations are needed", FewestRatings)}
	}
	return *a.learned
}

// features are what a conversation is learned by: how often it has each signal, up to three times, and what
// the analyser concluded, as log odds. The signals are those without ratings.
func features(found *enrich.Conversation, signals []event.Signal) map[string]float64 {
	out := map[string]float64{}
	for i := range signals {
		out[signals[i].Name] = min(out[signals[i].Name]+1, 3)
	}
	if found.Judged {
		out["words"], out["goal"], out["predicted_rating"] = logit(found.Satisfaction), logit(found.Goal), logit(found.Rating)
	}
	return out
}

// predict concludes satisfaction; not ok where nothing is known of the conversation.
func (l *Learned) predict(found *enrich.Conversation, signals []event.Signal) (p float64, ok bool) {
	f := features(found, signals)
	if len(f) == 0 {
		return 0, false
	}
	sum := l.Bias
	for _, name := range sortedNames(f) { // in one order, so that sums are the same
		sum += l.Weights[name] * f[name]
	}
	good := sigmoid(sum)
	return good*l.Good + (1-good)*l.Bad, true
}

func sortedNames(m map[string]float64) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// lesson is a rated conversation.
type lesson struct {
	person   string
	good     bool
	score    float64 // that it was rated with
	features map[string]float64
	shipped  float64
}

// Learn learns from the ratings now, and uses it if it is better than what is shipped.
func (a *Analysis) Learn(ctx context.Context) (Learned, error) {
	return a.learn(ctx, true)
}

func (a *Analysis) learn(ctx context.Context, asked bool) (Learned, error) {
	a.pass.Lock()
	defer a.pass.Unlock()
	lessons, err := a.lessons(ctx)
	if err != nil {
		return Learned{}, err
	}
	next := judgeLessons(lessons)
	next.At, next.Version = a.config.Now().UTC().Truncate(time.Second), Version(0)
	a.mu.Lock()
	before := a.learned
	a.mu.Unlock()
	if keep := before != nil && before.Used && next.Used && !asked && float64(next.Ratings) < learnMore*float64(before.Of); keep {
		next.Weights, next.Bias, next.Good, next.Bad, next.Of = before.Weights, before.Bias, before.Good, before.Bad, before.Of
	}
	changes := next.Used != (before != nil && before.Used) || next.Used && !sameWeights(before, &next)
	text, err := json.Marshal(next)
	if err != nil {
		return next, fmt.Errorf("write what was learned: %w", err)
	}
	if err := a.config.Marks.SetLearned(ctx, string(text), changes); err != nil {
		return next, err
	}
	return next, a.changed(ctx)
}

func sameWeights(a, b *Learned) bool {
	if a == nil || len(a.Weights) != len(b.Weights) || a.Bias != b.Bias || a.Good != b.Good || a.Bad != b.Bad {
		return false
	}
	for name, w := range a.Weights {
		if other, ok := b.Weights[name]; !ok || other != w {
			return false
		}
	}
	return true
}

// learnDaily learns when it is time to.
func (a *Analysis) learnDaily(ctx context.Context) error {
	now := a.config.Now()
	a.mu.Lock()
	last, checked := a.learned, a.checked
	due := now.Sub(checked) >= learnCheck && (last == nil || now.Sub(last.At) >= learnEvery || last.Ratings < FewestRatings)
	if due {
		a.checked = now
	}
	a.mu.Unlock()
	if !due {
		return nil
	}
	n, err := a.countRated(ctx)
	if err != nil || n < FewestRatings || last != nil && n == last.Ratings {
		return err
	}
	_, err = a.learn(ctx, false)
	return err
}

// rated holds for conversations that were rated and analysed.
func rated() *query.Filter {
	return query.AllOf(query.Is("score", query.Exists), query.Is("analysis_version", query.Exists))
}

func (a *Analysis) countRated(ctx context.Context) (int64, error) {
	res, err := a.config.Store.Query(ctx, query.Query{Grain: query.Conversations, Filter: rated(), Measures: []query.Measure{{As: "n", Op: query.Count}}})
	if err != nil || len(res.Rows) == 0 {
		return 0, err
	}
	return int64(res.Rows[0].Values[0].Num), nil
}

// lessons reads the rated conversations, the newest, and judges them anew.
func (a *Analysis) lessons(ctx context.Context) ([]lesson, error) {
	page, err := a.config.Store.Conversations(ctx, query.List{Grain: query.Conversations, Filter: rated(), Desc: true, Limit: mostRatings})
	if err != nil {
		return nil, fmt.Errorf("find rated conversations: %w", err)
	}
	ids := make([]string, len(page.Conversations))
	for i, c := range page.Conversations {
		ids[i] = c.ID
	}
	a.mu.Lock()
	j := judgement{analyser: a.config.Analyser, settings: a.settings, now: a.config.Now()}
	a.mu.Unlock()
	var all []lesson
	err = a.read(ctx, ids, func(some []*conversation, _ []string) error {
		for _, c := range some {
			if x, ok := j.lesson(c); ok {
				all = append(all, x)
			}
		}
		return ctx.Err()
	})
	return all, err
}

func (j *judgement) lesson(c *conversation) (x lesson, ok bool) {
	defer func() {
		if recover() != nil { // it is reported where it is analysed
			ok = false
		}
	}()
	if len(c.events) == 0 || c.row.Score == nil || *c.row.Score < goodScore && *c.row.Score > badScore {
		return x, false
	}
	of := j.conversation(c)
	x = lesson{person: cmp.Or(c.row.Person, c.row.ID), good: *c.row.Score >= goodScore, score: *c.row.Score, features: features(of.found, of.unrated), shipped: 0.5}
	if p := shipped(of.found, of.unrated); p != nil {
		x.shipped = *p
	}
	return x, len(x.features) > 0
}

// judgeLessons fits a logistic regression and tests it against what is shipped. It is a function of the
// lessons and their order.
func judgeLessons(lessons []lesson) Learned {
	n, good := int64(len(lessons)), int64(0)
	counts := map[string]int64{}
	for _, x := range lessons {
		if x.good {
			good++
		}
		for name := range x.features {
			counts[name]++
		}
	}
	l := Learned{Ratings: n, Terms: []Term{}}
	if n < FewestRatings {
		l.Reason = fmt.Sprintf("%d rated conversations; at least %d are needed", n, FewestRatings)
		return l
	}
	if few := min(good, n-good); few < FewestOfEach {
		l.Reason = fmt.Sprintf("%d of %d ratings are good; at least %d good and %d bad ones are needed", good, n, FewestOfEach, FewestOfEach)
		return l
	}
	var names []string
	for name, count := range counts {
		if count >= fewestTerms {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	yes, ships := make([]bool, n), make([]float64, n)
	for i, x := range lessons {
		yes[i], ships[i] = x.good, x.shipped
	}
	own := outOfFold(lessons, names)
	ofOwn, ofShipped, lo, hi := compareAUC(yes, own, ships)
	l.Own, l.Shipped = &ofOwn, &ofShipped
	l.Used = lo > 0
	if l.Used {
		l.Reason = fmt.Sprintf("it tells good ratings from bad ones better than the shipped weights: by %.3f of AUC, 95 %% interval %.3f to %.3f", ofOwn.Value-ofShipped.Value, lo, hi)
	} else {
		l.Reason = fmt.Sprintf("it is not proven better than the shipped weights, which stay in use: the difference of AUC is %.3f, 95 %% interval %.3f to %.3f", ofOwn.Value-ofShipped.Value, lo, hi)
	}
	r := regress(lessons, names)
	l.Weights, l.Bias, l.Of = r.weights, r.bias, n
	l.Good, l.Bad = meanScores(lessons)
	for _, name := range sortedNames(r.weights) {
		l.Terms = append(l.Terms, Term{Name: name, Weight: r.weights[name], N: counts[name]})
	}
	slices.SortFunc(l.Terms, func(a, b Term) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.Name, b.Name))
	})
	return l
}

// meanScores are the mean scores of good ratings and of bad ones.
func meanScores(lessons []lesson) (good, bad float64) {
	var goods, bads int
	for _, x := range lessons {
		if x.good {
			good, goods = good+x.score, goods+1
		} else {
			bad, bads = bad+x.score, bads+1
		}
	}
	return good / float64(goods), bad / float64(bads)
}

// regression is a logistic regression of good ratings.
type regression struct {
	weights map[string]float64
	bias    float64
}

func (r *regression) sum(features map[string]float64) float64 {
	sum := r.bias
	for _, name := range sortedNames(features) {
		sum += r.weights[name] * features[name]
	}
	return sum
}

// regress fits a regression on the features of these names. What would speak against the meaning of its
// signal is left out, and the rest is fitted again: that users who ask for a person seem content, where
// all who ask are few, is chance or the doing of something else, and nobody would believe the figure.
func regress(lessons []lesson, names []string) regression {
	for {
		w := fitted(lessons, names)
		kept := make([]string, 0, len(names))
		r := regression{weights: map[string]float64{}, bias: w.Bias[0]}
		for k, name := range names {
			if w.Dense[k]*direction(name) >= 0 {
				kept = append(kept, name)
				r.weights[name] = math.Round(w.Dense[k]*1e6) / 1e6
			}
		}
		if len(kept) == len(names) {
			return r
		}
		names = kept
	}
}

func fitted(lessons []lesson, names []string) *linear.Weights {
	set := &fit.Set{Header: linear.Header{Outputs: []string{"good"}, Dense: names}}
	for _, x := range lessons {
		in := linear.Input{Dense: make([]float32, len(names))}
		for k, name := range names {
			in.Dense[k] = float32(x.features[name])
		}
		target := 0.0
		if x.good {
			target = 1
		}
		set.Add(&in, []float64{target}, 1, x.person)
	}
	return set.Fit(fit.Config{Loss: fit.Logistic, DenseL2: 5})
}

// direction is what a feature means by its definition: above 0 good, below 0 bad, 0 either.
func direction(name string) float64 {
	if d, ok := signal.Find(name); ok {
		return d.Weight
	}
	return 1 // what the analyser concluded
}

// outOfFold predicts each lesson by a regression that has not seen its person.
func outOfFold(lessons []lesson, names []string) []float64 {
	fold := fit.Fold(LearningFolds)
	held := map[string][]int{}
	for i, x := range lessons {
		held[fold(x.person)] = append(held[fold(x.person)], i)
	}
	out := make([]float64, len(lessons))
	for part, of := range held {
		var others []lesson
		for _, x := range lessons {
			if fold(x.person) != part {
				others = append(others, x)
			}
		}
		r := regress(others, names)
		for _, i := range of {
			out[i] = r.sum(lessons[i].features)
		}
	}
	return out
}

// Title returns what a term is called.
func (t *Term) Title() string {
	if d, ok := signal.Find(t.Name); ok {
		return d.Title
	}
	switch t.Name {
	case "words":
		return "Satisfaction by the words"
	case "goal":
		return "Goal reached by the words"
	case "predicted_rating":
		return "Predicted rating"
	}
	return t.Name
}

// Words says what a term adds.
func (t *Term) Words() string {
	times := math.Exp(t.Weight)
	_, isSignal := signal.Find(t.Name)
	switch {
	case isSignal && times >= 1:
		return fmt.Sprintf("each one makes the odds of a good rating %.2f times as high", times)
	case isSignal:
		return fmt.Sprintf("each one makes the odds of a good rating %.2f times as low", 1/times)
	default:
		return fmt.Sprintf("the odds of a good rating go with its odds to the power of %.2f", t.Weight)
	}
}
