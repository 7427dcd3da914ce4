package js

import (
	"sync"
	"time"
)

// Bounds of a function's cache.
const (
	cacheEntries = 1000
	cacheBytes   = 1 << 20
)

// Cache is what a function keeps between its runs, as JSON texts. The zero value is empty. It holds at most
// 1000 entries of 1 MiB in sum; what does not fit makes room by forgetting everything. It is safe for
// use from many goroutines.
type Cache struct {
	mu      sync.Mutex
	entries map[string]cached
	bytes   int
}

type cached struct {
	text  string
	until time.Time
}

func (c *Cache) load(key string, now time.Time) (string, bool) {
	if c == nil {
		return "", false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.entries[key]
	return v.text, ok && now.Before(v.until)
}

func (c *Cache) store(key, text string, until time.Time) {
	if c == nil || len(key)+len(text) > cacheBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(key)
	if c.entries == nil || len(c.entries) >= cacheEntries || c.bytes+len(key)+len(text) > cacheBytes {
		c.entries, c.bytes = map[string]cached{}, 0
	}
	c.entries[key] = cached{text, until}
	c.bytes += len(key) + len(text)
}

func (c *Cache) delete(key string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(key)
}

func (c *Cache) forget(key string) {
	if v, ok := c.entries[key]; ok {
		c.bytes -= len(key) + len(v.text)
		delete(c.entries, key)
	}
}
