package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/pipeline"
	"github.com/debrief-dev/debrief/internal/plan"
	"github.com/debrief-dev/debrief/internal/replay"
)

// holder keeps in the metadata store what plans hold back.
type holder struct{ store *metastore.Store }

var _ pipeline.Quarantine = holder{}

// Hold keeps calls durably.
func (h holder) Hold(ctx context.Context, workspace string, held []pipeline.Held) error {
	calls := make([]metastore.HeldCall, len(held))
	for i := range held {
		var err error
		if calls[i], err = heldCall(workspace, &held[i]); err != nil {
			return err
		}
	}
	return h.store.Hold(ctx, workspace, calls)
}

func heldCall(workspace string, h *pipeline.Held) (metastore.HeldCall, error) {
	violations, err := json.Marshal(h.Verdict.Violations)
	if err != nil {
		return metastore.HeldCall{}, fmt.Errorf("encode violations of %s: %w", h.EventID, err)
	}
	if h.Verdict.Violations == nil {
		violations = []byte("[]")
	}
	request := h.Request
	request.Replay = false
	out := metastore.HeldCall{
		Source: h.Request.Source, EventID: h.EventID, ReceivedAt: h.Request.ReceivedAt, Type: h.Request.Calls[0].Type, Event: h.Event,
		Action: string(h.Verdict.Action), Plan: h.Plan, Version: h.Version, Violations: violations,
		Request: event.AppendRequest(nil, &request), Seq: int64(h.Seq), Place: int64(h.Index), Replay: h.Request.Replay,
	}
	if len(h.Verdict.Violations) > 0 {
		out.Code = string(h.Verdict.Violations[0].Kind)
	}
	for _, v := range h.Verdict.Violations {
		key := violationKey(h.Request.Source, h.Plan, h.Version, v)
		out.Counts = append(out.Counts, metastore.ViolationCount{
			ViolationKey: key, Day: out.ReceivedAt, N: 1, First: out.ReceivedAt, Last: out.ReceivedAt, Examples: []string{h.EventID},
		})
	}
	return out, nil
}

func violationKey(source, planName string, version int, v plan.Violation) metastore.ViolationKey {
	return metastore.ViolationKey{
		Source: source, Plan: planName, Version: version, Kind: string(v.Kind), Event: v.Event, Field: v.Field, Description: v.Description,
	}
}

// quarantine is that of one workspace, in the words of the API.
type quarantine struct {
	store     *metastore.Store
	workspace string
	replayer  *replay.Replayer
}

var _ api.Quarantine = quarantine{}

// maxGroups bounds a summary.
const maxGroups = 1000

// statusesOf are the states that the API's word stands for.
func statusesOf(status string) []metastore.Status {
	if status == api.StatusReplaying {
		return []metastore.Status{metastore.StatusQueued, metastore.StatusReplaying}
	}
	return []metastore.Status{metastore.Status(status)}
}

