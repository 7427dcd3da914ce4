package demo

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

var until = time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)

func TestCallsAreTheSameForTheSameSeed(t *testing.T) {
	month := func(seed uint64) []byte {
		var b bytes.Buffer
		for c := range Calls(Config{Seed: seed, Until: until, Conversations: 200}) {
			b.WriteString(c.Source)
			b.Write(c.JSON)
		}
		return b.Bytes()
	}
	if !bytes.Equal(month(7), month(7)) {
		t.Error("two months of one seed differ")
	}
	if bytes.Equal(month(7), month(8)) {
		t.Error("months of two seeds are equal")
	}
}

// call is the part of a call that the tests look at.
type call struct {
	Type, Event, UserID, AnonymousID, MessageID, Timestamp string
	Properties                                             map[string]any
}

func decode(t *testing.T, c Call) call {
	t.Helper()
	var v call
	if err := json.Unmarshal(c.JSON, &v); err != nil {
		t.Fatalf("%s: %v", c.JSON, err)
	}
	return v
}

func TestMonthHasEveryEventOfTheSeeds(t *testing.T) {
	names, types, users, convs, ids := map[string]int{}, map[string]int{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	var last time.Time
	for c := range Calls(Config{Until: until}) {
		v := decode(t, c)
		types[v.Type]++
		names[v.Event]++
		users[v.UserID] = true
		for _, k := range []string{"conversationId", "conversation_id"} {
			if id, ok := v.Properties[k].(string); ok {
				convs[id] = true
			}
		}
		if ids[v.MessageID] {
			t.Fatalf("event id %s twice", v.MessageID)
		}
		ids[v.MessageID] = true
		if c.At.Before(last) || !c.At.Before(until) {
			t.Fatalf("call at %s after one at %s; month ends %s", c.At, last, until)
		}
		last = c.At
	}
	for _, n := range []string{"Conversation Started", "Message Sent", "Message Received", "Conversation Ended", "Action Invoked",
		"Media Generated", "Component Loaded", "Custom Component Loaded", "Feedback Submitted", "Stock Purchased", "Item Purchased",
		"screeb_copilot_user_prompt", "screeb_copilot_response", "screeb_copilot_satisfaction", "screeb_copilot_conversion"} {
		if names[n] == 0 {
			t.Errorf("no %s", n)
		}
	}
	for _, typ := range []string{"identify", "track", "page", "group"} {
		if types[typ] == 0 {
			t.Errorf("no %s call", typ)
		}
	}
	if len(users) < 200 || len(convs) < 2500 {
		t.Errorf("%d users, %d conversations; want hundreds and thousands", len(users), len(convs))
	}
}

// The regression must stand out to somebody who looks at satisfaction by week or by prompt version.
func TestWeekThreeIsWorse(t *testing.T) {
	sum, n := map[string]float64{}, map[string]float64{}
	for c := range Calls(Config{Until: until}) {
		v := decode(t, c)
		r, ok := v.Properties["rating"].(float64)
		if !ok || v.Properties["rating_scale"] == "thumb" {
			continue
		}
		version := v.Properties["prompt_version"].(string)
		sum[version] += r
		n[version]++
	}
	mean := func(v string) float64 { return sum[v] / n[v] }
	if mean("v7") > mean("v6")-0.4 || mean("v7") > mean("v8")-0.4 {
		t.Errorf("mean stars v6 %.2f, v7 %.2f, v8 %.2f: the third week does not stand out", mean("v6"), mean("v7"), mean("v8"))
	}
}
