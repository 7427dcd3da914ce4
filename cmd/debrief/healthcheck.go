package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/app"
)

func healthcheckCommand() *command {
	return &command{
		name:    "healthcheck",
		summary: "tell whether a server is ready, by the exit code",
		help: `Asks /readyz of a server and exits with 0 if it takes calls and keeps them, else with 1 and the reasons:
for containers, whose images have no curl.

  HEALTHCHECK CMD ["debrief", "healthcheck", "--data", "/data"]`,
		setup: func(fs *flag.FlagSet) runFunc {
			server := fs.String("server", "", "`url` of the server (default: the one that runs on the data directory)")
			data := fs.String("data", "data", "the data `dir`ectory of a server on this machine")
			timeout := fs.Duration("timeout", 5*time.Second, "how long to wait for an answer")
			return func(ctx context.Context, std stdio, args []string) error {
				if len(args) > 0 {
					return errUsage("unexpected argument %q", args[0])
				}
				ctx, cancel := context.WithTimeout(ctx, *timeout)
				defer cancel()
				if *server == "" {
					found, err := app.Running(*data)
					if err != nil {
						return err
					}
					*server = found
				}
				return healthcheck(ctx, std.out, strings.TrimRight(*server, "/"))
			}
		},
	}
}

func healthcheck(ctx context.Context, w io.Writer, server string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := localClient().Do(req) // nothing secret is sent
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(text)))
	}
	_, err = fmt.Fprintln(w, "ready")
	return err
}
