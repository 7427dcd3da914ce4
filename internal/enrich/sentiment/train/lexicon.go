package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/sentiment"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// lexica makes the lexicon, or reads that of before.
func (t *trainer) lexica() error {
	path := filepath.Join(filepath.Dir(t.Out), "lexicon.bin")
	if t.wink == "" || t.afinn == "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		t.lexicon, err = sentiment.ReadLexicon(b)
		return err
	}
	rated := map[string]float64{}
	if err := afinn(t.afinn, rated); err != nil {
		return err
	}
	if err := vader(filepath.Join(t.vader, "vaderSentiment", "vader_lexicon.txt"), rated); err != nil {
		return err
	}
	entries, err := emoji(filepath.Join(t.vader, "vaderSentiment", "emoji_utf8_lexicon.txt"), rated)
	if err != nil {
		return err
	}
	for _, w := range sorted(rated) {
		entries = append(entries, sentiment.Entry{Hash: words.Hash(w), Valence: rated[w]})
	}
	near, err := derived(t.wink, rated)
	if err != nil {
		return err
	}
	t.lexicon = sentiment.Build(append(entries, near...))
	var b bytes.Buffer
	if err := t.lexicon.Write(&b); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %d bytes, %d words by their neighbours\n", path, b.Len(), len(near))
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func sorted(m map[string]float64) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// afinn reads a table of JavaScript: lines of word: number.
func afinn(path string, into map[string]float64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for row := range strings.Lines(string(b)) {
		word, value, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(row), ","), ": ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			if word = strings.Trim(word, `'"`); !strings.Contains(word, " ") {
				into[word] = v * 0.8 // AFINN goes to 5, VADER to 4
			}
		}
	}
	return nil
}

// vader reads lines of word, mean, deviation, ratings; where both lists have a word, it is the mean of the two.
func vader(path string, into map[string]float64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for row := range strings.Lines(string(b)) {
		f := strings.Split(row, "\t")
		v, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if other, ok := into[f[0]]; ok {
			v = (v + other) / 2
		}
		into[f[0]] = v
	}
	return nil
}

// emoji are as pleasant as the words that describe them.
func emoji(path string, rated map[string]float64) ([]sentiment.Entry, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []sentiment.Entry
	for row := range strings.Lines(string(b)) {
		sign, says, _ := strings.Cut(strings.TrimSpace(row), "\t")
		v := 0.0
		for w := range strings.FieldsSeq(says) {
			v += rated[w]
		}
		var t words.Text
		t.Read(sign)
		if v != 0 && len(t.Tokens) == 1 {
			out = append(out, sentiment.Entry{Hash: t.Tokens[0].Hash, Valence: v})
		}
	}
	return out, nil
}

const (
	frequent = 40000 // words of the vectors that are looked at, the most frequent
	known    = 3000  // of which so many are neutral if nobody rated them
	strong   = 0.9   // valences below are not kept
	dims     = 101   // of a vector, with a constant
	ridge    = 30
)

// derived gives words that nobody rated the valence that a ridge regression reads off their vectors.
func derived(path string, rated map[string]float64) ([]sentiment.Entry, error) {
	list, vectors, err := wink(path)
	if err != nil {
		return nil, err
	}
	var a [dims][dims + 1]float64
	for i := range dims {
		a[i][i] = ridge
	}
	for n, w := range list {
		v, ok := rated[w]
		weight := 1.0
		if !ok {
			if n >= known {
				continue
			}
			weight = 0.3
		}
		x := vectors[n]
		for i := range dims {
			for j := range dims {
				a[i][j] += weight * x[i] * x[j]
			}
			a[i][dims] += weight * x[i] * v
		}
	}
	solve(&a)
	var out []sentiment.Entry
	for n, w := range list {
		if _, ok := rated[w]; ok || n < 300 {
			continue
		}
		v := 0.0
		for i := range dims {
			v += a[i][dims] * vectors[n][i]
		}
		if v > strong || v < -strong {
			out = append(out, sentiment.Entry{Hash: words.Hash(w), Valence: v, Derived: true})
		}
	}
	return out, nil
}

// solve leaves the solution of the linear system in the last column (Gauss and Jordan; the matrix is positive
// definite, so that no pivot is needed).
func solve(a *[dims][dims + 1]float64) {
	for i := range dims {
		p := a[i][i]
		for j := range a[i] {
			a[i][j] /= p
		}
		for k := range dims {
			if f := a[k][i]; k != i && f != 0 {
				for j := range a[k] {
					a[k][j] -= f * a[i][j]
				}
			}
		}
	}
}

// wink reads the most frequent words with their vectors. The file is 300 MB, so it is read as a stream.
func wink(path string) (list []string, vectors [][dims]float64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		if key != "vectors" {
			var skip json.RawMessage
			if err := d.Decode(&skip); err != nil {
				return nil, nil, err
			}
			continue
		}
		if _, err := d.Token(); err != nil {
			return nil, nil, err
		}
		for d.More() && len(list) < frequent {
			word, err := d.Token()
			if err != nil {
				return nil, nil, err
			}
			var v []float64
			if err := d.Decode(&v); err != nil {
				return nil, nil, err
			}
			var x [dims]float64
			copy(x[:dims-1], v)
			x[dims-1] = 1
			list, vectors = append(list, word.(string)), append(vectors, x)
		}
		return list, vectors, nil
	}
	return nil, nil, fmt.Errorf("%s: no vectors", path)
}
