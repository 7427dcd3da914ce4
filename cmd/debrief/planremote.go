package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
)

// planRemoteCommands are the commands of plans that ask a running server.
func planRemoteCommands() []*command {
	return []*command{
		apiCommand("list", "", "show the plans of a server", "  debrief plan list", 0, nil, listPlans),
		planPullCommand(),
		planPushCommand(),
	}
}

// remotePlan is a plan as the API tells it.
type remotePlan struct {
	Name    string   `json:"name"`
	Version int      `json:"version"`
	Builtin bool     `json:"builtin"`
	Events  int      `json:"events"`
	Sources []string `json:"sources"`
	Text    string   `json:"text"`
}

func listPlans(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
	var list struct{ Plans []remotePlan }
	if err := api.do(ctx, http.MethodGet, "plans", nil, &list); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "NAME\tVERSION\tEVENTS\tSOURCES") // Flush tells
	for _, p := range list.Plans {
		version := strconv.Itoa(p.Version)
		if p.Builtin {
			version = "built-in"
		}
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%d\t%s\n", p.Name, version, p.Events, strings.Join(p.Sources, " "))
	}
	return tw.Flush()
}

func planPullCommand() *command {
	var out, format string
	var version int
	return apiCommand("pull", "NAME", "write a plan of a server to a file", `  debrief plan pull web-copilot --out plan.yaml
  debrief plan pull screeb-2026                        a built-in plan
  debrief plan pull web-copilot --format segment    as Segment's Public API has it`, 1,
		func(fs *flag.FlagSet) {
			fs.StringVar(&out, "out", "", "write to this `file` instead of standard output")
			fs.StringVar(&format, "format", "yaml", "`format` of the file: yaml, json or segment")
			fs.IntVar(&version, "version", 0, "the `version` to write (default: the newest)")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			query := url.Values{"format": {format}}
			if version > 0 {
				query.Set("version", strconv.Itoa(version))
			}
			text, err := api.text(ctx, path("plans", args[0], "export")+"?"+query.Encode())
			if err != nil {
				return err
			}
			if out != "" {
				return os.WriteFile(out, text, 0o644)
			}
			_, err = w.Write(text)
			return err
		})
}

// planPush is what the flags of a push say.
type planPush struct {
	source, enforcement, note string
	version                   int
}

func planPushCommand() *command {
	var p planPush
	return apiCommand("push", "FILE", "store a plan on a server, as a new version if it is there", `  debrief plan push plan.yaml --note "ratings are required now"
  debrief plan push plan.yaml --version 3           refused when somebody else has made version 4
  debrief plan push plan.yaml --source web-app --enforcement '{"track": {"unplanned_events": "block"}}'
  debrief plan push plan.yaml --source web-app --enforcement enforcement.json

Sources that follow the newest version are checked by it from the next call on.`, 1,
		func(fs *flag.FlagSet) {
			fs.StringVar(&p.source, "source", "", "let this `source` follow the plan")
			fs.StringVar(&p.enforcement, "enforcement", "", "what becomes of calls that deviate: JSON, or a `file` of it (default: that of the source)")
			fs.StringVar(&p.note, "note", "", "why, for the list of versions: a `text`")
			fs.IntVar(&p.version, "version", 0, "the `version` that the file was made from (default: any)")
		}, p.run)
}

func (p *planPush) run(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var lint struct {
		OK       bool
		Name     string
		Problems []struct {
			Severity, Path, Message string
			Line                    int
		}
	}
	if err := api.do(ctx, http.MethodPost, "plans/lint", map[string]any{"text": string(text)}, &lint); err != nil {
		return err
	}
	for _, x := range lint.Problems {
		if _, err := fmt.Fprintf(w, "%s:%d: %s: %s: %s\n", args[0], x.Line, x.Severity, x.Path, x.Message); err != nil {
			return err
		}
	}
	if !lint.OK {
		return fmt.Errorf("%s has errors; nothing was stored", args[0])
	}
	stored, err := p.store(ctx, api, lint.Name, string(text))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "plan %s, version %d\n", stored.Name, stored.Version); err != nil || p.source == "" {
		return err
	}
	return p.follow(ctx, w, api, stored.Name)
}

// store adds the plan, or a version of it.
func (p *planPush) store(ctx context.Context, api *apiClient, name, text string) (remotePlan, error) {
	var list struct{ Plans []remotePlan }
	var stored remotePlan
	if err := api.do(ctx, http.MethodGet, "plans", nil, &list); err != nil {
		return stored, err
	}
	body := map[string]any{"text": text, "note": p.note}
	for _, other := range list.Plans {
		if other.Name == name {
			if p.version > 0 {
				body["version"] = p.version
			}
			err := api.do(ctx, http.MethodPut, path("plans", name), body, &stored)
			return stored, err
		}
	}
	err := api.do(ctx, http.MethodPost, "plans", body, &stored)
	return stored, err
}

// follow lets the source follow the plan.
func (p *planPush) follow(ctx context.Context, w io.Writer, api *apiClient, name string) error {
	var setting struct {
		Enforcement json.RawMessage `json:"enforcement"`
	}
	if err := api.do(ctx, http.MethodGet, path("sources", p.source, "plan"), nil, &setting); err != nil {
		return err
	}
	if p.enforcement != "" {
		text := []byte(p.enforcement)
		if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
			var err error
			if text, err = os.ReadFile(p.enforcement); err != nil {
				return err
			}
		}
		if setting.Enforcement = text; !json.Valid(text) {
			return errUsage("--enforcement is no JSON")
		}
	}
	change := map[string]any{"plan": name, "enforcement": setting.Enforcement}
	if err := api.do(ctx, http.MethodPut, path("sources", p.source, "plan"), change, nil); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "source %s follows it\n", p.source)
	return err
}
