package topics

import (
	"bytes"
	"math"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/vectors"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// bag is what is read of a doc: how often it has which term, and its place in the space of meaning.
type bag struct {
	terms   []uint32 // words and pairs of words, each once
	counts  []float32
	chars   []uint32 // runs of characters
	ccounts []float32
	meaning []float32 // vectors.Dim; nil if no word is known
}

// maxTexts bounds the messages that are read of a conversation, maxTerms what is counted of a doc.
const (
	maxTexts = 40
	maxTerms = 3000
)

// reader reads docs. Its memory is used again; not for several goroutines at once.
type reader struct {
	text    words.Text
	runs    []uint32
	plain   []words.Token
	seen    map[uint32]int
	charred map[uint32]int
}

// read returns what a doc says. Message k counts as 1/√(k+1): people say what they want first.
func (r *reader) read(d *Doc) bag {
	if r.seen == nil {
		r.seen, r.charred = map[uint32]int{}, map[uint32]int{}
	}
	clear(r.seen)
	clear(r.charred)
	var b bag
	english := vectors.English()
	for k, t := range d.Texts {
		if k == maxTexts {
			break
		}
		weight := float32(1 / math.Sqrt(float64(k+1)))
		r.text.Read(unmasked(t))
		r.plain = r.plain[:0]
		for _, tok := range r.text.Tokens {
			if tok.Kind == words.Word || tok.Kind == words.Character {
				r.plain = append(r.plain, tok)
			}
		}
		for i, tok := range r.plain {
			b.addTerm(r.seen, tok.Hash, weight)
			if i > 0 {
				b.addTerm(r.seen, words.Pair(r.plain[i-1].Hash, tok.Hash), weight)
			}
			if tok.Kind != words.Word {
				continue
			}
			word := r.text.Lower[tok.Start:tok.End]
			r.runs = runsOf(r.runs[:0], word)
			for _, h := range r.runs {
				b.addRun(r.charred, h, weight)
			}
			if n := english.Find(word); n >= 0 {
				if b.meaning == nil {
					b.meaning = make([]float32, vectors.Dim)
				}
				english.AddTo(b.meaning, n, weight*english.Weight(n))
			}
		}
	}
	unit(b.meaning)
	return b
}

func (b *bag) addTerm(seen map[uint32]int, h uint32, weight float32) {
	if i, ok := seen[h]; ok {
		b.counts[i] += weight
	} else if len(b.terms) < maxTerms {
		seen[h] = len(b.terms)
		b.terms, b.counts = append(b.terms, h), append(b.counts, weight)
	}
}

func (b *bag) addRun(seen map[uint32]int, h uint32, weight float32) {
	if i, ok := seen[h]; ok {
		b.ccounts[i] += weight
	} else if len(b.chars) < maxTerms {
		seen[h] = len(b.chars)
		b.chars, b.ccounts = append(b.chars, h), append(b.ccounts, weight)
	}
}

// runsOf appends the hashes of the runs of 3 to 5 bytes of a word between spaces. Bytes do for characters:
// what matters is that like words share most of them.
func runsOf(out []uint32, word []byte) []uint32 {
	const longest = 40
	var padded [longest + 2]byte
	padded[0] = ' '
	n := 1 + copy(padded[1:longest+1], word)
	padded[n] = ' '
	n++
	for size := 3; size <= 5; size++ {
		for i := 0; i+size <= n; i++ {
			h := uint32(2166136261) ^ 0x5bd1e995 // other than those of words
			for _, c := range padded[i : i+size] {
				h = (h ^ uint32(c)) * 16777619
			}
			out = append(out, h)
		}
	}
	return out
}

// unmasked takes the placeholders of masked values out of a text: [email], [credit_card].
func unmasked(s string) string {
	if !strings.Contains(s, "[") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '[' {
			if n := placeholder(s[i:]); n > 0 {
				out = append(out, ' ')
				i += n - 1
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(bytes.TrimSpace(out))
}

// placeholder is the length of the placeholder that s begins with, 0 if it begins with none.
func placeholder(s string) int {
	for i := 1; i < len(s) && i < 40; i++ {
		switch c := s[i]; {
		case c == ']' && i > 1:
			return i + 1
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == ':', c == ' ':
		default:
			return 0
		}
	}
	return 0
}
