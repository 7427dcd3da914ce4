package journey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// found is one call that an id leads to; one of row, held, rejection and pending is set.
type found struct {
	eventID   string
	source    string
	copies    int64
	row       *event.Event
	held      *metastore.HeldCall
	rejection *metastore.Rejection
	pending   *vocab.Input
}

func (f *found) status() string {
	switch {
	case f.row != nil && f.copies > 1:
		return "duplicate"
	case f.row != nil:
		return "stored"
	case f.held != nil:
		return "quarantined"
	case f.rejection != nil:
		return "rejected"
	}
	return "pending"
}

func (f *found) receivedAt() time.Time {
	switch {
	case f.row != nil:
		return f.row.ReceivedAt
	case f.held != nil:
		return f.held.ReceivedAt
	case f.rejection != nil:
		return f.rejection.At
	}
	return f.pending.Request.ReceivedAt
}

// Receipts returns what became of the calls with these ids.
func (r *Receipts) Receipts(ctx context.Context, source string, ids []string) ([]api.Receipt, error) {
	byID, err := r.find(ctx, source, ids)
	if err != nil {
		return nil, err
	}
	out := make([]api.Receipt, 0, len(ids))
	for _, id := range ids {
		if len(byID[id]) == 0 {
			out = append(out, api.Receipt{ID: id, Status: "unknown"})
		}
		for _, f := range byID[id] {
			codes, err := f.codes()
			if err != nil {
				return nil, err
			}
			out = append(out, api.Receipt{
				ID: id, Status: f.status(), EventID: f.eventID, Source: f.source, Copies: f.copies, At: f.receivedAt(), Violations: codes,
			})
		}
	}
	return out, nil
}

// codes are the violations of a call.
func (f *found) codes() ([]string, error) {
	switch {
	case f.row != nil:
		return f.row.Violations, nil
	case f.held != nil:
		violations, err := violationsOf(f.held)
		if err != nil {
			return nil, err
		}
		var out []string
		for _, v := range violations {
			if !slices.Contains(out, v.Code()) {
				out = append(out, v.Code())
			}
		}
		return out, nil
	case f.rejection != nil:
		return []string{f.rejection.Code}, nil
	}
	return nil, nil
}

// shortID is the length below which a client's id is stored with a hash behind it; see vocab.EventID.
const shortID = 16

// short returns the ids that are stored with a hash behind them.
func short(ids []string) []string {
	var out []string
	for _, id := range ids {
		if utf8.RuneCountInString(id) < shortID {
			out = append(out, id)
		}
	}
	return out
}

// asked returns which of the ids an event id answers: itself, or that of which it was made.
func asked(byID map[string][]found, eventID string) []string {
	var out []string
	if _, ok := byID[eventID]; ok {
		out = append(out, eventID)
	}
	if i := strings.LastIndexByte(eventID, '~'); i > 0 && utf8.RuneCountInString(eventID[:i]) < shortID {
		if _, ok := byID[eventID[:i]]; ok {
			out = append(out, eventID[:i])
		}
	}
	return out
}

// find returns the calls that each id leads to, also where redaction has put a pseudonym into the id.
func (r *Receipts) find(ctx context.Context, source string, ids []string) (map[string][]found, error) {
	all, stored := slices.Clone(ids), map[string]string{}
	for _, id := range ids {
		if as := r.config.StoredAs(source, id); as != id {
			stored[id] = as
			all = append(all, as)
		}
	}
	byID, err := r.findAs(ctx, source, all)
	for id, as := range stored {
		byID[id] = append(byID[id], byID[as]...)
	}
	return byID, err
}

// findAs returns the calls that are stored under each id. The end of the log is read first, so that a call which is
// stored meanwhile is not missed.
func (r *Receipts) findAs(ctx context.Context, source string, ids []string) (map[string][]found, error) {
	byID := make(map[string][]found, len(ids))
	for _, id := range ids {
		byID[id] = nil
	}
	pending, err := r.pending(byID, source)
	if err != nil {
		return nil, err
	}
	if err := r.findStored(ctx, source, ids, byID); err != nil {
		return nil, err
	}
	if err := r.findHeld(ctx, source, ids, byID); err != nil {
		return nil, err
	}
	rejected, err := r.config.Meta.RejectionsOf(ctx, r.config.Workspace, ids)
	if err != nil {
		return nil, err
	}
	for i := range rejected {
		x := &rejected[i]
		if list := byID[x.EventID]; source != "" && x.Source != source {
			continue
		} else if n := len(list); n > 0 && list[n-1].rejection != nil && list[n-1].source == x.Source {
			list[n-1].copies++
			continue
		}
		byID[x.EventID] = append(byID[x.EventID], found{eventID: x.EventID, source: x.Source, copies: 1, rejection: x})
	}
	for i := range pending {
		p := &pending[i]
		for _, id := range asked(byID, p.eventID) {
			same := func(f found) bool { return f.eventID == p.eventID && f.source == p.source }
			if !slices.ContainsFunc(byID[id], same) {
				byID[id] = append(byID[id], *p)
			}
		}
	}
	return byID, nil
}

