// Package phrase finds phrases out of lists in split texts. Analysers that weigh words use it for what no labelled
// set has enough of: how the same is said in other languages, and rare turns of phrase. The lists are the
// analysers' own.
package phrase

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// maxGap is how many tokens "_" may stand for.
const maxGap = 4

// Set is a compiled list. It does not change, so goroutines may share it.
type Set struct {
	may   [64]uint64 // bit of the first token's hash: most tokens begin no phrase
	first map[uint32][]phrase
	open  [256][]phrase // those that begin with an open word, by its first byte
}

type phrase struct {
	id     int
	prefix []byte // of an open first word
	rest   []step
}

// step is one token of a phrase: one of alternatives, perhaps after some others.
type step struct {
	gap bool
	any []alternative
}

// alternative is a token, or if prefix is set any token that begins so.
type alternative struct {
	hash   uint32
	prefix []byte
}

// Compile reads phrases: words in lower case with spaces between them. In place of a word may stand a|b for
// either, and wor* for any word that begins so; between words "_" for up to four others.
// Punctuation in texts is passed over. The index of a phrase is what Find returns. It panics if a list is no such.
func Compile(phrases []string) *Set {
	s := &Set{first: map[uint32][]phrase{}}
	for id, p := range phrases {
		steps := parse(p)
		if len(steps) == 0 || steps[0].gap {
			panic(fmt.Sprintf("BUG: phrase %q begins with no word", p))
		}
		for _, a := range steps[0].any {
			if len(a.prefix) > 0 {
				s.open[a.prefix[0]] = append(s.open[a.prefix[0]], phrase{id, a.prefix, steps[1:]})
				continue
			}
			s.may[a.hash>>26] |= 1 << (a.hash >> 20 & 63)
			s.first[a.hash] = append(s.first[a.hash], phrase{id, nil, steps[1:]})
		}
	}
	return s
}

func parse(p string) (steps []step) {
	gap := false
	for word := range strings.FieldsSeq(p) {
		if word == "_" {
			gap = true
			continue
		}
		if strings.Contains(word, "|") || strings.HasSuffix(word, "*") {
			st := step{gap: gap}
			for w := range strings.SplitSeq(word, "|") {
				if open, ok := strings.CutSuffix(w, "*"); ok {
					st.any = append(st.any, alternative{prefix: []byte(open)})
				} else {
					st.any = append(st.any, alternative{hash: words.Hash(w)})
				}
			}
			steps, gap = append(steps, st), false
			continue
		}
		var t words.Text // splits what is several tokens: scripts without spaces
		t.Read(word)
		for _, k := range t.Tokens {
			steps, gap = append(steps, step{gap, []alternative{{hash: k.Hash}}}), false
		}
	}
	return steps
}

// Match is a phrase found.
type Match struct {
	ID         int
	From, Upto int // tokens of the text
}

// Find calls yield with each phrase in tokens from to to of the text (to < 0: to its end), in order of their
// beginnings, until yield returns false. Phrases may lie within others.
func (s *Set) Find(t *words.Text, from, to int, yield func(Match) bool) {
	if to < 0 || to > len(t.Tokens) {
		to = len(t.Tokens)
	}
	for i := from; i < to; i++ {
		for _, p := range s.open[t.Lower[t.Tokens[i].Start]] {
			if !bytes.HasPrefix(t.At(i), p.prefix) {
				continue
			}
			if end, ok := match(t, i+1, to, p.rest); ok && !yield(Match{p.id, i, end}) {
				return
			}
		}
		h := t.Tokens[i].Hash
		if s.may[h>>26]>>(h>>20&63)&1 == 0 {
			continue
		}
		list := s.first[h]
		for j := range list {
			if end, ok := match(t, i+1, to, list[j].rest); ok && !yield(Match{list[j].id, i, end}) {
				return
			}
		}
	}
}

// Has says that a phrase is in tokens from to to.
func (s *Set) Has(t *words.Text, from, to int) bool {
	found := false
	s.Find(t, from, to, func(Match) bool { found = true; return false })
	return found
}

// Count is how many beginnings of phrases there are.
func (s *Set) Count(t *words.Text, from, to int) (n int) {
	last := -1
	s.Find(t, from, to, func(m Match) bool {
		if m.From != last {
			n, last = n+1, m.From
		}
		return true
	})
	return n
}

func match(t *words.Text, at, to int, rest []step) (end int, ok bool) {
	if len(rest) == 0 {
		return at, true
	}
	for skipped := 0; ; {
		for at < to && t.Tokens[at].Kind == words.Mark {
			at++
		}
		if at >= to {
			return 0, false
		}
		if rest[0].is(t, at) {
			if end, ok = match(t, at+1, to, rest[1:]); ok {
				return end, true
			}
		}
		if skipped++; !rest[0].gap || skipped > maxGap {
			return 0, false
		}
		at++
	}
}

func (s *step) is(t *words.Text, at int) bool {
	for i := range s.any {
		if a := &s.any[i]; a.prefix == nil && a.hash == t.Tokens[at].Hash || a.prefix != nil && bytes.HasPrefix(t.At(at), a.prefix) {
			return true
		}
	}
	return false
}
