package mixpanel

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Routes of the ingestion API.
const (
	routeImport = "/import" // events
	routeTrack  = "/track"  // events that join ids
	routeEngage = "/engage" // updates of people
	routeGroups = "/groups" // updates of groups
)

// request is records that go to a route together.
type request struct {
	route   string
	records []json.RawMessage
	of      []int // the message that each record is of
}

// plan lays records out as few requests, one after the other, in which everybody's records keep their order.
type plan struct {
	requests []*request
	open     map[string]int     // by route, the last request to it
	latest   map[string]int     // by id, the last request with a record of a call that names it
	joined   map[[2]string]bool // user and anonymous ids that a record joins
}

func newPlan() *plan {
	return &plan{open: map[string]int{}, latest: map[string]int{}, joined: map[[2]string]bool{}}
}

// add puts a record of the i-th message into the last request to its route, or into a new one if that is full, or
// if a later request has a record that this one is to come behind.
func (p *plan) add(i int, c *destination.Call, route string, record json.RawMessage) {
	ids := slices.DeleteFunc([]string{c.UserID, c.AnonymousID, c.PreviousID}, func(id string) bool { return id == "" })
	at, ok := p.open[route]
	if !ok || len(p.requests[at].records) == maxRecords || slices.ContainsFunc(ids, func(id string) bool { return p.latest[id] > at }) {
		at = len(p.requests)
		p.requests = append(p.requests, &request{route: route})
		p.open[route] = at
	}
	r := p.requests[at]
	r.records, r.of = append(r.records, record), append(r.of, i)
	for _, id := range ids {
		p.latest[id] = at
	}
}

// batch is one Send under way.
type batch struct {
	*sender
	ctx     context.Context
	results []destination.Result // of the messages
}

// send sends a request, and returns what became of its last record: again if anything of it is to be sent again.
// What is too large goes in halves, the second one only behind the first. Records of messages that are refused
// already are left out.
func (b *batch) send(r *request) destination.Result {
	if r = b.left(r); len(r.of) == 0 {
		return destination.Result{}
	}
	answer, result := b.post(b.ctx, r.route, r.records)
	switch half := len(r.of) / 2; {
	case answer.Status == http.StatusRequestEntityTooLarge && half > 0:
		second := &request{r.route, r.records[half:], r.of[half:]}
		if held := b.send(&request{r.route, r.records[:half], r.of[:half]}); held.Again() {
			b.settle(second, held)
			return held
		}
		return b.send(second)
	case b.named(r, &answer):
		if r.route == routeImport {
			return destination.Result{} // it has stored the others
		}
		return b.send(r) // whether it has is not documented; they may come again
	case r.route != routeImport && result.Err == nil:
		result = judge(&answer)
	}
	b.settle(r, result)
	return result
}

// left is a request without the records of messages that have failed.
func (b *batch) left(r *request) *request {
	left := &request{route: r.route}
	for k, i := range r.of {
		if b.results[i].Err == nil {
			left.records, left.of = append(left.records, r.records[k]), append(left.of, i)
		}
	}
	return left
}

// settle notes what became of a request's messages, but of those that have failed before.
func (b *batch) settle(r *request, result destination.Result) {
	for _, i := range r.of {
		if b.results[i].Err == nil {
			b.results[i] = result
		}
	}
}

// named notes which records an answer says have failed, and reports whether there are any.
func (b *batch) named(r *request, a *destination.Answer) bool {
	var body struct {
		Failed []struct {
			Index          int
			Field, Message string
		} `json:"failed_records"`
	}
	if a.Status != http.StatusOK && a.Status != http.StatusBadRequest || json.Unmarshal(a.Body, &body) != nil {
		return false
	}
	found := false
	for _, f := range body.Failed {
		if f.Index >= 0 && f.Index < len(r.of) {
			found = true
			b.results[r.of[f.Index]].Err = &destination.Discarded{Code: "invalid_event", Reason: destination.Shorten(f.Field + ": " + f.Message)}
		}
	}
	return found
}

// judge reads what routes answer with 200 also when all of the records are invalid: 0, or a status of 0.
func judge(a *destination.Answer) destination.Result {
	var said struct {
		Status any
		Error  string
	}
	if err := json.Unmarshal(a.Body, &said); err == nil && said.Status == 0.0 || bytes.Equal(bytes.TrimSpace(a.Body), []byte("0")) {
		return destination.Result{Err: &destination.Discarded{Code: "refused", Reason: destination.Shorten(said.Error)}}
	}
	return destination.Result{}
}
