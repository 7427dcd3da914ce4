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
	// step is the least wait between two looks at what is due.
	step = time.Second
	// longestWait is when it is looked again, whatever is due.
	longestWait = time.Minute
)

// Run analyses what is due, and history when nothing is, until ctx ends, and returns nil then.
func (a *Analysis) Run(ctx context.Context) error { return a.rounds.Run(ctx, a.round) }

// round does what is to be done and returns how long to wait for more.
func (a *Analysis) round(ctx context.Context) (time.Duration, error) {
	if _, err := a.Analyse(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	more, err := a.History(ctx)
	if err != nil {
		return 0, err
	}
	rest := time.Duration(float64(time.Since(began)) * a.config.Rest)
	if err := a.learnDaily(ctx); err != nil {
		return 0, err
	}
	if more {
		return rest, nil
	}
	_, next, err := a.config.Marks.WaitingConversations(ctx)
	if err != nil {
		return 0, fmt.Errorf("read when conversations are due: %w", err)
	}
	if next.IsZero() {
		return longestWait, nil
	}
	return min(longestWait, max(next.Sub(a.config.Now()), step)), nil
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
		if m.Class != Came {
			continue
		}
		for _, id := range d.before {
			if _, here := of[id]; !here && a.seen.stale(id, d.id, d.from, m.Position) {
				add = append(add, Mark{Conversation: id, Class: Neighbour, First: now, Due: now})
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
		written := make([]string, len(done))
		for i, d := range done {
			written[i] = d.id
		}
		if err := a.config.Written(ctx, written); err != nil {
			return fmt.Errorf("tell of analyses: %w", err)
		}
		all = append(all, done...)
		return nil
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return all, err
}
