package otel

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/vocab"
)

// generation maps a call of a model, or work around such calls. Only the former counts its tokens: those
// of the latter repeat them.
func (r *reader) generation(op operation) {
	e := r.c.Row
	e.Kind, e.Action, e.Actor = event.KindGeneration, "completed", event.RoleAgent
	e.Operation, e.CountsUsage = op.name, op.class == classCall
	r.model()
	r.firstChunk()
	r.streamed(op.word)
	said := r.content(true)
	e.Parts = said.JSON()
	r.finish(said.Output)
	if r.failure() {
		e.Action = "failed"
		if e.CountsUsage && r.exception() != nil {
			e.SignalDimension, e.SignalWeight = "answer", new(-0.6)
		}
	}
}

// model maps the model that was asked, and what it used.
func (r *reader) model() {
	e := r.c.Row
	e.Provider = r.provider()
	e.RequestModel, e.ResponseModel = r.text(fieldRequestModel), r.text(fieldResponseModel)
	e.MessageID = r.text(fieldResponseID)
	e.InputTokens, e.OutputTokens = r.total(fieldInput), r.total(fieldOutput)
	e.CacheReadTokens, e.CacheWriteTokens = r.total(fieldCacheRead), r.total(fieldCacheWrite)
	e.ReasoningTokens = r.total(fieldReasoning)
	e.CostUSD = r.number(fieldCost)
	r.langfuseUsage()
	r.addCached()
	if e.CostUSD != nil {
		e.CostSource = "reported"
	}
}

// addCached makes the input tokens include the cached ones: where they are fewer than those, the sender
// counts them apart, as the API of Anthropic does.
func (r *reader) addCached() {
	e := r.c.Row
	cached := or(e.CacheReadTokens) + or(e.CacheWriteTokens)
	if e.InputTokens == nil || *e.InputTokens >= cached {
		return
	}
	e.InputTokens = new(*e.InputTokens + cached)
	r.slots[fieldInput].used = false
	r.c.Repair("cached_tokens_added", "", "")
}

func or(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// langfuseUsage reads Langfuse's details: tokens and costs by names that makers choose, of which those
// of input and output add up to the total. Its Python library passes on what the model's maker sent.
func (r *reader) langfuseUsage() {
	e := r.c.Row
	if usage := r.amounts(fieldUsageDetails); usage != nil && e.InputTokens == nil && e.OutputTokens == nil {
		if e.InputTokens = usage.total("input"); e.InputTokens == nil {
			e.InputTokens = usage.one("prompt_tokens", "promptTokens")
		}
		if e.OutputTokens = usage.total("output"); e.OutputTokens == nil {
			e.OutputTokens = usage.one("completion_tokens", "completionTokens")
		}
		e.CacheReadTokens = usage.one("input_cached_tokens", "cache_read_input_tokens", "input_cache_read",
			"prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens")
		e.CacheWriteTokens = usage.one("cache_creation_input_tokens", "input_cache_creation")
		e.ReasoningTokens = usage.one("output_reasoning_tokens", "output_reasoning",
			"completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens")
	}
	if cost := r.amounts(fieldCostDetails); cost != nil && e.CostUSD == nil {
		sum, whole := cost["total"]
		if !whole {
			for _, key := range slices.Sorted(maps.Keys(cost)) { // in one order, so that it is one sum
				if !strings.Contains(key, ".") {
					sum += cost[key]
				}
			}
		}
		if len(cost) > 0 {
			e.CostUSD = &sum
		}
	}
}

// amounts is a JSON object of numbers. Those of an object in it are under both names, with a dot between.
type amounts map[string]float64

func (r *reader) amounts(f field) amounts {
	if !r.has(f) {
		return nil
	}
	var sent map[string]any
	if json.Unmarshal(unwrapped(r.slots[f].value), &sent) != nil {
		return nil
	}
	out := amounts{}
	out.add("", sent)
	return out
}

func (a amounts) add(prefix string, sent map[string]any) {
	for key, v := range sent {
		switch n := v.(type) {
		case float64:
			if n >= 0 && n < 1<<53 {
				a[prefix+key] = n
			}
		case map[string]any:
			if prefix == "" {
				a.add(key+".", n)
			}
		}
	}
}

// one returns the first of the members.
func (a amounts) one(keys ...string) *int64 {
	for _, key := range keys {
		if n, ok := a[key]; ok {
			return new(int64(n))
		}
	}
	return nil
}

// total adds up the members of a side, unless the total says that the member of that name holds all.
func (a amounts) total(side string) *int64 {
	whole, found := a[side]
	if all, ok := a["total"]; ok && found && all == a["input"]+a["output"] {
		return new(int64(whole))
	}
	sum := 0.0
	for key, n := range a {
		if strings.Contains(key, ".") { // a part of another
			continue
		}
		if key == side || strings.HasPrefix(key, side+"_") || strings.HasPrefix(key, "cache_") && strings.Contains(key, side) {
			sum, found = sum+n, true
		}
	}
	if !found {
		return nil
	}
	return new(int64(sum))
}

// firstChunk maps how long the first piece of the answer took.
func (r *reader) firstChunk() {
	e := r.c.Row
	if s := r.number(fieldFirstSeconds); s != nil {
		e.TTFTMS = new(*s * 1e3)
		return
	}
	if e.TTFTMS = r.number(fieldFirstMillis); e.TTFTMS != nil {
		return
	}
	for i := range r.trace.Events {
		if ev := &r.trace.Events[i]; ev.Name == "ai.stream.firstChunk" {
			var ms float64
			if json.Unmarshal(ev.Attributes["ai.response.msToFirstChunk"], &ms) == nil && ms >= 0 {
				e.TTFTMS = &ms
				return
			}
		}
	}
	at, _ := r.slots[fieldFirstAt].value.Text()
	if t, err := time.Parse(time.RFC3339Nano, strings.Trim(at, `"`)); err == nil && !e.OriginalAt.IsZero() && !t.Before(e.OriginalAt) {
		e.TTFTMS = new(float64(t.Sub(e.OriginalAt)) / float64(time.Millisecond))
	}
}

// streamed maps whether the answer came in pieces.
func (r *reader) streamed(word string) {
	e := r.c.Row
	switch text := r.text(fieldStream); {
	case text != "":
		e.Streamed = new(text == "true")
	case e.TTFTMS != nil || streams(word):
		e.Streamed = new(true)
	}
}

// finish maps why the model stopped: as the span says, else as its last message does.
func (r *reader) finish(output []message) {
	word := ""
	if s := &r.slots[fieldFinish]; s.found {
		word = firstWord(s.value)
		text, _ := s.value.Text()
		s.used = text != "" && text == vocab.FinishReason(word)
	}
	if word == "" && len(output) > 0 {
		word = output[len(output)-1].FinishReason
	}
	if len(word) <= longestWord {
		r.c.Row.FinishReason = vocab.FinishReason(word)
	}
}