func (r *Receipts) findStored(ctx context.Context, source string, ids []string, byID map[string][]found) error {
	var rows []*event.Event
	parts := []*query.Filter{query.Is("id", query.Eq, ids...)}
	for _, id := range short(ids) {
		parts = append(parts, query.Is("id", query.Contains, id+"~"))
	}
	for e, err := range r.config.Store.Events(ctx, query.List{Grain: query.Events, Filter: &query.Filter{Or: parts}}) {
		if err != nil {
			return fmt.Errorf("look for events: %w", err)
		}
		if len(asked(byID, e.ID)) > 0 && (source == "" || e.Source == source) {
			rows = append(rows, e)
		}
	}
	eventIDs := make([]string, len(rows))
	for i, e := range rows {
		eventIDs[i] = e.ID
	}
	repeated, err := r.config.Meta.Duplicates(ctx, r.config.Workspace, eventIDs)
	if err != nil {
		return err
	}
	for _, e := range rows {
		f := found{eventID: e.ID, source: e.Source, copies: 1, row: e}
		for _, d := range repeated {
			if d.EventID == e.ID && (source == "" || d.Source == source) {
				f.copies += d.Copies
			}
		}
		for _, id := range asked(byID, e.ID) {
			byID[id] = append(byID[id], f)
		}
	}
	return nil
}

func (r *Receipts) findHeld(ctx context.Context, source string, ids []string, byID map[string][]found) error {
	held, err := r.config.Meta.HeldCallsOf(ctx, r.config.Workspace, ids)
	if err != nil {
		return err
	}
	for _, id := range short(ids) {
		more, err := r.config.Meta.HeldCallsLike(ctx, r.config.Workspace, id+"~")
		if err != nil {
			return err
		}
		held = append(held, more...)
	}
	seen := map[int64]bool{}
	for i := range held {
		h := &held[i]
		if seen[h.ID] || source != "" && h.Source != source {
			continue
		}
		seen[h.ID] = true
		for _, id := range asked(byID, h.EventID) {
			stored := func(f found) bool { return f.row != nil && f.eventID == h.EventID }
			if !slices.ContainsFunc(byID[id], stored) {
				byID[id] = append(byID[id], found{eventID: h.EventID, source: h.Source, copies: h.Copies, held: h})
			}
		}
	}
	return nil
}

// maxPending bounds how much of the log is searched for calls that are not stored yet, in bytes.
const maxPending = 64 << 20

// pending finds calls that are in the log beyond the pipeline's cursor.
func (r *Receipts) pending(byID map[string][]found, source string) ([]found, error) {
	var out []found
	cursor := r.config.Cursor()
	if _, end := r.config.Log.Bounds(); end <= cursor {
		return nil, nil
	}
	mapper := r.config.Mapper()
	reader := r.config.Log.Reader(cursor)
	for size := 0; size < maxPending; {
		rec, ok, err := reader.TryNext()
		if errors.Is(err, eventlog.ErrTrimmed) {
			continue // stored and gone meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("search event log: %w", err)
		}
		if !ok {
			break
		}
		size += len(rec.Data)
		req, err := event.DecodeRequest(slices.Clone(rec.Data))
		if err != nil || source != "" && req.Source != source {
			continue // the pipeline tells of records that cannot be read
		}
		req.Workspace = r.config.Workspace
		for i := range req.Calls {
			in := vocab.Input{Request: &req, Seq: int64(rec.Position), Index: int64(i), Raw: &req.Calls[i], Source: r.config.Settings(req.Source)}
			if id := pendingID(mapper, in, byID); id != "" {
				out = append(out, found{eventID: id, source: req.Source, copies: 1, pending: &in})
			}
		}
	}
	return out, nil
}

// pendingID returns the event id that a call will have, if it is one that was asked for.
func pendingID(m *vocab.Mapper, in vocab.Input, byID map[string][]found) string {
	if utf8.RuneCountInString(in.Raw.ID) >= shortID || in.Raw.Reject != nil {
		if _, ok := byID[in.Raw.ID]; ok {
			return in.Raw.ID
		}
		return ""
	}
	var e event.Event
	if err := m.Map(in, &e); err != nil || len(asked(byID, e.ID)) == 0 {
		return ""
	}
	return e.ID
}

// Stored returns those of the event ids that are in the event store.
func (r *Receipts) Stored(ctx context.Context, eventIDs []string) (map[string]bool, error) {
	out := make(map[string]bool, len(eventIDs))
	for e, err := range r.config.Store.Events(ctx, query.List{Grain: query.Events, Filter: query.Is("id", query.Eq, eventIDs...)}) {
		if err != nil {
			return nil, err
		}
		out[e.ID] = true
	}
	return out, nil
}
