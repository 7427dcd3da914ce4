package analysis

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/debrief-dev/debrief/internal/signal"
)

var (
	// ErrUnknown is returned for a signal that the catalogue does not have.
	ErrUnknown = errors.New("no such signal")
	// ErrInvalid wraps what is wrong with a setting; its text is for the person who sent it.
	ErrInvalid = errors.New("invalid setting")
)

// Settings returns what people changed of signals. The caller owns the map.
func (a *Analysis) Settings() signal.Settings {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.settings)
}

// SetSetting changes a signal, and makes history be analysed again. The zero value is the default.
func (a *Analysis) SetSetting(ctx context.Context, name string, s signal.Setting) error {
	if err := check(name, s); err != nil {
		return err
	}
	if err := a.config.Marks.SetSetting(ctx, name, s); err != nil {
		return err
	}
	return a.changed(ctx)
}

func check(name string, s signal.Setting) error {
	d, ok := signal.Find(name)
	if !ok {
		return fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	if err := d.Validate(s); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}
