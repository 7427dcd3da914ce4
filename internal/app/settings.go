package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/auth"
	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// settings are those of one workspace, in the words of the API.
type settings struct {
	store     *metastore.Store
	workspace string
}

var (
	_ api.Sources     = settings{}
	_ api.Keys        = settings{}
	_ api.Tallies     = settings{}
	_ api.Rejections  = settings{}
	_ api.Tokens      = settings{}
	_ api.Conversions = settings{}
)

// translated says an error of the metadata store in the API's words.
func translated(err error) error {
	switch {
	case errors.Is(err, metastore.ErrNotFound):
		return fmt.Errorf("%w: %w", api.ErrNotFound, err)
	case errors.Is(err, metastore.ErrExists), errors.Is(err, metastore.ErrStale), errors.Is(err, metastore.ErrInUse):
		return fmt.Errorf("%w: %w", api.ErrConflict, err)
	case errors.Is(err, metastore.ErrInvalid):
		return fmt.Errorf("%w: %s", api.ErrInvalid, strings.ReplaceAll(err.Error(), metastore.ErrInvalid.Error()+": ", ""))
	}
	return err
}

func sourceOf(s metastore.Source) api.Source {
	keys := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		keys[i] = k.Key
	}
	return api.Source{
		ID: s.ID, Name: s.Name, Enabled: s.Enabled, WriteKeys: keys, RatingScale: s.RatingScale,
		Redaction: s.Redaction, Content: s.Content, Settings: s.Settings, CreatedAt: s.CreatedAt,
	}
}

// Sources returns all, the oldest first.
func (s settings) Sources(ctx context.Context) ([]api.Source, error) {
	all, err := s.store.Sources(ctx, s.workspace)
	out := make([]api.Source, len(all))
	for i := range all {
		out[i] = sourceOf(all[i])
	}
	return out, translated(err)
}

// CreateSource adds one with a write key.
func (s settings) CreateSource(ctx context.Context, n api.NewSource) (api.Source, error) {
	if err := checkScale(n.RatingScale); err != nil {
		return api.Source{}, err
	}
	src, err := s.store.CreateSource(ctx, metastore.NewSource{Workspace: s.workspace, Name: n.Name, RatingScale: n.RatingScale, Settings: n.Settings, WriteKey: n.WriteKey})
	return sourceOf(src), translated(err)
}

// UpdateSource changes one.
func (s settings) UpdateSource(ctx context.Context, id string, c api.SourceChange) (api.Source, error) {
	if c.RatingScale != nil {
		if err := checkScale(*c.RatingScale); err != nil {
			return api.Source{}, err
		}
	}
	src, err := s.store.UpdateSource(ctx, s.workspace, id, metastore.SourceChange{
		Name: c.Name, Enabled: c.Enabled, RatingScale: c.RatingScale, Redaction: c.Redaction, Content: c.Content, Settings: c.Settings,
	})
	return sourceOf(src), translated(err)
}

// checkScale refuses a scale that ratings could not be read by: they would stay without a score, unnoticed.
func checkScale(scale string) error {
	if _, ok := vocab.ParseScale(scale); !ok && scale != "" {
		return fmt.Errorf("%w: rating_scale is a range such as \"1-5\", a greatest number, or one of thumbs, boolean, nps, csat, ces", api.ErrInvalid)
	}
	return nil
}

// RotateKey adds a key and may revoke the older ones.
func (s settings) RotateKey(ctx context.Context, source string, revoke bool) (api.Source, error) {
	src, err := s.store.RotateKey(ctx, s.workspace, source, revoke)
	return sourceOf(src), translated(err)
}

// Tally returns what became of the calls of a source that are no events.
func (s settings) Tally(ctx context.Context, source string) (api.Tally, error) {
	counts, err := s.store.Counts(ctx, s.workspace, source, time.Time{}, time.Time{})
	t := api.Tally{Rejections: map[string]int64{}}
	for _, c := range counts {
		switch c.Outcome {
		case metastore.Reject:
			t.Rejections[c.Code] += c.N
		case metastore.Duplicate:
			t.Duplicates += c.N
		case metastore.Conflict:
			t.Conflicts += c.N
		}
	}
	return t, translated(err)
}

// Rejections returns the newest refused calls.
func (s settings) Rejections(ctx context.Context, source string, limit int) ([]api.Rejection, error) {
	all, err := s.store.Rejections(ctx, s.workspace, source, 0, limit)
	out := make([]api.Rejection, len(all))
	for i, r := range all {
		out[i] = api.Rejection{
			ID: strconv.FormatInt(r.ID, 10), Source: r.Source, ReceivedAt: r.At, Type: r.Type, Code: r.Code, Message: r.Message, Call: string(r.Call),
		}
	}
	return out, translated(err)
}

func tokenOf(t metastore.Token) api.Token {
	return api.Token{ID: t.ID, Name: t.Name, Role: api.Role(t.Role), CreatedAt: t.CreatedAt, LastUsedAt: t.LastUsedAt}
}

// Tokens returns the living ones.
func (s settings) Tokens(ctx context.Context) ([]api.Token, error) {
	all, err := s.store.Tokens(ctx)
	out := make([]api.Token, len(all))
	for i := range all {
		out[i] = tokenOf(all[i])
	}
	return out, translated(err)
}

// CreateToken adds one and returns it with its secret.
func (s settings) CreateToken(ctx context.Context, n api.NewToken) (api.Token, error) {
	if n.Role == "" {
		n.Role = api.Viewer
	}
	t, secret, err := s.store.CreateToken(ctx, metastore.NewToken{Name: n.Name, Role: metastore.Role(n.Role)})
	out := tokenOf(t)
	out.Secret = secret
	return out, translated(err)
}

// DeleteToken revokes one.
func (s settings) DeleteToken(ctx context.Context, id string) error {
	return translated(s.store.DeleteToken(ctx, id))
}

// Conversions returns the definitions by name.
func (s settings) Conversions(ctx context.Context) ([]insight.Conversion, error) {
	all, err := s.store.Conversions(ctx, s.workspace)
	out := make([]insight.Conversion, len(all))
	for i, c := range all {
		out[i] = insight.Conversion{Name: c.Name, Events: c.Events, Where: c.Conditions}
	}
	return out, translated(err)
}

// PutConversion adds or replaces a definition.
func (s settings) PutConversion(ctx context.Context, c insight.Conversion) error {
	return translated(s.store.PutConversion(ctx, s.workspace, metastore.Conversion{Name: c.Name, Events: c.Events, Conditions: c.Where}))
}

// DeleteConversion removes a definition.
func (s settings) DeleteConversion(ctx context.Context, name string) error {
	return translated(s.store.DeleteConversion(ctx, s.workspace, name))
}

// describe returns the workspace.
func (s settings) describe(ctx context.Context) (api.Workspace, error) {
	w, err := s.store.Workspace(ctx, s.workspace)
	return api.Workspace{ID: w.ID, Name: w.Name, Zone: w.Zone, WeekStart: strings.ToLower(w.WeekStart.String())}, translated(err)
}

// me says who sends a request that the guard let pass.
func me(r *http.Request) (api.Me, error) {
	p := auth.From(r.Context())
	if p == nil {
		return api.Me{}, errors.New("nobody was let in")
	}
	return api.Me{Kind: p.Kind, Name: p.Name, Email: p.Email, Role: api.Role(p.Role)}, nil
}
