package pii

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

// weightFile is made by the program in the folder train, of the synthetic sentences of presidio-research (MIT) and the
// slots of the Schema-Guided Dialogue data (CC BY-SA 4.0): [Buckets] times [Classes] signed bytes.
//
//go:embed weights.bin
var weightFile []byte

// The size of the weights: features are hashed into buckets, each with a weight for every class.
const (
	Buckets = 1 << 15
	Classes = 10
)

// classRules are the rules of the classes; the first is no finding.
var classRules = [Classes]Rule{None, Person, Address, Place, Organisation, Date, Age, Postcode, Title, Group}

// ClassOf returns the class of a rule that the tagger finds; 0 for others.
func ClassOf(r Rule) int {
	for i, c := range classRules {
		if c == r {
			return i
		}
	}
	return 0
}

// Lean is how much of the scores' scale a class may lie behind "nothing" and be found all the same: to leave
// a name standing is worse than to mask a word too many.
const Lean = 20

// Tagger finds what all rules find: the structured ones by their forms, the others by a linear model over each
// word and its surroundings. It reuses its memory and is for one goroutine.
type Tagger struct {
	scan    Scanner
	tokens  []Token
	feats   []uint32
	weights []byte
	lean    int
	tags    []int
}

// NewTagger returns a tagger.
func NewTagger() *Tagger { return &Tagger{weights: weightFile, lean: Lean} }

// NewTaggerOf returns a tagger with other weights, for the program that makes them.
func NewTaggerOf(weights []byte, lean int) *Tagger { return &Tagger{weights: weights, lean: lean} }

// Token is a word or a sign of a text.
type Token struct {
	Start, End int
	lower      string
	shape      uint8
	Structured bool // a structured rule has found it
}

// The shapes of tokens.
const (
	shapeSign = iota
	shapeLower
	shapeTitle
	shapeUpper
	shapeMixed
	shapeDigits
	shapeDigitsLetters
	shapeBreak
	shapeInitial
)

// All returns the findings of all rules, in order, none overlapping. They are good until the next call.
func (t *Tagger) All(text string) []Finding {
	found := t.scan.WithURLs(text)
	t.Tokens(text, found)
	t.tags = t.tags[:0]
	prev := 0
	for i := range t.tokens {
		class := 0
		if !t.tokens[i].Structured && t.tokens[i].shape != shapeBreak {
			class = t.decide(i, prev)
		}
		t.tags = append(t.tags, class)
		prev = class
	}
	n := len(found)
	for i := 0; i < len(t.tokens); {
		class := t.tags[i]
		if class == 0 || t.tokens[i].shape == shapeSign {
			i++
			continue
		}
		end := i
		for j := i + 1; j < len(t.tokens) && (t.tags[j] == class || t.tokens[j].shape == shapeSign && j+1 < len(t.tokens) && t.tags[j+1] == class && class == 2); j++ {
			if t.tokens[j].shape != shapeSign {
				end = j
			}
		}
		found = append(found, Finding{classRules[class], t.tokens[i].Start, t.tokens[end].End})
		i = end + 1
	}
	if len(found) > n {
		found = resolve(found)
	}
	t.scan.found = found
	return found
}

// decide returns the class of a token.
func (t *Tagger) decide(i, prev int) int {
	t.feats = t.Features(t.feats[:0], i, prev)
	score := Score(t.weights, t.feats)
	best := 0
	score[0] -= t.lean
	for c := 1; c < Classes; c++ {
		if score[c] > score[best] {
			best = c
		}
	}
	return best
}

// Score adds up the weights of features.
func Score(weights []byte, feats []uint32) (score [Classes]int) {
	for _, f := range feats {
		w := weights[int(f)*Classes : int(f)*Classes+Classes]
		for c := range score {
			score[c] += int(int8(w[c]))
		}
	}
	return score
}

// Tokens splits a text; found are its structured findings, in order. The result is good until the next call.
func (t *Tagger) Tokens(text string, found []Finding) []Token {
	t.tokens = t.tokens[:0]
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n':
			t.tokens = append(t.tokens, Token{Start: i, End: i + n, lower: "\n", shape: shapeBreak})
			i += n
		case unicode.IsSpace(r):
			i += n
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			end := wordEnd(text, i)
			word := text[i:end]
			t.tokens = append(t.tokens, Token{Start: i, End: end, lower: strings.ToLower(word), shape: shapeOf(word)})
			i = end
		default:
			t.tokens = append(t.tokens, Token{Start: i, End: i + n, lower: text[i : i+n], shape: shapeSign})
			i += n
		}
	}
	k := 0
	for i := range t.tokens {
		x := &t.tokens[i]
		for k < len(found) && found[k].End <= x.Start {
			k++
		}
		x.Structured = k < len(found) && found[k].Start < x.End
	}
	return t.tokens
}

