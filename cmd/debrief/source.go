package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
)

func sourceCommand() *command {
	return &command{
		name:    "source",
		summary: "show and change sources and their write keys",
		help: `A source is one place that events come from; clients send with its write key. These commands ask a
running server: the one on the data directory, or with --server and --token any other.`,
		sub: []*command{
			apiCommand("list", "", "show all sources", "  debrief source list", 0, nil, listSources),
			sourceAddCommand(),
			sourceRotateCommand(),
			sourceSetCommand(),
			apiCommand("enable", "SOURCE", "take calls of a source again", "  debrief source enable web-app", 1, nil, patchSource(map[string]any{"enabled": true})),
			apiCommand("disable", "SOURCE", "refuse calls of a source", "  debrief source disable web-app", 1, nil, patchSource(map[string]any{"enabled": false})),
		},
	}
}

// apiBody is a command that asks the API.
type apiBody func(ctx context.Context, w io.Writer, api *apiClient, args []string) error

// apiCommand makes a command that takes a number of arguments and asks the API.
func apiCommand(name, args, summary, help string, takes int, declare func(fs *flag.FlagSet), body apiBody) *command {
	return &command{name: name, args: args, summary: summary, help: help, setup: func(fs *flag.FlagSet) runFunc {
		var c connection
		c.flags(fs)
		if declare != nil {
			declare(fs)
		}
		return func(ctx context.Context, std stdio, given []string) error {
			if len(given) != takes {
				return errUsage("takes %d arguments, not %d", takes, len(given))
			}
			api, err := c.connect(ctx)
			if err != nil {
				return err
			}
			return body(ctx, std.out, api, given)
		}
	}}
}

func listSources(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
	all, err := api.sources(ctx)
	if err != nil {
		return err
	}
	return printSources(w, all)
}

func printSources(w io.Writer, all []source) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(tw, "ID\tNAME\tENABLED\tRATING SCALE\tREDACTION\tCONTENT\tWRITE KEYS"); err != nil {
		return err
	}
	for _, s := range all {
		if _, err := fmt.Fprintf(tw, "%s\t%s\t%t\t%s\t%s\t%s\t%s\n", s.ID, s.Name, s.Enabled, s.RatingScale, s.Redaction, s.Content, strings.Join(s.WriteKeys, " ")); err != nil {
			return err
		}
	}
	return tw.Flush()
}

func sourceAddCommand() *command {
	var scale, key string
	return apiCommand("add", "NAME", "add a source and show its write key", `  debrief source add "Web app"
  debrief source add --rating-scale 1-5 "Help centre"
  debrief source add --write-key 5c62c145-91f1-4abd-8aa2-63d7847db1e1 "Shop, so far with Screeb"`, 1,
		func(fs *flag.FlagSet) {
			fs.StringVar(&scale, "rating-scale", "", "`scale` of ratings that come without one: 1-5, 0-10, thumb")
			fs.StringVar(&key, "write-key", "", "a `key` that clients have already, as the website id of another vendor; without it one is made")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			var s source
			if err := api.do(ctx, http.MethodPost, "sources", map[string]any{"name": args[0], "rating_scale": scale, "write_key": key}, &s); err != nil {
				return err
			}
			return printSources(w, []source{s})
		})
}

func sourceRotateCommand() *command {
	var revoke bool
	return apiCommand("rotate", "SOURCE", "make a new write key for a source", `  debrief source rotate web-app             the older keys go on working
  debrief source rotate --revoke web-app    they are refused from now on`, 1,
		func(fs *flag.FlagSet) {
			fs.BoolVar(&revoke, "revoke", false, "refuse the older keys at once")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			var s source
			if err := api.do(ctx, http.MethodPost, path("sources", args[0], "keys"), map[string]any{"revoke": revoke}, &s); err != nil {
				return err
			}
			return printSources(w, []source{s})
		})
}

func sourceSetCommand() *command {
	var redaction, content, scale string
	return apiCommand("set", "SOURCE", "change what is masked in the calls of a source, and its rating scale", `  debrief source set --redaction all web-app              mask names and addresses too
  debrief source set --content metadata help-centre       keep no texts at all
  debrief source set --redaction structured --content full web-app`, 1,
		func(fs *flag.FlagSet) {
			fs.StringVar(&redaction, "redaction", "", "`level`: off, structured, all")
			fs.StringVar(&content, "content", "", "`mode` of free text: full, redacted, metadata")
			fs.StringVar(&scale, "rating-scale", "", "`scale` of ratings that come without one: 1-5, 0-10, thumb")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			change := map[string]any{}
			for name, value := range map[string]string{"redaction": redaction, "content": content, "rating_scale": scale} {
				if value != "" {
					change[name] = value
				}
			}
			if len(change) == 0 {
				return errUsage("needs --redaction, --content or --rating-scale")
			}
			return patchSource(change)(ctx, w, api, args)
		})
}

func patchSource(change map[string]any) apiBody {
	return func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
		var s source
		if err := api.do(ctx, http.MethodPatch, path("sources", args[0]), change, &s); err != nil {
			return err
		}
		return printSources(w, []source{s})
	}
}
