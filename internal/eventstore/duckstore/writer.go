package duckstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// writer is the one writer of the hot file, with what it remembers of the store so that it rarely has
// to ask it.
type writer struct {
	s *Store

	mu            sync.Mutex // one write at a time
	db            *native
	raw           *rawDir
	events        *appender
	conversations *appender
	bones         boneMaker
	context       event.Event       // has nothing but the place of a conversation
	entries       [][2]*event.Event // forms and places of the puts, as they are remembered
	rare          []byte
	folding       *folding // nil if no month is being folded

	forms, places *dictionary
	ids           *seen // of rows
	chats         *seen // ids of conversations that have a roll-up
	marks         *seen // ids that were retracted
	identities    *identities
	skeletons     *skeletons
}

const (
	rememberIDs   = 24 << 20 // at 4 bytes each
	rememberChats = 16 << 20
	rememberMarks = 1 << 30
	rememberBytes = 64 << 20 // of skeletons
)

func (w *writer) open(ctx context.Context, s *Store, path string, settings map[string]string) error {
	*w = writer{
		s:          s,
		forms:      newDictionary("forms", "form", s.shape.form, true),
		places:     newDictionary("places", "place", s.shape.place, false),
		ids:        newSeen(rememberIDs),
		chats:      newSeen(rememberChats),
		marks:      newSeen(rememberMarks),
		identities: newIdentities(),
		skeletons:  newSkeletons(rememberBytes),
	}
	var err error
	if w.db, err = openNative(s.instances, path, settings); err != nil {
		return err
	}
	if w.raw, err = openRawDir(s.cfg.Dir + "/raw"); err != nil {
		return err
	}
	if w.events, err = w.db.newAppender("events", arenaSize); err != nil {
		return err
	}
	if w.conversations, err = w.db.newAppender("conversations", smallArena); err != nil {
		return err
	}
	if err := errors.Join(w.forms.open(ctx, s.own), w.places.open(ctx, s.own)); err != nil {
		return err
	}
	return w.db.query(func(c chunk) {
		id := c.column(0)
		for i := range c.rows() {
			w.marks.add(id.text(i), ever())
		}
	}, "SELECT id FROM retracted")
}

func (w *writer) close() error {
	for _, a := range []*appender{w.events, w.conversations} {
		if a != nil {
			a.close()
		}
	}
	if w.db != nil {
		w.db.close()
	}
	if w.raw != nil {
		return w.raw.close()
	}
	return nil
}

// Cursor implements [eventstore.Writer].
func (s *Store) Cursor(ctx context.Context) (uint64, error) {
	v, err := s.ownView(ctx)
	if err != nil {
		return 0, fmt.Errorf("read cursor: %w", err)
	}
	defer v.close()
	var cursor uint64
	if err := v.tx.QueryRowContext(ctx, "SELECT writer_cursor FROM store").Scan(&cursor); err != nil {
		return 0, fmt.Errorf("read cursor: %w", err)
	}
	return cursor, nil
}

// Write implements [eventstore.Writer].
func (s *Store) Write(ctx context.Context, b *eventstore.Batch) (eventstore.Written, error) {
	var none eventstore.Written
	if err := s.enter(); err != nil {
		return none, err
	}
	defer s.leave()
	if err := b.Validate(); err != nil {
		return none, fmt.Errorf("write batch: %w: %w", eventstore.ErrInvalid, err)
	}
	w := &s.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return none, err
	}
	p, err := w.plan(ctx, b)
	if err != nil {
		return none, fmt.Errorf("write batch: %w", err)
	}
	if !p.changesRows() && !besides(b) && b.Cursor == 0 {
		return p.written, nil
	}
	if err := w.apply(ctx, b, p); err != nil {
		return none, fmt.Errorf("write batch: %w", err)
	}
	return p.written, nil
}

// apply writes what the plan says, in one transaction.
func (w *writer) apply(ctx context.Context, b *eventstore.Batch, p *plan) error {
	p.puts = slices.DeleteFunc(p.puts, func(e *event.Event) bool { return e == nil })
	next := w.s.manifest
	for _, r := range p.remove {
		if r.file != nil && !next.find(r.file.month).dead {
			f := *next.find(r.file.month)
			f.dead = true
			next = next.with(&f)
		}
	}
	if !next.decided && decides(b) {
		next = next.clone()
		next.decided = true
	}
	if err := w.db.exec("BEGIN TRANSACTION"); err != nil {
		return err
	}
	rolled, err := w.inTransaction(ctx, b, p, next)
	if err == nil {
		err = w.commit(next)
	} else if err := w.db.exec("ROLLBACK"); err != nil {
		w.s.fail(err)
	}
	if err != nil {
		w.rolledBack()
		return err
	}
	w.committed(p, rolled)
	return nil
}

// commit commits, and puts the manifest in force that goes with it.
func (w *writer) commit(next *manifest) error {
	s := w.s
	if next == s.manifest {
		return w.db.exec("COMMIT")
	}
	s.swap.Lock()
	old := s.manifest
	err := w.db.exec("COMMIT")
	if err == nil {
		next.hold()
		s.manifest = next
	}
	s.swap.Unlock()
	if err == nil {
		s.release(old)
	}
	return err
}

func (w *writer) inTransaction(ctx context.Context, b *eventstore.Batch, p *plan, next *manifest) (*rolling, error) {
	if err := w.remove(p.remove); err != nil {
		return nil, fmt.Errorf("remove rows: %w", err)
	}
	if err := w.append(p.puts, p.kept); err != nil {
		return nil, fmt.Errorf("append rows: %w", err)
	}
	if err := w.recount(p.remove, p.puts, next); err != nil {
		return nil, fmt.Errorf("update identities: %w", err)
	}
	rolled, err := w.roll(ctx, p, next)
	if err != nil {
		return nil, fmt.Errorf("roll conversations up: %w", err)
	}
	if err := w.mark(p.retracted); err != nil {
		return nil, fmt.Errorf("note retracts: %w", err)
	}
	if err := w.writeBeside(b); err != nil {
		return nil, fmt.Errorf("write what is known beside rows: %w", err)
	}
	if b.Cursor != 0 {
		if err := w.db.exec(fmt.Sprintf("UPDATE store SET writer_cursor = %d", b.Cursor)); err != nil {
			return nil, err
		}
	}
	return rolled, ctx.Err()
}

// committed brings what the writer remembers in line with what was written.
func (w *writer) committed(p *plan, r *rolling) {
	w.forms.committed()
	w.places.committed()
	w.identities.committed()
	w.note(p.remove)
	for _, e := range p.puts {
		w.ids.add(e.ID, e.ReceivedAt)
	}
	for id := range p.retracted {
		w.marks.add(id, ever())
	}
	r.committed(w)
}

// rolledBack forgets what a write that came to nothing left behind.
func (w *writer) rolledBack() {
	w.events.forget()
	w.conversations.forget()
	w.forms.rolledBack()
	w.places.rolledBack()
	w.identities.rolledBack()
	w.skeletons.clear()
	if err := w.raw.forget(); err != nil {
		w.s.fail(err)
	}
}
