package truth

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const usage = `usage: debrief query truth --server URL --token TOKEN [flags]

Asks a running server, over its HTTP API alone, for the counts of all that it has stored, and prints
them as JSON in the shape of a truth file. It waits until everything acknowledged is counted.

`

// Command runs "debrief query truth" with the arguments that follow it. The answer goes to stdout or to
// a file, everything else to stderr. getenv supplies DEBRIEF_SERVER and DEBRIEF_TOKEN where flags are
// left out.
func Command(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("query truth", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	c := Config{Progress: stderr}
	flags.StringVar(&c.Server, "server", or(getenv("DEBRIEF_SERVER"), "http://localhost:8080"), "`URL` of the server ($DEBRIEF_SERVER)")
	flags.StringVar(&c.Token, "token", getenv("DEBRIEF_TOKEN"), "API `token` that may read ($DEBRIEF_TOKEN)")
	flags.StringVar(&c.Conversion, "conversion", "", "`name` of the conversion definition to count by (default any of them)")
	events := flags.String("conversions", "", "count by the definition with exactly these `events`, comma separated")
	flags.DurationVar(&c.Wait, "wait", time.Minute, "how long to wait until everything acknowledged is counted; 0 does not wait")
	out := flags.String("out", "", "write the answer to this `file` instead of standard output")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("query truth: unexpected argument %q", flags.Arg(0))
	}
	for name := range strings.SplitSeq(*events, ",") {
		if name = strings.TrimSpace(name); name != "" {
			c.ConversionEvents = append(c.ConversionEvents, name)
		}
	}
	t, err := Query(ctx, c)
	if err != nil {
		return fmt.Errorf("query truth: %w", err)
	}
	data, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return fmt.Errorf("query truth: %w", err)
	}
	data = append(data, '\n')
	if *out != "" {
		return os.WriteFile(*out, data, 0o644)
	}
	_, err = stdout.Write(data)
	return err
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
