// Package rephrase says whether two requests ask for the same in other words. Words that are the same tell
// little ("freeze my card", "freeze my account"); what tells is whether the words that are not the same mean
// nearly the same (package vectors), and which of them have no counterpart. For languages without vectors it
// goes by words and runs of characters alone.
package rephrase

import (
	_ "embed"
	"math"
	"math/bits"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/vectors"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name:    "rephrase",
		Source:  "pairs of requests of Banking77 (CC BY 4.0, PolyAI) and CLINC150 (CC BY 3.0), same intent or not",
		Command: "go run ./internal/enrich/rephrase/train",
		Bits:    1,
		Outputs: []string{"rephrase"},
		Dense: []string{
			"meaning of all words", "words with a counterpart, of the one with fewer", "of the one with more", "same words",
			"meaning of the words that differ", "their share, least", "their share, most",
			"differing words with a counterpart among such, least", "most", "among all, least", "most",
			"same runs of characters", "among differing words", "same question words", "one asks why", "one asks how", "one negates",
			"ratio of lengths", "shorter length", "longer length", "most telling word has a counterpart", "least of the three most telling", "their mean",
			"distance of the words that differ", "distance of all words",
		},
	}
}

// Analyser compares requests. Any number of goroutines may use it.
type Analyser struct {
	model *linear.Model
	table *vectors.Table
}

// New loads the weights.
func New() *Analyser { return &Analyser{linear.MustLoad(weights, Header()), vectors.English()} }

// Score is how likely b asks for the same as a, 0..1; 0 if one of them has no words. The input is scratch memory.
func (a *Analyser) Score(x, y *words.Text, in *linear.Input) float64 {
	var p pair
	if !p.read(a.table, x, y) {
		return 0
	}
	if p.same() {
		return 1
	}
	p.input(in)
	return a.model.Probability(in)
}

// Explain says which features made the score, at most most of them.
func (a *Analyser) Explain(x, y *words.Text, most int) []linear.Reason {
	var in linear.Input
	if !Input(x, y, &in) {
		return nil
	}
	return a.model.Explain(&in, 0, most)
}

// Input writes what the model is asked about two requests; false if one of them has no words.
func Input(x, y *words.Text, in *linear.Input) bool {
	var p pair
	if !p.read(vectors.English(), x, y) {
		return false
	}
	p.input(in)
	return true
}

// maxWords bounds the words that are compared of a request.
const maxWords = 24

// comparable is how much a word tells at least to be compared with others: "the" has no counterpart but itself.
const comparable = 0.45

// unknown is how much a word tells that the table does not have: it is rare.
const unknown = 1.3

type word struct {
	hash    uint32
	number  int     // in the table, -1 if it is not there
	weight  float32 // how much it tells
	telling float64 // how much it tells, squared
	shared  bool    // the other request has it
	text    []byte
}

// side is one request: its words, each once.
type side struct {
	words   [maxWords]word
	n       int
	length  int // of all words
	all     [vectors.Dim]float32
	differ  [vectors.Dim]float32
	negates bool
}

// pair is two requests. It is large, and lives on the stack.
type pair struct {
	a, b side
	like [maxWords][maxWords]float32 // cosine of words of a and b
}

func (p *pair) read(table *vectors.Table, x, y *words.Text) bool {
	p.a.read(table, x)
	p.b.read(table, y)
	if p.a.n == 0 || p.b.n == 0 {
		return false
	}
	p.a.compare(&p.b)
	p.b.compare(&p.a)
	for i := range p.a.n {
		for j := range p.b.n {
			x, y := &p.a.words[i], &p.b.words[j]
			if x.number >= 0 && y.number >= 0 && x.weight >= comparable && y.weight >= comparable {
				p.like[i][j] = table.Cosine(x.number, y.number)
			}
		}
	}
	p.a.sum(table)
	p.b.sum(table)
	return true
}

func (s *side) read(table *vectors.Table, t *words.Text) {
	for i, tok := range t.Tokens {
		if tok.Kind > words.Character {
			continue
		}
		s.length++
		if s.n == maxWords || s.index(tok.Hash) >= 0 {
			continue
		}
		w := word{hash: tok.Hash, number: -1, telling: unknown * unknown, text: t.At(i)}
		if tok.Kind == words.Word {
			if w.number = table.Find(w.text); w.number >= 0 {
				w.weight = table.Weight(w.number)
				w.telling = float64(w.weight) * float64(w.weight)
			}
		}
		s.negates = s.negates || negation[tok.Hash]
		s.words[s.n] = w
		s.n++
	}
}

func (s *side) index(hash uint32) int {
	for i := range s.n {
		if s.words[i].hash == hash {
			return i
		}
	}
	return -1
}

func (s *side) compare(other *side) {
	for i := range s.n {
		s.words[i].shared = other.index(s.words[i].hash) >= 0
	}
}

func (s *side) sum(table *vectors.Table) {
	for i := range s.n {
		w := &s.words[i]
		if w.number < 0 {
			continue
		}
		table.AddTo(s.all[:], w.number, w.weight)
		if !w.shared {
			table.AddTo(s.differ[:], w.number, w.weight)
		}
	}
}

// same holds for requests of the same words.
func (p *pair) same() bool {
	for _, s := range []*side{&p.a, &p.b} {
		for i := range s.n {
			if !s.words[i].shared {
				return false
			}
		}
	}
	return true
}

// which words of a side are meant.
type which int

const (
	every which = iota
	differing
)

// counterparts is how much of what the words of one side tell has a counterpart among those of the other.
func (p *pair) counterparts(first bool, of, among which) float64 {
	s := p.side(first)
	sum, total := 0.0, 0.0
	for i := range s.n {
		w := &s.words[i]
		if of == differing && w.shared {
			continue
		}
		total += w.telling
		sum += w.telling * p.counterpart(first, i, among)
	}
	if total == 0 {
		return 0
	}
	return sum / total
}

