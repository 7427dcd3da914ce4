package send

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second
	// maxWait bounds what a server may ask for with Retry-After.
	maxWait = 5 * time.Minute
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 4 << 20
)

// answer is what servers say: ours in full, others in part.
type answer struct {
	status   int
	wait     time.Duration // of Retry-After; 0 when there was none
	Code     string        `json:"code"`
	Message  string        `json:"message"`
	Rejected []struct {
		Index   int    `json:"index"`
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"rejected"`
}

// deliver sends calls until the server has taken or refused each. A request that is refused as a whole
// is halved, so that one bad call does not take others with it.
func (r *runner) deliver(ctx context.Context, calls []call) error {
	if len(calls) == 0 {
		return nil
	}
	a, err := r.try(ctx, calls)
	if err != nil {
		return err
	}
	switch {
	case a.status >= 200 && a.status < 300:
		for _, x := range a.Rejected {
			if x.Index < 0 || x.Index >= len(calls) {
				return fmt.Errorf("the server rejects call %d of a batch of %d", x.Index, len(calls))
			}
			r.refuse(Refusal{Line: calls[x.Index].line, Code: x.Code, Message: x.Message}, false)
		}
		r.count(func(s *Summary) { s.Accepted += int64(len(calls) - len(a.Rejected)) })
		return nil
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		return fmt.Errorf("the server refuses the write key: %s", a.reason())
	case a.status != http.StatusBadRequest && a.status != http.StatusRequestEntityTooLarge && a.status != http.StatusUnprocessableEntity:
		return fmt.Errorf("%s answers %d: %s; is it a server for Segment calls?", r.url, a.status, a.reason())
	case len(calls) > 1:
		half := len(calls) / 2
		if err := r.deliver(ctx, calls[:half]); err != nil {
			return err
		}
		return r.deliver(ctx, calls[half:])
	}
	code := a.Code
	if code == "" {
		code = "http_" + strconv.Itoa(a.status)
	}
	r.refuse(Refusal{Line: calls[0].line, Code: code, Message: a.reason()}, false)
	return nil
}

func (a *answer) reason() string {
	switch {
	case a.Message != "":
		return a.Message
	case a.Code != "":
		return a.Code
	}
	return http.StatusText(a.status)
}

// try posts calls until there is an answer that does not ask to come again.
func (r *runner) try(ctx context.Context, calls []call) (*answer, error) {
	backoff := firstBackoff
	for attempt := 1; ; {
		a, err := r.post(ctx, calls)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		wait := backoff
		switch {
		case err == nil && a.status == http.StatusTooManyRequests:
			if wait = a.wait; wait == 0 {
				wait = time.Second
			}
		case err == nil && a.status < 500 && a.status != http.StatusRequestTimeout:
			return a, nil
		case attempt >= r.cfg.Attempts:
			if err == nil {
				err = fmt.Errorf("%s answers %d: %s", r.url, a.status, a.reason())
			}
			return nil, fmt.Errorf("gave up after %d attempts at line %d: %w", attempt, calls[0].line, err)
		default:
			attempt++
			backoff = min(2*backoff, maxBackoff)
			if a != nil && a.wait > wait {
				wait = a.wait
			}
		}
		r.count(func(s *Summary) { s.Retries++ })
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// post sends one request. The time of sending is that of this attempt: servers take it for what the
// client's clock showed.
func (r *runner) post(ctx context.Context, calls []call) (*answer, error) {
	body := make([]byte, 0, 64+len(calls)*512)
	body = fmt.Appendf(body, `{"sentAt":%q,"batch":[`, r.cfg.Now().UTC().Format("2006-01-02T15:04:05.000Z"))
	for i, c := range calls {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, c.json...)
	}
	body = append(body, "]}"...)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.SetBasicAuth(r.cfg.WriteKey, "")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "debrief-send")
	r.count(func(s *Summary) { s.Requests++ })
	resp, err := r.cfg.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	a := &answer{}
	if err := json.Unmarshal(text, a); err != nil {
		*a = answer{} // not ours, or no object: the status says enough
	}
	a.status, a.wait = resp.StatusCode, retryAfter(resp.Header.Get("Retry-After"), r.cfg.Now())
	return a, nil
}

// retryAfter reads the header, which holds seconds or a date; 0 when there is none.
func retryAfter(h string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(h); err == nil && n > 0 {
		return min(time.Duration(n)*time.Second, maxWait)
	}
	if at, err := http.ParseTime(h); err == nil && at.After(now) {
		return min(at.Sub(now), maxWait)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pacer holds calls back to a rate. Its zero value is ready.
type pacer struct{ free time.Time }

// wait returns when n further calls may go out.
func (p *pacer) wait(ctx context.Context, rate float64, n int) error {
	if rate <= 0 {
		return ctx.Err()
	}
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	delay := p.free.Sub(now)
	p.free = p.free.Add(time.Duration(float64(n) / rate * float64(time.Second)))
	return sleep(ctx, delay)
}
