package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

func quarantineCommand() *command {
	return &command{
		name:    "quarantine",
		summary: "show, replay and give up calls that a plan held back",
		help: `A tracking plan may hold calls back. They wait here, whole, until somebody mends the plan and replays
them, or gives them up.`,
		sub: []*command{quarantineListCommand(), quarantineReplayCommand(), quarantineDiscardCommand()},
	}
}

// heldFilter is which calls are meant.
type heldFilter struct {
	ids                         string
	source, event, code, action string
	all                         bool
}

func (f *heldFilter) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.source, "source", "", "calls of this `source`")
	fs.StringVar(&f.event, "event", "", "calls of the event with this `name`")
	fs.StringVar(&f.code, "code", "", "calls with a violation of this `kind`: required_missing, unplanned_event …")
}

func (f *heldFilter) selection(fs *flag.FlagSet) {
	f.flags(fs)
	fs.StringVar(&f.ids, "ids", "", "these calls: `ids` of the list, comma separated")
	fs.StringVar(&f.action, "action", "", "calls with this `action`: block or quarantine")
	fs.BoolVar(&f.all, "all", false, "everything that is held")
}

// body is the selection as the API takes it.
func (f *heldFilter) body() (map[string]any, error) {
	if f.ids != "" {
		return map[string]any{"ids": strings.Split(f.ids, ",")}, nil
	}
	filter := map[string]string{}
	for name, value := range map[string]string{"source": f.source, "event": f.event, "code": f.code, "action": f.action} {
		if value != "" {
			filter[name] = value
		}
	}
	if len(filter) == 0 && !f.all {
		return nil, errUsage("say which calls, or --all")
	}
	return map[string]any{"filter": filter}, nil
}

func quarantineListCommand() *command {
	var f heldFilter
	var status string
	var limit int
	return apiCommand("list", "", "show calls that were held back, the newest first", `  debrief quarantine list --source web-app
  debrief quarantine list --status rejected    calls that the door refused`, 0,
		func(fs *flag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&status, "status", "held", "`status`: held, replaying, replayed, discarded or rejected")
			fs.IntVar(&limit, "limit", 100, "at most this `number`")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
			query := url.Values{"status": {status}, "limit": {strconv.Itoa(limit)}}
			for name, value := range map[string]string{"source": f.source, "event": f.event, "code": f.code} {
				if value != "" {
					query.Set(name, value)
				}
			}
			return listQuarantine(ctx, w, api, query)
		})
}

func listQuarantine(ctx context.Context, w io.Writer, api *apiClient, query url.Values) error {
	var page struct {
		Entries []struct {
			ID, Source, Type, Event, Action string
			EventID                         string    `json:"event_id"`
			ReceivedAt                      time.Time `json:"received_at"`
			Violations                      []struct{ Kind, Field, Description string }
		}
	}
	if err := api.do(ctx, http.MethodGet, "quarantine?"+query.Encode(), nil, &page); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "ID\tRECEIVED\tSOURCE\tEVENT\tACTION\tEVENT ID\tWHY") // Flush tells
	for _, e := range page.Entries {
		var why []string
		for _, v := range e.Violations {
			why = append(why, strings.TrimSpace(v.Field+" "+v.Description))
		}
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.ID, e.ReceivedAt.UTC().Format(time.DateTime), e.Source, e.Event, e.Action, e.EventID, strings.Join(why, "; "))
	}
	return tw.Flush()
}

// replayPoll is how often a replay is looked after.
const replayPoll = 200 * time.Millisecond

func quarantineReplayCommand() *command {
	var f heldFilter
	var wait time.Duration
	return apiCommand("replay", "", "let held calls through again, by the plan that holds now", `  debrief quarantine replay --source web-app --code required_missing
  debrief quarantine replay --all`, 0,
		func(fs *flag.FlagSet) {
			f.selection(fs)
			fs.DurationVar(&wait, "wait", 10*time.Minute, "how long to wait for the end; 0s does not wait")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
			body, err := f.body()
			if err != nil {
				return err
			}
			var job replayJob
			if err := api.do(ctx, http.MethodPost, "quarantine/replay", body, &job); err != nil {
				return err
			}
			for deadline := time.Now().Add(wait); job.State != "done" && time.Now().Before(deadline); {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(replayPoll):
				}
				if err := api.do(ctx, http.MethodGet, path("quarantine/jobs", job.ID), nil, &job); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(w, "replay %s %s: %d selected, %d replayed, %d held again, %d waiting\n",
				job.ID, job.State, job.Total, job.Replayed, job.HeldAgain, job.Waiting)
			return err
		})
}

// replayJob is how far a replay is.
type replayJob struct {
	ID, State                string
	Total, Waiting, Replayed int64
	HeldAgain                int64 `json:"held_again"`
}

func quarantineDiscardCommand() *command {
	var f heldFilter
	return apiCommand("discard", "", "give held calls up; they stay readable for 30 days", `  debrief quarantine discard --ids 17,18
  debrief quarantine discard --event "Debug Event"`, 0, f.selection,
		func(ctx context.Context, w io.Writer, api *apiClient, _ []string) error {
			body, err := f.body()
			if err != nil {
				return err
			}
			var out struct{ Discarded int64 }
			if err := api.do(ctx, http.MethodPost, "quarantine/discard", body, &out); err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%d discarded\n", out.Discarded)
			return err
		})
}
