// Package words splits what people wrote into words, once, for all analysers of enrich: lower case, any
// script, without regular expressions and, when a Text is used again, without allocating. It knows nothing
// of what words mean.
//
// Runs of letters, digits and apostrophes between letters are words; where a script writes no spaces (Han,
// kana, Thai, Lao, Khmer, Burmese) each character is one, and pairs of them do what words do elsewhere.
// Punctuation marks and emoji are tokens of their own, a run of the same mark is one.
package words

import (
	"unicode"
	"unicode/utf8"
)

// MaxBytes is how much of one message is read. Of a longer one these are its first three quarters and its
// last quarter, since answers say what matters first or last. It bounds what one message can cost.
const MaxBytes = 4096

// Kind says what a token is made of.
type Kind uint8

// The kinds of tokens.
const (
	Word      Kind = iota // letters, perhaps with digits
	Number                // digits only, perhaps with , . : between them
	Character             // one character of a script without spaces
	Mark                  // punctuation: a run of the same character
	Emoji                 // one symbol
)

// Token is one word of a Text.
type Token struct {
	Start, End int32 // bytes in Lower
	Hash       uint32
	Kind       Kind
}

// Text is one message, split. The zero value is an empty message. Its memory is used again by Read, so what
// it handed out before is gone then. Not for several goroutines at once.
type Text struct {
	Lower   []byte // what was read, in lower case
	Tokens  []Token
	Letters int // how many letters there were, and how many of them upper case
	Upper   int
	// Clipped says that the message was longer than MaxBytes.
	Clipped bool
	// Cues is room for what package course finds in the text.
	Cues Cues

	grams Grams
	made  bool
	bits  uint64 // a bit for each word, by its hash: what has no bit is not there
}

// Cues says how often cues of a list were found, and which lists have the first word.
type Cues struct {
	Known bool
	Count [32]uint8
	First uint32
}

// Read replaces what the text has by the words of s. What is not UTF-8 is read as U+FFFD.
func (t *Text) Read(s string) {
	t.Lower, t.Tokens = t.Lower[:0], t.Tokens[:0]
	t.Letters, t.Upper, t.Clipped, t.made, t.Cues.Known, t.bits = 0, 0, false, false, false, 0
	if len(s) <= MaxBytes {
		t.lower(s)
	} else {
		t.Clipped = true
		t.lower(clipEnd(s[:MaxBytes*3/4]))
		t.Lower = append(t.Lower, '\n')
		t.lower(clipStart(s[len(s)-MaxBytes/4:]))
	}
	t.split()
}

// clipEnd and clipStart take off the part of a character that a cut left.
func clipEnd(s string) string {
	for i := 1; i < utf8.UTFMax && i <= len(s); i++ {
		if c := s[len(s)-i]; utf8.RuneStart(c) {
			if !utf8.FullRuneInString(s[len(s)-i:]) {
				return s[:len(s)-i]
			}
			break
		}
	}
	return s
}

func clipStart(s string) string {
	for i := 0; i < utf8.UTFMax && i < len(s); i++ {
		if utf8.RuneStart(s[i]) {
			return s[i:]
		}
	}
	return s
}

func (t *Text) lower(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case 'a' <= c && c <= 'z':
				t.Letters++
			case 'A' <= c && c <= 'Z':
				t.Letters, t.Upper = t.Letters+1, t.Upper+1
				c += 'a' - 'A'
			}
			t.Lower = append(t.Lower, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '’' || r == '‘' || r == 'ʼ' || r == '`':
			t.Lower = append(t.Lower, '\'')
			continue
		case r >= 0xFF01 && r <= 0xFF5E: // full width forms of ASCII
			r -= 0xFEE0
		case unicode.IsLetter(r):
			t.Letters++
			if unicode.IsUpper(r) {
				t.Upper++
			}
		}
		t.Lower = utf8.AppendRune(t.Lower, unicode.ToLower(r))
	}
}

// class of a character, for splitting.
type class uint8

const (
	space class = iota
	letter
	digit
	single
	mark
	symbol
)

func classOf(r rune) class {
	if r < utf8.RuneSelf {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return letter
		case '0' <= r && r <= '9':
			return digit
		case r <= ' ' || r == 0x7f:
			return space
		}
		return mark
	}
	switch {
	case r >= 0x0E00 && r <= 0x0EFF, r >= 0x1000 && r <= 0x109F, r >= 0x1780 && r <= 0x17FF, // Thai, Lao; Burmese; Khmer
		r >= 0x3041 && r <= 0x30FF, r >= 0x3400 && r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF, // kana; Han
		r >= 0xF900 && r <= 0xFAFF, r >= 0x20000 && r <= 0x3FFFF:
		return single
	case unicode.IsLetter(r), unicode.Is(unicode.M, r) && r < 0xFE00:
		return letter
	case unicode.IsDigit(r):
		return digit
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.M, r):
		return space
	case unicode.IsPunct(r):
		return mark
	}
	return symbol
}

