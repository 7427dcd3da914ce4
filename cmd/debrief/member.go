package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/debrief-dev/debrief/internal/app"
)

func memberCommand() *command {
	return &command{
		name:    "member",
		summary: "add, show and remove people who may log in",
		help: `Members log in with email and password, or once with a link. These commands work where the data
directory is, whether the server runs or not.`,
		sub: []*command{memberAddCommand(), memberListCommand(), memberRemoveCommand()},
	}
}

// dataFlag declares the flag of commands that work on the directory itself.
func dataFlag(fs *flag.FlagSet) *string {
	return fs.String("data", "data", "the data `dir`ectory")
}

// publicFlag declares the flag of commands that print links.
func publicFlag(fs *flag.FlagSet) *string {
	return fs.String("public-url", "", "`url` that people reach the server under (default: the address on this machine)")
}

// linkTo returns the whole address of a path for people.
func linkTo(public, data, path string) (string, error) {
	if public != "" {
		return strings.TrimRight(public, "/") + path, nil
	}
	server, err := app.Running(data)
	if errors.Is(err, app.ErrNotRunning) {
		return "http://127.0.0.1:8080" + path, nil
	}
	return server + path, err
}

func memberAddCommand() *command {
	return &command{
		name: "add", args: "EMAIL", summary: "add a member and print a link for the first login",
		help: `The link works once, within 24 hours; the member then sets a password under "Account".

  debrief member add --role editor ada@example.com`,
		setup: func(fs *flag.FlagSet) runFunc {
			data, public := dataFlag(fs), publicFlag(fs)
			name := fs.String("name", "", "`name` of the member (default: the email)")
			role := fs.String("role", "viewer", "what the member may do: viewer reads, editor changes sources and definitions, owner everything; a `role`")
			return func(ctx context.Context, std stdio, args []string) error {
				if len(args) != 1 {
					return errUsage("takes one email")
				}
				if *name == "" {
					*name = args[0]
				}
				path, err := app.AddMember(ctx, *data, app.Member{Email: args[0], Name: *name, Role: *role})
				if err != nil {
					return err
				}
				link, err := linkTo(*public, *data, path)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(std.out, link)
				return err
			}
		},
	}
}

func memberListCommand() *command {
	return &command{
		name: "list", summary: "show all members", help: "  debrief member list",
		setup: func(fs *flag.FlagSet) runFunc {
			data := dataFlag(fs)
			return func(ctx context.Context, std stdio, args []string) error {
				if len(args) > 0 {
					return errUsage("unexpected argument %q", args[0])
				}
				all, err := app.Members(ctx, *data)
				if err != nil {
					return err
				}
				tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
				if _, err := fmt.Fprintln(tw, "EMAIL\tNAME\tROLE\tPASSWORD SET"); err != nil {
					return err
				}
				for _, m := range all {
					if _, err := fmt.Fprintf(tw, "%s\t%s\t%s\t%t\n", m.Email, m.Name, m.Role, m.HasPassword); err != nil {
						return err
					}
				}
				return tw.Flush()
			}
		},
	}
}

func memberRemoveCommand() *command {
	return &command{
		name: "remove", args: "EMAIL", summary: "remove a member, who is logged out at once",
		help: "  debrief member remove ada@example.com",
		setup: func(fs *flag.FlagSet) runFunc {
			data := dataFlag(fs)
			return func(ctx context.Context, _ stdio, args []string) error {
				if len(args) != 1 {
					return errUsage("takes one email")
				}
				return app.RemoveMember(ctx, *data, args[0])
			}
		},
	}
}
