package topics

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/debrief-dev/debrief/internal/enrich/vectors"
)

// ErrFormat is returned by Read for what is no model of a version that is known here.
var ErrFormat = errors.New("not a topic model of a version that is known here")

// magic is the first line of a model; the number is the version of the format. The header follows as a line of
// JSON, then compressed, little endian: hashes of the columns (uint32), their idf and scale (float32), the
// basis (a byte a number), the centre of meaning and those of topics (float32).
const magic = "debrief topics 1\n"

type header struct {
	Texts   int     `json:"texts"`
	Topics  []Topic `json:"topics"`
	Groups  []Group `json:"groups,omitempty"`
	Columns int     `json:"columns"`
	Words   int     `json:"words"`
	Dim     int     `json:"dim"`
}

// Bounds of what Read accepts.
const maxTopics = 10_000

// Write stores the model. The same model gives the same bytes.
func (m *Model) Write(to io.Writer) error {
	h := header{Texts: m.Texts, Topics: m.Topics, Groups: m.Groups}
	s := m.space
	if s == nil {
		s = &space{}
	} else {
		h.Columns, h.Words, h.Dim = len(s.idf), s.words, s.dim
	}
	line, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("write topic model: %w", err)
	}
	if _, err := io.WriteString(to, magic+string(line)+"\n"); err != nil {
		return fmt.Errorf("write topic model: %w", err)
	}
	hashes := make([]uint32, h.Columns)
	for hash, c := range s.columns {
		hashes[c] = hash
	}
	z, err := flate.NewWriter(to, flate.BestSpeed)
	if err != nil {
		return fmt.Errorf("write topic model: %w", err)
	}
	for _, part := range []any{hashes, s.idf, s.scale, s.basis, s.centre, m.centres.data} {
		if err := binary.Write(z, binary.LittleEndian, part); err != nil {
			return fmt.Errorf("write topic model: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write topic model: %w", err)
	}
	return nil
}

// Read loads what Write stored. The error wraps [ErrFormat] if it is none.
func Read(from io.Reader) (*Model, error) {
	r := bufio.NewReader(from)
	first, err := r.ReadString('\n')
	if err != nil || first != magic {
		return nil, fmt.Errorf("read topic model: %w", ErrFormat)
	}
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("read topic model: %w: %w", ErrFormat, err)
	}
	var h header
	if err := json.NewDecoder(bytes.NewReader(line)).Decode(&h); err != nil {
		return nil, fmt.Errorf("read topic model: %w: %w", ErrFormat, err)
	}
	if h.Columns < 0 || h.Columns > 2*maxColumns || h.Words < 0 || h.Words > h.Columns || h.Dim < 0 || h.Dim > maxDim || len(h.Topics) > maxTopics {
		return nil, fmt.Errorf("read topic model: %w: out of bounds", ErrFormat)
	}
	m := &Model{Texts: h.Texts, Topics: h.Topics, Groups: h.Groups}
	if h.Columns == 0 {
		return &Model{Texts: h.Texts}, nil
	}
	s := &space{columns: make(map[uint32]int32, h.Columns), idf: make([]float32, h.Columns), words: h.Words, dim: h.Dim,
		scale: make([]float32, h.Columns), basis: make([]int8, h.Columns*h.Dim), centre: make([]float32, vectors.Dim)}
	m.space = s
	m.centres = newMatrix(len(h.Topics), s.width())
	hashes := make([]uint32, h.Columns)
	z := flate.NewReader(r)
	for _, part := range []any{hashes, s.idf, s.scale, s.basis, s.centre, m.centres.data} {
		if err := binary.Read(z, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("read topic model: %w: %w", ErrFormat, err)
		}
	}
	for c, hash := range hashes {
		s.columns[hash] = int32(c)
	}
	for _, t := range m.Topics {
		if t.Group >= len(m.Groups) {
			return nil, fmt.Errorf("read topic model: %w: group %d of %d", ErrFormat, t.Group, len(m.Groups))
		}
	}
	return m, nil
}

// Central returns the indices of at most n docs of a topic that are nearest to its centre, the nearest first,
// each text once.
func (m *Model) Central(docs []Doc, topic, n int) []int {
	if m.space == nil || topic < 0 || topic >= len(m.Topics) {
		return nil
	}
	var r reader
	var scratch []cell
	place, centre := make([]float32, m.space.width()), m.centres.row(topic)
	likes, order := make([]float32, len(docs)), make([]int, len(docs))
	for i := range docs {
		b := r.read(&docs[i])
		scratch = m.space.place(place, &b, scratch)
		likes[i], order[i] = dot(place, centre), i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(likes[b], likes[a]), cmp.Compare(docs[a].ID, docs[b].ID))
	})
	var out []int
	seen := map[string]bool{}
	for _, i := range order {
		text := ""
		if len(docs[i].Texts) > 0 {
			text = docs[i].Texts[0]
		}
		if len(out) < n && !seen[text] {
			seen[text] = true
			out = append(out, i)
		}
	}
	return out
}

// Related returns the other topics, the nearest first, at most n.
func (m *Model) Related(topic, n int) []int {
	var out []int
	if topic < 0 || topic >= len(m.Topics) {
		return nil
	}
	for c := range m.Topics {
		if c != topic {
			out = append(out, c)
		}
	}
	like := func(c int) float32 { return dot(m.centres.row(topic), m.centres.row(c)) }
	slices.SortFunc(out, func(a, b int) int { return cmp.Or(cmp.Compare(like(b), like(a)), a-b) })
	return out[:min(n, len(out))]
}