func (p *pair) side(first bool) *side {
	if first {
		return &p.a
	}
	return &p.b
}

func (p *pair) counterpart(first bool, i int, among which) float64 {
	s, o := p.side(first), p.side(!first)
	if s.words[i].shared && among == every {
		return 1
	}
	best := float32(0)
	for j := range o.n {
		if among == differing && o.words[j].shared {
			continue
		}
		if first {
			best = max(best, p.like[i][j])
		} else {
			best = max(best, p.like[j][i])
		}
	}
	return float64(best)
}

func (p *pair) input(in *linear.Input) {
	in.Reset()
	a, b := &p.a, &p.b
	put := func(values ...float64) {
		for _, v := range values {
			in.Dense = append(in.Dense, float32(v))
		}
	}
	both := func(x, y float64) { put(min(x, y), max(x, y)) }
	shared, told := 0.0, 0.0
	for _, s := range []*side{a, b} {
		for i := range s.n {
			if told += s.words[i].telling; s.words[i].shared {
				shared += s.words[i].telling
			}
		}
	}
	put(cosine(a.all[:], b.all[:]))
	both(p.counterparts(true, every, every), p.counterparts(false, every, every))
	put(shared/told, cosine(a.differ[:], b.differ[:]))
	both(norm(a.differ[:])/(norm(a.all[:])+1e-9), norm(b.differ[:])/(norm(b.all[:])+1e-9))
	both(p.counterparts(true, differing, differing), p.counterparts(false, differing, differing))
	both(p.counterparts(true, differing, every), p.counterparts(false, differing, every))
	put(runs(a, b, every), runs(a, b, differing))
	put(p.questions())
	put(one(a, b, why), one(a, b, how), is(a.negates != b.negates))
	x, y := float64(min(a.length, b.length)), float64(max(a.length, b.length))
	put(x/max(y, 1), math.Log1p(x), math.Log1p(y))
	put(p.telling()...)
	size := norm(a.all[:]) + norm(b.all[:]) + 1e-9
	put(distance(a.differ[:], b.differ[:])/size, distance(a.all[:], b.all[:])/size)
}

var (
	why, how  = words.Hash("why"), words.Hash("how")
	questions = hashes("why", "how", "when", "where", "what", "who", "which", "can", "is", "do", "does", "will", "are")
	negation  = hashes("not", "no", "never", "don't", "doesn't", "didn't", "can't", "won't", "isn't", "hasn't", "haven't", "wasn't", "cannot", "without",
		"declined", "failed")
)

func hashes(list ...string) map[uint32]bool {
	out := map[uint32]bool{}
	for _, w := range list {
		out[words.Hash(w)] = true
	}
	return out
}

// questions is the share of the question words of both that are the same.
func (p *pair) questions() float64 {
	same, n := 0.0, 0.0
	for k, s := range []*side{&p.a, &p.b} {
		for i := range s.n {
			w := &s.words[i]
			if !questions[w.hash] || k == 1 && w.shared {
				continue
			}
			n++
			if w.shared {
				same++
			}
		}
	}
	return same / max(n, 1)
}

// telling looks for counterparts of the three most telling words of each side.
func (p *pair) telling() []float64 {
	first, least, sum := 1.0, 1.0, 0.0
	for _, left := range []bool{true, false} {
		s := p.side(left)
		var best [3]int
		n := 0
		for i := range s.n {
			w := &s.words[i]
			at := n
			for at > 0 && w.telling > s.words[best[at-1]].telling {
				at--
			}
			if at < len(best) {
				n = min(n+1, len(best))
				copy(best[at+1:n], best[at:n-1])
				best[at] = i
			}
		}
		for k := range best {
			v := 1.0
			if k < n {
				v = p.counterpart(left, best[k], every)
			}
			if k == 0 {
				first = min(first, v)
			}
			least, sum = min(least, v), sum+v
		}
	}
	return []float64{first, least, sum / 6}
}

// runs is the share of runs of three and four bytes of words that both have (Dice), counted by their hashes.
func runs(a, b *side, of which) float64 {
	var set [2][32]uint64
	for k, s := range []*side{a, b} {
		for i := range s.n {
			w := &s.words[i]
			if of == differing && w.shared {
				continue
			}
			for size := 3; size <= 4; size++ {
				for from := -1; from+size <= len(w.text)+1; from++ {
					h := uint32(size)
					for j := from; j < from+size; j++ {
						c := byte(' ')
						if j >= 0 && j < len(w.text) {
							c = w.text[j]
						}
						h = (h ^ uint32(c)) * 16777619
					}
					h ^= h >> 15
					set[k][h>>6&31] |= 1 << (h & 63)
				}
			}
		}
	}
	same, all := 0, 0
	for i := range set[0] {
		same += bits.OnesCount64(set[0][i] & set[1][i])
		all += bits.OnesCount64(set[0][i]) + bits.OnesCount64(set[1][i])
	}
	return 2 * float64(same) / float64(max(all, 1))
}

func one(a, b *side, hash uint32) float64 { return is((a.index(hash) >= 0) != (b.index(hash) >= 0)) }

func is(fact bool) float64 {
	if fact {
		return 1
	}
	return 0
}

func cosine(a, b []float32) float64 {
	dot := 0.0
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return dot / (norm(a)*norm(b) + 1e-9)
}

func norm(a []float32) float64 {
	sum := 0.0
	for _, v := range a {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

func distance(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		v := float64(a[i]) - float64(b[i])
		sum += v * v
	}
	return math.Sqrt(sum)
}
