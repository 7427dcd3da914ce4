// Package redact takes personal data and secrets out of a call: at the door, before the event log, so
// that nothing behind the door ever holds them (docs/privacy.md, ADR 0012).
//
// What is personal is the business of package enrich/pii; this package knows where in a call to look, what
// to leave alone so that ids still join, and what to put in the place. Package ingest's protocols call
// it through [Func]; it knows no protocol and no storage.
package redact

import (
	"fmt"
	"sync"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
	"github.com/debrief-dev/debrief/internal/event"
)

// Func redacts one call of a source before it is logged. It may replace call.JSON by another valid
// object of no more than 256 levels, but changes none of its bytes in place. A Func that changes the
// message text sets call.BodyChars and call.BodyHash to those of the text before the change
// ([event.BodyChars], [event.BodyHash]). It keeps nothing of call after it returns: strings and JSON
// of call live in a buffer that is used again. Refused calls (call.Reject) pass through it as well,
// and their JSON may be empty. It may be called from many goroutines at once.
//
// A nil Func leaves every call alone.
type Func func(workspace, source string, call *event.Raw)

// Level says how much is masked.
type Level uint8

// The levels.
const (
	Structured Level = iota // what has a form of its own; the default
	Off                     // nothing
	All                     // names, addresses and the like too
)

// Content says what becomes of free text.
type Content uint8

// The content modes.
const (
	Full     Content = iota // it is kept, masked by the level; the default
	Redacted                // all rules mask it, whatever the level
	Metadata                // it is not kept: message texts, titles, comments, arguments and results of tools
)

// Mode is what a source has chosen. The zero value is the default.
type Mode struct {
	Level   Level
	Content Content
}

var (
	levelNames   = [...]string{Structured: "structured", Off: "off", All: "all"}
	contentNames = [...]string{Full: "full", Redacted: "redacted", Metadata: "metadata"}
)

// String is the word of the setting.
func (l Level) String() string { return levelNames[l] }

// String is the word of the setting.
func (c Content) String() string { return contentNames[c] }

// ParseMode reads the words of a setting; "" is the default.
func ParseMode(level, content string) (Mode, error) {
	m := Mode{}
	switch level {
	case "", "structured":
	case "off":
		m.Level = Off
	case "all":
		m.Level = All
	default:
		return m, fmt.Errorf("redaction is off, structured or all, not %q", level)
	}
	switch content {
	case "", "full":
	case "redacted":
		m.Content = Redacted
	case "metadata":
		m.Content = Metadata
	default:
		return m, fmt.Errorf("content is full, redacted or metadata, not %q", content)
	}
	return m, nil
}

// Config says how a [Redactor] works. Both are required.
type Config struct {
	// Mode returns what a source has chosen, from memory: it is asked for every call.
	Mode func(source string) Mode
	// Key is the workspace's, of the hashes of texts; keys for pseudonyms are made of it.
	Key []byte
}

// Redactor redacts the calls of one workspace.
type Redactor struct {
	mode   func(source string) Mode
	key    []byte
	alias  []byte
	passes sync.Pool
}

// New returns a redactor.
func New(c Config) *Redactor {
	r := &Redactor{mode: c.Mode, key: c.Key, alias: aliasKey(c.Key)}
	r.passes.New = func() any { return newPass(r) }
	return r
}

// Call redacts one call; it is a [Func].
func (r *Redactor) Call(_, source string, call *event.Raw) {
	mode := r.mode(source)
	if mode.Level == Off && mode.Content == Full {
		return
	}
	p := r.passes.Get().(*pass)
	p.call(mode, call)
	p.letGo()
	r.passes.Put(p)
}

// ID returns the id under which what was sent with this id is stored by a source: itself, unless there is
// personal data in it.
func (r *Redactor) ID(source, id string) string {
	if r.mode(source).Level == Off {
		return id
	}
	p := r.passes.Get().(*pass)
	defer r.passes.Put(p)
	p.counts = [maxRules]int{}
	out, _ := p.id(id)
	return out
}

// MaskAll returns text with what any rule finds masked, names and addresses too, for what is shown to
// people outside.
func MaskAll(text string) string { return mask(text, pii.NewTagger().All(text)) }

func mask(text string, found []pii.Finding) string {
	if len(found) == 0 {
		return text
	}
	return string(appendMasked(nil, text, found))
}

// appendMasked appends text with a mark in the place of each finding.
func appendMasked(dst []byte, text string, found []pii.Finding) []byte {
	at := 0
	for _, f := range found {
		dst = append(append(append(append(dst, text[at:f.Start]...), '['), f.Rule.String()...), ']')
		at = f.End
	}
	return append(dst, text[at:]...)
}
