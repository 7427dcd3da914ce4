// Command train makes the weights of package pii: an averaged perceptron over words, of the development parts of
// pii_presidio and pii_conversations. It is deterministic. With -folds it prints predictions for the scorer instead,
// each by weights that have not seen its sentence template or conversation. Nothing imports it.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
)

func main() {
	data := flag.String("data", "../shared/data/dev", "folder of the development data")
	folds := flag.Int("folds", 0, "print out-of-fold predictions of that many folds instead of writing weights")
	epochs := flag.Int("epochs", 10, "passes over the data")
	lean := flag.Int("lean", pii.Lean, "how much nothing is held back, with -folds")
	out := flag.String("out", "internal/enrich/pii/weights.bin", "file to write")
	flag.Parse()
	lines := append(read(filepath.Join(*data, "pii_presidio.jsonl"), true), read(filepath.Join(*data, "pii_conversations.jsonl"), false)...)
	if *folds == 0 {
		if err := os.WriteFile(*out, train(lines, *epochs), 0o644); err != nil {
			log.Fatal(err)
		}
		return
	}
	w := bufio.NewWriter(os.Stdout)
	for fold := range *folds {
		var in []line
		for _, l := range lines {
			if l.unit%uint32(*folds) != uint32(fold) {
				in = append(in, l)
			}
		}
		tagger := pii.NewTaggerOf(train(in, *epochs), *lean)
		for _, l := range lines {
			if l.unit%uint32(*folds) == uint32(fold) {
				fmt.Fprintf(w, "{\"id\":%q,\"spans\":[%s]}\n", l.ID, spans(l.Text, tagger.All(l.Text)))
			}
		}
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}

// line is one labelled text.
type line struct {
	ID       string
	Template int
	Text     string
	Spans    []struct {
		Type       string
		Start, End int
	}
	all  bool // all types are labelled, not some alone
	unit uint32
}

func read(path string, all bool) []line {
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var lines []line
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		l := line{all: all}
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			log.Fatalf("%s: %v", path, err)
		}
		unit := fmt.Sprint(l.Template)
		if !all { // the conversation, without the number of its message
			unit = l.ID[:strings.LastIndexByte(l.ID, '-')]
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(unit))
		l.unit = h.Sum32()
		lines = append(lines, l)
	}
	return lines
}

var rules = map[string]pii.Rule{
	"PERSON": pii.Person, "STREET_ADDRESS": pii.Address, "ADDRESS": pii.Address, "GPE": pii.Place, "LOCATION": pii.Place, "ORGANIZATION": pii.Organisation,
	"DATE_TIME": pii.Date, "AGE": pii.Age, "ZIP_CODE": pii.Postcode, "TITLE": pii.Title, "PREFIX": pii.Title, "NRP": pii.Group,
}

// train returns the weights of an averaged perceptron. Where not all types are labelled, a type that never is
// counts for nothing when it is found.
func train(lines []line, epochs int) []byte {
	const size = pii.Buckets * pii.Classes
	weights, sums := make([]float64, size), make([]float64, size)
	rng := rand.New(rand.NewPCG(1, 2))
	order := rng.Perm(len(lines))
	var scan pii.Scanner
	tagger := pii.NewTaggerOf(nil, 0)
	step := 1.0
	for range epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, at := range order {
			l := &lines[at]
			gold := classes(l)
			tokens := tagger.Tokens(l.Text, scan.WithURLs(l.Text))
			prev := 0
			for i := range tokens {
				want := gold(tokens[i].Start, tokens[i].End)
				if tokens[i].Structured || l.Text[tokens[i].Start] == '\n' {
					prev = 0
					continue
				}
				feats := tagger.Features(nil, i, prev)
				got := best(weights, feats)
				unlabelled := !l.all && want == 0 && got != pii.ClassOf(pii.Person) && got != pii.ClassOf(pii.Address)
				if got != want && !unlabelled {
					for _, f := range feats {
						weights[int(f)*pii.Classes+want]++
						weights[int(f)*pii.Classes+got]--
						sums[int(f)*pii.Classes+want] += step
						sums[int(f)*pii.Classes+got] -= step
					}
				}
				step++
				if prev = want; rng.IntN(4) == 0 {
					prev = got // as it will be when nobody knows better
				}
			}
		}
	}
	most := 1e-9
	for i := range weights {
		weights[i] -= sums[i] / step
		most = max(most, math.Abs(weights[i]))
	}
	out := make([]byte, size)
	for i, w := range weights {
		out[i] = byte(int8(math.Round(w * min(scale, 127/most))))
	}
	return out
}

// scale is how many steps of a weight's byte one update of the perceptron is.
const scale = 8

func best(weights []float64, feats []uint32) int {
	var score [pii.Classes]float64
	for _, f := range feats {
		for c, w := range weights[int(f)*pii.Classes : int(f)*pii.Classes+pii.Classes] {
			score[c] += w
		}
	}
	best := 0
	for c := range score {
		if score[c] > score[best] {
			best = c
		}
	}
	return best
}

// classes returns what the labels say of a range of bytes.
func classes(l *line) func(start, end int) int {
	at := make([]int, 0, len(l.Text)+1) // bytes of code points
	for i := range l.Text {
		at = append(at, i)
	}
	at = append(at, len(l.Text))
	return func(start, end int) int {
		for _, s := range l.Spans {
			if at[s.Start] < end && at[s.End] > start {
				return pii.ClassOf(rules[s.Type])
			}
		}
		return 0
	}
}

var types = map[pii.Rule]string{
	pii.Email: "EMAIL_ADDRESS", pii.Card: "CREDIT_CARD", pii.IBAN: "IBAN_CODE", pii.Phone: "PHONE_NUMBER", pii.SSN: "US_SSN", pii.IP: "IP_ADDRESS",
	pii.URL: "DOMAIN_NAME", pii.Licence: "US_DRIVER_LICENSE", pii.Secret: "SECRET", pii.Person: "PERSON", pii.Address: "STREET_ADDRESS", pii.Place: "GPE",
	pii.Organisation: "ORGANIZATION", pii.Date: "DATE_TIME", pii.Age: "AGE", pii.Postcode: "ZIP_CODE", pii.Title: "TITLE", pii.Group: "NRP",
}

func spans(text string, found []pii.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf(`{"start":%d,"end":%d,"type":%q}`, utf8.RuneCountInString(text[:f.Start]), utf8.RuneCountInString(text[:f.End]), types[f.Rule]))
	}
	return strings.Join(out, ",")
}
