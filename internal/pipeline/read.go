package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// reading is the reading half of a running pipeline.
type reading struct {
	*Pipeline
	mapper *vocab.Mapper
	reader eventlog.Reader
	stored eventlog.Position // rows up to here are in the store
	out    chan<- *batch
	batch  *batch
	handed time.Time // when the last batch was handed over
}

// read maps the records after a position into batches and hands them over, until ctx ends.
func (p *Pipeline) read(ctx context.Context, from, stored eventlog.Position, out chan<- *batch) error {
	r := &reading{
		Pipeline: p, mapper: vocab.NewMapper(p.config.BodyHash, p.config.Vocabularies...),
		reader: p.config.Log.Reader(from), stored: stored, out: out, batch: p.freeBatch(),
	}
	for {
		rec, due, err := r.next(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, eventlog.ErrTrimmed):
			p.meters.trimmed.Inc()
			p.config.Logger.Error("event log was trimmed before it was stored", slog.Uint64("from", uint64(from)))
			continue
		case errors.Is(err, eventlog.ErrClosed):
			return fmt.Errorf("read event log: %w", err)
		case err != nil:
			if err := r.pause(ctx, err); err != nil {
				return err
			}
			continue
		}
		p.recover("read event log")
		if !due {
			rec := decode(rec)
			if r.batch.last != 0 && (r.batch.stored != (rec.Position <= stored) || r.batch.replay != rec.request.Replay) {
				r.handOver(ctx)
			}
			r.take(rec)
		}
		if due || r.batch.calls >= p.config.MaxEvents || r.batch.bytes >= p.config.MaxBytes {
			r.handOver(ctx)
		}
	}
}

// next returns the next record, or due when the batch should go without waiting for one.
func (r *reading) next(ctx context.Context) (rec eventlog.Record, due bool, err error) {
	rec, ok, err := r.reader.TryNext()
	if ok || err != nil {
		return rec, false, err
	}
	if r.batch.last == 0 {
		rec, err = r.reader.Next(ctx)
		return rec, false, err
	}
	left := r.config.Interval - r.config.Now().Sub(r.handed)
	if left <= 0 {
		return rec, true, nil
	}
	wait, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	rec, err = r.reader.Next(wait)
	if wait.Err() != nil && errors.Is(err, wait.Err()) && ctx.Err() == nil {
		return rec, true, nil
	}
	return rec, false, err
}

// pause waits after an error of the log that may pass.
func (r *reading) pause(ctx context.Context, err error) error {
	r.fail("read event log", err)
	r.meters.retries.Inc()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(r.config.MaxBackoff):
		return nil
	}
}

// take maps a record into the batch.
func (r *reading) take(rec record) {
	first := r.batch.last == 0
	r.batch.stored, r.batch.replay = rec.Position <= r.stored, rec.request.Replay
	r.add(r.batch, r.mapper, rec)
	r.mu.Lock()
	defer r.mu.Unlock()
	if first {
		r.waiting = append(r.waiting, waiting{oldest: r.batch.received[0]})
	}
	r.waiting[len(r.waiting)-1].records++
}

// handOver gives the batch to the writing half and begins another.
func (r *reading) handOver(ctx context.Context) {
	select {
	case r.out <- r.batch:
		r.handed = r.config.Now()
		r.batch = r.freeBatch()
	case <-ctx.Done():
	}
}

func (p *Pipeline) freeBatch() *batch {
	select {
	case b := <-p.batches:
		return b
	default:
		return new(batch)
	}
}
