package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/plan/gen"
)

func genCommand() *command {
	return &command{
		name:    "gen",
		summary: "make typed client code from a tracking plan",
		help: `Writes one function for each event of a plan, with its properties as types: a call that deviates does not
compile. Keep the file beside your code and let CI check with --check that it is up to date.

  debrief gen ts --plan plan.yaml --out src/events.ts
  debrief gen go --plan plan.yaml --out events/events.go --package events
  debrief gen ts --plan plan.yaml --out src/events.ts --check`,
		sub: []*command{
			genLanguage("ts", "TypeScript, for Segment's analytics-next and analytics-node", `Writes a TypeScript module that works with @segment/analytics-next (browser(client)) and
@segment/analytics-node (node(client, who)), and imports neither.

  debrief gen ts --plan segment-copilot --out src/events.ts`,
				func(*flag.FlagSet) func(p *plan.Plan) ([]byte, error) { return gen.TypeScript }),
			genLanguage("go", "Go, for segmentio/analytics-go v3", `Writes a Go package for github.com/segmentio/analytics-go/v3. What an event must have are parameters, what it
may have is a struct.

  debrief gen go --plan segment-copilot --out events/events.go`,
				func(fs *flag.FlagSet) func(p *plan.Plan) ([]byte, error) {
					name := fs.String("package", "events", "`name` of the package")
					return func(p *plan.Plan) ([]byte, error) { return gen.Go(p, *name) }
				}),
		},
	}
}

// genLanguage is the command of one language; declare adds its own flags and returns its writer.
func genLanguage(name, summary, help string, declare func(fs *flag.FlagSet) func(p *plan.Plan) ([]byte, error)) *command {
	return &command{name: name, summary: summary, help: help, setup: func(fs *flag.FlagSet) runFunc {
		from := fs.String("plan", "", "`file` of the plan, or name of a built-in one")
		out := fs.String("out", "-", "`file` to write; - is standard output")
		check := fs.Bool("check", false, "write nothing; exit with 1 if the file is not what would be written")
		write := declare(fs)
		return func(_ context.Context, std stdio, args []string) error {
			if len(args) > 0 || *from == "" {
				return errUsage("name the plan with --plan, and no arguments")
			}
			p, err := loadPlan(*from)
			if err != nil {
				return err
			}
			text, err := write(p)
			if err != nil {
				return err
			}
			switch {
			case *check:
				return checkGenerated(*out, text)
			case *out == "-":
				_, err := std.out.Write(text)
				return err
			}
			return writeGenerated(*out, text)
		}
	}}
}

func checkGenerated(name string, text []byte) error {
	if name == "-" {
		return errUsage("--check compares with a file; name it with --out")
	}
	have, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("check generated code: %w", err)
	}
	if !bytes.Equal(have, text) {
		return fmt.Errorf("%s is not up to date; run the command without --check", name)
	}
	return nil
}

func writeGenerated(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("write generated code: %w", err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return fmt.Errorf("write generated code: %w", err)
	}
	return nil
}
