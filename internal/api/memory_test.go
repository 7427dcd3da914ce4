package api

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
)

// memory is what the API stands on beside the event store, kept in memory.
type memory struct {
	mu          sync.Mutex
	made        int
	sources     []Source
	tokens      []Token
	conversions []insight.Conversion
	rejections  []Rejection
	tallies     map[string]Tally
	feed        feed
}

func (m *memory) next(prefix string) string {
	m.made++
	return fmt.Sprintf("%s_%d", prefix, m.made)
}

func (m *memory) Sources(context.Context) ([]Source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sources), nil
}

func (m *memory) CreateSource(_ context.Context, n NewSource) (Source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.sources, func(s Source) bool { return s.Name == n.Name }) {
		return Source{}, fmt.Errorf("a source called %q: %w", n.Name, ErrConflict)
	}
	s := Source{ID: m.next("src"), Name: n.Name, Enabled: true, WriteKeys: []string{m.next("wk")}, RatingScale: n.RatingScale, Redaction: "structured", Content: "full", Settings: n.Settings, CreatedAt: noon}
	m.sources = append(m.sources, s)
	return s, nil
}

func (m *memory) source(id string) (*Source, error) {
	for i := range m.sources {
		if m.sources[i].ID == id {
			return &m.sources[i], nil
		}
	}
	return nil, fmt.Errorf("source %q: %w", id, ErrNotFound)
}

func (m *memory) UpdateSource(_ context.Context, id string, c SourceChange) (Source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.source(id)
	if err != nil {
		return Source{}, err
	}
	if c.Name != nil {
		s.Name = *c.Name
	}
	if c.Enabled != nil {
		s.Enabled = *c.Enabled
	}
	if c.Redaction != nil {
		s.Redaction = *c.Redaction
	}
	if c.Content != nil {
		s.Content = *c.Content
	}
	if c.RatingScale != nil {
		s.RatingScale = *c.RatingScale
	}
	if c.Settings != nil {
		s.Settings = c.Settings
	}
	return *s, nil
}

func (m *memory) RotateKey(_ context.Context, id string, revoke bool) (Source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.source(id)
	if err != nil {
		return Source{}, err
	}
	keys := []string{m.next("wk")}
	if !revoke {
		keys = append(keys, s.WriteKeys...)
	}
	s.WriteKeys = keys
	return *s, nil
}

func (m *memory) Tally(_ context.Context, source string) (Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tallies[source], nil
}

func (m *memory) Rejections(_ context.Context, source string, limit int) ([]Rejection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Rejection
	for _, r := range slices.Backward(m.rejections) {
		if (source == "" || r.Source == source) && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) Tokens(context.Context) ([]Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.tokens), nil
}

func (m *memory) CreateToken(_ context.Context, n NewToken) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := Token{ID: m.next("tok"), Name: n.Name, Role: n.Role, CreatedAt: noon}
	m.tokens = append(m.tokens, t)
	t.Secret = m.next("secret")
	return t, nil
}

func (m *memory) DeleteToken(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.tokens)
	m.tokens = slices.DeleteFunc(m.tokens, func(t Token) bool { return t.ID == id })
	if len(m.tokens) == before {
		return fmt.Errorf("token %q: %w", id, ErrNotFound)
	}
	return nil
}

func (m *memory) Conversions(context.Context) ([]insight.Conversion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.conversions), nil
}

func (m *memory) PutConversion(_ context.Context, c insight.Conversion) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conversions = slices.DeleteFunc(m.conversions, func(d insight.Conversion) bool { return d.Name == c.Name })
	m.conversions = append(m.conversions, c)
	return nil
}

func (m *memory) DeleteConversion(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.conversions)
	m.conversions = slices.DeleteFunc(m.conversions, func(d insight.Conversion) bool { return d.Name == name })
	if len(m.conversions) == before {
		return fmt.Errorf("conversion %q: %w", name, ErrNotFound)
	}
	return nil
}

// feed remembers every item and hands it to all that listen.
type feed struct {
	mu        sync.Mutex
	items     []FeedItem
	listeners map[chan FeedItem]bool
}

func (f *feed) Subscribe(after uint64) (<-chan FeedItem, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ch := make(chan FeedItem, 100)
	for _, i := range f.items {
		if after > 0 && i.ID > after {
			ch <- i
		}
	}
	if f.listeners == nil {
		f.listeners = map[chan FeedItem]bool{}
	}
	f.listeners[ch] = true
	return ch, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.listeners, ch)
	}
}

func (f *feed) publish(i FeedItem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i.ID = uint64(len(f.items) + 1)
	f.items = append(f.items, i)
	for ch := range f.listeners {
		ch <- i
	}
}

func (f *feed) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ch := range f.listeners {
		close(ch)
	}
	f.listeners = nil
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) // a Monday
