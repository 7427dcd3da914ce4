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
	r := Result{RetryAfter: a.retryAfter(now)}
	switch s := a.Status; {
	case s >= 200 && s <= 299:
		return Result{}
	case s >= 300 && s <= 399:
		r.Err = fmt.Errorf("%d: redirects are not followed; set the address that it leads to: %w", s, ErrUnavailable)
	case s == 401, s == 403, s == 404, s == 407, s == 410, s == 429, s == 502, s == 503, s == 504:
		r.Err = fmt.Errorf("%s: %w", a.describe(), ErrUnavailable)
	case s == 408, s == 425, s >= 500 && s != 501 && s != 505:
		r.Err = errors.New(a.describe())
	default:
		r = Result{Err: &Discarded{Code: strconv.Itoa(s), Reason: Shorten(string(a.Body))}}
	}
	return r
}

// describe is the status, and what the body says of it.
func (a *Answer) describe() string {
	if text := Shorten(string(a.Body)); text != "" {
		return strconv.Itoa(a.Status) + ": " + text
	}
	return strings.TrimSpace(strconv.Itoa(a.Status) + " " + http.StatusText(a.Status))
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
