package people

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/debrief-dev/debrief/internal/profilestore"
	"github.com/debrief-dev/debrief/internal/query"
)

const (
	takingSetting = "taken"
	// takingVersion is raised when more is taken out of calls than before.
	takingVersion = 1
	// takingPage is how many rows are taken up at a time.
	takingPage = 2000
)

// taking is how far what was stored before is taken up.
type taking struct {
	Version  int    `json:"version"`
	Cursor   string `json:"cursor"`
	Rows     int64  `json:"rows"`
	Finished bool   `json:"finished"`
	// Anew says that the event store may have been told of ids by profiles that are lost: it is told of all again.
	Anew bool `json:"anew,omitempty"`
}

func (p *People) openTaking(ctx context.Context) error {
	text, err := p.config.Profiles.Setting(ctx, takingSetting)
	if err != nil {
		return err
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &p.taking); err != nil {
			return fmt.Errorf("read how far people are taken up: %w", err)
		}
	}
	if p.taking.Version == takingVersion {
		return nil
	}
	anew := p.taking.Anew
	if text == "" {
		cursor, err := p.config.Store.Cursor(ctx)
		if err != nil {
			return fmt.Errorf("read cursor of event store: %w", err)
		}
		anew = cursor > 0
	}
	p.taking = taking{Version: takingVersion, Anew: anew}
	return nil
}

// anew reports whether the event store is told of everybody, whatever it was told before.
func (p *People) anew() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taking.Anew
}

// takeUp notes some of the rows that were there before, and reports whether there are more.
func (p *People) takeUp(ctx context.Context) (more bool, err error) {
	p.pass.Lock()
	defer p.pass.Unlock()
	p.mu.Lock()
	t, x := p.taking, p.extract.remembering()
	p.mu.Unlock()
	if t.Finished && t.Anew { // and whoever was taken up is resolved
		t.Anew = false
		return false, p.setTaking(ctx, t)
	}
	if t.Finished {
		return false, nil
	}
	var n profilestore.Note
	read := 0
	for e, err := range p.config.Store.Events(ctx, query.List{Grain: query.Events, After: t.Cursor, Limit: takingPage, Raw: true}) {
		if err != nil {
			return false, fmt.Errorf("read events to take up: %w", err)
		}
		x.add(&n, e)
		t.Cursor = query.EventCursor(e).String()
		read++
	}
	if err := p.config.Profiles.Note(ctx, n); err != nil {
		return false, err
	}
	t.Rows += int64(read)
	t.Finished = read < takingPage
	if err := p.setTaking(ctx, t); err != nil {
		return false, err
	}
	if t.Finished && t.Rows > 0 {
		p.config.Logger.Info("people are taken up", slog.Int64("rows", t.Rows))
	}
	return true, nil
}

func (p *People) setTaking(ctx context.Context, t taking) error {
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode how far people are taken up: %w", err)
	}
	if err := p.config.Profiles.SetSetting(ctx, takingSetting, string(text)); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taking = t
	return nil
}

// Progress is how far people are kept up to date.
type Progress struct {
	// Rows is how many of those stored are taken up, of Total; Finished: all that were there.
	Rows, Total int64
	Finished    bool
	// Waiting is how many identifiers are to be looked at.
	Waiting int64
}

// Progress counts.
func (p *People) Progress(ctx context.Context) (Progress, error) {
	p.mu.Lock()
	out := Progress{Rows: p.taking.Rows, Finished: p.taking.Finished}
	p.mu.Unlock()
	var err error
	if out.Waiting, err = p.config.Profiles.Waiting(ctx); err != nil || out.Finished {
		out.Total = out.Rows
		return out, err
	}
	res, err := p.config.Store.Query(ctx, query.Query{Grain: query.Events, Measures: []query.Measure{{As: "n", Op: query.Count}}})
	if err != nil {
		return out, fmt.Errorf("count events to take up: %w", err)
	}
	if len(res.Rows) > 0 {
		out.Total = int64(res.Rows[0].Values[0].Num)
	}
	return out, nil
}
