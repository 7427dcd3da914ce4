package bench

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// WriteKey is the key that the benchmark's requests carry.
const WriteKey = "wk_bench"

// words make up message texts. What they say does not matter, only that texts differ.
const words = `the order has not arrived yet and I would like to know when it will be here can you check please ` +
	`of course let me look that up for you it left our warehouse on Monday and should reach you tomorrow ` +
	`which plan includes exports how do I change the address of my account is there a discount for teams ` +
	`you can change it under settings then billing then address your next invoice will show the new one`

// caller makes calls as an SDK on a server sends them: about 875 bytes each, of different users,
// conversations and texts.
type caller struct {
	rand  *rand.Rand
	words []string
	now   time.Time
}

func newCaller(seed uint64) *caller {
	return &caller{
		rand:  rand.New(rand.NewPCG(seed, 0)),
		words: strings.Fields(words),
		now:   time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
	}
}

// perConversation is how many calls a conversation has, and noTime what stands where a time will.
const (
	perConversation = 13
	noTime          = "2000-01-01T00:00:00.000Z"
)

// call returns the JSON of one call. Its messageId and conversationId end in idDigits zeros and its
// time is noTime, which stamp replaces.
func (c *caller) call() string {
	c.now = c.now.Add(time.Duration(c.rand.IntN(900)) * time.Millisecond)
	user := c.rand.IntN(5000)
	event, role := "Message Sent", "user"
	if c.rand.IntN(2) == 0 {
		event, role = "Message Received", "agent"
	}
	return fmt.Sprintf(`{"type":"track","event":%q,"userId":"user-%05d","anonymousId":"%08x-5c1d-4c55-9d0e-%012x",`+
		`"timestamp":%q,"properties":{"conversationId":"conv-%s","messageId":"msg-%010x","role":%q,`+
		`"message_body":%q,"agent_id":"support-copilot","mode":"chat","channel":"web","locale":"en-GB",`+
		`"turn_index":%d,"latency_ms":%d,"plan":"team"},`+
		`"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"},"app":{"name":"Shop","version":"4.%d.0"},`+
		`"locale":"en-GB","timezone":"Europe/London"},"integrations":{},"_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"},`+
		`"messageId":"node-next-%013d-%s"}`,
		event, user, c.rand.Uint32(), c.rand.Uint64()>>16,
		noTime, zeros, c.rand.Uint64()>>24, role,
		c.text(40+c.rand.IntN(340)), c.rand.IntN(20), c.rand.IntN(4000), c.rand.IntN(9),
		c.now.UnixMilli(), zeros)
}

// text returns words of about n bytes.
func (c *caller) text(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(c.words[c.rand.IntN(len(c.words))])
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

// request is a whole HTTP request, ready to be sent again and again.
type request struct {
	bytes         []byte
	ids           []int // where the digits of each call's id are
	conversations []int // where the digits of each call's conversation are
	times         []int // where the times of calls and envelope are
}

// newRequest makes a request of so many calls: a single one as track call, more as a batch.
func (c *caller) newRequest(calls int) request {
	path, body := "/v1/track", ""
	if calls == 1 {
		body = c.call()
	} else {
		path = "/v1/batch"
		all := make([]string, calls)
		for i := range all {
			all[i] = c.call()
		}
		body = fmt.Sprintf(`{"batch":[%s],"sentAt":%q}`, strings.Join(all, ","), noTime)
	}
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: analytics-node\r\n"+
		"Authorization: Basic %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		path, base64.StdEncoding.EncodeToString([]byte(WriteKey+":")), len(body))
	all := head + body
	return request{
		bytes: []byte(all), ids: places(all, "", zeros+`"}`),
		conversations: places(all, "conv-", zeros), times: places(all, "", noTime),
	}
}

// places returns where in all each text stands that has before in front of it.
func places(all, before, text string) []int {
	var at []int
	for from := 0; ; {
		i := strings.Index(all[from:], before+text)
		if i < 0 {
			return at
		}
		at = append(at, from+i+len(before))
		from += i + len(before) + len(text)
	}
}

// idDigits is the length of the number in an event id, enough for any run.
const idDigits = 15

var zeros = strings.Repeat("0", idDigits)

// stamp gives the calls of r new ids, which are the numbers from next on, the conversations that go with
// them, and the time now. It returns the next number.
func (r request) stamp(next uint64, now time.Time) uint64 {
	var text [len(noTime)]byte
	stamp := now.UTC().AppendFormat(text[:0], "2006-01-02T15:04:05.000Z")
	for _, at := range r.times {
		copy(r.bytes[at:], stamp)
	}
	for i, at := range r.ids {
		writeDigits(r.bytes[at:at+idDigits], next)
		at = r.conversations[i]
		writeDigits(r.bytes[at:at+idDigits], next/perConversation)
		next++
	}
	return next
}

func writeDigits(at []byte, n uint64) {
	for i := len(at) - 1; i >= 0; i-- {
		at[i] = byte('0' + n%10)
		n /= 10
	}
}
