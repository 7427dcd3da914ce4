package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/debrief-dev/debrief/internal/app"
)

func loginLinkCommand() *command {
	return &command{
		name:    "login-link",
		summary: "print a link that logs in once",
		help: `Makes a link that logs a member in once, within an hour: for the first login, and for who has forgotten
a password. It works where the data directory is, whether the server runs or not.

  debrief login-link --data /var/lib/debrief
  debrief login-link --email ada@example.com --public-url https://debrief.example.com`,
		setup: func(fs *flag.FlagSet) runFunc {
			data, public := dataFlag(fs), publicFlag(fs)
			email := fs.String("email", "", "`email` of the member (default: the first owner)")
			return func(ctx context.Context, std stdio, args []string) error {
				if len(args) > 0 {
					return errUsage("unexpected argument %q", args[0])
				}
				path, err := app.LoginLink(ctx, *data, *email)
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
