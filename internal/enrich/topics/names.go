package topics

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// maxNamed bounds the terms that a topic is told by, nameTerms those that its name is made of.
const (
	maxNamed  = 10
	nameTexts = 2 // messages of a conversation that are read for names: people say what they want first
)

// plain are words that name nothing: those of grammar, of asking politely, and of talk with a copilot.
var plain = func() map[string]bool {
	const list = `a about after again all also am an and any anyone anything are aren't as ask at away back be because been before being
		both but by can can't cannot come could couldn't did didn't do does doesn't doing don't done down each else even ever every few for
		from get gets getting give go going gonna good got great had has have haven't having he hello help her here hey hi him his hmm how how's i
		i'd i'll i'm i've if in into is isn't it it's its just keep kind know let let's like little long look looking lot made make many may maybe me
		mean might mine more most much must my myself need needed needs never new no non none not nothing now of off ok okay on once one only or other our
		out over own perhaps please possible put quite rather really right said same say see seem shall she should show since so some somehow
		something soon sorry sounds still such sure take tell than thank thanks that that's the their them then there there's these they thing
		things think this those though through till to today too tried try trying two under until up upon us use used using very via wait want wanted
		wants was wasn't way we well went were what what's whats when where where's which while who who's whose why will wish with within without won't
		wondering work working would wouldn't yes yet you you'd you'll you're you've your yours yeah yep able actually already always another around
		best better cause dont im ive id can't't u ur pls plz explain find happen happened happening set start does't bit certain currently different
		else's first last next lately understand question questions information info provide interested fine perfect nice awesome cool alright bye`
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}()

// fromPlain is how much plain words count: they name what is said in plain words alone ("yes", "thank you").
const fromPlain = 0.1

// phrase is a candidate for a name: one word or two, or a run of characters of a script without spaces.
type phrase struct {
	text  string
	parts int
	han   bool
}

// counter counts in how many texts of which topic a phrase is.
type counter struct {
	in    map[string][]int32 // by topic
	kind  map[string]phrase
	sizes []int
	seen  map[string]bool
	text  words.Text
}

// name names topics and groups by the words that tell them from the others.
func (m *Model) name(docs []Doc, used, labels []int) {
	c := counter{in: map[string][]int32{}, kind: map[string]phrase{}, sizes: make([]int, len(m.Topics)), seen: map[string]bool{}}
	for k, i := range used {
		c.sizes[labels[k]]++
		c.count(&docs[i], labels[k])
	}
	names := map[string]bool{}
	for t, terms := range c.telling(nil, len(m.Topics)) {
		m.Topics[t].Terms, m.Topics[t].Name = terms, unique(nameOf(terms), terms, names)
	}
	if len(m.Groups) == 0 {
		return
	}
	group := make([]int, len(m.Topics))
	for t := range m.Topics {
		group[t] = m.Topics[t].Group
	}
	names = map[string]bool{}
	for g, terms := range c.telling(group, len(m.Groups)) {
		m.Groups[g].Terms, m.Groups[g].Name = terms, unique(nameOf(terms), terms, names)
	}
}

func (c *counter) count(d *Doc, label int) {
	clear(c.seen)
	for k, t := range d.Texts {
		if k == nameTexts {
			break
		}
		c.text.Read(unmasked(t))
		before, gap := "", 0 // the content word before, and how many plain words ago
		var run []string     // characters
		for i, tok := range c.text.Tokens {
			word := string(c.text.At(i))
			switch {
			case tok.Kind == words.Character:
				run = append(run, word)
				for n := 2; n <= min(4, len(run)); n++ {
					c.add(phrase{strings.Join(run[len(run)-n:], ""), n, true}, label)
				}
				continue
			case tok.Kind == words.Word && (plain[word] || len(word) < 2):
				gap++
				c.add(phrase{word, 1, false}, label)
			case tok.Kind == words.Word:
				word = strings.TrimSuffix(word, "'s")
				c.add(phrase{word, 1, false}, label)
				if before != "" && gap <= 1 && before != word {
					c.add(phrase{before + " " + word, 2, false}, label)
				}
				before, gap = word, 0
			default:
				before, gap = "", 0
			}
			run = run[:0]
		}
	}
}

