package truth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// client asks the API of one server.
type client struct {
	base, token string
	http        *http.Client
	asked       func()
}

// answer is the part of the API's MetricAnswer that is read here.
type answer struct {
	Total struct {
		Value *float64 `json:"value"`
		N     int64    `json:"n"`
	} `json:"total"`
	Series []struct {
		Start time.Time `json:"start"`
		Value *float64  `json:"value"`
	} `json:"series"`
	Groups []struct {
		Keys []*string `json:"keys"`
		N    int64     `json:"n"`
	} `json:"groups"`
	GroupsTotal int64 `json:"groups_total"`
}

// funnel is the part of the API's Funnel that is read here.
type funnel struct {
	Steps []struct {
		Name string `json:"name"`
		N    int64  `json:"n"`
	} `json:"steps"`
}

// retention is the part of the API's Retention that is read here.
type retention struct {
	Cohorts []struct {
		Start    time.Time `json:"start"`
		Returned []int64   `json:"returned"`
	} `json:"cohorts"`
}

type status struct {
	Pipeline struct {
		LogEnd     uint64 `json:"log_end"`
		LagRecords int64  `json:"lag_records"`
		OpenTraces int64  `json:"open_traces"`
		Analysis   int64  `json:"analysis_waiting"`
	} `json:"pipeline"`
}

type eventList struct {
	Events []struct {
		OccurredAt time.Time `json:"occurred_at"`
	} `json:"events"`
}

type conversionList struct {
	Conversions []struct {
		Name   string   `json:"name"`
		Events []string `json:"events"`
		Where  []string `json:"where"`
	} `json:"conversions"`
}

// busyTries is how often a question is repeated that a busy server turned away.
const busyTries = 10

var errBusy = errors.New("server is busy")

// get asks one endpoint. params are pairs of a name and a value.
func (c *client) get(ctx context.Context, into any, path string, params ...string) error {
	values := url.Values{}
	for i := 0; i < len(params); i += 2 {
		values.Add(params[i], params[i+1])
	}
	address := c.base + "/api/v1/" + path
	if len(values) > 0 {
		address += "?" + values.Encode()
	}
	var err error
	for try := range busyTries {
		if err = c.once(ctx, into, address); !errors.Is(err, errBusy) {
			break
		}
		if pause(ctx, time.Duration(try+1)*100*time.Millisecond) != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	return nil
}

func (c *client) once(ctx context.Context, into any, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusServiceUnavailable || res.StatusCode == http.StatusTooManyRequests:
		return errBusy
	case res.StatusCode != http.StatusOK:
		text, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
		return fmt.Errorf("%s: %s", res.Status, strings.TrimSpace(string(text)))
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if c.asked != nil {
		c.asked()
	}
	return nil
}

// metric asks one metric.
func (c *client) metric(ctx context.Context, name string, params ...string) (*answer, error) {
	a := new(answer)
	return a, c.get(ctx, a, "metrics/"+name, params...)
}

// pause waits, or returns the error of ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
