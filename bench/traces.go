package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Traces says how to measure the way of spans: from the door until their turns can be read.
type Traces struct {
	Dir         string
	Connections int
	Length      time.Duration // of the load
	Rate        float64       // spans per second at most; 0 sets no bound
}

// TraceFigures are what came of it.
type TraceFigures struct {
	Spans, Turns, Messages int64
	Accepted               float64 // spans per second, until the load ended
	Derived                float64 // spans per second, until the last turn could be read
	ServerCPUSpan          time.Duration
}

// A request holds tracesInRequest traces of spansInTrace spans: an agent's run, two calls of a model, a tool.
const (
	tracesInRequest = 10
	spansInTrace    = 4
)

// Measure runs the load once and waits until all traces are derived. It checks that each question and answer
// is there once.
func (t Traces) Measure(ctx context.Context) (TraceFigures, error) {
	s, err := startServer(t.Dir, wholeServer)
	if err != nil {
		return TraceFigures{}, err
	}
	figures, err := t.measure(ctx, s)
	return figures, errors.Join(err, s.stop())
}

func (t Traces) measure(ctx context.Context, s *server) (TraceFigures, error) {
	api := client{base: "http://" + s.Door}
	before, err := s.cpu()
	if err != nil {
		return TraceFigures{}, err
	}
	begin := time.Now()
	turns, err := t.send(ctx, api)
	loaded := time.Since(begin)
	if err != nil {
		return TraceFigures{}, err
	}
	if _, err := api.caughtUp(ctx); err != nil {
		return TraceFigures{}, err
	}
	all := time.Since(begin)
	after, err := s.cpu()
	if err != nil {
		return TraceFigures{}, err
	}
	var messages struct{ Total struct{ Value float64 } }
	if code, err := api.do(ctx, http.MethodGet, "/api/v1/metrics/messages", "", &messages); err != nil || code != http.StatusOK {
		return TraceFigures{}, fmt.Errorf("ask for messages: %d, %w", code, err)
	}
	spans := turns * spansInTrace
	f := TraceFigures{Spans: spans, Turns: turns, Messages: int64(messages.Total.Value),
		Accepted: float64(spans) / loaded.Seconds(), Derived: float64(spans) / all.Seconds(), ServerCPUSpan: (after - before) / time.Duration(spans)}
	if f.Messages != 2*turns {
		return f, fmt.Errorf("%d turns have %d messages", turns, f.Messages)
	}
	return f, nil
}

// send sends until the load is over, and returns how many traces were accepted.
func (t Traces) send(ctx context.Context, api client) (int64, error) {
	loading, cancel := context.WithTimeout(ctx, t.Length)
	defer cancel()
	var sent atomic.Int64
	errs := make([]error, t.Connections)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range t.Connections {
		wg.Go(func() {
			for loading.Err() == nil {
				first := sent.Add(tracesInRequest) - tracesInRequest
				if t.Rate > 0 {
					pause(loading, time.Until(begin.Add(time.Duration(float64(first*spansInTrace)/t.Rate*float64(time.Second)))))
				}
				code, err := api.do(ctx, http.MethodPost, "/v1/traces", traceRequest(first, time.Now()), nil)
				if err != nil || code != http.StatusOK {
					errs[i] = fmt.Errorf("send traces: status %d, %w", code, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return sent.Load(), errors.Join(errs...)
}

// traceRequest is an OTLP request of ten traces, each a turn of a conversation.
func traceRequest(first int64, at time.Time) string {
	var spans []string
	for n := first; n < first+tracesInRequest; n++ {
		trace := fmt.Sprintf("%032x", n+1)
		question := fmt.Sprintf(`[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Is SKU-%d in stock?\"}]}]`, n)
		answer := fmt.Sprintf(`[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"Yes, %d of SKU-%d are left.\"}],\"finish_reason\":\"stop\"}]`, n%97, n)
		asked := `[{\"role\":\"assistant\",\"parts\":[{\"type\":\"tool_call\",\"id\":\"call-1\",\"name\":\"check_stock\",\"arguments\":{}}],\"finish_reason\":\"tool_call\"}]`
		span := func(id int, parent, name string, from, until time.Duration, attributes ...string) {
			spans = append(spans, fmt.Sprintf(`{"traceId":%q,"spanId":"%016x","parentSpanId":%q,"name":%q,"kind":1,"startTimeUnixNano":"%d","endTimeUnixNano":"%d","attributes":[%s],"status":{}}`,
				trace, id, parent, name, at.Add(from).UnixNano(), at.Add(until).UnixNano(), strings.Join(attributes, ",")))
		}
		text := func(key, value string) string {
			return fmt.Sprintf(`{"key":%q,"value":{"stringValue":"%s"}}`, key, value)
		}
		number := func(key string, value int) string {
			return fmt.Sprintf(`{"key":%q,"value":{"intValue":"%d"}}`, key, value)
		}
		conversation := text("gen_ai.conversation.id", fmt.Sprintf("conversation-%08d", n/5))
		chat := func(extra ...string) []string {
			return append([]string{text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "openai"), text("gen_ai.request.model", "gpt-5-mini"),
				text("gen_ai.response.id", trace[16:]), number("gen_ai.usage.input_tokens", 60), number("gen_ai.usage.output_tokens", 9)}, extra...)
		}
		const ms = time.Millisecond
		span(2, "0000000000000001", "chat gpt-5-mini", 5*ms, 300*ms, chat(text("gen_ai.input.messages", question), text("gen_ai.output.messages", asked))...)
		span(3, "0000000000000001", "execute_tool check_stock", 310*ms, 320*ms, text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", "check_stock"))
		span(4, "0000000000000001", "chat gpt-5-mini", 330*ms, 900*ms, chat(text("gen_ai.input.messages", question), text("gen_ai.output.messages", answer))...)
		span(1, "", "invoke_agent support", 0, 910*ms, text("gen_ai.operation.name", "invoke_agent"), conversation, text("user.id", fmt.Sprintf("user-%06d", n/20)),
			text("gen_ai.input.messages", question), text("gen_ai.output.messages", answer))
	}
	return `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bench"}}]},"scopeSpans":[{"scope":{"name":"bench"},"spans":[` +
		strings.Join(spans, ",") + `]}]}]}`
}
