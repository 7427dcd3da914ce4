// Package language tells the language of a message: 42 languages, and eleven more whose script only they
// use. The script decides first; where several languages share one (Latin, Cyrillic, Arabic, Devanagari),
// a linear model over character n-grams and words decides. Pure functions; the weights are in
// model.bin, made by train.
package language

import (
	_ "embed"
	"math"
	"sync"
)

//go:embed model.bin
var modelFile []byte

// MaxLetters is how much of a text is looked at: its first letters. More does not change the answer.
const MaxLetters = 120

// Detector knows the models. It may be used by any number of goroutines.
type Detector struct{ families [familyCount]*Model }

var shipped = sync.OnceValue(func() *Detector {
	d, err := Read(modelFile)
	if err != nil {
		panic("BUG: language/model.bin: " + err.Error())
	}
	return d
})

// New returns the detector with the weights that ship.
func New() *Detector { return shipped() }

// Detect says the language (ISO 639-1; Norwegian is "nb") and how sure it is, 0..1. It is "" and 0 if the text
// has no letters of a known script. One word that many languages write ("ok", a name) gets the likeliest with
// little confidence: a caller that knows the conversation should believe that instead below about 0.5.
func (d *Detector) Detect(text string) (lang string, confidence float64) {
	var n [scriptCount]int
	total, japanese := 0, 0
	for word := range words(text, MaxLetters) {
		for _, r := range word {
			s := scriptOf(r)
			if s == scriptNone {
				continue
			}
			n[s]++
			total++
			if s == scriptHan && onlyJapanese(r) {
				japanese++
			}
		}
	}
	if total == 0 {
		return "", 0
	}
	best := scriptLatin
	for s := range n {
		if weight(&n, script(s)) > weight(&n, best) {
			best = script(s)
		}
	}
	switch best {
	case scriptHan, scriptKana:
		// Japanese writes kana between the Han; a few in a long Chinese text are a quoted name.
		if n[scriptKana]*8 >= n[scriptHan] && n[scriptKana] > 0 || japanese > 0 && n[scriptKana]+japanese > total/10 {
			return "ja", 0.99
		}
		if total < 3 {
			return "zh", 0.6
		}
		return "zh", 0.97
	}
	if f := best.family(); f >= 0 {
		return d.families[f].classify(text, best)
	}
	return only[best], 0.99
}

// weight is how much of a text a script is: a Latin letter counts one, as names and commands are Latin in
// every language; one of another alphabet two; a sign of Chinese or Japanese, which is about a word, four.
func weight(n *[scriptCount]int, s script) int {
	switch s {
	case scriptLatin:
		return n[s]
	case scriptHan, scriptKana:
		return 4 * (n[scriptHan] + n[scriptKana])
	}
	return 2 * n[s]
}

// classify reads the words of one script only.
func (m *Model) classify(text string, s script) (string, float64) {
	var sum [maxLangs]int32
	n := m.Sum(text, s, &sum)
	if n == 0 {
		return "", 0
	}
	best := 0
	for i := range m.Langs {
		if sum[i] > sum[best] {
			best = i
		}
	}
	// Each word is likely to be one of its language as a whole, so that a short text has said less than the sum of
	// its n-grams.
	scale := float64(m.Scale) * min(1, 0.25+float64(n)/80)
	z := 0.0
	for i := range m.Langs {
		z += math.Exp(float64(sum[i]-sum[best]) * scale)
	}
	return m.Langs[best], 1 / z
}
