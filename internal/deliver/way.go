package deliver

import (
	"context"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// Way is how a stored call stands with one destination.
type Way struct {
	Destination string `json:"destination"` // its id
	Name        string `json:"name"`
	State       string `json:"state"`
	// Attempts, Code and Reason are of a call that failed; nothing of its content is in them.
	Attempts int    `json:"attempts,omitempty"`
	Code     string `json:"code,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// States of a way.
const (
	WayHanded   = "handed on" // delivered, or dropped by a function
	WayWaits    = "waits"     // its turn has not come, or it is tried again
	WayPaused   = "paused"    // it waits until the destination is enabled
	WayGaveUp   = "gave up"   // it is among the dead letters
	WayFiltered = "filtered"  // the destination takes no such calls, as it is set up now
	WayBefore   = "before"    // it came before the destination was made: a backfill sends it
)

// Ways returns how a row that was stored with its raw call stands with each destination, in the order of their making.
// Progress is as it was a second ago. Rows that were derived of others go nowhere, and have none.
func (d *Deliver) Ways(ctx context.Context, row *event.Event) ([]Way, error) {
	call, err := d.acceptor().stored(row)
	if call == nil || err != nil {
		return nil, err
	}
	all, err := d.config.Meta.Destinations(ctx, d.config.Workspace)
	if err != nil {
		return nil, err
	}
	var out []Way
	for i := range all {
		w, err := d.way(ctx, &all[i], call)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func (d *Deliver) way(ctx context.Context, one *metastore.Destination, call *accepted) (Way, error) {
	w := Way{Destination: one.ID, Name: one.Name}
	log := ""
	for i := range d.config.Logs {
		if d.config.Logs[i].Stored {
			log = d.config.Logs[i].Name
		}
	}
	row := call.row
	parked, err := d.config.Meta.ParkedAt(ctx, one.ID, log, metastore.CallPlace{Position: uint64(row.RequestSeq), Place: int(row.BatchIndex)})
	if err != nil {
		return w, err
	}
	if len(parked) > 0 {
		last := parked[len(parked)-1]
		w.Attempts, w.Code, w.Reason = last.Attempts, last.Code, last.Reason
		if w.State = WayWaits; last.Dead {
			w.State = WayGaveUp
		}
		return w, nil
	}
	rules, err := rulesOf(one)
	if err != nil {
		return w, err
	}
	cursors, err := d.config.Meta.DestinationCursors(ctx, one.ID)
	if err != nil {
		return w, err
	}
	switch {
	case !d.takes(one, rules.Filter, call):
		w.State = WayFiltered
	case row.ReceivedAt.Before(one.CreatedAt):
		w.State = WayBefore
	case cursors[log] >= uint64(row.RequestSeq):
		w.State = WayHanded
	case !one.Enabled:
		w.State = WayPaused
	default:
		w.State = WayWaits
	}
	return w, nil
}

// takes reports whether a destination takes a call, as it is set up now.
func (d *Deliver) takes(one *metastore.Destination, f Filter, call *accepted) bool {
	kind, ok := d.kinds[one.Kind]
	if !ok {
		return false
	}
	spec := kind.Spec()
	return newSelector(&spec, one.ID, one.Name, f).takes(call)
}
