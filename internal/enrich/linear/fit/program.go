package fit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/debrief-dev/debrief/internal/enrich/linear"
	"github.com/debrief-dev/debrief/internal/enrich/words"
)

// Program is the frame of a training program: its flags, its labelled files, its file of weights.
type Program struct {
	Data  string // folder of the labelled sets
	Folds int    // > 0 asks for predictions out of fold, on standard output, instead of weights
	Out   string // the file of weights
	// L2 and DenseL2 are those of the program unless the command line says others.
	L2, DenseL2 float64
	Rare        bool // is or-ed with that of the program

	out *bufio.Writer
}

// Start reads the command line of the training program of an analyser.
func Start(analyser string) *Program {
	p := &Program{out: bufio.NewWriter(os.Stdout)}
	flag.StringVar(&p.Data, "data", "../shared/data/dev", "folder of the labelled sets")
	flag.IntVar(&p.Folds, "folds", 0, "print predictions out of this many folds, and write no weights")
	flag.StringVar(&p.Out, "out", filepath.Join("internal", "enrich", analyser, "weights.bin"), "file of weights to write")
	flag.Float64Var(&p.L2, "l2", 0, "pull of n-grams to zero; 0 is what the program says")
	flag.Float64Var(&p.DenseL2, "dense-l2", 0, "pull of features to zero; 0 is what the program says")
	flag.BoolVar(&p.Rare, "rare", false, "pull rare n-grams less")
	flag.Parse()
	return p
}

// Config lets the command line overrule how strongly weights are pulled to zero.
func (p *Program) Config(c Config) Config {
	c.L2, c.DenseL2 = or(p.L2, c.L2), or(p.DenseL2, c.DenseL2)
	c.Rare = c.Rare || p.Rare
	return c
}

// Lines calls each with every line of a labelled set.
func (p *Program) Lines(file string, each func(line []byte) error) error {
	text, err := os.ReadFile(filepath.Join(p.Data, file))
	if err != nil {
		return err
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if err := each(line); err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	return nil
}

// Print writes a prediction as a line of JSON.
func (p *Program) Print(v any) error { return json.NewEncoder(p.out).Encode(v) }

// Store writes the weights to the program's file, or to another beside it.
func (p *Program) Store(w *linear.Weights, name string) error {
	path := p.Out
	if name != "" {
		path = filepath.Join(filepath.Dir(p.Out), name)
	}
	var b bytes.Buffer
	if err := w.Write(&b); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %d bytes\n", path, b.Len())
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// Exit ends the program with what its body returned.
func (p *Program) Exit(err error) {
	if flushed := p.out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// Conversations calls each with every conversation of a labelled set: as a talk, and as the line for its
// labels, which it decodes into a new V.
func Conversations[V any](p *Program, file string, each func(talk *words.Talk, labels *V) error) error {
	var talk words.Talk
	return p.Lines(file, func(line []byte) error {
		var c struct {
			Turns []struct{ Role, Text string }
		}
		labels := new(V)
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		if err := json.Unmarshal(line, labels); err != nil {
			return err
		}
		talk.Reset()
		for _, t := range c.Turns {
			talk.Add(t.Role, t.Text)
		}
		return each(&talk, labels)
	})
}
