package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

func destinationCommand() *command {
	return &command{
		name:    "destination",
		summary: "hand calls on: webhooks, Segment, Mixpanel, databases …",
		help: `A destination is a place that accepted calls are handed on to: each call at least once, those of a
person in their order. One that is down gets everything once it is back; calls that it refuses become dead
letters, which wait for 30 days to be sent again.

  debrief destination kinds
  debrief destination add webhook --set url=https://example.com/hook --set secret=@secret.txt --types track
  debrief destination test "webhook"
  debrief destination list`,
		sub: []*command{
			apiCommand("kinds", "", "show what can be set up, and with which settings", "  debrief destination kinds", 0, nil, listDestinationKinds),
			apiCommand("list", "", "show all destinations and how they are doing", "  debrief destination list", 0, nil, listDestinations),
			destinationAddCommand(),
			destinationSetCommand(),
			apiCommand("test", "DESTINATION", "ask the place whether it could be sent to", "  debrief destination test hook", 1, nil, testDestination),
			destinationPost("pause", "send nothing until it is resumed; calls wait"),
			destinationPost("resume", "go on where it was paused"),
			apiCommand("remove", "DESTINATION", "remove a destination with all that waits for it", "  debrief destination remove hook", 1, nil, removeDestination),
			apiCommand("errors", "DESTINATION", "show the newest failed attempts", "  debrief destination errors hook", 1, nil, listDeliveryErrors),
			deadLettersCommand(),
			deadReplayCommand(),
			backfillCommand(),
		},
	}
}

// destinationRow is a destination as the API tells it.
type destinationRow struct {
	ID, Name, Kind string
	Settings       map[string]string
	Health         struct {
		State, Problem string
		Waiting, Dead  int64
		OldestAt       *time.Time `json:"oldest_at"`
		LatencyP95     float64    `json:"latency_p95_ms"`
	}
}

func (a *apiClient) destinations(ctx context.Context) ([]destinationRow, error) {
	var list struct{ Destinations []destinationRow }
	err := a.do(ctx, http.MethodGet, "destinations", nil, &list)
	return list.Destinations, err
}

// destination finds one by its id or name.
func (a *apiClient) destination(ctx context.Context, idOrName string) (destinationRow, error) {
	all, err := a.destinations(ctx)
	if err != nil {
		return destinationRow{}, err
	}
	for _, d := range all {
		if d.ID == idOrName || d.Name == idOrName {
			return d, nil
		}
	}
	return destinationRow{}, fmt.Errorf(`there is no destination %q; "debrief destination list" shows all`, idOrName)
}

func listDestinationKinds(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
	var list struct {
		Destinations []struct {
			Name, Title, Doc string
			Settings         []struct {
				Key, Type, Doc, Default, Label string
				Secret, Required               bool
				Choices                        []string
			}
		}
	}
	if err := api.do(ctx, http.MethodGet, "destinations/catalogue", nil, &list); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, k := range list.Destinations {
		_, _ = fmt.Fprintf(tw, "%s\t%s\n", k.Name, k.Title) // Flush tells
		for _, s := range k.Settings {
			notes := []string{s.Type}
			for note, is := range map[string]bool{"required": s.Required, "secret": s.Secret} {
				if is {
					notes = append(notes, note)
				}
			}
			if len(notes) == 3 {
				notes[1], notes[2] = "required", "secret"
			}
			if len(s.Choices) > 0 {
				notes = append(notes, strings.Join(s.Choices, "|"))
			}
			if s.Default != "" {
				notes = append(notes, "default "+s.Default)
			}
			_, _ = fmt.Fprintf(tw, "  %s\t%s (%s)\n", s.Key, s.Label, strings.Join(notes, ", "))
		}
	}
	return tw.Flush()
}

func listDestinations(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
	all, err := api.destinations(ctx)
	if err != nil {
		return err
	}
	return printDestinations(w, all)
}

func printDestinations(w io.Writer, all []destinationRow) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "ID\tNAME\tKIND\tSTATE\tWAITING\tDEAD\tOLDEST WAITING\tP95") // Flush tells
	for _, d := range all {
		oldest, p95 := "-", "-"
		if d.Health.OldestAt != nil {
			oldest = d.Health.OldestAt.UTC().Format(time.DateTime)
		}
		if d.Health.LatencyP95 > 0 {
			p95 = fmt.Sprintf("%.0f ms", d.Health.LatencyP95)
		}
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", d.ID, d.Name, d.Kind, strings.TrimSpace(d.Health.State+" "+d.Health.Problem), d.Health.Waiting, d.Health.Dead, oldest, p95)
	}
	return tw.Flush()
}

// destinationFlags are what add and set have in common.
type destinationFlags struct {
	name, mapping                            string
	types, events, except, sources, function string
	retry                                    float64
	settings                                 map[string]string
}

