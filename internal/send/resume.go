package send

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// saveEvery is how often the state is written at most; what was sent since is sent again, and is a
// duplicate to the server.
const saveEvery = time.Second

// state is what the file of Config.Resume holds.
type state struct {
	Version int    `json:"version"`
	Input   string `json:"input"` // identity of the content
	mark
}

// resume moves the input behind what earlier runs have sent.
func (r *runner) resume() error {
	r.mark = r.in.at
	if r.cfg.Resume == "" {
		return nil
	}
	text, err := os.ReadFile(r.cfg.Resume)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read resume file: %w", err)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil || s.Version != 1 {
		return fmt.Errorf("%s is not a resume file of this program", r.cfg.Resume)
	}
	if s.Input != r.in.id {
		return fmt.Errorf("%s belongs to another input; name another resume file, or delete it to send this input from its start", r.cfg.Resume)
	}
	if err := r.in.skip(s.mark); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	r.mark, r.sum.Skipped = s.mark, s.Line
	return nil
}

// save writes how far all is sent; unless it must, not more often than saveEvery.
func (r *runner) save(must bool) error {
	if r.cfg.Resume == "" {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	if !must && now.Sub(r.saved) < saveEvery {
		return nil
	}
	r.saved = now
	text, err := json.Marshal(state{Version: 1, Input: r.in.id, mark: r.mark})
	if err != nil {
		return fmt.Errorf("encode resume file: %w", err)
	}
	partial := r.cfg.Resume + ".partial"
	if err := os.WriteFile(partial, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write resume file: %w", err)
	}
	if err := os.Rename(partial, r.cfg.Resume); err != nil {
		return fmt.Errorf("write resume file: %w", err)
	}
	return nil
}