// next gives the character at i, its class and its length.
func (t *Text) next(i int) (rune, class, int) {
	if i >= len(t.Lower) {
		return 0, space, 0
	}
	if c := t.Lower[i]; c < utf8.RuneSelf {
		return rune(c), classOf(rune(c)), 1
	}
	r, n := utf8.DecodeRune(t.Lower[i:])
	return r, classOf(r), n
}

func (t *Text) split() {
	for i := 0; i < len(t.Lower); {
		r, c, n := t.next(i)
		switch c {
		case space:
			i += n
		case single:
			i = t.add(i, i+n, Character)
		case symbol:
			i = t.add(i, i+n, Emoji)
		case mark:
			end := i + n
			for {
				r2, _, n2 := t.next(end)
				if n2 == 0 || r2 != r {
					break
				}
				end += n2
			}
			i = t.add(i, end, Mark)
		default:
			end, kind := t.word(i)
			i = t.add(i, end, kind)
		}
	}
}

// word finds the end of the word or number at i.
func (t *Text) word(i int) (end int, kind Kind) {
	kind = Number
	for end = i; ; {
		r, c, n := t.next(end)
		switch {
		case c == letter:
			kind = Word
		case c == digit:
		case n > 0 && end > i:
			_, after, _ := t.next(end + n)
			if r == '\'' && kind == Word && after == letter || (r == '.' || r == ',' || r == ':') && kind == Number && after == digit {
				break
			}
			return end, kind
		default:
			return end, kind
		}
		end += n
	}
}

// maxMark bounds how many of the same mark tell texts apart: "!!!!!!" is "!!!".
const maxMark = 3

func (t *Text) add(start, end int, kind Kind) int {
	hashed := t.Lower[start:end]
	switch {
	case kind == Mark && len(hashed) > maxMark && hashed[0] < utf8.RuneSelf:
		hashed = hashed[:maxMark]
	case kind == Number: // how many digits matters, which ones does not
		h := number + uint32(min(len(hashed), 6))
		t.bits |= bit(h)
		t.Tokens = append(t.Tokens, Token{int32(start), int32(end), h, kind})
		return end
	}
	h := uint32(offset32)
	for _, b := range hashed {
		h = (h ^ uint32(b)) * prime32
	}
	t.bits |= bit(h)
	t.Tokens = append(t.Tokens, Token{int32(start), int32(end), h, kind})
	return end
}

// number is what the hashes of numbers begin at.
var number = Hash("#")

func bit(hash uint32) uint64 { return 1 << (hash >> 26) }

// FNV-1a, 32 bits.
const (
	offset32 = 2166136261
	prime32  = 16777619
)

// Hash is that of a word given in lower case, as tokens have it.
func Hash(word string) uint32 {
	h := uint32(offset32)
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * prime32
	}
	return h
}

// At gives token i in words. It is a part of Lower: not to be kept or changed.
func (t *Text) At(i int) []byte { return t.Lower[t.Tokens[i].Start:t.Tokens[i].End] }

// Empty says that there is no word, number or emoji in it.
func (t *Text) Empty() bool {
	for _, k := range t.Tokens {
		if k.Kind != Mark {
			return false
		}
	}
	return true
}

// HasKind says that there is a token of a kind.
func (t *Text) HasKind(kind Kind) bool {
	for _, k := range t.Tokens {
		if k.Kind == kind {
			return true
		}
	}
	return false
}

// Has says that the text has one of the hashes (see [Hash]) as a token.
func (t *Text) Has(hashes ...uint32) bool {
	for _, k := range t.Tokens {
		for _, h := range hashes {
			if k.Hash == h {
				return true
			}
		}
	}
	return false
}

// Asks says that there is a question mark, of any script.
func (t *Text) Asks() bool {
	for _, k := range t.Tokens {
		if k.Kind == Mark {
			switch r, _ := utf8.DecodeRune(t.Lower[k.Start:]); r {
			case '?', '？', '؟', '⁇', '‽', '⁈':
				return true
			}
		}
	}
	return false
}

// Words counts words, numbers and characters of scripts without spaces.
func (t *Text) Words() (n int) {
	for _, k := range t.Tokens {
		if k.Kind <= Character {
			n++
		}
	}
	return n
}

// Begins says that token i begins with a character.
func (t *Text) Begins(i int, r rune) bool {
	got, _ := utf8.DecodeRune(t.Lower[t.Tokens[i].Start:])
	return got == r
}