func (f *destinationFlags) flags(fs *flag.FlagSet) {
	f.settings = map[string]string{}
	fs.StringVar(&f.name, "name", "", "what it is called")
	fs.Func("set", "a setting, `key=value`; key=@file takes a file's text, which keeps secrets out of the shell's history", f.set)
	fs.StringVar(&f.types, "types", "", "only these call `types`, comma separated: track, identify …")
	fs.StringVar(&f.events, "events", "", "only events with these `names`, comma separated; * is any text")
	fs.StringVar(&f.except, "except", "", "no events with these `names`")
	fs.StringVar(&f.sources, "sources", "", "only calls of these `sources`, by id")
	fs.StringVar(&f.function, "functions", "", "insert functions, by `id`, in the order they run in")
	fs.StringVar(&f.mapping, "mapping", "", "`file` with a mapping in Segment's directives")
	fs.Float64Var(&f.retry, "retry-hours", 0, "how many `hours` a call is tried again while the place takes others; 0 is 4")
}

func (f *destinationFlags) set(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return fmt.Errorf("%q is not key=value", key)
	}
	if file, ok := strings.CutPrefix(value, "@"); ok {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		value = strings.TrimRight(string(content), "\r\n")
	}
	f.settings[key] = value
	return nil
}

// body is what was said, as the API takes it.
func (f *destinationFlags) body() (map[string]any, error) {
	body := map[string]any{}
	filter := map[string][]string{}
	for key, text := range map[string]string{"types": f.types, "events": f.events, "except": f.except, "sources": f.sources} {
		if text != "" {
			filter[key] = strings.Split(text, ",")
		}
	}
	if len(filter) > 0 {
		body["filter"] = filter
	}
	if f.function != "" {
		body["functions"] = strings.Split(f.function, ",")
	}
	if f.name != "" {
		body["name"] = f.name
	}
	if f.retry != 0 {
		body["retry_hours"] = f.retry
	}
	if f.mapping != "" {
		text, err := os.ReadFile(f.mapping)
		if err != nil {
			return nil, err
		}
		if !json.Valid(text) {
			return nil, fmt.Errorf("%s is no JSON", f.mapping)
		}
		body["mapping"] = json.RawMessage(text)
	}
	return body, nil
}

func destinationAddCommand() *command {
	var f destinationFlags
	return apiCommand("add", "KIND", "set up a destination; it gets what is accepted from now on", `  debrief destination add webhook --name hook --set url=https://example.com/hook --set secret=@secret.txt
  debrief destination add webhook --set url=http://10.0.0.7:8000/ --types track --events "Stock*"`, 1, f.flags,
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			body, err := f.body()
			if err != nil {
				return err
			}
			if body["kind"], body["settings"] = args[0], f.settings; f.name == "" {
				body["name"] = args[0]
			}
			return changeDestination(ctx, w, api, http.MethodPost, "destinations", body)
		})
}

func destinationSetCommand() *command {
	var f destinationFlags
	return apiCommand("set", "DESTINATION", "change a destination; what is not said stays", `  debrief destination set hook --types track,identify --retry-hours 24
  debrief destination set hook --set secret=@new.txt`, 1, f.flags,
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			d, err := api.destination(ctx, args[0])
			if err != nil {
				return err
			}
			body, err := f.body()
			if err != nil {
				return err
			}
			if len(f.settings) > 0 {
				for key, value := range f.settings {
					d.Settings[key] = value
				}
				body["settings"] = d.Settings
			}
			return changeDestination(ctx, w, api, http.MethodPatch, path("destinations", d.ID), body)
		})
}

func changeDestination(ctx context.Context, w io.Writer, api *apiClient, method, path string, body any) error {
	var d destinationRow
	if err := api.do(ctx, method, path, body, &d); err != nil {
		return err
	}
	return printDestinations(w, []destinationRow{d})
}

func destinationPost(name, summary string) *command {
	return apiCommand(name, "DESTINATION", summary, "  debrief destination "+name+" hook", 1, nil,
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			d, err := api.destination(ctx, args[0])
			if err != nil {
				return err
			}
			return changeDestination(ctx, w, api, http.MethodPost, path("destinations", d.ID, name), nil)
		})
}

func testDestination(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
	d, err := api.destination(ctx, args[0])
	if err != nil {
		return err
	}
	var answer struct {
		OK      bool
		Message string
	}
	if err := api.do(ctx, http.MethodPost, path("destinations", d.ID, "test"), nil, &answer); err != nil {
		return err
	}
	if !answer.OK {
		return fmt.Errorf("%s: %s", d.Name, answer.Message)
	}
	_, err = fmt.Fprintf(w, "%s can be sent to\n", d.Name)
	return err
}

func removeDestination(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
	d, err := api.destination(ctx, args[0])
	if err != nil {
		return err
	}
	if err := api.do(ctx, http.MethodDelete, path("destinations", d.ID), nil, nil); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s is removed\n", d.Name)
	return err
}

