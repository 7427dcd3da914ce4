package truth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Config says which server to ask, and how.
type Config struct {
	Server string // its URL
	Token  string // an API token that may read
	// Conversion names the definition to count conversions by; "" is any. ConversionEvents finds the
	// definition that has exactly these events instead.
	Conversion       string
	ConversionEvents []string
	// Wait is how long to wait until every acknowledged call is in the figures; 0 does not wait.
	Wait     time.Duration
	Progress io.Writer    // nil: silence
	Client   *http.Client // nil: http.DefaultClient
}

// Validate reports all that is missing, joined.
func (c *Config) Validate() error {
	var errs []error
	if !strings.HasPrefix(c.Server, "http://") && !strings.HasPrefix(c.Server, "https://") {
		errs = append(errs, fmt.Errorf("server %q is no URL; give --server http://host:port", c.Server))
	}
	if c.Token == "" {
		errs = append(errs, errors.New("no token; give --token, or make one with \"debrief token create\""))
	}
	if c.Conversion != "" && len(c.ConversionEvents) > 0 {
		errs = append(errs, errors.New("give the name of a conversion or its events, not both"))
	}
	return errors.Join(errs...)
}

// Query waits until the server has caught up, and asks it everything.
func Query(ctx context.Context, c Config) (*Truth, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	cl := &client{base: strings.TrimRight(c.Server, "/"), token: c.Token, http: c.Client}
	if err := c.wait(ctx, cl); err != nil {
		return nil, err
	}
	q := &asker{ctx: ctx, c: cl}
	name, err := c.definition(ctx, cl)
	if err != nil {
		return nil, err
	}
	if name != "" {
		q.conversion = []string{"conversion", name}
	}
	asked, started := 0, time.Now()
	cl.asked = func() {
		if asked++; asked%20 == 0 {
			fmt.Fprintf(c.Progress, "asked %d questions\n", asked)
		}
	}
	t := q.truth()
	if q.err != nil {
		return nil, q.err
	}
	fmt.Fprintf(c.Progress, "asked %d questions in %s\n", asked, time.Since(started).Round(time.Millisecond))
	return t, nil
}

// pollEvery is how often the server is asked whether it has caught up.
const pollEvery = 200 * time.Millisecond

// wait returns when no acknowledged call is missing from the figures.
func (c *Config) wait(ctx context.Context, cl *client) error {
	if c.Wait == 0 {
		return nil
	}
	patience, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	reported := int64(-1)
	for {
		var st status
		if err := cl.get(ctx, &st, "status"); err != nil {
			return err
		}
		behind := st.Pipeline.LagRecords + st.Pipeline.OpenTraces + st.Pipeline.Analysis
		if behind == 0 {
			return nil
		}
		if behind != reported {
			fmt.Fprintf(c.Progress, "waiting: %d requests, %d traces and %d analyses are not in the figures yet\n", st.Pipeline.LagRecords, st.Pipeline.OpenTraces, st.Pipeline.Analysis)
			reported = behind
		}
		if err := pause(patience, pollEvery); err != nil {
			return fmt.Errorf("server has not caught up after %s, %d requests, %d traces and %d analyses behind: %w", c.Wait, st.Pipeline.LagRecords, st.Pipeline.OpenTraces, st.Pipeline.Analysis, err)
		}
	}
}

// definition returns the name of the conversion definition to ask for.
func (c *Config) definition(ctx context.Context, cl *client) (string, error) {
	if len(c.ConversionEvents) == 0 {
		return c.Conversion, nil
	}
	var list conversionList
	if err := cl.get(ctx, &list, "conversions"); err != nil {
		return "", err
	}
	want := slices.Sorted(slices.Values(c.ConversionEvents))
	for _, d := range list.Conversions {
		if len(d.Where) == 0 && slices.Equal(slices.Sorted(slices.Values(d.Events)), want) {
			return d.Name, nil
		}
	}
	return "", fmt.Errorf("no conversion has exactly the events %s; define one, or start the server with DEBRIEF_BOOTSTRAP_CONVERSIONS", strings.Join(want, ", "))
}
