// Package topics finds what people ask about: it groups texts that ask for the same, without being told what
// there is or how much of it, names the groups by their telling words, and says of a text that comes later
// which group it belongs to. It is a pure function of the texts: in whatever order they come, the same texts
// give the same topics. When topics are fitted again, and what people call them, is package topic's business.
//
// A text is where it stands in two spaces: that of its words, word pairs and runs of 3 to 5 characters (TF-IDF,
// reduced by a truncated singular value decomposition: any language), and that of what its words mean (package
// vectors: English). Each text is moved towards its nearest neighbours; topics are the communities of the graph
// of neighbours, at the resolution at which texts are clearest nearer to their own topic than to any other.
// docs/insights.md has the figures, ADR 0013 the reasons.
package topics

import (
	"cmp"
	"hash/fnv"
	"slices"
)

// Doc is what one conversation or message says.
type Doc struct {
	ID string
	// Texts are the user's messages, in their order; the first ones tell most. Placeholders of masked values
	// as [email] are not read.
	Texts []string
}

// Config says how topics are fitted. The zero value is useful.
type Config struct {
	// Topics is how many there are, if that is known; 0 finds out.
	Topics int
	// Sample bounds how many texts topics are found in; the others are assigned to what was found there.
	// 0 is DefaultSample.
	Sample int
	// Workers is how many goroutines compute at once; 0 is GOMAXPROCS. It never changes the result.
	Workers int
	// Progress is told how much is done, 0..1; nil: nobody is.
	Progress func(done float64)
}

// DefaultSample bounds the texts that topics are found in: more find no better topics and need more memory.
const DefaultSample = 6000

// MinTexts is how few texts are too few to find topics in.
const MinTexts = 20

// None is the topic of a text that belongs to none.
const None = -1

// Fit finds the topics of docs. It returns the model and the topic of each doc, as they came, or None for those
// without words and those far from all topics. Fewer than MinTexts docs with words make a model without topics.
func Fit(docs []Doc, cfg Config) (*Model, []int) {
	f := newFitter(docs, cfg)
	m := f.fit()
	return m, f.assignAll(m)
}

type fitter struct {
	cfg   Config
	docs  []Doc
	order []int // docs by hash of their content: what they were like, not how they came
	used  []int // of order, those that have words: the sample
}

func newFitter(docs []Doc, cfg Config) *fitter {
	if cfg.Sample <= 0 {
		cfg.Sample = DefaultSample
	}
	if cfg.Progress == nil {
		cfg.Progress = func(float64) {}
	}
	f := &fitter{cfg: cfg, docs: docs, order: make([]int, len(docs))}
	keys := make([]uint64, len(docs))
	for i, d := range docs {
		f.order[i] = i
		h := fnv.New64a()
		for _, t := range d.Texts {
			_, _ = h.Write([]byte(t))
			_, _ = h.Write([]byte{0})
		}
		_, _ = h.Write([]byte(d.ID))
		keys[i] = mix(h.Sum64())
	}
	slices.SortFunc(f.order, func(a, b int) int {
		return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(docs[a].ID, docs[b].ID))
	})
	return f
}

// mix spreads the bits of a hash, so that its order has nothing to do with what was hashed (splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (f *fitter) fit() *Model {
	var bags []bag
	var r reader
	for _, i := range f.order {
		if len(f.used) == f.cfg.Sample {
			break
		}
		if b := r.read(&f.docs[i]); len(b.terms) > 0 {
			f.used, bags = append(f.used, i), append(bags, b)
		}
	}
	if len(f.used) < MinTexts {
		return &Model{}
	}
	f.cfg.Progress(0.05)
	m := &Model{Texts: len(f.used)}
	m.space = newSpace(bags, f.cfg.Workers)
	f.cfg.Progress(0.35)
	x := m.space.placeAll(bags, f.cfg.Workers)
	near := neighbours(x, smoothBy(x.rows), f.cfg.Workers)
	f.cfg.Progress(0.6)
	z := smoothed(x, near)
	g := newGraph(neighboursOf(z, near, graphBy, f.cfg.Workers))
	f.cfg.Progress(0.75)
	labels := choose(g, z, f.cfg.Topics, f.cfg.Workers)
	f.cfg.Progress(0.9)
	m.settle(x, labels)
	m.name(f.docs, f.used, labels)
	f.cfg.Progress(0.95)
	return m
}

// assignAll says the topic of every doc by the model.
func (f *fitter) assignAll(m *Model) []int {
	out := make([]int, len(f.docs))
	parallel(len(f.docs), f.cfg.Workers, func(from, to int) {
		a := m.Assigner()
		for i := from; i < to; i++ {
			out[i], _ = a.Assign(f.docs[i].Texts)
		}
	})
	for k, i := range f.used {
		if len(m.member) > 0 {
			out[i] = m.member[k]
		}
	}
	f.cfg.Progress(1)
	return out
}
