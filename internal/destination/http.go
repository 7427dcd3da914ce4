package destination

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// MaxAnswer bounds in bytes what is read of a place's answer: an endless one is cut off, and its
// connection closed.
const MaxAnswer = 4 << 20

// Answer is what a place answered to an HTTP request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most MaxAnswer
}

// Do sends a request and judges the answer by [Answer.Result]. The request's context bounds reading the
// body, too. Errors name neither path nor query of the URL, where secrets may stand.
func Do(client *http.Client, r *http.Request, now time.Time) (Answer, Result) {
	response, err := client.Do(r)
	if err != nil {
		return Answer{}, Result{Err: unreachable(r, err)}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxAnswer))
	a := Answer{response.StatusCode, response.Header, body}
	if err != nil && (a.Status < 200 || a.Status > 299) {
		return a, Result{Err: unreachable(r, err)}
	}
	// A success whose body breaks off is one: the place said so in its first line.
	return a, a.Result(now)
}

// unreachable says that no answer came, without the URL that http.Client puts into its errors.
func unreachable(r *http.Request, err error) error {
	var whole *url.Error
	if errors.As(err, &whole) {
		err = whole.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s did not answer in time: %w: %w", r.URL.Host, ErrUnavailable, err)
	}
	return fmt.Errorf("no answer from %s: %w: %w", r.URL.Host, ErrUnavailable, err)
}

// Result is what became of what was sent, by the status alone:
//
//   - 2xx: delivered.
//   - 408, 425, 429, 5xx but 501 and 505: tried again, after Retry-After if the place says it. 429, 502, 503
//     and 504 are not the message's fault.
//   - 3xx, 401, 403, 404, 407, 410: tried again. The place refuses us and not the message, and whoever mends
//     the settings meanwhile loses nothing.
//   - anything else: discarded, with the status as code.
func (a *Answer) Result(now time.Time) Result {
	s := a.Status
	refused := &StatusError{Status: s, Text: Shorten(string(a.Body))}
	switch {
	case s >= 200 && s <= 299:
		return Result{}
	case s >= 300 && s <= 399:
		refused.Text = "redirects are not followed; set the address that it leads to"
	case refused.unavailable(), s == 408, s == 425, s >= 500 && s != 501 && s != 505:
	default:
		return Result{Err: &Discarded{Code: strconv.Itoa(s), Reason: refused.Text}}
	}
	return Result{Err: refused, RetryAfter: a.retryAfter(now)}
}

// StatusError is the answer of a place that is to be asked again. It wraps [ErrUnavailable] where the message is
// not to blame.
type StatusError struct {
	Status int    // of HTTP
	Text   string // in words, at most MaxReason; may be empty
}

// Error implements error.
func (e *StatusError) Error() string {
	if e.Text == "" {
		return strings.TrimSpace(strconv.Itoa(e.Status) + " " + http.StatusText(e.Status))
	}
	return strconv.Itoa(e.Status) + ": " + e.Text
}

// Is implements the interface of package errors.
func (e *StatusError) Is(target error) bool { return target == ErrUnavailable && e.unavailable() }

func (e *StatusError) unavailable() bool {
	switch s := e.Status; s {
	case 401, 403, 404, 407, 410, 429, 502, 503, 504:
		return true
	default:
		return s >= 300 && s <= 399
	}
}

// maxRetryAfter bounds what a place may ask for: longer ones are taken for this long.
const maxRetryAfter = time.Hour

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds or a date; 0 when there is none.
func (a *Answer) retryAfter(now time.Time) time.Duration {
	text := a.Header.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// Shorten makes one line of a place's answer, of at most [MaxReason] bytes of valid UTF-8.
func Shorten(text string) string {
	const enough = 4 * MaxReason // of an answer that may be megabytes
	if len(text) > enough {
		text = text[:enough]
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if len(text) > MaxReason {
		text = strings.ToValidUTF8(text[:MaxReason-len("…")], "") + "…"
	}
	return text
}
