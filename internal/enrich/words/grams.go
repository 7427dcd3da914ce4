package words

import (
	"math"
	"slices"
	"unicode/utf8"
)

// Grams are the n-grams of a text as hashes: what linear models have weights for. From and To are the bytes
// of Lower that each stands for, so that a weight can be told in words.
type Grams struct {
	Hash     []uint32
	From, To []int32
	// Where the kinds begin: words, pairs of words, then character n-grams.
	Pairs, Chars int

	damped      []float32
	wordsNorm   float32
	charsNorm   float32
	first       []int32  // table of Damp: places of n-grams, plus one
	times, slot []uint32 // how often the n-gram at a place occurs; the place that each n-gram was first seen at
}

// Damp returns what each n-gram counts, so that one that occurs n times counts 1 + ln n altogether and not
// n: a long text that repeats itself says little more than one that does not. words and chars are one over
// the length of the vector of words with pairs of words, and of that of runs of characters; 0 without any.
// It is made on the first call after [Text.Grams], which it needs.
func (g *Grams) Damp() (each []float32, words, chars float32) {
	n := len(g.Hash)
	if n == 0 {
		return nil, 0, 0
	}
	if len(g.damped) == n {
		return g.damped, g.wordsNorm, g.charsNorm
	}
	bits := 4
	for 1<<bits < 2*n {
		bits++
	}
	g.first, g.times, g.slot = grow(g.first, 1<<bits), grow(g.times, n), grow(g.slot, n)
	clear(g.first)
	for i, h := range g.Hash {
		at := h * 0x9E3779B1 >> (32 - bits)
		for g.first[at] > 0 && g.Hash[g.first[at]-1] != h {
			at = (at + 1) & (1<<bits - 1)
		}
		if g.first[at] == 0 {
			g.first[at] = int32(i + 1)
			g.times[i] = 0
		}
		place := uint32(g.first[at] - 1)
		g.times[place]++
		g.slot[i] = place
	}
	var sum [2]float32
	g.damped = grow(g.damped, n)
	for i := range g.Hash {
		place, kind := g.slot[i], 0
		if i >= g.Chars {
			kind = 1
		}
		switch f := g.times[place]; {
		case f == 1:
			g.damped[i] = 1
			sum[kind]++
		case place < uint32(i):
			g.damped[i] = g.damped[place]
		default:
			all := 1 + float32(math.Log(float64(f)))
			g.damped[i] = all / float32(f)
			sum[kind] += all * all
		}
	}
	g.wordsNorm, g.charsNorm = inverseRoot(sum[0]), inverseRoot(sum[1])
	return g.damped, g.wordsNorm, g.charsNorm
}

func inverseRoot(v float32) float32 {
	if v == 0 {
		return 0
	}
	return float32(1 / math.Sqrt(float64(v)))
}

// grow makes v n long, in its own memory if that is enough. What it holds is any.
func grow[T any](v []T, n int) []T { return slices.Grow(v[:0], n)[:n] }

// Longest and shortest character n-grams, in characters, with the bounds of the word counted as one each.
const (
	minChars = 3
	maxChars = 5
	// maxWordChars bounds what one word without end adds.
	maxWordChars = 40
)

// Grams returns the n-grams of the text: each word, each two words that follow one another (and the first
// and the last, with the bounds of the text), and of each word its runs of 3 to 5 characters. They are made
// on the first call, and belong to the text.
func (t *Text) Grams() *Grams {
	if t.made {
		return &t.grams
	}
	t.made = true
	g := &t.grams
	g.Hash, g.From, g.To, g.damped = g.Hash[:0], g.From[:0], g.To[:0], g.damped[:0]
	for _, k := range t.Tokens {
		g.add(k.Hash, k.Start, k.End)
	}
	g.Pairs = len(g.Hash)
	before, start := uint32(offset32), int32(0)
	for _, k := range t.Tokens {
		g.add(pair(before, k.Hash), start, k.End)
		before, start = k.Hash, k.Start
	}
	if len(t.Tokens) > 0 {
		g.add(pair(before, offset32), start, t.Tokens[len(t.Tokens)-1].End)
	}
	g.Chars = len(g.Hash)
	for _, k := range t.Tokens {
		if k.Kind == Word {
			g.chars(t.Lower, k)
		}
	}
	return g
}

func (g *Grams) add(hash uint32, from, to int32) {
	g.Hash, g.From, g.To = append(g.Hash, hash), append(g.From, from), append(g.To, to)
}

// Pair is the hash of two tokens that follow one another, as Grams has it.
func Pair(a, b uint32) uint32 { return pair(a, b) }

func pair(a, b uint32) uint32 {
	h := a*0x9E3779B1 ^ b
	h ^= h >> 15
	return h*0x85EBCA6B + 1
}

// chars adds the character n-grams of a word. Runs at the bounds of the word differ from those within.
func (g *Grams) chars(lower []byte, k Token) {
	const bound = ' '
	word := lower[k.Start:k.End]
	for i, n := -1, 0; i < len(word) && n < maxWordChars; n++ {
		h, j, width := uint32(offset32), i, 0
		if i < 0 {
			h, j, width = (h^bound)*prime32, 0, 1
		}
		for width < maxChars && j < len(word) {
			for c := j; c < len(word) && (c == j || !utf8.RuneStart(word[c])); c++ {
				h = (h ^ uint32(word[c])) * prime32
			}
			_, size := utf8.DecodeRune(word[j:])
			j, width = j+size, width+1
			if width >= minChars {
				g.add(finish(h), k.Start+int32(max(i, 0)), k.Start+int32(j))
			}
		}
		if j == len(word) && width < maxChars && width >= minChars-1 {
			g.add(finish((h^bound)*prime32), k.Start+int32(max(i, 0)), k.End)
		}
		if i < 0 {
			i = 0
			continue
		}
		_, size := utf8.DecodeRune(word[i:])
		i += size
	}
}

// finish sets character n-grams apart from words of the same letters.
func finish(h uint32) uint32 { return (h ^ 0x5bd1e995) * 0xC2B2AE35 }
