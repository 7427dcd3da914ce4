package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"github.com/debrief-dev/debrief/internal/app"
	"github.com/debrief-dev/debrief/internal/config"
)

func serveCommand() *command {
	return &command{
		name:    "serve",
		summary: "run the server",
		help: `Runs the server: it takes calls of Segment SDKs, stores them in one directory and shows them in the
browser. No configuration is needed; it prints its address and a link that logs you in.

  debrief serve
  debrief serve --data /var/lib/debrief --listen 0.0.0.0:8080 --public-url https://debrief.example.com
  debrief serve --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem

Every flag can also be given as a variable, --tls-cert as DEBRIEF_TLS_CERT, or as a line "tls-cert FILE"
of the file that --config names. Flags win over variables, variables over the file.

Containers and automation start with known keys, on the first start of a directory only:
  DEBRIEF_BOOTSTRAP_WRITE_KEY     write key of the first source
  DEBRIEF_BOOTSTRAP_TOKEN         API token that may do everything
  DEBRIEF_BOOTSTRAP_CONVERSIONS   event names that count as conversions, comma separated

GET /healthz answers while the process lives, /readyz while calls can be kept, /metrics for Prometheus:
freely on this machine, from elsewhere with an API token. The first SIGTERM or Ctrl-C lets requests
finish, a second one stops at once.`,
		configFlag: "config",
		setup:      setupServe,
	}
}

func setupServe(fs *flag.FlagSet) runFunc {
	c := config.Default()
	c.Flags(fs)
	fs.String("config", "", "`file` of flags, one a line: \"listen 0.0.0.0:8080\"")
	demo := fs.Bool("demo", false, "load a month of made-up conversations, if there are no events yet")
	return func(ctx context.Context, std stdio, args []string) error {
		if len(args) > 0 {
			return errUsage("unexpected argument %q", args[0])
		}
		if err := c.Validate(); err != nil {
			return errUsage("%w", err)
		}
		return serve(ctx, std, c, *demo)
	}
}

func serve(ctx context.Context, std stdio, c *config.Config, demo bool) error {
	log := newLog(std.err, c)
	a, err := app.Start(ctx, app.Config{Config: *c, Version: version, Log: log})
	if err != nil {
		return err
	}
	err = announce(ctx, std.out, a, c)
	if err == nil && demo {
		err = loadDemoOnce(ctx, std, a, c)
	}
	failed := make(chan error, 1)
	if err == nil {
		go func() { failed <- a.Wait() }() // ends with Close
		select {
		case <-ctx.Done():
			log.Info("stopping")
		case err = <-failed:
		}
	}
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.StopTimeout)
	defer cancel()
	if closeErr := a.Close(stopCtx); err == nil {
		err = closeErr // else it repeats err
	}
	return err
}

// announce tells people where to look.
func announce(ctx context.Context, w io.Writer, a *app.App, c *config.Config) error {
	link, err := a.FirstLogin(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Debrief %s is running at %s\n", version, a.URL())
	if link != "" && err == nil {
		_, err = fmt.Fprintf(w, "Log in with this link; it works once, within 24 hours:\n  %s\n", link)
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "Data is kept in %s. Stop with Ctrl-C.\n", c.Data)
	}
	return err
}

func newLog(w io.Writer, c *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
