package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/VictoriaMetrics/metrics"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/jsonscan"
	"github.com/debrief-dev/debrief/internal/redact"
)

// IntakeConfig says how an [Intake] works. Protocol, Sources and Log are required.
type IntakeConfig struct {
	Protocol string // of the requests in the log: "otlp"
	Sources  Sources
	Log      Log

	// Redact is applied to every call before the log. Nil leaves calls alone.
	Redact redact.Func
	// Limits bound requests. Zero fields are defaults.
	Limits Limits
	// TrustedProxies are the peers whose X-Forwarded-For header is believed. None by default.
	TrustedProxies []netip.Prefix
	// Metrics is the set that counters are registered in. Nil keeps them unseen.
	Metrics *metrics.Set
	// Logger receives faults of the server, never of senders. Nil discards.
	Logger *slog.Logger
	// Now is the clock, NewID makes event ids for calls without one. Nil: time.Now and UUIDv7.
	Now   func() time.Time
	NewID func() string
}

// Intake is what a door does beside decoding its protocol: it lets requests in, reads their bodies, finds
// the source of a key, checks and stores calls, and counts. It is safe for use from many goroutines.
type Intake struct {
	cfg     IntakeConfig
	limits  Limits
	keys    *Keys
	gate    *Gate
	rate    *Rate
	metrics *Metrics
	log     *Appender
	visits  sync.Pool
}

