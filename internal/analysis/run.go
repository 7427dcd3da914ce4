package analysis

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// maxMarks bounds what is analysed in one go.
	maxMarks = 1000
	// step is how long what is due waits for more to be done with it: asking the store has a price of its own.
	step = time.Second
	// longestWait is when it is looked again, whatever is due.
	longestWait = time.Minute
)

// Run analyses what is due, and history when nothing is, until ctx ends, and returns nil then.
func (a *Analysis) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
		case <-timer.C:
		}
		wait := a.turn(ctx)
		pause := min(wait, step) // whatever wakes it meanwhile
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		timer.Reset(wait - pause)
	}
}

// turn does what is to be done and returns when to look again.
func (a *Analysis) turn(ctx context.Context) time.Duration {
	_, err := a.Analyse(ctx)
	var rest time.Duration
	var more bool
	if err == nil {
		began := time.Now()
		more, err = a.History(ctx)
		rest = time.Duration(float64(time.Since(began)) * a.config.Rest)
	}
	if err == nil {
		err = a.learnDaily(ctx)
	}
	if ctx.Err() != nil {
		return 0
	}
	a.fail(err)
	if err != nil {
		return a.config.Retry
	}
	if more {
		return rest
	}
	_, next, err := a.config.Marks.WaitingConversations(ctx)
	switch {
	case err != nil, next.IsZero():
		return longestWait
	default:
		return min(longestWait, max(next.Sub(a.config.Now()), step))
	}
}

// Analyse analyses the conversations that are due, and returns how many.
func (a *Analysis) Analyse(ctx context.Context) (int, error) {
	a.pass.Lock()
	defer a.pass.Unlock()
	done := 0
	for {
		cursor, err := a.config.Store.Cursor(ctx)
		if err != nil {
			return done, fmt.Errorf("read cursor of event store: %w", err)
		}
		marks, err := a.config.Marks.DueConversations(ctx, a.config.Now(), cursor, maxMarks)
		if err != nil || len(marks) == 0 {
			return done, err
		}
		if err := a.settle(ctx, marks, cursor); err != nil {
			return done, err
		}
		done += len(marks)
		if len(marks) < maxMarks {
			return done, nil
		}
	}
}

// settle analyses the conversations of marks, and removes those; what is to be looked at later is marked.
func (a *Analysis) settle(ctx context.Context, marks []Mark, cursor uint64) error {
	of := make(map[string]Mark, len(marks))
	ids := make([]string, len(marks))
	for i, m := range marks {
		of[m.Conversation], ids[i] = m, m.Conversation
	}
	done, err := a.analyse(ctx, ids)
	if err != nil {
		return err
	}
	now := a.config.Now()
	var add []Mark
	for _, d := range done {
		m := of[d.id]
		if !d.next.IsZero() {
			add = append(add, Mark{Conversation: d.id, Class: Time, First: now, Due: d.next})
		}
		if d.before != "" && m.Class == Came {
			if _, here := of[d.before]; !here && a.seen.stale(d.before, d.id, d.from, m.Position) {
				add = append(add, Mark{Conversation: d.before, Class: Neighbour, First: now, Due: now})
			}
		}
	}
	a.config.Analysed(ids)
	for _, d := range done {
		a.seen.note(d.id, d.from, cursor)
		if of[d.id].Class == Came {
			a.meters.analysed.Inc()
		} else {
			a.meters.again.Inc()
		}
	}
	if err := a.config.Marks.SettleConversations(ctx, marks, add); err != nil {
		return fmt.Errorf("settle marks of conversations: %w", err)
	}
	return nil
}

// analyse analyses conversations and stores what follows. Those that do not exist lose what they had.
func (a *Analysis) analyse(ctx context.Context, ids []string) ([]analysed, error) {
	began := time.Now()
	defer func() { a.meters.seconds.Add(time.Since(began).Seconds()) }()
	var all []analysed
	err := a.read(ctx, ids, func(some []*conversation, gone []string) error {
		done := a.judge(some)
		for _, id := range gone {
			done = append(done, nothing(id))
		}
		if err := a.write(ctx, done); err != nil {
			return err
		}
		all = append(all, done...)
		return nil
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return all, err
}
