package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"
)

func tokenCommand() *command {
	return &command{
		name:    "token",
		summary: "make, show and revoke API tokens",
		help: `Programs ask the HTTP API with a token. These commands ask a running server: the one on the data
directory, or with --server and --token any other.`,
		sub: []*command{
			tokenCreateCommand(),
			apiCommand("list", "", "show all tokens, without their secrets", "  debrief token list", 0, nil, listTokens),
			apiCommand("revoke", "ID", "revoke a token at once", "  debrief token revoke tok_…", 1, nil,
				func(ctx context.Context, _ io.Writer, api *apiClient, args []string) error {
					return api.do(ctx, http.MethodDelete, path("tokens", args[0]), nil, nil)
				}),
		},
	}
}

type token struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Role       string    `json:"role"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Secret     string    `json:"secret"`
}

func tokenCreateCommand() *command {
	var role string
	return apiCommand("create", "NAME", "make a token and print it, this once", `  debrief token create grafana
  debrief token create --role owner deploy`, 1,
		func(fs *flag.FlagSet) {
			fs.StringVar(&role, "role", "viewer", "what it may do: viewer reads, editor changes sources and definitions, owner everything; a `role`")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			var t token
			if err := api.do(ctx, http.MethodPost, "tokens", map[string]any{"name": args[0], "role": role}, &t); err != nil {
				return err
			}
			_, err := fmt.Fprintln(w, t.Secret)
			return err
		})
}

func listTokens(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
	var list struct{ Tokens []token }
	if err := api.do(ctx, http.MethodGet, "tokens", nil, &list); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(tw, "ID\tNAME\tROLE\tCREATED\tLAST USED"); err != nil {
		return err
	}
	for _, t := range list.Tokens {
		used := "never"
		if !t.LastUsedAt.IsZero() {
			used = t.LastUsedAt.Format(time.DateTime)
		}
		if _, err := fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Role, t.CreatedAt.Format(time.DateTime), used); err != nil {
			return err
		}
	}
	return tw.Flush()
}
