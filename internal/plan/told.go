package plan

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// Told is a violation with the call that it was found in, to be told to another source.
type Told struct {
	EventID, EventName, EventType string
	Source                        string // of the call
	Plan                          string
	Version                       int
	Violation                     Violation
	At                            time.Time // of the call
	Index                         int       // of the violation in the call, from 0
}

// ViolationEvent is the name of the call that tells of a violation, as Segment has it.
const ViolationEvent = "Violation Generated"

// ViolationCall returns the track call that tells of a violation: Segment's, with our kind beside its
// words. The same violation of the same call has the same id.
func ViolationCall(t Told) event.Raw {
	type properties struct {
		EventMessageID       string `json:"eventMessageID"`
		EventName            string `json:"eventName"`
		EventTimestamp       string `json:"eventTimestamp"`
		EventType            string `json:"eventType"`
		SourceID             string `json:"sourceID"`
		TrackingPlanID       string `json:"trackingPlanID"`
		TrackingPlanVersion  string `json:"trackingPlanVersion"`
		ViolationType        Kind   `json:"violationType"`
		ViolationField       string `json:"violationField"`
		ViolationDescription string `json:"violationDescription"`
	}
	id := fmt.Sprintf("sch-%s-%d", t.EventID, t.Index)
	if len(id) < 16 {
		id += "-violation-of-plan" // longer than the ids that are told apart by more than themselves
	}
	text, err := json.Marshal(map[string]any{
		"type": "track", "event": ViolationEvent, "userId": "schema-violations", "messageId": id,
		"timestamp": t.At.Format(time.RFC3339Nano),
		"properties": properties{
			EventMessageID: t.EventID, EventName: t.EventName, EventType: t.EventType, EventTimestamp: t.At.Format(time.RFC3339Nano),
			SourceID: t.Source, TrackingPlanID: t.Plan, TrackingPlanVersion: strconv.Itoa(t.Version), ViolationType: t.Violation.Kind,
			ViolationField: t.Violation.Field, ViolationDescription: t.Violation.Description,
		},
	})
	if err != nil {
		panic(fmt.Sprintf("BUG: marshal violation: %v", err))
	}
	return event.Raw{ID: id, Type: "track", JSON: text}
}
