// Command scoreboard measures the analysers on the labelled sets and prints the table of docs/insights.md;
// "make scoreboard" does that. Arguments name the scorers to run; without any it runs all. It needs the
// evaluation data and python3 for their scorers. Where weights were trained on the file that is measured, it
// measures predictions out of fold, made by the training program.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/debrief-dev/debrief/internal/enrich/task"
)

func main() {
	data := flag.String("data", "../shared/data", "folder of the evaluation data")
	full := flag.Bool("full", false, "print all that the scorers say as well")
	flag.Parse()
	if err := run(*data, *full, flag.Args(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "scoreboard:", err)
		os.Exit(1)
	}
}

// board is the table as it is made; said is what scorers said already.
type board struct {
	data string
	full bool
	out  io.Writer
	said map[source]map[string]any
}

func run(data string, full bool, asked []string, out io.Writer) error {
	b := &board{data: data, full: full, out: out, said: map[source]map[string]any{}}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "insight\tdata\tfigure\tmeasured\tlexicon\tsimple\tbest known\taim\thow")
	for _, r := range rows() {
		if len(asked) > 0 && !slices.Contains(asked, r.scorer) {
			continue
		}
		value, err := b.measure(r)
		if err != nil {
			return fmt.Errorf("%s on %s: %w", r.scorer, r.file, err)
		}
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.insight, r.file, r.figure, value, r.lexicon, r.simple, r.best, r.aim, r.how())
	}
	return tw.Flush()
}

// measure returns the figure of a row, "–" where the task is not there.
func (b *board) measure(r row) (string, error) {
	said, ok := b.said[r.source]
	if !ok {
		var err error
		if said, err = b.score(r.source); err != nil {
			return "", err
		}
		b.said[r.source] = said
	}
	if said == nil {
		return "–", nil
	}
	sum, paths := 0.0, strings.Split(r.path, ",")
	for _, path := range paths {
		f, err := figure(said, path)
		if err != nil {
			return "", err
		}
		sum += f
	}
	return strings.Replace(fmt.Sprintf("%.3f", sum/float64(len(paths))), "0.", ".", 1), nil
}

// figure finds a number by its keys, divided by dots.
func figure(said map[string]any, path string) (float64, error) {
	var v any = said
	for _, key := range strings.Split(path, ".") {
		object, _ := v.(map[string]any)
		v = object[key]
	}
	f, ok := v.(float64)
	if !ok {
		return 0, fmt.Errorf("the scorer does not say %s", path)
	}
	return f, nil
}

// score makes predictions and has them scored.
func (b *board) score(s source) (map[string]any, error) {
	pred, err := os.CreateTemp("", "scoreboard-*.jsonl")
	if err != nil {
		return nil, err
	}
	defer os.Remove(pred.Name())
	defer pred.Close()
	gold := filepath.Join(b.data, "dev", s.file+".jsonl")
	if ok, err := b.predict(s, gold, pred); err != nil || !ok {
		return nil, err
	}
	cmd := exec.Command("python3", filepath.Join(b.data, "score", s.scorer+".py"), "--gold", gold, "--pred", pred.Name())
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	if b.full {
		_, _ = fmt.Fprintf(b.out, "%s on %s\n%s\n", s.scorer, s.file, text)
	}
	var said map[string]any
	return said, json.Unmarshal(text, &said)
}

// predict writes predictions; false says that there is no such task.
func (b *board) predict(s source, gold string, to io.Writer) (bool, error) {
	if s.train != "" {
		args := []string{"run", "./internal/enrich/" + s.train + "/train", "-data", filepath.Join(b.data, "dev"), "-folds", "5"}
		if s.flag != "" {
			args = append(args, s.flag)
		}
		cmd := exec.Command("go", args...)
		cmd.Stdout, cmd.Stderr = to, os.Stderr
		return true, cmd.Run()
	}
	t, ok := task.Find(s.task)
	if !ok {
		return false, nil
	}
	text, err := os.ReadFile(gold)
	if err != nil {
		return false, err
	}
	out := task.NewWriter(to)
	if err := t.Run(task.NewReader(bytes.NewReader(text)), out); err != nil {
		return false, err
	}
	return true, out.Flush()
}