// wordEnd passes letters, digits, and apostrophes and hyphens between them.
func wordEnd(text string, i int) int {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		case r == '\'' || r == '’' || r == '-':
			next, _ := utf8.DecodeRuneInString(text[i+n:])
			if !unicode.IsLetter(next) {
				return i
			}
		default:
			return i
		}
		i += n
	}
	return i
}

func shapeOf(word string) uint8 {
	upper, lower, digits, first, n := 0, 0, 0, false, 0
	for _, r := range word {
		switch {
		case unicode.IsUpper(r):
			upper++
			first = first || n == 0
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			lower++
		}
		n++
	}
	switch {
	case digits > 0 && upper+lower == 0:
		return shapeDigits
	case digits > 0:
		return shapeDigitsLetters
	case upper == 0:
		return shapeLower
	case n == 1:
		return shapeInitial
	case lower == 0:
		return shapeUpper
	case first && upper == 1:
		return shapeTitle
	}
	return shapeMixed
}

// nothing stands before the first token and behind the last.
var nothing = Token{lower: "", shape: shapeBreak}

func (t *Tagger) token(i int) *Token {
	if i < 0 || i >= len(t.tokens) {
		return &nothing
	}
	return &t.tokens[i]
}

// lists returns bits for the lists that a word is in.
func lists(w string) (bits uint32) {
	for i, l := range [...]map[string]bool{listPlaces, listGroups, listNames, listStreets, listTitles, listOrgs, listDates} {
		if l[w] {
			bits |= 1 << i
		}
	}
	return bits
}

// Features appends the buckets of token i, behind a token of class prev.
func (t *Tagger) Features(dst []uint32, i, prev int) []uint32 {
	w, l1, l2, r1, r2 := t.token(i), t.token(i-1), t.token(i-2), t.token(i+1), t.token(i+2)
	add := func(kind uint32, words ...string) {
		h := uint32(2166136261) ^ kind*0x9e3779b1
		for _, s := range words {
			for k := range len(s) {
				h = (h ^ uint32(s[k])) * 16777619
			}
			h = (h ^ 0xff) * 16777619
		}
		h ^= h >> 15
		dst = append(dst, h%Buckets)
	}
	number := func(kind, v uint32) {
		h := (kind*0x9e3779b1 ^ v) * 0x85ebca6b
		h ^= h >> 13
		h *= 0xc2b2ae35
		h ^= h >> 16
		dst = append(dst, h%Buckets)
	}
	shape, p := uint32(w.shape), uint32(prev)
	start := uint32(0) // of a sentence
	if l1.shape == shapeBreak || l1.lower == "." || l1.lower == "?" || l1.lower == "!" || l1.lower == ":" {
		start = 1
	}
	number(1, shape)
	number(2, shape<<8|p<<1|start)
	number(3, shape<<8|uint32(l1.shape)<<4|uint32(r1.shape))
	number(4, shape<<16|uint32(l1.shape)<<12|uint32(r1.shape)<<8|uint32(l2.shape)<<4|uint32(r2.shape))
	number(5, p)
	add(6, w.lower)
	add(7, l1.lower)
	add(8, r1.lower)
	add(9, l2.lower, l1.lower)
	add(10, r1.lower, r2.lower)
	add(11, l2.lower)
	number(12, lists(w.lower)<<8|shape)
	number(13, lists(l1.lower)<<8|shape)
	number(14, lists(r1.lower)<<8|shape)
	number(15, lists(r2.lower)<<8|shape)
	number(16, lists(l1.lower)<<12|p<<8|shape)
	if n := len(w.lower); n > 3 {
		add(17, w.lower[n-3:])
		add(18, w.lower[:3])
		number(19, uint32(min(n, 12))<<8|shape)
	}
	number(20, uint32(w.End-w.Start)<<8|shape)
	switch prev {
	case 0:
		add(21, l1.lower, w.lower)
	default:
		number(22, p<<16|shape<<8|uint32(l1.shape))
	}
	number(23, uint32(min(i, 3))<<12|uint32(min(len(t.tokens)-1-i, 3))<<8|shape)
	number(24, uint32(t.token(i+3).shape)<<12|uint32(r2.shape)<<8|uint32(r1.shape)<<4|shape)
	if l1.Structured {
		number(25, shape)
	}
	if r1.Structured {
		number(26, shape)
	}
	return dst
}
