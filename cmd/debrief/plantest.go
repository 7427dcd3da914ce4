package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/send"
)

func planTestCommand() *command {
	return &command{
		name:    "test",
		args:    "PLAN",
		summary: "say what recorded calls violate",
		help: `Checks recorded calls, one JSON object a line as "debrief send" takes them, against a plan (a file, or the
name of a built-in one), and counts what deviates. Nothing is sent. Exits with 1 for a line that is no call;
with --fail also for a violation.

  debrief plan test plan.yaml --events recorded.jsonl
  debrief plan test segment-copilot --events events.jsonl.gz --strict --fail
  debrief plan test plan.yaml --events - --json < calls.jsonl`,
		setup: func(fs *flag.FlagSet) runFunc {
			var c planTest
			events := fs.String("events", "", "`file` of calls, plain or compressed; - is standard input")
			fs.BoolVar(&c.strict, "strict", false, "count what is understood but sent in an odd way as well")
			fs.BoolVar(&c.json, "json", false, "print JSON")
			fail := fs.Bool("fail", false, "exit with 1 if there is a violation")
			return func(_ context.Context, std stdio, args []string) error {
				if len(args) != 1 || *events == "" {
					return errUsage("name one plan, and --events with a file of calls")
				}
				if err := c.run(std, args[0], *events); err != nil {
					return err
				}
				if c.faults > 0 || *fail && c.tally.Deviating > 0 {
					return errSilent
				}
				return nil
			}
		},
	}
}

// planTest is one run of "debrief plan test".
type planTest struct {
	strict, json bool
	tally        plan.Tally
	faults       int
}

func (c *planTest) run(std stdio, name, events string) error {
	p, err := loadPlan(name)
	if err != nil {
		return err
	}
	checker, err := plan.Compile(p)
	if err != nil {
		return err
	}
	enforcer, err := plan.NewEnforcer(checker, plan.Enforcement{Strict: c.strict}, p.Name, p.Version)
	if err != nil {
		return err
	}
	in, err := send.Open(events, std.in)
	if err != nil {
		return err
	}
	defer in.Close()
	for {
		number, text, fault, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if fault == "" {
			var typ string
			if typ, fault = callType(text); fault == "" {
				c.tally.Add(number, enforcer.Judge(plan.Call{Type: typ, JSON: text}, nil).Violations)
				continue
			}
		}
		c.faults++
		_, _ = fmt.Fprintf(std.err, "line %d: %s\n", number, fault)
	}
	return c.print(std.out)
}

// callType reads the type of a call: type, or action as some examples have it.
func callType(text []byte) (typ, fault string) {
	var call struct {
		Type   any `json:"type"`
		Action any `json:"action"`
	}
	if err := json.Unmarshal(text, &call); err != nil {
		return "", "not a JSON object"
	}
	for _, v := range []any{call.Type, call.Action} {
		if s, ok := v.(string); ok && slices.Contains([]string{"track", "identify", "group", "page", "screen", "alias"}, s) {
			return s, ""
		}
	}
	return "", "has no type"
}

func (c *planTest) print(w io.Writer) error {
	rows := c.tally.Rows()
	if c.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(map[string]any{"calls": c.tally.Calls, "deviating": c.tally.Deviating, "violations": rows})
	}
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	if len(rows) > 0 {
		_, _ = fmt.Fprintln(tw, "COUNT\tKIND\tEVENT\tFIELD\tWHAT\tFIRST LINE")
	}
	for _, r := range rows {
		_, _ = fmt.Fprintf(tw, "%d\t%s\t%s\t%s\t%s\t%d\n", r.Count, r.Kind, r.Event, r.Field, r.Description, r.First)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d of %d calls deviate\n", c.tally.Deviating, c.tally.Calls)
	return err
}
