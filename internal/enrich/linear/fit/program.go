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
)

// Program is the frame of a training program: its flags, its labelled files, its file of weights.
type Program struct {
	Data  string // folder of the labelled sets
	Folds int    // > 0 asks for predictions out of fold, on standard output, instead of weights
	Out   string // the file of weights

	out *bufio.Writer
}

// Start reads the command line of the training program of an analyser.
func Start(analyser string) *Program {
	p := &Program{out: bufio.NewWriter(os.Stdout)}
	flag.StringVar(&p.Data, "data", "../shared/data/dev", "folder of the labelled sets")
	flag.IntVar(&p.Folds, "folds", 0, "print predictions out of this many folds, and write no weights")
	flag.StringVar(&p.Out, "out", filepath.Join("internal", "enrich", analyser, "weights.bin"), "file of weights to write")
	flag.Parse()
	return p
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