// NewIntake returns an intake, or all that is wrong with cfg.
func NewIntake(cfg IntakeConfig) (*Intake, error) {
	var faults []error
	if cfg.Protocol == "" || cfg.Sources == nil || cfg.Log == nil {
		faults = append(faults, fmt.Errorf("door %q needs Protocol, Sources and Log", cfg.Protocol))
	}
	if err := errors.Join(append(faults, cfg.Limits.Validate())...); err != nil {
		return nil, err
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewID == nil {
		cfg.NewID = NewID
	}
	in := &Intake{cfg: cfg, limits: cfg.Limits.WithDefaults()}
	in.keys = NewKeys(cfg.Sources, cfg.Now)
	in.gate = NewGate(in.limits)
	in.rate = NewRate(in.limits.RequestsPerSecond)
	in.metrics = NewMetrics(cfg.Metrics, cfg.Protocol, in.gate)
	in.log = NewAppender(cfg.Log, cfg.Logger, cfg.Now)
	in.visits.New = func() any { return &Visit{in: in} }
	return in, nil
}

// Limits are those of the intake, with their defaults.
func (in *Intake) Limits() Limits { return in.limits }

// NewID makes an event id.
func (in *Intake) NewID() string { return in.cfg.NewID() }

// Source finds the source of a write key, for what a door answers without a visit.
func (in *Intake) Source(key string) (Source, *Failure) { return in.keys.Lookup(key) }

// Answer writes a whole JSON body and counts the answer.
func (in *Intake) Answer(w http.ResponseWriter, status int, body []byte) {
	AnswerJSON(w, status, body)
	in.metrics.Answered(status)
}

// Fail answers a failure and counts it.
func (in *Intake) Fail(w http.ResponseWriter, f *Failure) {
	f.Answer(w)
	in.Refused(f)
}

// Refused counts a request that the door has refused in its protocol's own form.
func (in *Intake) Refused(f *Failure) {
	in.metrics.Refused(f.Code)
	in.metrics.Answered(f.Status)
}

// Answered counts an answer that the door has written itself.
func (in *Intake) Answered(status int) { in.metrics.Answered(status) }

// Visit is one request on its way through a door. It is for one goroutine.
type Visit struct {
	in     *Intake
	r      *http.Request
	ticket Ticket
	body   Body
	record []byte

	// Source is that of the request's key, after Authenticate.
	Source Source
	// ReceivedAt is when the request came.
	ReceivedAt time.Time
}

// Visit lets a request in before its body is read, or says why not now. A visit must be closed.
func (in *Intake) Visit(r *http.Request) (*Visit, *Failure) {
	if f := in.log.Refuses(); f != nil {
		return nil, f
	}
	ticket, ok := in.gate.Enter(min(max(r.ContentLength, 0), int64(in.limits.BodyBytes)))
	if !ok {
		return nil, Busy()
	}
	v := in.visits.Get().(*Visit)
	v.r, v.ticket, v.ReceivedAt = r, ticket, in.cfg.Now().UTC()
	return v, nil
}

// Close ends the visit. What Read returned is not good any more.
func (v *Visit) Close() {
	v.ticket.Leave()
	v.r, v.Source = nil, Source{}
	if cap(v.record) > keepBytes {
		v.record = nil
	}
	v.in.visits.Put(v)
}

// Read reads the body and undoes its Content-Encoding.
func (v *Visit) Read() ([]byte, *Failure) {
	text, sent, f := v.body.Read(v.r, &v.in.limits, &v.ticket)
	v.in.metrics.Read(sent)
	return text, f
}

// Open reads the body and finds the source, as most doors begin.
func (v *Visit) Open() ([]byte, *Failure) {
	text, f := v.Read()
	if f == nil {
		f = v.Authenticate()
	}
	return text, f
}

// Key is the write key that the request carries outside its body: the user of Basic authentication, a
// Bearer token, the header X-Write-Key, or writeKey in the query.
func (v *Visit) Key() string {
	for _, key := range [...]string{BasicUser(v.r), BearerToken(v.r), v.r.Header.Get("X-Write-Key"), QueryKey(v.r)} {
		if key != "" {
			return key
		}
	}
	return ""
}

// Authenticate finds the source of the first key that is not empty, or of [Visit.Key], and counts the
// request against its rate.
func (v *Visit) Authenticate(keys ...string) *Failure {
	key := ""
	for _, k := range keys {
		if key == "" {
			key = k
		}
	}
	if key == "" {
		key = v.Key()
	}
	var f *Failure
	if v.Source, f = v.in.keys.Lookup(key); f != nil {
		return f
	}
	if wait := v.in.rate.Take(v.Source.ID, v.ReceivedAt); wait > 0 {
		return &Failure{Status: http.StatusTooManyRequests, Code: "rate_limited", Message: "this source sends more requests a second than it may",
			RetryAfter: int((wait + time.Second - 1) / time.Second)}
	}
	return nil
}

// Store makes calls durable. A call that cannot be taken gets its Reject, unless the door has set it, and
// goes to the log as well, so that people can see what was lost and why. The door reads Reject
// afterwards to answer. No calls are no fault.
func (v *Visit) Store(calls []event.Raw) *Failure {
	if len(calls) == 0 {
		return nil
	}
	in := v.in
	rejects, size := 0, 0
	for i := range calls {
		c := &calls[i]
		c.Retried = IsRetry(v.r)
		if c.Reject == nil {
			c.Reject = in.check(c, i)
		}
		if c.Reject != nil {
			rejects++
			in.metrics.Rejected(c.Reject.Code)
			if len(c.JSON) > in.limits.EventBytes || !readable(c.JSON) {
				c.JSON = nil
			}
		} else if c.ID == "" {
			c.ID = in.cfg.NewID()
		}
		if in.cfg.Redact != nil {
			in.cfg.Redact(v.Source.Workspace, v.Source.ID, c)
		}
		size += len(c.JSON)
	}
	if size > maxStored {
		return &Failure{Status: http.StatusBadRequest, Code: "payload_too_large", Message: "the request is larger than the event log takes; send fewer events at a time"}
	}
	v.record = event.AppendRequest(v.record[:0], &event.Request{
		Workspace: v.Source.Workspace, Source: v.Source.ID, Protocol: in.cfg.Protocol, ReceivedAt: v.ReceivedAt, Calls: calls,
	})
	if f := in.log.Append(v.record); f != nil {
		return f
	}
	in.metrics.Accepted(len(calls) - rejects)
	return nil
}

// Stored returns an id of a call of this visit as it is stored: with what redaction puts in the place of
// personal data. An answer that names calls by ids names them so.
func (v *Visit) Stored(id string) string {
	if v.in.cfg.Redact == nil {
		return id
	}
	c := event.Raw{ID: id}
	v.in.cfg.Redact(v.Source.Workspace, v.Source.ID, &c)
	return c.ID
}

// NoteRefusal puts a body that could not be read into the log, without its text, where its source is
// known: its owner then sees that something was refused.
func (v *Visit) NoteRefusal(f *Failure) {
	if f.Status != http.StatusBadRequest || f.Code == "incomplete_body" {
		return
	}
	if v.Source.ID == "" && v.Authenticate() != nil {
		return
	}
	_ = v.Store([]event.Raw{{Reject: &event.Reject{Code: f.Code, Message: f.Message}}}) // the sender is refused in any case
}

// Client fills address and user agent of a call that comes straight from a person's device.
func (v *Visit) Client(c *event.Raw) {
	c.IP, c.UserAgent = Proxies(v.in.cfg.TrustedProxies).ClientIP(v.r), UserAgent(v.r)
}

// maxStored keeps the calls of a request, with the rest of its record, below what the log takes.
const maxStored = 48 << 20

// maxDepth is how deep a call may be nested; see [event.Raw].
const maxDepth = 256

// check mends text that is not UTF-8, and says why a call cannot be taken.
func (in *Intake) check(c *event.Raw, index int) *event.Reject {
	reject := func(code, format string, args ...any) *event.Reject {
		return &event.Reject{Code: code, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case index >= in.limits.Events:
		return reject("too_many_events", "a request may hold %d events", in.limits.Events)
	case len(c.JSON) > in.limits.EventBytes:
		return reject("payload_too_large", "the event has %d bytes; at most %d are taken", len(c.JSON), in.limits.EventBytes)
	}
	if !utf8.Valid(c.JSON) {
		c.JSON = bytes.ToValidUTF8(c.JSON, []byte("\ufffd"))
		c.Repairs = append(c.Repairs, event.Repair{Code: "invalid_utf8"})
	}
	c.ID = strings.ToValidUTF8(c.ID, "\ufffd")
	if !readable(c.JSON) {
		return reject("invalid_event", "the event is no JSON object of at most %d levels", maxDepth)
	}
	if n := utf8.RuneCountInString(c.ID); n > in.limits.MessageIDChars {
		return reject("too_long_message_id", "the event id has %d characters; at most %d are taken", n, in.limits.MessageIDChars)
	}
	return nil
}

// readable reports whether text is one JSON object that is not too deep.
func readable(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	var s jsonscan.Scanner
	s.ResetCopy(unsafe.String(unsafe.SliceData(text), len(text))) // it copies, and keeps nothing
	i := s.Space(0)
	if s.Kind(i) != '{' {
		return false
	}
	s.End(s.Value(i))
	return s.Err() == nil && s.Deepest <= maxDepth
}
