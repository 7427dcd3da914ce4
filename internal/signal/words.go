package signal

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/event"
)

// text is what a message says, as far as signals look: its words, and how loud it is.
type text struct {
	known bool // it was captured
	raw   string
	lower string
	// words are runs of letters and digits, lower-cased; of scripts that are written without spaces, each pair
	// of characters is a word.
	words []string
	set   []uint64 // hashes of the distinct words, ascending
}

// longestText bounds what is read of one message, in bytes: signs of how it goes stand at its beginning.
const longestText = 8 << 10

func textOf(e *event.Event) *text {
	if e.Body == nil {
		return &text{}
	}
	return newText(*e.Body)
}

func newText(s string) *text {
	if len(s) > longestText {
		s = strings.ToValidUTF8(s[:longestText], "")
	}
	t := &text{known: strings.TrimSpace(s) != "", raw: s, lower: strings.ToLower(s)}
	t.words = wordsOf(t.lower)
	t.set = make([]uint64, len(t.words))
	for i, w := range t.words {
		t.set[i] = hash(w)
	}
	slices.Sort(t.set)
	t.set = slices.Compact(t.set)
	return t
}

// hash is FNV-1a, 64 bit.
func hash(w string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * 1099511628211
	}
	return h
}

// wordsOf splits a text into words. s is lower case.
func wordsOf(s string) []string {
	out := make([]string, 0, len(s)/5+1)
	start, before := -1, -1 // of a run of letters; of the ideograph before
	for i, r := range s {
		switch {
		case unspaced(r):
			if start >= 0 {
				out, start = append(out, s[start:i]), -1
			}
			if before >= 0 {
				out = append(out, s[before:i+utf8.RuneLen(r)])
			}
			before = i
			continue
		case 'a' <= r && r <= 'z', unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			if start < 0 {
				start = i
			}
		case start >= 0 && (r == '\'' || r == '’'): // don't is a word
		default:
			if start >= 0 {
				out, start = append(out, s[start:i]), -1
			}
		}
		before = -1
	}
	if start >= 0 {
		out = append(out, s[start:])
	}
	return out
}

// unspaced reports whether a script is written without spaces between words.
func unspaced(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x0E00 && unicode.Is(unicode.Thai, r)
}

// similarity is the share of words that two texts have in common (Jaccard): 0..1; 0 without words.
func similarity(a, b *text) float64 {
	if len(a.set) == 0 || len(b.set) == 0 {
		return 0
	}
	both := 0
	for i, j := 0, 0; i < len(a.set) && j < len(b.set); {
		switch {
		case a.set[i] == b.set[j]:
			both, i, j = both+1, i+1, j+1
		case a.set[i] < b.set[j]:
			i++
		default:
			j++
		}
	}
	return float64(both) / float64(len(a.set)+len(b.set)-both)
}

// loud reports whether a text shouts: capitals, or marks in a row.
func (t *text) loud() bool {
	for _, run := range []string{"!!", "??", "?!", "！！", "？？"} {
		if strings.Contains(t.raw, run) {
			return true
		}
	}
	upper, letters := 0, 0
	for _, r := range t.raw {
		if unicode.IsLetter(r) {
			letters++
			if unicode.IsUpper(r) {
				upper++
			}
		}
	}
	return letters >= 8 && float64(upper) >= 0.7*float64(letters)
}

// phrases are looked for in texts: lower case, by the hash of their first word.
type phrases map[uint64][]string

// phrasesOf makes phrases of a list. Those of scripts that are written without spaces have two characters or
// more.
func phrasesOf(list ...string) phrases {
	p := phrases{}
	for _, phrase := range list {
		words := wordsOf(phrase)
		if len(words) == 0 {
			panic(fmt.Sprintf("BUG: phrase %q has no word", phrase))
		}
		h := hash(words[0])
		p[h] = append(p[h], phrase)
	}
	return p
}

// says reports whether one of the phrases stands in the text, on borders of words; of scripts without spaces,
// anywhere.
func (t *text) says(p phrases) bool {
	for _, h := range t.set {
		if slices.ContainsFunc(p[h], t.has) {
			return true
		}
	}
	return false
}

func (t *text) has(phrase string) bool {
	for from := 0; from < len(t.lower); {
		i := strings.Index(t.lower[from:], phrase)
		if i < 0 {
			break
		}
		i += from
		if border(t.lower, i, i+len(phrase)) {
			return true
		}
		from = i + len(phrase)
	}
	return false
}

// border reports whether s[i:j] is no part of a longer word.
func border(s string, i, j int) bool {
	first, last := firstRune(s[i:j]), lastRune(s[i:j])
	if unspaced(first) {
		return true
	}
	return !letter(lastRune(s[:i])) && !(letter(last) && letter(firstRune(s[j:])))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// asks reports whether the text has a question mark.
func (t *text) asks() bool { return strings.ContainsAny(t.raw, "?？") }

// span writes a duration for a reason: "40 s", "12 min", "3 h".
func span(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

// count writes how often, in a word where it is short.
func count(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
