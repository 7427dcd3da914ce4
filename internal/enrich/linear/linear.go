// Package linear scores texts by weighted sums: of hashed n-grams (package words) and of named features. It
// is what most analysers of enrich are made of. It holds weights, explains what they add up to, and reads
// and writes their files; package fit beside it makes them.
//
// Weights of n-grams are one byte each: w = sign(q)·(q/127)²·largest, so that small ones, which are most,
// keep their precision.
package linear

import (
	"cmp"
	"math"
	"slices"

	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// Model is a set of weights. It does not change once it is loaded, so goroutines may share it.
type Model struct {
	Header
	table []int8    // 2^Bits n-grams × outputs; output is the fast index
	scale []float32 // a codebook of 256 values each output: codebook[output*256 + byte]
	dense []float32 // features × outputs
	bias  []float32
}

// Header says what the weights are; it is the first line of their file.
type Header struct {
	Name    string   `json:"name"`
	Source  string   `json:"source"`         // data they were made from, with its licence
	Command string   `json:"command"`        // the program that made them
	Bits    int      `json:"bits"`           // n-grams are hashed to 2^Bits rows
	Outputs []string `json:"outputs"`        // what is scored; a single one for yes or no, or a number
	Dense   []string `json:"features"`       // named features in their order
	Note    string   `json:"note,omitempty"` // what a reader should know
}

// Block is a part of the input: the n-grams of one text in one part (what the user said before, say). The
// same words in another field have other weights. Value is what each n-gram counts.
type Block struct {
	Field uint32
	Text  *words.Text
	Value float32
	// From and To choose n-grams of Text.Grams; To 0 is all from From.
	From, To int
	// Each is what each of the chosen n-grams counts besides; nil is 1.
	Each []float32
}

// Input is what a model is asked about. Its slices may be used again.
type Input struct {
	Blocks []Block
	Dense  []float32 // as Header.Dense
}

// Reset empties the input.
func (in *Input) Reset() { in.Blocks, in.Dense = in.Blocks[:0], in.Dense[:0] }

// Add appends all n-grams of a text as a block whose squares sum up to one, so that long texts do not
// shout. A nil text adds nothing.
func (in *Input) Add(field uint32, t *words.Text) {
	if t == nil {
		return
	}
	if n := len(t.Grams().Hash); n > 0 {
		in.Blocks = append(in.Blocks, Block{Field: field, Text: t, Value: float32(1 / math.Sqrt(float64(n)))})
	}
}

// AddWords is like Add for words and pairs of words, without runs of characters.
func (in *Input) AddWords(field uint32, t *words.Text) {
	if t == nil {
		return
	}
	if g := t.Grams(); g.Chars > 0 {
		in.Blocks = append(in.Blocks, Block{Field: field, Text: t, Value: float32(1 / math.Sqrt(float64(g.Chars))), To: g.Chars})
	}
}

// AddDamped appends words with pairs of words as one block, and runs of characters as another, the squares of
// each summing up to one. An n-gram that occurs n times counts 1 + ln n ([words.Grams.Damp]), so that texts of
// any length are alike to the model; with Rare of package fit it is what is known as sublinear tf-idf.
func (in *Input) AddDamped(field uint32, t *words.Text) {
	if t == nil {
		return
	}
	g := t.Grams()
	each, ofWords, ofChars := g.Damp()
	if ofWords > 0 {
		in.Blocks = append(in.Blocks, Block{Field: field, Text: t, Value: ofWords, To: g.Chars, Each: each[:g.Chars]})
	}
	if ofChars > 0 {
		in.Blocks = append(in.Blocks, Block{Field: field, Text: t, Value: ofChars, From: g.Chars, Each: each[g.Chars:]})
	}
}

// At is what n-gram i of Grams counts.
func (b *Block) At(i int) float32 {
	if b.Each == nil {
		return b.Value
	}
	return b.Value * b.Each[i]
}

// Grams returns the n-grams of the block.
func (b *Block) Grams() []uint32 {
	g := b.Text.Grams().Hash
	if b.To > 0 {
		g = g[:b.To]
	}
	return g[b.From:]
}

// Row is the row of an n-gram of a field in a table of 2^bits rows.
func Row(hash, field uint32, bits int) uint32 {
	return (hash ^ field*0x9E3779B1) * 0x85EBCA6B >> (32 - bits)
}

// Sums writes to out, which has a place for each output, the weighted sums with bias.
func (m *Model) Sums(in *Input, out []float64) {
	k := len(m.bias)
	for o := range k {
		out[o] = float64(m.bias[o])
	}
	for i, v := range in.Dense {
		for o := range k {
			out[o] += float64(v * m.dense[i*k+o])
		}
	}
	if k == 1 {
		for i := range in.Blocks {
			out[0] += m.sum(&in.Blocks[i])
		}
		return
	}
	for i := range in.Blocks {
		b := &in.Blocks[i]
		for i, h := range b.Grams() {
			row, value := int(Row(h, b.Field, m.Bits))*k, b.At(i)
			for o, q := range m.table[row : row+k] {
				out[o] += float64(value * m.scale[o<<8|int(uint8(q))])
			}
		}
	}
}

// sum is that of a block in a model of one output.
func (m *Model) sum(b *Block) float64 {
	var s float32
	shift, field := 32-m.Bits, b.Field*0x9E3779B1
	table, scale := m.table, m.scale[:256]
	if grams := b.Grams(); b.Each != nil {
		for i, each := range b.Each[:len(grams)] {
			s += each * scale[uint8(table[(grams[i]^field)*0x85EBCA6B>>shift])]
		}
		return float64(s * b.Value)
	}
	for _, h := range b.Grams() {
		s += scale[uint8(table[(h^field)*0x85EBCA6B>>shift])]
	}
	return float64(s * b.Value)
}

// Sum is the weighted sum of a model of one output.
func (m *Model) Sum(in *Input) float64 {
	var out [1]float64
	m.Sums(in, out[:])
	return out[0]
}

// Probability is the logistic function of Sum, for a model fitted with logistic loss: 0..1.
func (m *Model) Probability(in *Input) float64 { return Logistic(m.Sum(in)) }

// Softmax turns the sums of several outputs to probabilities, in place.
func Softmax(sums []float64) {
	most, total := slices.Max(sums), 0.0
	for i, s := range sums {
		sums[i] = math.Exp(s - most)
		total += sums[i]
	}
	for i := range sums {
		sums[i] /= total
	}
}

// Logistic is 1/(1+e^-x).
func Logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Reason is a part of a sum: what was read, and what it added. Weights of all reasons and the bias add up
// to the sum.
type Reason struct {
	What   string  // a word of the text, or the name of a feature
	Field  uint32  // of the block that the word is in; 0 for features
	Weight float64 // > 0 speaks for it
}

// Explain says what spoke for an output, and against it: words with all n-grams they are part of, and
// features, those of one name that follow one another as one. At most most of them, the heaviest first. It allocates, and is not for every message.
func (m *Model) Explain(in *Input, output, most int) []Reason {
	var reasons []Reason
	k := len(m.bias)
	for i, v := range in.Dense {
		if w := v * m.dense[i*k+output]; w != 0 {
			if n := len(reasons); n > 0 && reasons[n-1].What == m.Dense[i] {
				reasons[n-1].Weight += float64(w)
				continue
			}
			reasons = append(reasons, Reason{What: m.Dense[i], Weight: float64(w)})
		}
	}
	features := len(reasons)
	for i := range in.Blocks {
		for _, r := range m.explain(&in.Blocks[i], output) {
			same := func(b Reason) bool { return b.What == r.What && b.Field == r.Field }
			if at := slices.IndexFunc(reasons[features:], same); at >= 0 { // the blocks of AddDamped
				reasons[features+at].Weight += r.Weight
			} else {
				reasons = append(reasons, r)
			}
		}
	}
	slices.SortStableFunc(reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.What, b.What))
	})
	return reasons[:min(len(reasons), most)]
}

