// Command train makes the weights of package language: a softmax regression over hashed n-grams for each script
// that several languages share, trained by AdaGrad on snippets drawn from whole sentences, from short phrases
// written for this project, and from lists of frequent words. Deterministic.
//
//	npm pack stopwords-iso@1.1.0 && tar xzf stopwords-iso-1.1.0.tgz
//	go run ./internal/enrich/language/train -data ../shared/data/dev -stopwords package/stopwords-iso.json
//
// Sources: UDHR (public domain), PurpleLlama's machine-translated prompts (MIT), ConvAI's user turns, all as in
// language.jsonl; English prompts of CLINC150 (CC BY 3.0); stopwords-iso 1.1.0 (MIT); phrases.txt (ours).
package main

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/debrief-dev/debrief/internal/enrich/language"
	"github.com/debrief-dev/debrief/internal/enrich/linear"
)

//go:embed phrases.txt
var phrases string

type line struct{ ID, Source, Text, Lang string }

// material is what snippets of one language are drawn from.
type material struct{ sentences, phrases, words []string }

func main() {
	data := flag.String("data", "../shared/data/dev", "folder of language.jsonl")
	stop := flag.String("stopwords", "", "stopwords-iso.json of the npm package (MIT); without it, frequent words have no lists")
	folds := flag.Int("folds", 0, "print out-of-fold predictions of so many folds instead of writing weights")
	out := flag.String("out", "internal/enrich/language/model.bin", "weight file to write")
	flag.Parse()
	lines := read[line](filepath.Join(*data, "language.jsonl"))
	extra := map[string][]string{}
	for i, l := range read[line](filepath.Join(*data, "topics_clinc.jsonl")) {
		if i%8 == 0 {
			extra["en"] = append(extra["en"], l.Text)
		}
	}
	lists := map[string][]string{}
	if *stop != "" {
		if b, err := os.ReadFile(*stop); err != nil {
			log.Fatal(err)
		} else if err := json.Unmarshal(b, &lists); err != nil {
			log.Fatal(err)
		}
	}
	lists["nb"] = lists["no"]
	if *folds == 0 {
		d := train(lines, extra, lists)
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(*out, b.Bytes(), 0o644); err != nil {
			log.Fatal(err)
		}
		log.Printf("%s: %d bytes", *out, b.Len())
		return
	}
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for k := range *folds {
		in := slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return fold(l, *folds) == k })
		d := train(in, extra, lists)
		for _, l := range lines {
			if fold(l, *folds) == k {
				lang, _ := d.Detect(l.Text)
				fmt.Fprintf(w, "{\"id\":%q,\"lang\":%q}\n", l.ID, lang)
			}
		}
	}
}

// fold keeps texts that begin the same together: udhr_3words are beginnings of sentences.
func fold(l line, folds int) int {
	head := []rune(strings.ToLower(l.Text))
	h := fnv.New32a()
	h.Write([]byte(string(head[:min(8, len(head))])))
	return int(h.Sum32()) % folds
}

func train(lines []line, extra, lists map[string][]string) *language.Detector {
	all := map[string]*material{}
	of := func(lang string) *material {
		if all[lang] == nil {
			all[lang] = &material{words: lists[lang], sentences: extra[lang]}
		}
		return all[lang]
	}
	for row := range strings.Lines(phrases) {
		if lang, rest, ok := strings.Cut(row, ":"); ok && !strings.HasPrefix(row, "#") {
			for p := range strings.SplitSeq(rest, ";") {
				of(lang).phrases = append(of(lang).phrases, strings.TrimSpace(p))
			}
		}
	}
	for _, l := range lines {
		of(l.Lang).sentences = append(of(l.Lang).sentences, l.Text)
	}
	var models [len(language.Families)]*language.Model
	var wg sync.WaitGroup
	for i, langs := range language.Families {
		wg.Go(func() {
			bits := 13
			if len(langs) > 10 {
				bits = 16
			}
			models[i] = fit(i, langs, all, bits)
		})
	}
	wg.Wait()
	return language.Assemble(models)
}

