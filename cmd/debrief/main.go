// Command debrief is the server and its tools: one file a subcommand. What a subcommand does is the
// business of the packages it calls; here are its flags, its help and its words.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the build (-ldflags "-X main.version=…").
var version = "dev"

// stdio is where a command reads and writes: answers go to out, all else to err.
type stdio struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends ctx; after it the signals do what they do to any program, so that a second
	// one ends this program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:]))
}

// run runs one command line and returns the exit code: 0 done, 1 failed, 2 not understood.
func run(ctx context.Context, std stdio, args []string) int {
	err := root().execute(ctx, std, nil, args)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(std.err, "debrief: %v\nRun \"debrief %s--help\" for how it is used.\n", err, usage.prefix())
		return 2
	case errors.Is(err, errSilent):
		return 1
	}
	_, _ = fmt.Fprintf(std.err, "debrief: %v\n", err)
	return 1
}

// errSilent ends a command with exit code 1 when all has been said already.
var errSilent = errors.New("done, not well")

// root is the list of all subcommands.
func root() *command {
	return &command{
		summary: "copilot analytics on your own server",
		help: `Debrief shows how your copilot is doing. Send it the events that your app sends to Segment already,
and read conversations, volume, satisfaction and conversions in the browser.

  debrief serve                       start the server; it prints where to look
  debrief send events.jsonl           send recorded events to a server
  debrief source list                 show the write keys that clients need

Every flag can be given as a variable too: --write-key is DEBRIEF_WRITE_KEY.`,
		sub: []*command{
			serveCommand(),
			sendCommand(),
			demoCommand(),
			queryCommand(),
			planCommand(),
			genCommand(),
			sourceCommand(),
			tokenCommand(),
			memberCommand(),
			quarantineCommand(),
			destinationCommand(),
			traceCommand(),
			analyzeCommand(),
			loginLinkCommand(),
			healthcheckCommand(),
			versionCommand(),
		},
	}
}
