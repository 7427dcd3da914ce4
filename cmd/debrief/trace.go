package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// journey is the way of one call as the API tells it.
type journey struct {
	ID             string   `json:"id"`
	EventID        string   `json:"event_id"`
	Status         string   `json:"status"`
	MappingDiffers []string `json:"mapping_differs"`
	Steps          []struct {
		Step, State, At, Rule, Summary string
		Codes                          []string
		Payload                        json.RawMessage
	} `json:"steps"`
}

func traceCommand() *command {
	var payloads, asJSON bool
	return apiCommand("trace", "ID", "tell what became of a call, step by step", `Takes the id that a client sent with a call (messageId) or the event id that it was stored by, and tells the
way of the call: accepted, redacted, mapped, checked, identified, stored, delivered.

  debrief trace 5f0c…e1                what happened, and why
  debrief trace 5f0c…e1 --payloads     with what each step gave
  debrief trace 5f0c…e1 --json         as the API answers`, 1,
		func(fs *flag.FlagSet) {
			fs.BoolVar(&payloads, "payloads", false, "show what each step gave")
			fs.BoolVar(&asJSON, "json", false, "print JSON")
		},
		func(ctx context.Context, w io.Writer, api *apiClient, args []string) error {
			where := path("events", args[0], "journey")
			if asJSON {
				text, err := api.text(ctx, where)
				if err == nil {
					_, err = w.Write(text)
				}
				return err
			}
			var j journey
			if err := api.do(ctx, http.MethodGet, where, nil, &j); err != nil {
				return err
			}
			_, err := io.WriteString(w, j.text(payloads))
			return err
		})
}

// text tells the journey to a person.
func (j *journey) text(payloads bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", j.ID, j.Status)
	if j.EventID != "" && j.EventID != j.ID {
		fmt.Fprintf(&b, "stored as %s\n", j.EventID)
	}
	for _, s := range j.Steps {
		fmt.Fprintf(&b, "%-11s %-8s %s", s.Step, s.State, s.Summary)
		if s.Rule != "" {
			fmt.Fprintf(&b, " [%s]", s.Rule)
		}
		if len(s.Codes) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(s.Codes, ", "))
		}
		if s.At != "" {
			fmt.Fprintf(&b, " at %s", s.At)
		}
		b.WriteByte('\n')
		var pretty bytes.Buffer
		if payloads && len(s.Payload) > 0 && json.Indent(&pretty, s.Payload, "    ", "  ") == nil {
			fmt.Fprintf(&b, "    %s\n", pretty.String())
		}
	}
	if len(j.MappingDiffers) > 0 {
		fmt.Fprintf(&b, "The present mapping would fill these fields in another way: %s\n", strings.Join(j.MappingDiffers, ", "))
	}
	return b.String()
}
