package analysis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// historyPage is how many conversations of history are analysed before live ones are looked at again.
const historyPage = 500

// History analyses some of the conversations whose analysis is older than the current version, the newest
// first, and reports whether there are more. It does nothing when all are current.
func (a *Analysis) History(ctx context.Context) (more bool, err error) {
	a.pass.Lock()
	defer a.pass.Unlock()
	a.mu.Lock()
	state, version := a.state, Version(a.state.Generation)
	a.mu.Unlock()
	if state.Target != version {
		state.Target, state.Cursor, state.Finished = version, "", false
	} else if state.Finished {
		return false, nil
	}
	page, err := a.config.Store.Conversations(ctx, query.List{
		Grain: query.Conversations, Filter: outdated(version), Desc: true, After: state.Cursor, Limit: historyPage,
	})
	if err != nil {
		return false, fmt.Errorf("find conversations to analyse again: %w", err)
	}
	ids := make([]string, len(page.Conversations))
	for i, c := range page.Conversations {
		ids[i] = c.ID
	}
	if len(ids) > 0 {
		done, err := a.analyse(ctx, ids)
		if err != nil {
			return false, err
		}
		if err := a.markNext(ctx, done); err != nil {
			return false, err
		}
		a.meters.again.Add(len(done))
	}
	state.Cursor, state.Finished = page.Next, page.Next == ""
	if err := a.config.Marks.SetProgress(ctx, state.Target, state.Cursor, state.Finished); err != nil {
		return false, fmt.Errorf("remember progress of analysis: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if Version(a.state.Generation) != version { // changed meanwhile
		return true, nil
	}
	a.state.Target, a.state.Cursor, a.state.Finished = state.Target, state.Cursor, state.Finished
	return !state.Finished, nil
}

// markNext marks the conversations that time will change.
func (a *Analysis) markNext(ctx context.Context, done []analysed) error {
	now := a.config.Now()
	var add []Mark
	for _, d := range done {
		if !d.next.IsZero() {
			add = append(add, Mark{Conversation: d.id, Class: Time, First: now, Due: d.next})
		}
	}
	if err := a.config.Marks.SettleConversations(ctx, nil, add); err != nil {
		return fmt.Errorf("mark conversations for later: %w", err)
	}
	return nil
}

// Revisit marks the conversations of persons to be analysed again: who they are was decided anew, and with it which
// other conversations are theirs.
func (a *Analysis) Revisit(ctx context.Context, persons []string) error {
	now := a.config.Now()
	l := query.List{Grain: query.Conversations, Filter: query.Is("person", query.Eq, persons...), Limit: query.MaxPage}
	for read := 0; read < maxNeighbours; {
		page, err := a.config.Store.Conversations(ctx, l)
		if err != nil {
			return fmt.Errorf("find conversations of people: %w", err)
		}
		add := make([]Mark, len(page.Conversations))
		for i, c := range page.Conversations {
			add[i] = Mark{Conversation: c.ID, Class: Neighbour, First: now, Due: now}
		}
		if err := a.config.Marks.SettleConversations(ctx, nil, add); err != nil {
			return fmt.Errorf("mark conversations of people: %w", err)
		}
		a.rounds.Wake()
		if read += len(page.Conversations); page.Next == "" {
			break
		}
		l.After = page.Next
	}
	return nil
}

// outdated holds for conversations that have no analysis of a version.
func outdated(version int64) *query.Filter {
	return &query.Filter{Not: query.Is("analysis_version", query.AtLeast, strconv.FormatInt(version, 10))}
}

// Rerun makes all of history be analysed again.
func (a *Analysis) Rerun(ctx context.Context) error {
	if err := a.config.Marks.RaiseGeneration(ctx); err != nil {
		return err
	}
	return a.changed(ctx)
}

// changed takes over what was stored, and wakes Run.
func (a *Analysis) changed(ctx context.Context) error {
	if err := a.reload(ctx); err != nil {
		return err
	}
	a.rounds.Wake()
	return nil
}

// Progress is how far the analysis is.
type Progress struct {
	Version int64 `json:"version"`
	// Conversations is how many there are, Current how many have an analysis of the version.
	Conversations int64 `json:"conversations"`
	Current       int64 `json:"current"`
	// Waiting is how many wait since something came in them; Running says that history is analysed again.
	Waiting int64 `json:"waiting"`
	Running bool  `json:"running"`
	// Next is when the next of all marks is due; nil: none waits.
	Next *time.Time `json:"next"`
}

// Progress counts.
func (a *Analysis) Progress(ctx context.Context) (Progress, error) {
	a.mu.Lock()
	p := Progress{Version: Version(a.state.Generation)}
	p.Running = a.state.Target != p.Version || !a.state.Finished
	a.mu.Unlock()
	res, err := a.config.Store.Query(ctx, query.Query{Grain: query.Conversations, Measures: []query.Measure{
		{As: "all", Op: query.Count},
		{As: "current", Op: query.Count, Where: query.Is("analysis_version", query.AtLeast, strconv.FormatInt(p.Version, 10))},
	}})
	if err != nil {
		return p, fmt.Errorf("count analyses: %w", err)
	}
	if len(res.Rows) > 0 {
		p.Conversations, p.Current = int64(res.Rows[0].Values[0].Num), int64(res.Rows[0].Values[1].Num)
	}
	waiting, next, err := a.config.Marks.WaitingConversations(ctx)
	if err != nil {
		return p, err
	}
	if p.Waiting = waiting; !next.IsZero() {
		p.Next = &next
	}
	return p, nil
}
