package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
)

func versionCommand() *command {
	return &command{
		name:    "version",
		summary: "print the version of this program",
		setup: func(*flag.FlagSet) runFunc {
			return func(_ context.Context, std stdio, _ []string) error {
				_, err := fmt.Fprintf(std.out, "debrief %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			}
		},
	}
}
