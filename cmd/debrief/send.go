package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/debrief-dev/debrief/internal/send"
)

func sendCommand() *command {
	return &command{
		name:    "send",
		args:    "FILE|-",
		summary: "send recorded calls to a server",
		help: `Posts calls of Segment's Tracking API, one JSON object a line, to the /v1/batch of any server that
speaks it. The file may be compressed (gzip, zstd); "-" reads standard input. What fails is tried again
with the same event ids, so that nothing is stored twice; lines without a messageId are given one that
depends on their place in the file. Exits with 1 if anything was refused or is left unsent.

  debrief send --write-key wk_… events.jsonl
  zcat 2026-05-*.gz | debrief send --server https://debrief.example.com --write-key wk_… -
  debrief send --write-key wk_… --resume events.state --rate 5000 events.jsonl.zst`,
		setup: setupSend,
	}
}

func setupSend(fs *flag.FlagSet) runFunc {
	var c send.Config
	fs.StringVar(&c.Server, "server", "http://127.0.0.1:8080", "`url` of the server")
	fs.StringVar(&c.WriteKey, "write-key", "", "write `key` of the source; see \"debrief source list\"")
	fs.IntVar(&c.BatchCalls, "batch", 250, "largest `number` of calls in one request; a request has at most 450 KiB in any case")
	fs.Float64Var(&c.Rate, "rate", 0, "largest `number` of calls a second; 0 sets no bound")
	fs.IntVar(&c.Concurrency, "concurrency", 1, "`number` of requests at once; more than 1 gives the order of calls up")
	fs.StringVar(&c.Resume, "resume", "", "`file` that remembers what was sent; the same command goes on from there")
	fs.BoolVar(&c.Strict, "strict", false, "stop at the first line that is no JSON object, instead of skipping it")
	return func(ctx context.Context, std stdio, args []string) error {
		if len(args) != 1 {
			return errUsage("name one file of calls, or - for standard input")
		}
		if err := c.Validate(); err != nil {
			return errUsage("%w", err)
		}
		in, err := send.Open(args[0], std.in)
		if err != nil {
			return err
		}
		defer in.Close()
		sum, err := runSend(ctx, std, c, in)
		if printErr := sum.Print(std.out); printErr != nil {
			return printErr
		}
		switch {
		case ctx.Err() != nil && c.Resume != "":
			return fmt.Errorf("interrupted; the same command goes on from here")
		case err != nil:
			return fmt.Errorf("not all was sent: %w", err)
		case sum.Rejected+sum.Invalid > 0:
			return errSilent
		}
		return nil
	}
}

// runSend sends with a progress display.
func runSend(ctx context.Context, std stdio, c send.Config, in *send.Input) (send.Summary, error) {
	meter := &send.Meter{W: std.err, Terminal: isTerminal(std.err)}
	c.Progress = meter.Show
	sum, err := send.Run(ctx, c, in)
	meter.Clear()
	return sum, err
}

// isTerminal reports whether something is looked at by a person.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
