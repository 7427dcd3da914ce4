package words

import "unicode/utf8"

// Grams are the n-grams of a text as hashes: what linear models have weights for. From and To are the bytes
// of Lower that each stands for, so that a weight can be told in words.
type Grams struct {
	Hash     []uint32
	From, To []int32
	// Where the kinds begin: words, pairs of words, then character n-grams.
	Pairs, Chars int
}

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
	g.Hash, g.From, g.To = g.Hash[:0], g.From[:0], g.To[:0]
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
