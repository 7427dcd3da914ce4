package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// trim trims the logs that nobody else trims.
func (d *Deliver) trim(ctx context.Context) {
	for i := range d.config.Logs {
		l := &d.config.Logs[i]
		if l.Stored {
			continue
		}
		if err := d.trimOne(ctx, l); err != nil && ctx.Err() == nil {
			d.config.Logger.Error("log cannot be trimmed", slog.String("log", l.Name), slog.Any("error", err))
		}
	}
}

// trimOne trims a log up to the slowest destination, which passes what the log has no room for.
func (d *Deliver) trimOne(ctx context.Context, l *Log) error {
	_, end := l.Log.Bounds()
	if err := l.Log.Trim(d.keep(l, end)); err != nil {
		return err
	}
	to, err := d.over(l)
	if err != nil || to == 0 {
		return err
	}
	all, err := d.config.Meta.Destinations(ctx, d.config.Workspace)
	if err != nil {
		return err
	}
	for _, one := range all {
		if d.keeper.at(l.Name, one.ID) < to {
			err = errors.Join(err, d.pass(ctx, l, one.ID, to))
		}
	}
	return errors.Join(err, l.Log.Trim(d.keep(l, to)))
}

// over returns up to where a log is to be cut to be a sixteenth smaller than it may become; 0 while it is not too large.
func (d *Deliver) over(l *Log) (to eventlog.Position, err error) {
	size, err := l.Log.Size()
	if err != nil || size <= d.config.KeepSize {
		return 0, err
	}
	over := size - (d.config.KeepSize - d.config.KeepSize/16)
	before, _ := l.Log.Bounds()
	for reader := l.Log.Reader(before); over > 0; {
		rec, ok, err := reader.TryNext()
		if err != nil || !ok {
			return to, err
		}
		over -= int64(len(rec.Data))
		to = rec.Position
	}
	return to, nil
}

// codeLogFull is why calls are lost: their log had reached its size.
const codeLogFull = "log_full"

// pass has a destination pass all of a log up to a position. What it would have got of that is counted as lost, in one
// with its cursor. Its courier rests meanwhile, so that what it delivered is not counted.
func (d *Deliver) pass(ctx context.Context, l *Log, id string, to eventlog.Position) (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.halt(id)
	defer func() { err = errors.Join(err, d.begin(ctx, id)) }()
	one, err := d.config.Meta.Destination(ctx, d.config.Workspace, id)
	if errors.Is(err, metastore.ErrNotFound) {
		return nil
	}
	from := d.keeper.at(l.Name, id)
	if err != nil || from >= to {
		return err
	}
	n, err := d.missed(ctx, l, &one, from, to)
	if err != nil {
		return fmt.Errorf("count what destination %s loses: %w", id, err)
	}
	passed := metastore.Delivery{Destination: id, Cursors: map[string]uint64{l.Name: uint64(to)}}
	if n > 0 {
		passed.Counts = []metastore.DeliveryCount{{Hour: d.config.Now().UTC().Truncate(time.Hour), Step: stepLost, Code: codeLogFull, N: n}}
	}
	if err := d.config.Meta.AddDelivery(ctx, &passed); err != nil {
		return err
	}
	d.config.Metrics.GetOrCreateCounter(fmt.Sprintf("debrief_deliveries_total{destination=%q,step=%q}", id, stepLost)).Add(int(n))
	d.keeper.moved(id, l.Name, to)
	d.config.Logger.Error("destination lost calls: the log has reached its size", slog.String("destination", id), slog.String("log", l.Name),
		slog.Int64("calls", n))
	return nil
}

// missed counts the calls after one position of a log up to another that a destination takes and that are not parked. Of
// one whose rules cannot be read it counts all.
func (d *Deliver) missed(ctx context.Context, l *Log, one *metastore.Destination, from, to eventlog.Position) (n int64, err error) {
	takes := func(*accepted) bool { return true }
	var rules Rules
	if kind := d.kinds[one.Kind]; kind != nil && json.Unmarshal([]byte(one.Rules), &rules) == nil {
		spec := kind.Spec()
		takes = newSelector(&spec, one.ID, one.Name, rules.Filter).takes
	}
	parked, err := d.config.Meta.ParkedPlaces(ctx, one.ID, l.Name, uint64(from))
	if err != nil {
		return 0, err
	}
	acceptor := d.acceptor()
	for reader := l.Log.Reader(from); ; {
		rec, ok, err := reader.TryNext()
		switch {
		case errors.Is(err, eventlog.ErrTrimmed): // before there was somebody to count
			continue
		case err != nil || !ok || rec.Position > to:
			return n, err
		}
		request, err := event.DecodeRequest(bytes.Clone(rec.Data))
		if err != nil {
			continue // no destination gets it
		}
		for _, call := range acceptor.calls(&request, uint64(rec.Position)) {
			if !parked[metastore.CallPlace{Position: uint64(rec.Position), Place: call.place}] && takes(call) {
				n++
			}
		}
	}
}
