// Package function is the destination that people write themselves: a destination function, which takes calls
// by handlers and sends them wherever it likes. How it runs is the business of whoever makes the
// [Destination]; only package app does.
package function

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/debrief-dev/debrief/internal/destination"
)

// Functions runs destination functions by their ids. Package internal/function does.
type Functions interface {
	// Send runs a function on calls. It returns one error for each, in their order: nil when it took the
	// call, a [destination.Discarded] when it never will; one that wraps [destination.ErrUnavailable] when what it
	// sends to does not answer.
	Send(ctx context.Context, function string, calls []json.RawMessage) []error
	// Ready returns why a function cannot be run now, or nil.
	Ready(ctx context.Context, function string) error
}

// Destination is the kind. Functions is required.
type Destination struct{ Functions Functions }

var _ destination.Destination = Destination{}

// Spec implements [destination.Destination].
func (Destination) Spec() destination.Spec {
	return destination.Spec{
		Name: "function", Title: "Function", Website: "https://segment.com/docs/connections/functions/destination-functions/",
		Doc: "A destination function of yours takes the calls and sends them on. `docs/functions.md` says how one is written; its settings are its own.",
		Settings: []destination.Setting{{
			Key: "function", Label: "Function", Doc: "The id of a destination function. Its deployed version runs.", Type: destination.Text, Required: true, Example: "fn_Yw2f4QmBvK1aYw2f4QmBvK1a",
		}},
		Example: destination.Example{
			Call: json.RawMessage(`{"type":"track","event":"Message Sent","messageId":"m-1","userId":"ada","properties":{"conversationId":"c1"}}`),
			Sent: "onTrack(event, settings), with the call as event; or onBatch(events, settings), with up to 100 calls",
		},
	}
}

// Open implements [destination.Destination].
func (d Destination) Open(s destination.Settings, _ destination.Env) (destination.Sender, error) {
	if d.Functions == nil {
		return nil, errors.New("this server runs no functions")
	}
	return &sender{d.Functions, s["function"]}, nil
}

// sender is a function that takes calls. It keeps nothing.
type sender struct {
	functions Functions
	function  string
}

// Batch implements [destination.Sender]: starting the sandbox costs as much as some hundred calls.
func (s *sender) Batch() destination.Batch {
	return destination.Batch{Messages: 100, Bytes: 4 << 20, Wait: time.Second, Parallel: 2}
}

// Send implements [destination.Sender]. Calls behind one that is to be tried again go all the same: no order is
// promised.
func (s *sender) Send(ctx context.Context, messages []destination.Message) []destination.Result {
	calls := make([]json.RawMessage, len(messages))
	for i := range messages {
		calls[i] = messages[i].Call
	}
	results := make([]destination.Result, len(messages))
	for i, err := range s.functions.Send(ctx, s.function, calls) {
		results[i].Err = err
	}
	return results
}

// Test implements [destination.Sender]. It runs nothing: the function's own test does.
func (s *sender) Test(ctx context.Context) error { return s.functions.Ready(ctx, s.function) }

// Close implements [destination.Sender].
func (s *sender) Close() error { return nil }