func listDeliveryErrors(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
	d, err := api.destination(ctx, args[0])
	if err != nil {
		return err
	}
	var list struct {
		Errors []struct {
			At            time.Time
			EventID       string `json:"event_id"`
			Event, Reason string
			Attempt       int
			GivenUp       bool `json:"given_up"`
		}
	}
	if err := api.do(ctx, http.MethodGet, path("destinations", d.ID, "errors"), nil, &list); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "AT\tEVENT ID\tEVENT\tATTEMPT\tGIVEN UP\tWHY") // Flush tells
	for _, e := range list.Errors {
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%t\t%s\n", e.At.UTC().Format(time.DateTime), e.EventID, e.Event, e.Attempt, e.GivenUp, e.Reason)
	}
	return tw.Flush()
}

func deadLettersCommand() *command {
	var code string
	return apiCommand("dead-letters", "DESTINATION", "show calls that were given up, the newest first", `  debrief destination dead-letters hook --code 400`, 1,
		func(fs *flag.FlagSet) { fs.StringVar(&code, "code", "", "those given up with this `code`") },
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			d, err := api.destination(ctx, args[0])
			if err != nil {
				return err
			}
			var page struct {
				Total int64
				Dead  []struct {
					ID, Type, Event, Code, Reason string
					EventID                       string    `json:"event_id"`
					GivenUpAt                     time.Time `json:"given_up_at"`
				} `json:"dead_letters"`
			}
			target := path("destinations", d.ID, "dead-letters")
			if code != "" {
				target += "?code=" + code
			}
			if err := api.do(ctx, http.MethodGet, target, nil, &page); err != nil {
				return err
			}
			tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(tw, "ID\tGIVEN UP\tEVENT ID\tEVENT\tCODE\tWHY") // Flush tells
			for _, l := range page.Dead {
				_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.GivenUpAt.UTC().Format(time.DateTime), l.EventID, l.Event, l.Code, l.Reason)
			}
			if err := tw.Flush(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%d of %d\n", len(page.Dead), page.Total)
			return err
		})
}

func deadReplayCommand() *command {
	var ids, code string
	var all bool
	return apiCommand("replay", "DESTINATION", "send calls again that were given up", `  debrief destination replay hook --code 400
  debrief destination replay hook --all`, 1,
		func(fs *flag.FlagSet) {
			fs.StringVar(&ids, "ids", "", "these: `ids` of dead-letters, comma separated")
			fs.StringVar(&code, "code", "", "those given up with this `code`")
			fs.BoolVar(&all, "all", false, "all of them")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			body := map[string]any{"code": code, "all": all}
			if ids != "" {
				body = map[string]any{"ids": strings.Split(ids, ",")}
			}
			if ids == "" && code == "" && !all {
				return errUsage("say which calls, or --all")
			}
			d, err := api.destination(ctx, args[0])
			if err != nil {
				return err
			}
			var answer struct{ Replayed int64 }
			if err := api.do(ctx, http.MethodPost, path("destinations", d.ID, "dead-letters", "replay"), body, &answer); err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%d are sent again\n", answer.Replayed)
			return err
		})
}

func backfillCommand() *command {
	var from, until string
	var computed bool
	var wait time.Duration
	return apiCommand("backfill", "DESTINATION", "send the stored calls of a period once more, or what is computed of people", `  debrief destination backfill hook --from 2026-11-01 --until 2026-11-21
  debrief destination backfill hook --computed`, 1,
		func(fs *flag.FlagSet) {
			fs.StringVar(&from, "from", "", "first `day`, UTC")
			fs.StringVar(&until, "until", "", "`day` before which it ends, UTC")
			fs.BoolVar(&computed, "computed", false, "in the place of a period, the values that people have of traits and audiences now")
			fs.DurationVar(&wait, "wait", 0, "how long to wait for the end; 0s does not wait")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			what := map[string]any{"computed": true}
			if !computed {
				since, err := time.Parse(time.DateOnly, from)
				end, errEnd := time.Parse(time.DateOnly, until)
				if err != nil || errEnd != nil {
					return errUsage("--from and --until are days such as 2026-11-21; or say --computed")
				}
				what = map[string]any{"from": since, "until": end}
			} else if from != "" || until != "" {
				return errUsage("--computed has no --from and --until")
			}
			d, err := api.destination(ctx, args[0])
			if err != nil {
				return err
			}
			return backfill(ctx, w, api, d, what, wait)
		})
}

// backfillRow is how far a backfill is.
type backfillRow struct {
	ID, State   string
	Done, Total int64
}

func backfill(ctx context.Context, w io.Writer, api *apiClient, d destinationRow, what map[string]any, wait time.Duration) error {
	var b backfillRow
	if err := api.do(ctx, http.MethodPost, path("destinations", d.ID, "backfill"), what, &b); err != nil {
		return err
	}
	for deadline := time.Now().Add(wait); b.State == "running" && time.Now().Before(deadline); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(replayPoll):
		}
		var list struct{ Backfills []backfillRow }
		if err := api.do(ctx, http.MethodGet, path("destinations", d.ID, "backfill"), nil, &list); err != nil {
			return err
		}
		for _, row := range list.Backfills {
			if row.ID == b.ID {
				b = row
			}
		}
	}
	_, err := fmt.Fprintf(w, "backfill %s %s: %d of %d calls\n", b.ID, b.State, b.Done, b.Total)
	return err
}
