package ingest

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of the memory for unknown keys. The time is short, so that a key made after its first use works
// soon; a Go client asks ten times within it.
const (
	unknownFor = 5 * time.Second
	unknownMax = 4096
)

// Keys looks up write keys and remembers the unknown ones for a moment, since some SDKs come back ten
// times with a key that is refused. It is safe for use from many goroutines.
type Keys struct {
	sources Sources
	now     func() time.Time
	some    atomic.Bool // unknown is not empty; spares known keys the lock

	mu      sync.Mutex
	unknown map[string]time.Time // key → until when
}

// NewKeys returns a look-up in sources; now is the clock.
func NewKeys(sources Sources, now func() time.Time) *Keys {
	return &Keys{sources: sources, now: now, unknown: map[string]time.Time{}}
}

// Lookup returns the source of a key, or the failure to answer: 401 for an unknown key, 403 for a
// disabled source. It does not keep key.
func (k *Keys) Lookup(key string) (Source, *Failure) {
	if key == "" {
		return Source{}, &Failure{Status: 401, Code: "invalid_write_key",
			Message: "no write key: send it as the user name of Basic authentication, or as writeKey in the body"}
	}
	src, err := k.lookup(key)
	switch {
	case errors.Is(err, ErrUnknownKey):
		return Source{}, &Failure{Status: 401, Code: "invalid_write_key", Message: ErrUnknownKey.Error()}
	case err != nil:
		return Source{}, &Failure{Status: 429, Code: "busy", Message: "write keys cannot be read now; try again", RetryAfter: 5}
	case !src.Enabled:
		return src, &Failure{Status: 403, Code: "source_disabled", Message: "the source of this write key is disabled; enable it under Data, Sources"}
	}
	return src, nil
}

func (k *Keys) lookup(key string) (Source, error) {
	if k.some.Load() && k.isUnknown(key) {
		return Source{}, ErrUnknownKey
	}
	src, err := k.sources.Lookup(key)
	if errors.Is(err, ErrUnknownKey) {
		k.remember(key)
	}
	return src, err
}

func (k *Keys) isUnknown(key string) bool {
	k.mu.Lock()
	until, ok := k.unknown[key]
	k.mu.Unlock()
	return ok && k.now().Before(until)
}

func (k *Keys) remember(key string) {
	const longest = 512 // a longer one is no key of ours, and need not be held
	if len(key) > longest {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.unknown) >= unknownMax {
		clear(k.unknown)
	}
	k.unknown[strings.Clone(key)] = k.now().Add(unknownFor)
	k.some.Store(true)
}