// explain shares what the n-grams of a block add among the words they are made of.
func (m *Model) explain(b *Block, output int) []Reason {
	k, g := len(m.bias), b.Text.Grams()
	tokens := b.Text.Tokens
	share := make([]float64, len(tokens))
	for i, h := range b.Grams() {
		w := float64(b.At(i) * m.scale[output<<8|int(uint8(m.table[int(Row(h, b.Field, m.Bits))*k+output]))])
		if w == 0 {
			continue
		}
		from, to := g.From[b.From+i], g.To[b.From+i]
		first, _ := slices.BinarySearchFunc(tokens, from, func(t words.Token, at int32) int { return cmp.Compare(t.End, at+1) })
		last := first
		for last < len(tokens) && tokens[last].Start < to {
			last++
		}
		for j := first; j < last; j++ {
			share[j] += w / float64(last-first)
		}
	}
	byWord := map[string]int{}
	var reasons []Reason
	for i, w := range share {
		if w == 0 {
			continue
		}
		word := string(b.Text.At(i))
		at, ok := byWord[word]
		if !ok {
			at, byWord[word] = len(reasons), len(reasons)
			reasons = append(reasons, Reason{What: word, Field: b.Field})
		}
		reasons[at].Weight += w
	}
	return reasons
}

// Is is a feature of a fact: 1 or 0.
func Is(fact bool) float32 {
	if fact {
		return 1
	}
	return 0
}

// Length is a feature of how long a text is: the logarithm of one more than its words.
func Length(t *words.Text) float32 { return float32(math.Log1p(float64(t.Words()))) }

// Share is like Add for one of n texts that together count as much as one.
func (in *Input) Share(field uint32, t *words.Text, n float64) {
	before := len(in.Blocks)
	in.Add(field, t)
	for i := before; i < len(in.Blocks); i++ {
		in.Blocks[i].Value /= float32(math.Sqrt(n))
	}
}
