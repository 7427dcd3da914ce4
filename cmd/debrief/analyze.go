package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/task"
)

func analyzeCommand() *command {
	return &command{
		name:    "analyze",
		args:    "[FILE]",
		summary: "say what the analysers find in texts",
		help:    analyzeHelp(),
		setup: func(fs *flag.FlagSet) runFunc {
			name := fs.String("task", "", "what to look for; one of the `names` above")
			return func(_ context.Context, std stdio, args []string) error {
				t, ok := task.Find(*name)
				switch {
				case *name == "":
					return errUsage("say what to look for with --task: %s", task.Names())
				case !ok:
					return errUsage("there is no task %q; there are %s", *name, task.Names())
				case len(args) > 1:
					return errUsage("name one file at most, or pass lines on standard input")
				case len(args) == 1 && args[0] != "-":
					f, err := os.Open(args[0])
					if err != nil {
						return err
					}
					defer f.Close()
					return analyze(t, f, std.out)
				}
				return analyze(t, std.in, std.out)
			}
		},
	}
}

// analyze runs a task. What was found before a line that cannot be read is printed.
func analyze(t task.Task, in io.Reader, to io.Writer) error {
	out := task.NewWriter(to)
	err := t.Run(task.NewReader(in), out)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		return fmt.Errorf("analyze %s: %w", t.Name, err)
	}
	return nil
}

func analyzeHelp() string {
	var b strings.Builder
	b.WriteString(`Reads texts, one JSON object a line, and prints what the analysers find, one JSON object a line, without a
server: the same analysers that serve uses, for trying them on your own texts, and for checking the table of
docs/insights.md with the scorers of the evaluation data. Fields that a task does not know are not looked at.

  debrief analyze --task failed < conversations.jsonl
  debrief analyze --task failed conversations.jsonl > found.jsonl

Tasks, with a line that each reads and one that it writes:
`)
	for _, t := range task.All() {
		fmt.Fprintf(&b, "\n  %s: %s\n    %s\n    → %s\n", t.Name, t.Summary, t.Reads, t.Writes)
	}
	return b.String()
}