const (
	snippets = 14000 // of each language; English twice as many: it is the likeliest when words say little
	rate     = 0.15
)

type sample struct {
	label int
	keys  []uint32
}

func fit(family int, langs []string, all map[string]*material, bits int) *language.Model {
	rng := rand.New(rand.NewPCG(7, uint64(family)))
	var samples []sample
	for label, lang := range langs {
		n := snippets
		if lang == "en" {
			n *= 2
		}
		for range n {
			s := sample{label: label}
			language.Features(snippet(rng, all[lang]), family, func(k uint32) { s.keys = append(s.keys, k>>(32-bits)) })
			if len(s.keys) > 0 {
				samples = append(samples, s)
			}
		}
	}
	rng.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
	w := descend(samples, len(langs), 1<<bits)
	top := float32(0)
	for _, v := range w {
		top = max(top, float32(math.Abs(float64(v))))
	}
	scale := top / 127
	m := &language.Model{Langs: langs, Bits: bits, Scale: scale, W: make([]uint8, len(w))}
	for i, v := range w {
		m.W[i] = uint8(128 + int(math.Round(float64(v/scale))))
	}
	return m
}

// descend is one pass of AdaGrad over the samples, with the weights pulled to zero a little where they are used.
func descend(samples []sample, classes, rows int) []float32 {
	w, g2 := make([]float32, rows*classes), make([]float32, rows*classes)
	p := make([]float64, classes)
	for _, s := range samples {
		clear(p)
		for _, k := range s.keys {
			for c, v := range w[int(k)*classes : (int(k)+1)*classes] {
				p[c] += float64(v)
			}
		}
		linear.Softmax(p)
		p[s.label]--
		for _, k := range s.keys {
			at := int(k) * classes
			for c, v := range p {
				g := float32(v) + 1e-4*w[at+c]
				g2[at+c] += g * g
				w[at+c] -= rate * g / (float32(math.Sqrt(float64(g2[at+c]))) + 1e-3)
				w[at+c] = min(4, max(-4, w[at+c]))
			}
		}
	}
	return w
}

// snippet draws what somebody might write: a few words of a sentence, one to three phrases, a few frequent words.
func snippet(rng *rand.Rand, m *material) string {
	var s string
	switch r := rng.IntN(10); {
	case r < 5 && len(m.sentences) > 0:
		f := strings.Fields(m.sentences[rng.IntN(len(m.sentences))])
		if len(f) == 0 {
			return ""
		}
		n := 1 + rng.IntN(8)
		at := rng.IntN(len(f))
		s = strings.Join(f[at:min(len(f), at+n)], " ")
	case r < 8 || len(m.words) == 0:
		s = draw(rng, m.phrases, 1+rng.IntN(3))
	default:
		s = draw(rng, m.words, 1+rng.IntN(4))
	}
	if rng.IntN(8) == 0 {
		s = plain.Replace(s) // many people leave the accents out
	}
	return s
}

func draw(rng *rand.Rand, from []string, n int) string {
	var out []string
	for range n {
		out = append(out, from[rng.IntN(len(from))])
	}
	return strings.Join(out, " ")
}

var plain = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "í", "i", "ó", "o", "ô", "o", "õ", "o",
	"ú", "u", "ç", "c", "č", "c", "ć", "c", "š", "s", "ž", "z", "ř", "r", "ý", "y", "ě", "e", "ů", "u", "ő", "o", "ű", "u", "ñ", "n", "ą", "a",
	"ę", "e", "ł", "l", "ś", "s", "ż", "z", "ź", "z", "ń", "n", "ş", "s", "ğ", "g", "ı", "i", "ö", "o", "ü", "u", "ä", "a", "đ", "d")

func read[T any](path string) []T {
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var out []T
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			log.Fatalf("%s: %v", path, err)
		}
		out = append(out, v)
	}
	if err := s.Err(); err != nil {
		log.Fatal(err)
	}
	return out
}
