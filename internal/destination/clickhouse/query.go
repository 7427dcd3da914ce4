package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// query runs a statement.
func (s *sender) query(ctx context.Context, sql string) (string, error) {
	return s.post(ctx, nil, sql)
}

// insert runs a statement whose rows are the body.
func (s *sender) insert(ctx context.Context, sql, rows string) error {
	_, err := s.post(ctx, url.Values{"query": {sql}}, rows)
	return err
}

func (s *sender) post(ctx context.Context, query url.Values, body string) (string, error) {
	u := *s.base
	u.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("make a request of the settings: %w: %w", destination.ErrUnavailable, err)
	}
	r.SetBasicAuth(s.user, s.password)
	answer, result := destination.Do(s.client, r, s.now())
	return string(answer.Body), explain(&answer, result)
}

// failure is an error with what else the answer said.
type failure struct {
	code  string // ClickHouse's number; "" for none
	after time.Duration
	err   error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// resultOf is what an error means for messages.
func resultOf(err error) destination.Result {
	r := destination.Result{Err: err}
	var f *failure
	if errors.As(err, &f) {
		r.RetryAfter = f.after
	}
	return r
}

// refused is the code of messages that the database will never take.
const refused = "refused"

var coded = regexp.MustCompile(`^Code: (\d+)`)

// Numbers of ClickHouse's errors (src/Common/ErrorCodes.cpp).
var (
	// faulty data: a text, number, date, JSON or UTF-8 that cannot be read, or is too large.
	dataCodes = []string{"6", "26", "27", "38", "41", "53", "69", "72", "117", "131", "321", "349", "676"}
	// tables, columns or databases that were not expected, or were.
	staleCodes = []string{"8", "10", "15", "16", "44", "47", "57", "60", "81"}
)

// explain reads ClickHouse's own words of an error: the status says little, 500 for most of them.
func explain(a *destination.Answer, r destination.Result) error {
	if r.Err == nil {
		return nil
	}
	number := coded.FindStringSubmatch(string(a.Body))
	if number == nil {
		return &failure{after: r.RetryAfter, err: r.Err}
	}
	reason := destination.Shorten(string(a.Body))
	if slices.Contains(dataCodes, number[1]) {
		return &destination.Discarded{Code: refused, Reason: reason}
	}
	return &failure{number[1], r.RetryAfter, fmt.Errorf("%s: %w", reason, destination.ErrUnavailable)}
}

// stale tells whether the error is that tables are not as they were known.
func stale(err error) bool {
	var f *failure
	return errors.As(err, &f) && slices.Contains(staleCodes, f.code)
}
