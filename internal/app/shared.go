package app

import (
	"context"
	"errors"
	"strings"

	"github.com/debrief-dev/debrief/internal/insight"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/redact"
	"github.com/debrief-dev/debrief/internal/web"
)

// sharedEvents bounds the events of a shared conversation.
const sharedEvents = 5_000

// shared answers the page behind a link: what was said, masked by every rule, without who said it.
func (a *App) shared(ctx context.Context, secret string) (*web.Shared, error) {
	h, err := a.meta.UseShare(ctx, secret)
	if errors.Is(err, metastore.ErrNotFound) {
		return nil, web.ErrNotShared
	}
	if err != nil {
		return nil, err
	}
	in := insight.Insight{Store: a.store}
	t, err := in.Transcript(ctx, h.Conversation, insight.Scope{}, sharedEvents)
	if errors.Is(err, insight.ErrNotFound) {
		return nil, web.ErrNotShared
	}
	if err != nil {
		return nil, err
	}
	out := &web.Shared{Title: redact.MaskAll(t.Heading()), Began: t.Conversation.At, Until: h.ExpiresAt, Truncated: t.Truncated}
	for _, l := range t.Lines() {
		out.Lines = append(out.Lines, web.SharedLine{At: l.At, Role: l.Role, Who: redact.MaskAll(l.Who), Paragraphs: paragraphs(redact.MaskAll(l.Text))})
	}
	return out, nil
}

// paragraphs splits a text at its line breaks.
func paragraphs(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(text, "\n"), "\n")
}
