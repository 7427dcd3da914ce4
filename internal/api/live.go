package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// writePatience is how long a stream waits for its reader to take more.
const writePatience = 30 * time.Second

// live streams what comes in as server-sent events.
func (s *server) live(c *call) error {
	t := tail{source: c.text("source"), conversation: c.text("conversation_id")}
	after, err := lastEventID(c.r)
	if err != nil {
		return err
	}
	if err := c.done(); err != nil {
		return err
	}
	if s.Feed == nil {
		return errNoUse
	}
	if !s.tails.enter(c.r.Context()) {
		return errBusy
	}
	defer s.tails.leave()
	items, cancel := s.Feed.Subscribe(after)
	defer cancel()
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	c.w.WriteHeader(http.StatusOK)
	if c.r.Method == http.MethodHead {
		return nil
	}
	t.w, t.control = c.w, http.NewResponseController(c.w)
	t.run(c.r.Context().Done(), items, s.Heartbeat)
	return nil
}

func lastEventID(r *http.Request) (uint64, error) {
	v := r.Header.Get("Last-Event-ID")
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		return 0, &headerError{"Last-Event-ID", v}
	}
	return n, nil
}

// headerError is a request header that is not understood.
type headerError struct{ name, value string }

func (e *headerError) Error() string {
	return fmt.Sprintf("header %s: %q is none of ours", e.name, e.value)
}

// tail is one reader of the feed.
type tail struct {
	w                    http.ResponseWriter
	control              *http.ResponseController
	source, conversation string // "" is any
}

// run writes items until the reader leaves or the feed ends.
func (t *tail) run(gone <-chan struct{}, items <-chan FeedItem, heartbeat time.Duration) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	err := t.write([]byte(": connected\n\n"))
	for err == nil {
		select {
		case <-gone:
			return
		case <-beat.C:
			err = t.write([]byte(": alive\n\n"))
		case item, open := <-items:
			if !open {
				return
			}
			if t.wants(item) {
				err = t.write(frame(item))
			}
		}
	}
}

func (t *tail) wants(i FeedItem) bool {
	switch {
	case i.Event != nil:
		return (t.source == "" || i.Event.Source == t.source) &&
			(t.conversation == "" || i.Event.ConversationID == t.conversation)
	case i.Rejection != nil:
		return t.conversation == "" && (t.source == "" || i.Rejection.Source == t.source)
	}
	return true
}

// frame writes an item in the format of server-sent events: JSON has no bare line breaks.
func frame(i FeedItem) []byte {
	name, data := "missed", any(map[string]int{"count": i.Missed})
	switch {
	case i.Event != nil:
		e := *i.Event
		e.Raw = nil
		name, data = "event", e
	case i.Rejection != nil:
		name, data = "rejection", i.Rejection
	}
	text, err := json.Marshal(data)
	if err != nil {
		name, text = "missed", []byte(`{"count":1}`)
	}
	return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", i.ID, name, text)
}

func (t *tail) write(b []byte) error {
	// Recorders in tests have no deadlines; that is no reason to stop.
	_ = t.control.SetWriteDeadline(time.Now().Add(writePatience))
	if _, err := t.w.Write(b); err != nil {
		return err
	}
	return t.control.Flush()
}
