package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// ask puts a question to a part of the server, and answers what it says. A server without the part answers 503, after
// what is wrong with the request was told.
func ask[P comparable, T any](c *call, status int, part P, question func(part P, ctx context.Context) (T, error)) error {
	var none P
	if part == none {
		return errNoUse
	}
	out, err := question(part, c.r.Context())
	if err != nil {
		return err
	}
	return c.answer(status, out)
}

// get is ask for a request that has neither parameters nor a body.
func get[P comparable, T any](c *call, status int, part P, question func(part P, ctx context.Context) (T, error)) error {
	if err := c.done(); err != nil {
		return err
	}
	return ask(c, status, part, question)
}

// list is get for all of something, which are answered as a list under their name.
func list[P comparable, T any](c *call, name string, part P, all func(part P, ctx context.Context) ([]T, error)) error {
	return get(c, http.StatusOK, part, func(part P, ctx context.Context) (map[string][]T, error) {
		out, err := all(part, ctx)
		return map[string][]T{name: append([]T{}, out...)}, err
	})
}

// remove deletes what the path names.
func remove[P comparable](c *call, part P, del func(part P, ctx context.Context, id string) error, id string) error {
	if err := c.done(); err != nil {
		return err
	}
	var none P
	if part == none {
		return errNoUse
	}
	if err := del(part, c.r.Context(), id); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// find returns the one of a list with an id, or ErrNotFound; what says in the error what it is one of.
func find[T any](list []T, what, id string, idOf func(T) string) (T, error) {
	i := slices.IndexFunc(list, func(v T) bool { return idOf(v) == id })
	if i < 0 {
		var none T
		return none, fmt.Errorf("%s %q: %w", what, id, ErrNotFound)
	}
	return list[i], nil
}
