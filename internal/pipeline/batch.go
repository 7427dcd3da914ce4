package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventlog"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// batch is a stretch of the log on its way to the store.
type batch struct {
	last       eventlog.Position // of its newest record; 0: empty
	records    int64
	bytes      int
	calls      int
	puts       []*event.Event
	rejections []Rejection
	held       []Held
	judged     []judged
	masked     map[countKey]int64 // what redaction masked
	replay     bool               // its calls were received before
	received   []time.Time        // of each record
	stored     bool               // its rows are in the store; only its tally is missing

	chunks [][]event.Event // memory of the rows, used again
}

// chunkRows is how many rows are allocated at a time: a row is large, most batches are small.
const chunkRows = 128

// row returns memory for one more row; it may hold an old one.
func (b *batch) row() *event.Event {
	i := len(b.puts)
	if i/chunkRows == len(b.chunks) {
		b.chunks = append(b.chunks, make([]event.Event, chunkRows))
	}
	return &b.chunks[i/chunkRows][i%chunkRows]
}

// reset empties the batch and gives back memory beyond what it just needed.
func (b *batch) reset() {
	used := (len(b.puts) + chunkRows - 1) / chunkRows
	for i := range b.chunks {
		if i < used {
			clear(b.chunks[i])
		} else {
			b.chunks[i] = nil
		}
	}
	clear(b.puts)
	clear(b.judged)
	*b = batch{judged: b.judged[:0], puts: b.puts[:0], received: b.received[:0], chunks: b.chunks[:min(used, len(b.chunks))]}
}

// put adds a row that row returned, and those that its call made beside it.
func (b *batch) put(e *event.Event, also []*event.Event) {
	b.puts = append(b.puts, e)
	for _, a := range also {
		row := b.row()
		*row = *a
		b.puts = append(b.puts, row)
	}
}

// add maps the calls of a record into the batch.
func (p *Pipeline) add(b *batch, m *vocab.Mapper, rec record) {
	b.last = rec.Position
	b.records++
	b.bytes += len(rec.Data)
	req := rec.request
	if err := rec.err; err != nil {
		p.config.Logger.Error("record of the event log is unreadable", slog.Uint64("position", uint64(rec.Position)), slog.Any("error", err))
		b.received = append(b.received, p.config.Now())
		b.rejections = append(b.rejections, Rejection{
			At: p.config.Now(), Seq: rec.Position, Code: RecordUnreadable, Call: rec.Data,
			Message: "a record of the event log cannot be read; its calls are lost to analytics",
		})
		return
	}
	// A name lives longer than the record: counters and the live feed keep it.
	req.Source = strings.Clone(req.Source)
	if req.Workspace = p.config.Workspace; req.ReceivedAt.IsZero() {
		req.ReceivedAt = p.config.Now()
	}
	b.received = append(b.received, req.ReceivedAt)
	in := vocab.Input{Request: &req, Seq: int64(rec.Position), Source: p.config.Settings(req.Source)}
	enforcer := p.config.Plan(req.Source)
	for i := range req.Calls {
		b.calls++
		in.Raw, in.Index = &req.Calls[i], int64(i)
		b.countMasked(&req, in.Raw)
		if in.Raw.Reject != nil {
			b.reject(in, in.Raw.Reject.Code, in.Raw.Reject.Message)
			continue
		}
		if err := p.check(b, m, enforcer, in); err != nil {
			p.config.Logger.Error("call cannot be mapped", slog.String("source", req.Source), slog.Uint64("position", uint64(rec.Position)),
				slog.Int("index", i), slog.Any("error", err))
			b.reject(in, MappingFailed, "the server could not map this call, which is a fault of the server; the call is kept as received")
		}
	}
}

// countMasked counts what redaction masked in a call. What comes again was counted the first time.
func (b *batch) countMasked(req *event.Request, c *event.Raw) {
	if len(c.Masked) == 0 || req.Replay {
		return
	}
	if b.masked == nil {
		b.masked = map[countKey]int64{}
	}
	for _, m := range c.Masked {
		b.masked[countKey{req.Source, day(req.ReceivedAt), Masked, strings.Clone(m.Rule)}] += int64(m.N)
	}
}

// record is a record of the log with the request that it holds.
type record struct {
	eventlog.Record
	request event.Request
	err     error // it holds none
}

// decode reads a record. It copies what the log lent.
func decode(rec eventlog.Record) record {
	rec.Data = bytes.Clone(rec.Data)
	r := record{Record: rec}
	r.request, r.err = event.DecodeRequest(rec.Data)
	return r
}

func (b *batch) reject(in vocab.Input, code, message string) {
	b.rejections = append(b.rejections, Rejection{
		Source: in.Request.Source, At: in.Request.ReceivedAt, EventID: in.Raw.ID, Type: in.Raw.Type,
		Code: code, Message: message, Call: in.Raw.JSON, Seq: eventlog.Position(in.Seq), Index: int(in.Index),
	})
}

// mapCall maps one call. A panic of a vocabulary becomes an error: one call must not stop all others.
func mapCall(m *vocab.Mapper, in vocab.Input, e *event.Event) (err error) {
	defer func() {
		if r := recover(); r != nil {
			// The value may quote the call, which is never logged; its type and the stack say enough.
			err = fmt.Errorf("vocabulary panics with %T at %s", r, debug.Stack())
		}
	}()
	if err := m.Map(in, e); err != nil {
		return err
	}
	if e.ID == "" || e.OccurredAt.IsZero() {
		return errors.New("row lacks id or time")
	}
	return nil
}
