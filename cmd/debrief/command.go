package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/peterbourgon/ff/v3"
)

// command is one subcommand, or a group of them.
type command struct {
	name    string // "serve"
	args    string // its arguments in the usage line: "FILE|-"
	summary string // one line, lower case
	help    string // what it is for, and examples
	// setup declares the flags and returns what runs after they are parsed; nil for a group.
	setup func(fs *flag.FlagSet) runFunc
	// configFlag names the flag that names a file of flags; "" without one.
	configFlag string
	sub        []*command
}

// runFunc is the body of a command; args are what is left after the flags.
type runFunc func(ctx context.Context, std stdio, args []string) error

// usageError is a command line that is not understood.
type usageError struct {
	path []string // of the command
	err  error
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func (e usageError) prefix() string {
	if len(e.path) == 0 {
		return ""
	}
	return strings.Join(e.path, " ") + " "
}

// errUsage is what a body returns when its arguments make no sense.
func errUsage(format string, args ...any) error {
	return usageError{err: fmt.Errorf(format, args...)}
}

// execute finds the subcommand that args name and runs it. path are the names that led here.
func (c *command) execute(ctx context.Context, std stdio, path, args []string) error {
	if len(c.sub) > 0 {
		return c.dispatch(ctx, std, path, args)
	}
	fs := flag.NewFlagSet(strings.Join(path, " "), flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	body := c.setup(fs)
	rest, err := c.parse(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		c.usage(std.out, path, fs)
		return err
	}
	if err == nil {
		err = body(ctx, std, rest)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return usageError{path: path, err: usage.err}
	}
	return err
}

func (c *command) dispatch(ctx context.Context, std stdio, path, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		if len(args) > 1 && args[0] == "help" {
			return c.dispatch(ctx, std, path, append(args[1:], "--help"))
		}
		c.usage(std.out, path, nil)
		return flag.ErrHelp
	}
	if args[0] == "--version" {
		args[0] = "version"
	}
	for _, s := range c.sub {
		if s.name == args[0] {
			return s.execute(ctx, std, append(path, s.name), args[1:])
		}
	}
	return usageError{path: path, err: fmt.Errorf("there is no command %q", strings.Join(append(path, args[0]), " "))}
}

// parse reads flags, then variables, then the file; flags may stand before, between and after the
// arguments, which it returns.
func (c *command) parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usageError{err: err}
		}
		left := fs.Args()
		if len(left) == 0 {
			break
		}
		if n := len(args) - len(left); n > 0 && args[n-1] == "--" {
			rest = append(rest, left...)
			break
		}
		rest, args = append(rest, left[0]), left[1:]
	}
	options := []ff.Option{ff.WithEnvVarPrefix("DEBRIEF")}
	if c.configFlag != "" {
		options = append(options, ff.WithConfigFileFlag(c.configFlag), ff.WithConfigFileParser(ff.PlainParser))
	}
	if err := ff.Parse(fs, nil, options...); err != nil {
		return nil, usageError{err: err}
	}
	return rest, nil
}

// usage prints what a command is for.
func (c *command) usage(w io.Writer, path []string, fs *flag.FlagSet) {
	name := strings.Join(append([]string{"debrief"}, path...), " ")
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", name, c.summary)
	switch {
	case len(c.sub) > 0:
		fmt.Fprintf(&b, "Usage: %s COMMAND …\n", name)
	case c.args != "":
		fmt.Fprintf(&b, "Usage: %s [flags] %s\n", name, c.args)
	default:
		fmt.Fprintf(&b, "Usage: %s [flags]\n", name)
	}
	if c.help != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(c.help))
	}
	if len(c.sub) > 0 {
		b.WriteString("\nCommands:\n")
		tw := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		for _, s := range c.sub {
			fmt.Fprintf(tw, "  %s\t%s\n", s.name, s.summary)
		}
		_ = tw.Flush()
		fmt.Fprintf(&b, "\nRun \"%s COMMAND --help\" for more about one.\n", name)
	}
	if fs != nil {
		b.WriteString(flagUsage(fs))
	}
	_, _ = io.WriteString(w, b.String())
}

// flagUsage lists flags with their variables and defaults.
func flagUsage(fs *flag.FlagSet) string {
	var b strings.Builder
	fs.VisitAll(func(f *flag.Flag) {
		if b.Len() == 0 {
			b.WriteString("\nFlags:\n")
		}
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&b, "  --%s", f.Name)
		if value != "" {
			fmt.Fprintf(&b, " %s", strings.ToUpper(value))
		}
		fmt.Fprintf(&b, "\n      %s", strings.ReplaceAll(usage, "\n", "\n      "))
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
			fmt.Fprintf(&b, " (default %s)", f.DefValue)
		}
		b.WriteString("\n")
	})
	return b.String()
}
