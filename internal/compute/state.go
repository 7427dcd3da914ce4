package compute

import (
	"context"
	"time"
)

// state is how far a definition is computed, as it is stored with what was computed.
type state struct {
	// Key, Keys, Kind, Emit and To, its destinations, are those of the definition, for what is to be told once it is gone.
	Key  string   `json:"key"`
	Keys []string `json:"keys"`
	Kind Kind     `json:"kind"`
	Emit Emit     `json:"emit"`
	To   []string `json:"to,omitempty"`

	Version int64 `json:"version"` // that is computed
	// Running says that everybody is passed through; Again that all were before, and only time has passed since.
	Running bool `json:"running,omitempty"`
	Again   bool `json:"again,omitempty"`
	// Place and After say how far: an identifier, or a person who had a value.
	Place int64  `json:"place,omitempty"`
	After string `json:"after,omitempty"`
	// Finished is when everybody was last passed through for the version.
	Began    time.Time     `json:"began,omitzero"`
	Finished time.Time     `json:"finished,omitzero"`
	Took     time.Duration `json:"took,omitempty"` // work of the pass
	Next     time.Time     `json:"next,omitzero"`  // when everybody is to be passed through again
	Error    string        `json:"error,omitempty"`
}

func (c *Compute) state(id string) state {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[id]
}

// allStates returns a copy of what is kept of all.
func (c *Compute) allStates() map[string]state {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]state, len(c.states))
	for id, s := range c.states {
		out[id] = s
	}
	return out
}

// begun is the state of a definition whose pass begins.
func (c *Compute) begun(d *Definition) state {
	old := c.state(d.ID)
	s := state{Key: d.Key, Keys: d.Keys(), Kind: d.Kind, Emit: d.Emit, To: d.Destinations, Version: d.Version, Running: true, Began: c.config.Now()}
	if old.Version == d.Version && old.Error == "" {
		s.Again, s.Finished = !old.Finished.IsZero(), old.Finished
	}
	return s
}

// retryFailed is when a definition that cannot be computed is tried again, without being changed.
const retryFailed = 10 * time.Minute

func (c *Compute) failed(d *Definition, err error) state {
	s := c.begun(d)
	s.Running, s.Again, s.Error, s.Next = false, false, err.Error(), c.config.Now().Add(retryFailed)
	return s
}

// due reports whether a definition is to be computed for everybody now.
func (c *Compute) due(d *Definition, s state) bool {
	return d.Enabled && (s.Version != d.Version || s.Running || !s.Next.IsZero() && !c.config.Now().Before(s.Next))
}

// Bounds of how often everybody is passed through because time passes.
const (
	oftenest = 10 * time.Minute
	seldom   = 24 * time.Hour
)

// next is when a definition is computed again for everybody, given the work of the last pass: a hundredth of its
// shortest window after it, but not more often than every ten minutes, not more seldom than every day, and
// never so often that more than a tenth of the time is worked. Zero: never.
func next(d *Definition, now time.Time, took time.Duration) time.Time {
	if d.Kind == SQL {
		return now.Add(d.SQL.Every.interval())
	}
	if !d.moves() {
		return time.Time{}
	}
	wait := seldom
	for _, w := range windows(d) {
		wait = min(wait, w/100)
	}
	return now.Add(max(wait, oftenest, 10*took))
}

// windows are the durations that a definition looks back.
func windows(d *Definition) []time.Duration {
	var out []time.Duration
	for _, q := range d.asked() {
		if q.Window > 0 {
			out = append(out, time.Duration(q.Window))
		}
	}
	if d.Kind == Audience {
		out = append(out, d.Rule.Ages()...)
	}
	return out
}

// Status is how far a definition is, in the words of Segment.
type Status struct {
	State  State
	Reason string // of Failed
	// People is how many have a value; of traits by SQL, of any column the most.
	People int64
	// Pass is under way through everybody; nil: none.
	Pass *Pass
	// Computed is when everybody was last passed through; Next when that is to be again for time has passed; zero:
	// never.
	Computed, Next time.Time
}

// State is where a definition stands.
type State string

// The states.
const (
	Preparing State = "Preparing" // nobody is computed yet
	Computing State = "Computing" // everybody is passed through for the first time since it changed
	Live      State = "Live"
	Disabled  State = "Disabled" // values stay as they were
	Failed    State = "Failed"
)

// Pass is how far a pass through everybody is, in ids of people.
type Pass struct {
	Looked, Total int64
	Began         time.Time
}

// Statuses returns how far some definitions are, in their order.
func (c *Compute) Statuses(ctx context.Context, defs []*Definition) ([]Status, error) {
	sizes, err := c.config.Profiles.Sizes(ctx)
	if err != nil {
		return nil, err
	}
	total, err := c.config.Profiles.LastPlace(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Status, len(defs))
	for i, d := range defs {
		s, x := c.state(d.ID), &out[i]
		for _, key := range d.Keys() {
			x.People = max(x.People, sizes[key])
		}
		x.Computed, x.Next = s.Finished, s.Next
		if s.Version == d.Version && s.Running && d.Enabled {
			x.Pass = &Pass{Looked: s.Place, Total: max(total, s.Place), Began: s.Began}
		}
		switch {
		case !d.Enabled:
			x.State, x.Next = Disabled, time.Time{}
		case s.Version != d.Version:
			x.State = Preparing
		case s.Error != "":
			x.State, x.Reason = Failed, s.Error
		case s.Finished.IsZero():
			x.State = Computing
		default:
			x.State = Live
		}
	}
	return out, nil
}
