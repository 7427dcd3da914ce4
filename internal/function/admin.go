package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/metastore"
)

var _ api.Functions = (*Functions)(nil)

// translated says an error of the metadata store in the API's words.
func translated(err error) error {
	switch {
	case errors.Is(err, metastore.ErrNotFound):
		return fmt.Errorf("%w: %w", api.ErrNotFound, err)
	case errors.Is(err, metastore.ErrExists):
		return fmt.Errorf("%w: %w", api.ErrConflict, err)
	case errors.Is(err, metastore.ErrInvalid):
		return fmt.Errorf("%w: %s", api.ErrInvalid, strings.ReplaceAll(err.Error(), metastore.ErrInvalid.Error()+": ", ""))
	}
	return err
}

// shown is a function in the API's words.
func (f *Functions) shown(one metastore.Function) (api.Function, error) {
	form, err := parseForm(one.Latest.Settings)
	if err != nil {
		return api.Function{}, err
	}
	all, err := f.settings(&one)
	if err != nil { // the key is lost: the function can still be seen, and its secrets set anew
		all = values{}
	}
	out := api.Function{
		ID: one.ID, Name: one.Name, Kind: one.Kind, Source: one.Source, Version: one.Latest.Version, Deployed: one.Deployed,
		Code: one.Latest.Code, Note: one.Latest.Note, Settings: form.shown(all),
		Author: one.Latest.Author, CreatedBy: one.CreatedBy, CreatedAt: one.CreatedAt, UpdatedAt: one.UpdatedAt,
	}
	if one.Kind == Source {
		out.Path = Path + one.ID
	}
	return out, nil
}

// Path is where source functions are posted to, followed by their id.
const Path = "/v1/functions/"

// Functions implements api.Functions.
func (f *Functions) Functions(ctx context.Context) ([]api.Function, error) {
	all, err := f.cfg.Meta.Functions(ctx, f.cfg.Workspace)
	out := make([]api.Function, len(all))
	for i := range all {
		var bad error
		out[i], bad = f.shown(all[i])
		out[i].Code = ""
		err = errors.Join(err, bad)
	}
	return out, translated(err)
}

// Function implements api.Functions.
func (f *Functions) Function(ctx context.Context, id string) (api.Function, error) {
	one, err := f.cfg.Meta.Function(ctx, f.cfg.Workspace, id)
	if err != nil {
		return api.Function{}, translated(err)
	}
	return f.shown(one)
}

// handlersOf says which handlers make code a function of a kind.
func handlersOf(kind string, handlers []string) bool {
	return slices.ContainsFunc(handlers, func(h string) bool { return (h == "onRequest") == (kind == Source) })
}

// checkCode compiles code and looks for its handlers.
func (f *Functions) checkCode(ctx context.Context, kind, code string) error {
	handlers, err := f.cfg.Engine.Check(ctx, code)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("%w: the code does not run: %w", api.ErrInvalid, err)
	}
	if !handlersOf(kind, handlers) {
		want := "onTrack, onIdentify, onPage, onScreen, onGroup, onAlias or onBatch"
		if kind == Source {
			want = "onRequest"
		}
		return fmt.Errorf("%w: the code has no handler: %s", api.ErrInvalid, want)
	}
	return nil
}

