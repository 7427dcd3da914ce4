package linear

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// magic is the first line of a file of weights; the number is the version of the format.
const magic = "debrief weights 1\n"

// Bounds of what Load accepts.
const (
	maxBits    = 22
	maxOutputs = 256
	maxDense   = 4096
)

// Load reads a file of weights: the line of its format, the header as a line of JSON, then compressed:
// largest weight of each output, bias, features (float32, little endian), and the table of bytes.
func Load(file []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("load weights: not a file of weights of a version that is known here")
	}
	line, body, ok := bytes.Cut(rest, []byte("\n"))
	m := &Model{}
	if err := json.Unmarshal(line, &m.Header); err != nil || !ok {
		return nil, fmt.Errorf("load weights: header: %w", err)
	}
	k := len(m.Outputs)
	if m.Bits < 1 || m.Bits > maxBits || k < 1 || k > maxOutputs || len(m.Dense) > maxDense {
		return nil, fmt.Errorf("load weights %s: %d bits, %d outputs, %d features: out of bounds", m.Name, m.Bits, k, len(m.Dense))
	}
	r := flate.NewReader(bytes.NewReader(body))
	largest := make([]float32, k)
	m.bias, m.dense, m.table = make([]float32, k), make([]float32, k*len(m.Dense)), make([]int8, k<<m.Bits)
	for _, to := range []any{largest, m.bias, m.dense, m.table} {
		if err := binary.Read(r, binary.LittleEndian, to); err != nil {
			return nil, fmt.Errorf("load weights %s: %w", m.Name, err)
		}
	}
	m.scale = make([]float32, k<<8)
	for o, w := range largest {
		for q := range 256 {
			x := float32(int8(q)) / 127
			m.scale[o<<8|q] = x * float32(math.Abs(float64(x))) * w
		}
	}
	return m, nil
}

// MustLoad is Load of a file that is part of the program, of weights that were made for a header: outputs, features
// and bits as there. That a feature was added and the training program not run again is found when the program
// starts, and in tests.
func MustLoad(file []byte, want Header) *Model {
	m, err := Load(file)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	if m.Bits != want.Bits || !slices.Equal(m.Outputs, want.Outputs) || !slices.Equal(m.Dense, want.Dense) {
		panic(fmt.Sprintf("BUG: weights %s are not those of the program; run %s", m.Name, want.Command))
	}
	return m
}

// Weights are those of a model before they are stored.
type Weights struct {
	Header
	Table []float64 // 2^Bits rows × outputs; output is the fast index
	Dense []float64 // features × outputs
	Bias  []float64
}

// Write stores the weights. The same weights give the same bytes.
func (w *Weights) Write(to io.Writer) error {
	header, err := json.Marshal(w.Header)
	if err != nil {
		return fmt.Errorf("write weights %s: %w", w.Name, err)
	}
	largest, table := w.bytes()
	var b bytes.Buffer
	b.WriteString(magic)
	b.Write(header)
	b.WriteByte('\n')
	z, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return fmt.Errorf("write weights %s: %w", w.Name, err)
	}
	for _, part := range []any{largest, float32s(w.Bias), float32s(w.Dense), table} {
		if err := binary.Write(z, binary.LittleEndian, part); err != nil {
			return fmt.Errorf("write weights %s: %w", w.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write weights %s: %w", w.Name, err)
	}
	_, err = to.Write(b.Bytes())
	return err
}

// bytes rounds the table.
func (w *Weights) bytes() (largest []float32, table []int8) {
	k := len(w.Outputs)
	largest, table = make([]float32, k), make([]int8, len(w.Table))
	for i, v := range w.Table {
		largest[i%k] = max(largest[i%k], float32(math.Abs(v)))
	}
	for i, v := range w.Table {
		if l := float64(largest[i%k]); l > 0 {
			table[i] = int8(math.Copysign(math.Round(math.Sqrt(math.Abs(v)/l)*127), v))
		}
	}
	return largest, table
}

// Round brings the weights of n-grams to what a file holds, so that what is measured is what ships.
func (w *Weights) Round() {
	largest, table := w.bytes()
	for i, q := range table {
		x := float64(q) / 127
		w.Table[i] = x * math.Abs(x) * float64(largest[i%len(w.Outputs)])
	}
}

// Model is what Load makes of the weights once they are written.
func (w *Weights) Model() (*Model, error) {
	var b bytes.Buffer
	if err := w.Write(&b); err != nil {
		return nil, err
	}
	return Load(b.Bytes())
}

func float32s(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}
