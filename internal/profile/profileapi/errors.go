package profileapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/profile"
)

// failure is an error in the words of the API.
type failure struct {
	status  int
	code    string
	message string
}

func (f *failure) Error() string { return f.message }

var (
	errNoRoute = &failure{http.StatusNotFound, "not_found", "No such route."}
	errNobody  = &failure{http.StatusNotFound, "not_found", "Profile was not found."}
	errCursor  = &failure{http.StatusBadRequest, "validation_error", "next is not one of ours."}
	errBusy    = &failure{http.StatusServiceUnavailable, "internal_error", "This took too long; try again in a moment."}
	errOurs    = &failure{http.StatusInternalServerError, "internal_error", "Something went wrong; the server's log says what."}
)

// invalid is a request that the sender has to mend.
func invalid(message string) error {
	return &failure{http.StatusBadRequest, "validation_error", message}
}

// deleting returns the second code on the route that deletes, which has codes of its own.
func (c *call) deleting(code, ofDelete string) string {
	if c.route.what == "external_ids/delete" {
		return ofDelete
	}
	return code
}

// fail answers an error. What the sender cannot mend is logged here, once, and its text is not shown.
func (c *call) fail(err error) {
	var f *failure
	switch {
	case errors.As(err, &f):
	case errors.Is(err, profile.ErrNotFound):
		f = errNobody
	case errors.Is(err, eventstore.ErrInvalid):
		f = errCursor // all else of the question is ours
	case errors.Is(err, context.Canceled) && c.r.Context().Err() != nil:
		return // nobody is there to read it
	case errors.Is(err, context.DeadlineExceeded):
		f = errBusy
	default:
		c.Log.LogAttrs(c.r.Context(), slog.LevelError, "profile request failed", slog.String("route", c.route.what), slog.Any("error", err))
		f = errOurs
	}
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message = f.code, f.message
	if err := c.write(f.status, body); err != nil {
		panic("BUG: " + err.Error())
	}
}

// answer writes v.
func (c *call) answer(v any) error { return c.write(http.StatusOK, v) }

func (c *call) write(status int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.send(status, "application/json", append(text, '\n'))
	return nil
}

func (c *call) send(status int, kind string, text []byte) {
	c.w.Header().Set("Content-Type", kind)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(text) // the reader may be gone
}
