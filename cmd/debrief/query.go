package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/truth"
)

func queryCommand() *command {
	return &command{
		name:    "query",
		summary: "ask a running server",
		sub:     []*command{queryTruthCommand()},
	}
}

func queryTruthCommand() *command {
	return &command{
		name:    "truth",
		summary: "print the counts of all that a server has stored",
		help: `Asks a server, over its HTTP API alone, for counts and distributions of everything that it has
stored, and prints them as JSON in the shape of a truth file: how outsiders check its figures. It
waits until everything acknowledged is counted.

  debrief query truth --server http://localhost:8080 --token TOKEN --out answers.json
  debrief query truth --token TOKEN --conversions "Task Completed,Booking Completed"`,
		setup: setupQueryTruth,
	}
}

func setupQueryTruth(fs *flag.FlagSet) runFunc {
	c := truth.Config{}
	fs.StringVar(&c.Server, "server", "http://127.0.0.1:8080", "`url` of the server")
	fs.StringVar(&c.Token, "token", "", "API `token` that may read")
	fs.StringVar(&c.Conversion, "conversion", "", "`name` of the conversion definition to count by; left out, any of them")
	events := fs.String("conversions", "", "count by the definition that has exactly these `events`, comma separated")
	fs.DurationVar(&c.Wait, "wait", 2*time.Minute, "how long to wait until everything acknowledged is counted; 0s does not wait")
	out := fs.String("out", "", "write to this `file` instead of standard output")
	return func(ctx context.Context, std stdio, args []string) error {
		if len(args) > 0 {
			return errUsage("unexpected argument %q", args[0])
		}
		for name := range strings.SplitSeq(*events, ",") {
			if name = strings.TrimSpace(name); name != "" {
				c.ConversionEvents = append(c.ConversionEvents, name)
			}
		}
		if err := c.Validate(); err != nil {
			return errUsage("%w", err)
		}
		c.Progress = std.err
		answer, err := truth.Query(ctx, c)
		if err != nil {
			return fmt.Errorf("query truth: %w", err)
		}
		data, err := answer.JSON()
		if err != nil {
			return err
		}
		if *out != "" {
			return os.WriteFile(*out, data, 0o644)
		}
		_, err = std.out.Write(data)
		return err
	}
}
