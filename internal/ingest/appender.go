package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// Appender writes requests to the log and turns its errors into answers. After an error it refuses for a
// moment without trying, so that bodies are not read in vain.
type Appender struct {
	log    Log
	logger *slog.Logger
	now    func() time.Time

	closedUntil atomic.Int64 // nanoseconds since 1970
	failing     atomic.Bool
}

const (
	closedFor     = time.Second // between attempts to append
	retryFull     = 5           // seconds told to senders
	retryFailed   = 10
	messageClosed = "the server cannot store events now; send again later"
)

// NewAppender returns an appender to log; now is the clock.
func NewAppender(log Log, logger *slog.Logger, now func() time.Time) *Appender {
	return &Appender{log: log, logger: logger, now: now}
}

// Refuses returns the failure to answer while the log takes nothing.
func (a *Appender) Refuses() *Failure {
	until := a.closedUntil.Load()
	if until == 0 || a.now().UnixNano() >= until {
		return nil
	}
	return &Failure{Status: http.StatusTooManyRequests, Code: "log_unavailable", Message: messageClosed, RetryAfter: retryFull}
}

// Append returns nil once the record is durable, else the failure to answer: mostly 429, since that is
// what makes SDKs keep their events and come back. Readiness tells operators; see [eventlog.Log] Err. A
// client that hangs up meanwhile does not matter: it sends again, and the repetition is found by the
// event ids.
func (a *Appender) Append(record []byte) *Failure {
	_, err := a.log.Append(context.Background(), record)
	switch {
	case err == nil:
		if a.failing.Load() && a.failing.CompareAndSwap(true, false) {
			a.closedUntil.Store(0)
			a.logger.Info("event log takes requests again")
		}
		return nil
	case errors.Is(err, eventlog.ErrTooLarge):
		return &Failure{Status: http.StatusBadRequest, Code: "payload_too_large", Message: "the request is larger than the event log takes"}
	}
	a.closedUntil.Store(a.now().Add(closedFor).UnixNano())
	if a.failing.CompareAndSwap(false, true) {
		a.logger.Error("event log refuses requests", slog.Any("error", err))
	}
	wait := retryFailed
	if errors.Is(err, eventlog.ErrFull) {
		wait = retryFull
	}
	return &Failure{Status: http.StatusTooManyRequests, Code: "log_unavailable", Message: messageClosed, RetryAfter: wait}
}