func (c *counter) add(p phrase, label int) {
	if c.seen[p.text] || len(p.text) > 60 {
		return
	}
	c.seen[p.text] = true
	n := c.in[p.text]
	if n == nil {
		n = make([]int32, len(c.sizes))
		c.kind[p.text] = p
		c.in[p.text] = n
	}
	n[label]++
}

// telling returns the terms of each topic, or of each group if group says that of a topic.
func (c *counter) telling(group []int, classes int) [][]string {
	of := func(t int) int {
		if group == nil {
			return t
		}
		return group[t]
	}
	size, total := make([]float64, classes), 0.0
	for t, n := range c.sizes {
		size[of(t)] += float64(n)
		total += float64(n)
	}
	type scored struct {
		phrase
		share, score float64
	}
	found := make([][]scored, classes)
	sums := make([]float64, classes)
	for text, n := range c.in {
		clear(sums)
		all := 0.0
		for t, v := range n {
			sums[of(t)] += float64(v)
			all += float64(v)
		}
		if all < 2 {
			continue
		}
		p := c.kind[text]
		for k, v := range sums {
			share, others := v/max(size[k], 1), (all-v+0.5)/(total-size[k]+1)
			if v < 2 || share <= others {
				continue
			}
			score := share * math.Log(share/others)
			switch {
			case p.parts > 1:
				score *= 1.3 // says more than its words do
			case plain[text]:
				score *= fromPlain
			}
			found[k] = append(found[k], scored{p, share, score})
		}
	}
	out := make([][]string, classes)
	for k, list := range found {
		slices.SortFunc(list, func(a, b scored) int {
			return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.text, b.text))
		})
		var taken []scored
		for _, s := range list {
			if len(taken) == maxNamed {
				break
			}
			// A run of characters that a longer one says nearly as often is part of a word.
			if s.han {
				for _, l := range list {
					if l.han && l.parts > s.parts && strings.Contains(l.text, s.text) && l.share > 0.7*s.share {
						s = l
					}
				}
			}
			if !slices.ContainsFunc(taken, func(t scored) bool { return says(t.text, s.text, s.han) }) {
				taken = append(taken, s)
			}
		}
		for _, s := range taken {
			out[k] = append(out[k], s.text)
		}
	}
	return out
}

// says holds if what a term says is said by another already.
func says(said, term string, han bool) bool {
	if han {
		return strings.Contains(said, term) || strings.Contains(term, said)
	}
	for _, w := range strings.Fields(term) {
		if !slices.ContainsFunc(strings.Fields(said), func(s string) bool { return stem(s) == stem(w) }) {
			return false
		}
	}
	return true
}

// stem cuts what English words end in, roughly: only to not say a word twice.
func stem(w string) string {
	for _, end := range []string{"ings", "ing", "ions", "ion", "ies", "es", "ed", "s", "y", "e"} {
		if s, ok := strings.CutSuffix(w, end); ok && len(s) >= 3 {
			w = s
			break
		}
	}
	return w[:min(len(w), 6)]
}

// nameOf is what people read: a phrase, or two words.
func nameOf(terms []string) string {
	if len(terms) == 0 {
		return ""
	}
	name := terms[0]
	for _, t := range terms[1:min(len(terms), 3)] {
		if strings.Contains(name, " ") || len([]rune(name)) != len(name) {
			break
		}
		if strings.Contains(t, " ") { // the phrase that has the word, in the order people use
			if slices.Contains(strings.Fields(t), name) {
				return t
			}
			continue
		}
		name += " " + t
	}
	return name
}

// unique adds to a name that another topic has the first term that it does not say.
func unique(name string, terms []string, names map[string]bool) string {
	for _, t := range terms {
		if !names[name] {
			break
		}
		if !says(name, t, false) {
			name += ", " + t
		}
	}
	names[name] = true
	return name
}