// Quarantined returns a page of held calls, or of those that the door refused.
func (q quarantine) Quarantined(ctx context.Context, in api.QuarantineQuestion) ([]api.QuarantineEntry, string, error) {
	before := int64(0)
	if in.After != "" {
		n, err := strconv.ParseInt(in.After, 10, 64)
		if err != nil || n < 1 {
			return nil, "", fmt.Errorf("%w: after %q is no page", api.ErrInvalid, in.After)
		}
		before = n
	}
	if in.Status == api.StatusRejected {
		return q.rejected(ctx, in, before)
	}
	f := metastore.HeldFilter{Source: in.Source, Event: in.Event, Code: in.Code, Statuses: statusesOf(in.Status)}
	all, err := q.store.HeldCalls(ctx, q.workspace, f, before, in.Limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(all) > in.Limit {
		all = all[:in.Limit]
		next = strconv.FormatInt(all[in.Limit-1].ID, 10)
	}
	out := make([]api.QuarantineEntry, len(all))
	for i := range all {
		if out[i], err = entryOf(&all[i]); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

func entryOf(h *metastore.HeldCall) (api.QuarantineEntry, error) {
	out := api.QuarantineEntry{
		ID: strconv.FormatInt(h.ID, 10), Source: h.Source, ReceivedAt: h.ReceivedAt, EventID: h.EventID, Type: h.Type, Event: h.Event,
		Action: h.Action, Plan: h.Plan, Version: h.Version, Status: string(h.Status),
		HeldAt: h.HeldAt, ReplayedAt: h.ReplayedAt, DiscardedAt: h.DiscardedAt,
	}
	if h.Status == metastore.StatusQueued {
		out.Status = api.StatusReplaying
	}
	if err := json.Unmarshal(h.Violations, &out.Violations); err != nil {
		return out, fmt.Errorf("read violations of call %d: %w", h.ID, err)
	}
	req, err := event.DecodeRequest(h.Request)
	if err == nil && len(req.Calls) != 1 {
		err = errors.New("it has not one call")
	}
	if err != nil {
		return out, fmt.Errorf("read call %d of quarantine: %w", h.ID, err)
	}
	out.Call = string(req.Calls[0].JSON)
	return out, nil
}

// rejected returns a page of the calls that the door refused.
func (q quarantine) rejected(ctx context.Context, in api.QuarantineQuestion, before int64) ([]api.QuarantineEntry, string, error) {
	out := []api.QuarantineEntry{}
	for len(out) <= in.Limit {
		page, err := q.store.Rejections(ctx, q.workspace, in.Source, before, 1000)
		if err != nil {
			return nil, "", err
		}
		for i := range page {
			r := &page[i]
			if name := eventName(r.Call, r.Type); (in.Code == "" || in.Code == r.Code) && (in.Event == "" || in.Event == name) {
				out = append(out, rejectedEntry(r, name))
			}
		}
		if len(page) < 1000 {
			break
		}
		before = page[len(page)-1].ID
	}
	if len(out) <= in.Limit {
		return out, "", nil
	}
	out = out[:in.Limit]
	return out, out[in.Limit-1].ID, nil
}

func rejectedEntry(r *metastore.Rejection, name string) api.QuarantineEntry {
	return api.QuarantineEntry{
		ID: strconv.FormatInt(r.ID, 10), Source: r.Source, ReceivedAt: r.At, EventID: r.EventID, Type: r.Type, Event: name,
		Action: "reject", Status: api.StatusRejected, Call: string(r.Call),
		Violations: []plan.Violation{{Kind: plan.Kind(r.Code), Event: name, Description: r.Message}},
	}
}

// eventName returns the event's name of a call, else its type.
func eventName(call []byte, typ string) string {
	var c struct{ Event any }
	if name := ""; json.Unmarshal(call, &c) == nil {
		if name, _ = c.Event.(string); name != "" {
			return name
		}
	}
	return typ
}

// QuarantineGroups returns what is held back, in groups.
func (q quarantine) QuarantineGroups(ctx context.Context, source, status string) ([]api.QuarantineGroup, int64, error) {
	all, total, err := q.store.HeldGroups(ctx, q.workspace, metastore.HeldFilter{Source: source, Statuses: statusesOf(status)}, maxGroups)
	out := make([]api.QuarantineGroup, len(all))
	for i, g := range all {
		out[i] = api.QuarantineGroup{
			Source: g.Source, Event: g.Event, Type: g.Type, Action: g.Action, Code: g.Code, Plan: g.Plan, Count: g.N, FirstAt: g.First, LastAt: g.Last,
		}
	}
	return out, total, err
}

func filterOf(s api.QuarantineSelection) metastore.HeldFilter {
	if s.Filter == nil {
		return metastore.HeldFilter{IDs: s.IDs}
	}
	return metastore.HeldFilter{Source: s.Filter.Source, Event: s.Filter.Event, Code: s.Filter.Code, Plan: s.Filter.Plan, Action: s.Filter.Action}
}

// Replay selects held calls and lets them through again.
func (q quarantine) Replay(ctx context.Context, s api.QuarantineSelection) (api.ReplayJob, error) {
	j, err := q.store.QueueReplay(ctx, q.workspace, by(ctx), filterOf(s))
	if err == nil {
		q.replayer.Kick()
	}
	return jobOf(j), err
}

// ReplayJob returns how far a replay is.
func (q quarantine) ReplayJob(ctx context.Context, id string) (api.ReplayJob, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return api.ReplayJob{}, fmt.Errorf("replay %q: %w", id, api.ErrNotFound)
	}
	j, err := q.store.ReplayJob(ctx, q.workspace, n)
	return jobOf(j), translated(err)
}

func jobOf(j metastore.ReplayJob) api.ReplayJob {
	out := api.ReplayJob{
		ID: strconv.FormatInt(j.ID, 10), State: "running", Total: j.Total, Waiting: j.Waiting, Replayed: j.Replayed,
		HeldAgain: j.Total - j.Waiting - j.Replayed, CreatedAt: j.CreatedAt, CreatedBy: j.CreatedBy, FinishedAt: j.FinishedAt,
	}
	if !j.FinishedAt.IsZero() {
		out.State = "done"
	}
	return out
}

// Discard gives held calls up.
func (q quarantine) Discard(ctx context.Context, s api.QuarantineSelection) (int64, error) {
	return q.store.Discard(ctx, q.workspace, filterOf(s))
}
