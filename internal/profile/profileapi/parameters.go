package profileapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// limit reads how many things are asked for. More than most is most, as the cursor of the answer says.
func (c *call) limit(usual, most int) (int, error) {
	text := c.values.Get("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, invalid(fmt.Sprintf("limit is a number from 1 to %d.", most))
	}
	return min(n, most), nil
}

// truth reads a parameter that is true or false.
func (c *call) truth(name string) (bool, error) {
	text := c.values.Get(name)
	if text == "" {
		return false, nil
	}
	v, err := strconv.ParseBool(text)
	if err != nil {
		return false, invalid(name + " is true or false.")
	}
	return v, nil
}

// names reads a list of names, parted by commas.
func (c *call) names(parameter string) []string {
	var out []string
	for _, text := range c.values[parameter] {
		for name := range strings.SplitSeq(text, ",") {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

// instant reads a time or a day.
func (c *call) instant(name string) (time.Time, error) {
	text := c.values.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, invalid(name + " is an ISO 8601 time, such as 2026-05-01T10:00:00Z.")
}

// span reads from when to when is asked for.
func (c *call) span() (r query.Range, err error) {
	if r.From, err = c.instant("start"); err != nil {
		return r, err
	}
	r.Until, err = c.instant("end")
	return r, err
}

// ascending reads whether the first come first.
func (c *call) ascending() (bool, error) {
	switch c.values.Get("sort") {
	case "", "desc":
		return false, nil
	case "asc":
		return true, nil
	}
	return false, invalid("sort is asc or desc.")
}

// next reads the cursor of an answer before, of so many keys; nil without one.
func (c *call) next(keys int) (query.Cursor, error) {
	text := c.values.Get("next")
	if text == "" {
		return nil, nil
	}
	cursor, err := query.ParseCursor(text, keys)
	if err != nil {
		return nil, errCursor
	}
	return cursor, nil
}

// cursor says where a list goes on. The limit is always said, as readers of Segment's documentation cannot know it.
type cursor struct {
	URL     string `json:"url"`
	HasMore bool   `json:"has_more"`
	Next    string `json:"next"`
	Limit   int    `json:"limit"`
}

// cursor makes that of an answer; next is empty at the end.
func (c *call) cursor(next string, limit int) cursor {
	return cursor{c.r.URL.EscapedPath(), next != "", next, limit}
}

// page cuts a page from a list in order: at most limit of those behind the last one seen. key is where an item is;
// behind reports whether it comes after a cursor.
func page[T any](all []T, limit int, seen query.Cursor, key func(T) query.Cursor, behind func(item T, seen query.Cursor) bool) (out []T, next string) {
	out = []T{}
	for _, item := range all {
		if seen != nil && !behind(item, seen) {
			continue
		}
		if len(out) == limit {
			return out, key(out[limit-1]).String()
		}
		out = append(out, item)
	}
	return out, ""
}

// getProfile answers the profile itself, which there is for prompts only.
func (c *call) getProfile() error {
	if c.values.Get("format") != "prompt" {
		return &failure{http.StatusNotFound, "not_found", "Ask for ?format=prompt, or for traits, external_ids, events, conversations, metadata or links."}
	}
	return c.getPrompt()
}
