package fit

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	c.L2, c.DenseL2 = cmp.Or(p.L2, c.L2), cmp.Or(p.DenseL2, c.DenseL2)
	c.Rare = c.Rare || p.Rare
	return c
}

func (p *Program) lines(file string, each func(line []byte) error) error {
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

// Predict prints, of each of the first n examples of a set, what prediction makes of the sums of the outputs out of
// fold.
func (p *Program) Predict(set *Set, cfg Config, n int, prediction func(i int, sums []float64) any) error {
	for i, sums := range set.OutOfFold(cfg, Fold(p.Folds))[:n] {
		if err := p.Print(prediction(i, sums)); err != nil {
			return err
		}
	}
	return nil
}

// Finish stores the weights that a set gives in the program's file; or does Predict, if folds were asked for.
func (p *Program) Finish(set *Set, cfg Config, n int, prediction func(i int, sums []float64) any) error {
	if p.Folds == 0 {
		return p.Store(set.Fit(cfg), "")
	}
	return p.Predict(set, cfg, n, prediction)
}

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

// Lines calls each with every line of a labelled set, decoded into a new V.
func Lines[V any](p *Program, file string, each func(line *V) error) error {
	return p.lines(file, func(text []byte) error {
		v := new(V)
		if err := json.Unmarshal(text, v); err != nil {
			return err
		}
		return each(v)
	})
}

// Conversations calls each with every conversation of a labelled set: as a talk, and as the line for its
// labels, which it decodes into a new V.
func Conversations[V any](p *Program, file string, each func(talk *words.Talk, labels *V) error) error {
	var talk words.Talk
	return p.lines(file, func(line []byte) error {
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

// Own calls each with the examples that were written for an analyser: lines of a label, a space and a text. Lines that
// begin otherwise than with one of the labels are comments.
func Own(file string, labels []string, each func(label, text string)) {
	for line := range strings.Lines(file) {
		if label, text, _ := strings.Cut(strings.TrimSpace(line), " "); slices.Contains(labels, label) {
			each(label, text)
		}
	}
}
