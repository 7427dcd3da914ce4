package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/debrief-dev/debrief/internal/plan"
)

func planCommand() *command {
	return &command{
		name:    "plan",
		summary: "write, test and compare tracking plans",
		help: `A tracking plan says what a source may send. It is a file that you keep beside your code, with a JSON
Schema for each event; docs/plans.md describes it. Plans of the public vocabularies are built in.

  debrief plan builtin segment-copilot > plan.yaml    begin with a plan that exists
  debrief plan lint plan.yaml                         say what is wrong with it
  debrief plan test plan.yaml --events recorded.jsonl say what recorded calls would violate
  debrief plan diff main.yaml plan.yaml               say what a change means to those who send
  debrief gen ts --plan plan.yaml --out events.ts     make code that cannot deviate from it`,
		sub: append([]*command{
			planLintCommand(),
			planTestCommand(),
			planDiffCommand(),
			planBuiltinCommand(),
			planImportCommand(),
			planExportCommand(),
		}, planRemoteCommands()...),
	}
}

// loadPlan reads a plan from a file, or takes the built-in one of that name.
func loadPlan(name string) (*plan.Plan, error) {
	text, err := os.ReadFile(name)
	if err != nil { // there may be a directory of that name
		if p, ok := plan.Builtin(name); ok {
			return p, nil
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is neither a file nor a built-in plan %q", name)
	}
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	p, err := plan.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

func planLintCommand() *command {
	return &command{
		name:    "lint",
		args:    "FILE…",
		summary: "say what is wrong with plans",
		help: `Reads plans and lists what cannot be used (errors) and what is probably not meant (warnings), with line
and path. Exits with 1 if there is an error; with --strict also for a warning.

  debrief plan lint plan.yaml
  debrief plan lint --strict plans/*.yaml`,
		setup: func(fs *flag.FlagSet) runFunc {
			strict := fs.Bool("strict", false, "take warnings for errors")
			return func(_ context.Context, std stdio, args []string) error {
				if len(args) == 0 {
					return errUsage("name at least one file")
				}
				bad := false
				for _, name := range args {
					faults, err := lintPlan(std.out, name, *strict)
					if err != nil {
						return err
					}
					bad = bad || faults
				}
				if bad {
					return errSilent
				}
				return nil
			}
		},
	}
}

// lintPlan prints what is wrong with one plan, and reports whether that makes it unfit.
func lintPlan(w io.Writer, name string, strict bool) (bad bool, err error) {
	p, err := loadPlan(name)
	if err != nil {
		_, err = fmt.Fprintf(w, "%v\n", err)
		return true, err
	}
	problems := p.Lint()
	for _, x := range problems {
		bad = bad || strict || x.Severity == plan.SeverityError
	}
	if err := printProblems(w, name, problems); err != nil || len(problems) > 0 {
		return bad, err
	}
	_, err = fmt.Fprintf(w, "%s: %s\n", name, planSummary(p))
	return false, err
}

func planSummary(p *plan.Plan) string {
	s := fmt.Sprintf("plan %s, %d events", p.Name, len(p.Events))
	if len(p.Events) == 1 {
		s = "plan " + p.Name + ", 1 event"
	}
	for _, base := range p.Extends {
		s += ", extends " + base
	}
	return s
}

func printProblems(w io.Writer, name string, problems []plan.Problem) error {
	for _, x := range problems {
		at := name
		if x.Line > 0 {
			at = fmt.Sprintf("%s:%d", name, x.Line)
		}
		if _, err := fmt.Fprintf(w, "%s: %s: %s: %s\n", at, x.Severity, x.Path, x.Message); err != nil {
			return err
		}
	}
	return nil
}

func planDiffCommand() *command {
	return &command{
		name:    "diff",
		args:    "OLD NEW",
		summary: "say what changed between two plans, and what breaks",
		help: `Compares two plans (files, or names of built-in plans). A change is breaking, and marked with "!", when
calls that conformed may no longer do: a property that became required, a narrower type, an event that is gone.

  debrief plan diff plan.yaml plan-next.yaml
  git show main:plan.yaml > old.yaml && debrief plan diff --fail-on-breaking old.yaml plan.yaml`,
		setup: func(fs *flag.FlagSet) runFunc {
			fail := fs.Bool("fail-on-breaking", false, "exit with 1 if a change is breaking")
			return func(_ context.Context, std stdio, args []string) error {
				if len(args) != 2 {
					return errUsage("name the old plan and the new one")
				}
				before, err := loadPlan(args[0])
				if err != nil {
					return err
				}
				after, err := loadPlan(args[1])
				if err != nil {
					return err
				}
				breaking, err := printChanges(std.out, plan.Diff(before, after))
				if err == nil && breaking && *fail {
					return errSilent
				}
				return err
			}
		},
	}
}

func printChanges(w io.Writer, changes []plan.Change) (breaking bool, err error) {
	if len(changes) == 0 {
		_, err := fmt.Fprintln(w, "no change")
		return false, err
	}
	for _, c := range changes {
		mark := " "
		if c.Breaking {
			mark, breaking = "!", true
		}
		words := []any{mark}
		for _, s := range []string{c.Event, c.Path} {
			if s != "" {
				words = append(words, s+":")
			}
		}
		if _, err := fmt.Fprintln(w, append(words, c.Description)...); err != nil {
			return breaking, err
		}
	}
	return breaking, nil
}

func planBuiltinCommand() *command {
	return &command{
		name:    "builtin",
		args:    "[NAME]",
		summary: "list the built-in plans, or print one",
		help: `Without a name, lists the plans that are built in. With one, prints it as a file to begin with. Instead of
copying, a plan of your own can extend it: "extends: [segment-copilot]".

  debrief plan builtin
  debrief plan builtin unity > unity.yaml`,
		setup: func(*flag.FlagSet) runFunc {
			return func(_ context.Context, std stdio, args []string) error {
				switch len(args) {
				case 0:
					return listBuiltins(std.out)
				case 1:
					text, err := plan.BuiltinFile(args[0])
					if err != nil {
						return err
					}
					_, err = std.out.Write(text)
					return err
				}
				return errUsage("takes one name, not %d", len(args))
			}
		},
	}
}

func listBuiltins(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, p := range plan.Builtins() {
		_, _ = fmt.Fprintf(tw, "%s\t%d rules\t%s\n", p.Name, len(p.Events), p.Description)
	}
	return tw.Flush()
}

func planImportCommand() *command {
	return &command{
		name:    "import",
		args:    "FILE",
		summary: "turn a tracking plan of Segment into a file of ours",
		help: `Reads a tracking plan as Segment's Public API or its older Config API gives it, or the plan.json that
typewriter keeps, and prints it as YAML. What could not be taken over is told on standard error.

  debrief plan import plan.json > plan.yaml`,
		setup: func(*flag.FlagSet) runFunc {
			return func(_ context.Context, std stdio, args []string) error {
				if len(args) != 1 {
					return errUsage("name one file")
				}
				text, err := os.ReadFile(args[0])
				if err != nil {
					return fmt.Errorf("read plan: %w", err)
				}
				p, problems, err := plan.ImportSegment(text)
				if err != nil {
					return err
				}
				if err := printProblems(std.err, args[0], problems); err != nil {
					return err
				}
				return writePlan(std.out, p, "yaml")
			}
		},
	}
}

func planExportCommand() *command {
	return &command{
		name:    "export",
		args:    "FILE",
		summary: "print a plan in another format",
		help: `Prints a plan (a file, or the name of a built-in one) as Segment's Public API has it, or as YAML or JSON of
ours. For Segment, what the plan extends is written out.

  debrief plan export --format segment plan.yaml > segment.json
  debrief plan export --format json plan.yaml`,
		setup: func(fs *flag.FlagSet) runFunc {
			format := fs.String("format", "segment", "`format` to print: segment, yaml or json")
			return func(_ context.Context, std stdio, args []string) error {
				if len(args) != 1 {
					return errUsage("name one plan")
				}
				p, err := loadPlan(args[0])
				if err != nil {
					return err
				}
				return writePlan(std.out, p, *format)
			}
		},
	}
}

// writePlan prints a plan.
func writePlan(w io.Writer, p *plan.Plan, format string) error {
	var text []byte
	var err error
	switch format {
	case "segment":
		text, err = plan.ExportSegment(p)
	case "yaml":
		text, err = p.YAML()
	case "json":
		text, err = p.JSON()
	default:
		return errUsage("there is no format %q; it is segment, yaml or json", format)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