func or[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// CreateFunction implements api.Functions.
func (f *Functions) CreateFunction(ctx context.Context, author string, c api.FunctionChange) (api.Function, error) {
	one := metastore.Function{Name: or(c.Name, ""), Kind: or(c.Kind, ""), Source: or(c.Source, ""), Plain: json.RawMessage("{}")}
	one.Latest = metastore.FunctionVersion{Code: or(c.Code, ""), Note: or(c.Note, ""), Author: author}
	fm := form(or(c.Settings, nil))
	if err := fm.check(); err != nil {
		return api.Function{}, err
	}
	given, err := fm.with(nil, c.Values)
	if err != nil {
		return api.Function{}, err
	}
	if one.Latest.Settings, err = fm.stored(); err != nil {
		return api.Function{}, err
	}
	if !slices.Contains(metastore.FunctionKinds, one.Kind) {
		return api.Function{}, fmt.Errorf("%w: kind is one of %s", api.ErrInvalid, strings.Join(metastore.FunctionKinds, ", "))
	}
	if err := f.checkCode(ctx, one.Kind, one.Latest.Code); err != nil {
		return api.Function{}, err
	}
	made, err := f.cfg.Meta.CreateFunction(ctx, f.cfg.Workspace, one)
	if err != nil {
		return api.Function{}, translated(err)
	}
	if len(given) > 0 { // secrets are sealed for the id, which there is only now
		plain, sealed, err := f.seal(made.ID, fm, given)
		if err != nil {
			return api.Function{}, err
		}
		if made, err = f.cfg.Meta.UpdateFunction(ctx, f.cfg.Workspace, made.ID, metastore.FunctionChange{Plain: plain, Secrets: sealed}); err != nil {
			return api.Function{}, translated(err)
		}
	}
	return f.shown(made)
}

// UpdateFunction implements api.Functions.
func (f *Functions) UpdateFunction(ctx context.Context, author, id string, c api.FunctionChange) (api.Function, error) {
	one, err := f.cfg.Meta.Function(ctx, f.cfg.Workspace, id)
	if err != nil {
		return api.Function{}, translated(err)
	}
	fm, err := parseForm(one.Latest.Settings)
	if err != nil {
		return api.Function{}, err
	}
	change := metastore.FunctionChange{Name: c.Name}
	if c.Settings != nil {
		fm = *c.Settings
		if err := fm.check(); err != nil {
			return api.Function{}, err
		}
	}
	if c.Code != nil || c.Settings != nil {
		v := metastore.FunctionVersion{Code: or(c.Code, one.Latest.Code), Note: or(c.Note, ""), Author: author}
		if v.Settings, err = fm.stored(); err != nil {
			return api.Function{}, err
		}
		if err := f.checkCode(ctx, one.Kind, v.Code); err != nil {
			return api.Function{}, err
		}
		change.Version = &v
	}
	if c.Settings != nil || c.Values != nil {
		old, err := f.settings(&one)
		if err != nil {
			old = values{} // as in shown
		}
		all, err := fm.with(old, c.Values)
		if err != nil {
			return api.Function{}, err
		}
		if change.Plain, change.Secrets, err = f.seal(id, fm, all); err != nil {
			return api.Function{}, err
		}
	}
	one, err = f.cfg.Meta.UpdateFunction(ctx, f.cfg.Workspace, id, change)
	if err != nil {
		return api.Function{}, translated(err)
	}
	return f.shown(one)
}

// DeleteFunction implements api.Functions.
func (f *Functions) DeleteFunction(ctx context.Context, id string) error {
	return translated(f.cfg.Meta.DeleteFunction(ctx, f.cfg.Workspace, id))
}

// DeployFunction implements api.Functions.
func (f *Functions) DeployFunction(ctx context.Context, id string, version int) (api.Function, error) {
	one, err := f.cfg.Meta.UpdateFunction(ctx, f.cfg.Workspace, id, metastore.FunctionChange{Deploy: &version})
	if err != nil {
		return api.Function{}, translated(err)
	}
	return f.shown(one)
}

// versionShown is a version in the API's words.
func versionShown(v metastore.FunctionVersion, deployed int) (api.FunctionVersion, error) {
	form, err := parseForm(v.Settings)
	return api.FunctionVersion{
		Version: v.Version, Deployed: v.Version == deployed, Code: v.Code, Note: v.Note, Settings: form.shown(nil), Author: v.Author, CreatedAt: v.CreatedAt,
	}, err
}

// FunctionVersions implements api.Functions.
func (f *Functions) FunctionVersions(ctx context.Context, id string) ([]api.FunctionVersion, error) {
	one, err := f.cfg.Meta.Function(ctx, f.cfg.Workspace, id)
	if err != nil {
		return nil, translated(err)
	}
	all, err := f.cfg.Meta.FunctionVersions(ctx, f.cfg.Workspace, id)
	out := make([]api.FunctionVersion, len(all))
	for i, v := range all {
		var bad error
		out[i], bad = versionShown(v, one.Deployed)
		out[i].Code = ""
		err = errors.Join(err, bad)
	}
	return out, translated(err)
}

// FunctionVersion implements api.Functions.
func (f *Functions) FunctionVersion(ctx context.Context, id string, version int) (api.FunctionVersion, error) {
	one, err := f.cfg.Meta.Function(ctx, f.cfg.Workspace, id)
	if err != nil {
		return api.FunctionVersion{}, translated(err)
	}
	v, err := f.cfg.Meta.FunctionVersion(ctx, f.cfg.Workspace, id, version)
	if err != nil {
		return api.FunctionVersion{}, translated(err)
	}
	return versionShown(v, one.Deployed)
}

// RestoreFunction implements api.Functions.
func (f *Functions) RestoreFunction(ctx context.Context, author, id string, version int) (api.Function, error) {
	v, err := f.FunctionVersion(ctx, id, version)
	if err != nil {
		return api.Function{}, err
	}
	note := fmt.Sprintf("version %d restored", version)
	return f.UpdateFunction(ctx, author, id, api.FunctionChange{Code: &v.Code, Settings: &v.Settings, Note: &note})
}
