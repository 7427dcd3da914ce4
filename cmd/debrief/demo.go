package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/debrief-dev/debrief/internal/app"
	"github.com/debrief-dev/debrief/internal/config"
	"github.com/debrief-dev/debrief/internal/demo"
	"github.com/debrief-dev/debrief/internal/send"
)

func demoCommand() *command {
	return &command{
		name:    "demo",
		summary: "send a month of made-up conversations to a server",
		help: `Sends the events of a made-up stock copilot, the last 30 days of it, to a running server, through the
door that every client uses. It adds two sources and a definition of conversions. The same seed and end
make the same events, so that sending them again changes nothing.

  debrief demo                            to the server that runs on ./data
  debrief demo --server http://localhost:8080 --token TOKEN
  debrief demo --until 2026-05-01T00:00:00Z --seed 7`,
		setup: func(fs *flag.FlagSet) runFunc {
			var c connection
			c.flags(fs)
			var month demo.Config
			fs.Uint64Var(&month.Seed, "seed", 1, "`number` that the month is made of")
			fs.IntVar(&month.Days, "days", 30, "`number` of days")
			fs.IntVar(&month.Users, "users", 420, "`number` of users")
			fs.IntVar(&month.Conversations, "conversations", 3600, "about how `many` conversations")
			month.Until = time.Now()
			fs.TextVar(&month.Until, "until", month.Until.UTC().Truncate(time.Hour), "end of the month, a `time`")
			return func(ctx context.Context, std stdio, args []string) error {
				if len(args) > 0 {
					return errUsage("unexpected argument %q", args[0])
				}
				api, err := c.connect(ctx)
				if err != nil {
					return err
				}
				return loadDemo(ctx, std, api, month)
			}
		},
	}
}

// loadDemoOnce fills a server that has no events.
func loadDemoOnce(ctx context.Context, std stdio, a *app.App, c *config.Config) error {
	conn := connection{server: a.LocalURL(), data: c.Data}
	api, err := conn.connect(ctx)
	if err != nil {
		return err
	}
	var status struct{ Store struct{ Events int64 } }
	if err := api.do(ctx, http.MethodGet, "status", nil, &status); err != nil || status.Store.Events > 0 {
		return err
	}
	if err := loadDemo(ctx, std, api, demo.Config{Until: time.Now()}); err != nil && ctx.Err() == nil {
		return fmt.Errorf("load demo: %w", err)
	}
	return nil
}

// loadDemo sends a month: each source's calls with its own write key.
func loadDemo(ctx context.Context, std stdio, api *apiClient, month demo.Config) error {
	if err := api.do(ctx, http.MethodPut, "conversions/"+url.PathEscape("purchase"), map[string]any{"events": demo.Conversions}, nil); err != nil {
		return err
	}
	lines := map[string]*bytes.Buffer{demo.WebApp: {}, demo.HelpCentre: {}}
	for call := range demo.Calls(month) {
		lines[call.Source].Write(call.JSON)
		lines[call.Source].WriteByte('\n')
	}
	for _, name := range []string{demo.WebApp, demo.HelpCentre} {
		key, err := api.ensureSource(ctx, name)
		if err != nil {
			return err
		}
		in, err := send.NewInput(lines[name], int64(lines[name].Len()))
		if err != nil {
			return err
		}
		sum, err := runSend(ctx, std, send.Config{Server: api.server, WriteKey: key, Client: api.http, Concurrency: 2}, in)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(std.out, "Demo: %d events of source %q\n", sum.Accepted, name); err != nil {
			return err
		}
		if sum.Rejected+sum.Invalid > 0 {
			return fmt.Errorf("%d demo events were refused", sum.Rejected+sum.Invalid)
		}
	}
	return nil
}
