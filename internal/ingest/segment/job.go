package segment

import (
	"net/http"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// maxRecord bounds a request's calls after the batch envelope is merged into each: with the rest of the
// record they stay below what the log takes.
const maxRecord = 48 << 20

// keepRecord is the size above which buffers are let go after use.
const keepRecord = 1 << 20

// job is one request under way, and the buffers that it uses: nothing of it outlives the answer but what
// the log holds. Jobs are pooled.
type job struct {
	h       *Handler
	body    ingest.Body
	env     envelope
	check   checker
	compose composer
	mended  []byte
	flawed  []bool // by call, before mending
	record  []byte
	answer  []byte

	current
	request event.Request
}

// current is what a job knows of the request under way, beside its calls.
type current struct {
	r        *http.Request
	route    route
	client   bool // whatever the library says, a person's device sent this
	received time.Time
	source   ingest.Source
	callKey  string    // the write key, if only the calls say it
	sentAt   time.Time // of the whole request
	headerAt time.Time // the same by a header, the last resort
	retried  bool
	address  string // of the client; looked up when needed
	agent    string
	rejects  int
}

func newJob(h *Handler) *job {
	j := &job{h: h}
	j.env.countMembers = h.limits.Properties > 0
	j.check = checker{scan: &j.env.scan, limits: &h.limits}
	j.compose = composer{env: &j.env}
	return j
}

// start prepares a job for a request.
func (h *Handler) start(r *http.Request, rt route) *job {
	j := h.jobs.Get().(*job)
	j.r, j.route, j.received = r, rt, h.cfg.Now().UTC()
	return j
}

// finish lets go of the request and puts the job back.
func (j *job) finish() {
	j.current = current{}
	clear(j.request.Calls)
	j.request = event.Request{Calls: j.request.Calls[:0]}
	j.check.strings, j.compose.arena = j.check.strings[:0], j.compose.arena[:0]
	if cap(j.compose.arena) > keepRecord || cap(j.record) > keepRecord || cap(j.mended) > keepRecord || cap(j.env.calls) > 4096 {
		return // rare and large: leave it to the collector
	}
	j.h.jobs.Put(j)
}

// outline finds the calls of text. Text that is not stored as it came is mended and outlined again.
func (j *job) outline(text []byte) *ingest.Failure {
	if f := j.read(text); f != nil {
		return f
	}
	j.flawed = j.flawed[:0]
	if !j.env.flawed && len(j.env.spareKeys) == 0 {
		return nil
	}
	for i := range j.env.calls {
		j.flawed = append(j.flawed, j.env.calls[i].flawed)
	}
	j.mended = j.env.appendMended(j.mended[:0])
	return j.read(j.mended)
}

func (j *job) read(text []byte) *ingest.Failure {
	if j.route.kind != kindBatch {
		return j.env.readSingle(text)
	}
	// As many calls again as are allowed are refused one by one, those beyond with one refusal for all.
	return j.env.readBatch(text, 2*j.h.limits.Events)
}

// authenticate finds the source: by Basic authentication, else by the body's write key, else by the
// query's, else by the first call's.
func (j *job) authenticate() *ingest.Failure {
	key := ingest.BasicUser(j.r)
	if key == "" {
		key = alias(j.check.text(j.env.writeKey))
	}
	if key == "" {
		key = ingest.QueryKey(j.r)
	}
	if key == "" && len(j.env.calls) > 0 {
		j.callKey = alias(j.check.text(j.env.calls[0].fields[fieldWriteKey]))
		key = j.callKey
	}
	var f *ingest.Failure
	j.source, f = j.h.keys.Lookup(key)
	return f
}

// otherKey refuses a call whose write key is not that of the first call, if that is all we go by.
func (j *job) otherKey(c *call) *event.Reject {
	if j.callKey == "" || alias(j.check.text(c.fields[fieldWriteKey])) == j.callKey {
		return nil
	}
	return reject(rejectWrongKey, "the call's writeKey differs from that of the first; send one source's calls in a batch")
}

// build makes the request that the log stores.
func (j *job) build() *ingest.Failure {
	calls := j.env.calls
	shared := int(j.env.context.end-j.env.context.key) + int(j.env.integrations.end-j.env.integrations.key)
	if j.env.scan.Len()+shared*len(calls) > maxRecord {
		return &ingest.Failure{Status: 400, Code: "payload_too_large", Message: "the batch's context and integrations are too large for so many events"}
	}
	j.retried = ingest.IsRetry(j.r)
	j.sentAt = j.time(j.env.sentAt)
	if header := j.r.Header["Sentat"]; len(header) > 0 { // RudderStack's browser SDK
		j.headerAt = parseTime(header[0])
	}
	j.request.Workspace, j.request.Source, j.request.Protocol, j.request.ReceivedAt = j.source.Workspace, j.source.ID, Protocol, j.received
	for i := range calls {
		j.request.Calls = append(j.request.Calls, event.Raw{})
		raw := &j.request.Calls[i]
		if raw.Reject = j.call(&calls[i], raw, i); raw.Reject != nil {
			j.rejects++
			j.h.metrics.Rejected(raw.Reject.Code)
		}
		if j.h.cfg.Redact != nil {
			j.h.cfg.Redact(j.source.Workspace, j.source.ID, raw)
		}
	}
	if n := j.env.surplus; n > 0 {
		j.request.Calls = append(j.request.Calls, event.Raw{Retried: j.retried,
			Reject: reject(rejectTooMany, "a request may hold %d events; %d from here on were not looked at", j.h.limits.Events, n)})
		j.rejects++
		j.h.metrics.Rejected(rejectTooMany)
	}
	return nil
}

// call fills raw from the call at index i, and says why it is refused.
func (j *job) call(c *call, raw *event.Raw, i int) (refused *event.Reject) {
	raw.Path, raw.Retried, raw.SentAt = j.route.callType, j.retried, j.sentAt
	if i < len(j.flawed) && j.flawed[i] {
		raw.Repairs = []event.Repair{{Code: repairUTF8}}
	}
	switch {
	case i >= j.h.limits.Events:
		return reject(rejectTooMany, "a request may hold %d events", j.h.limits.Events)
	case !c.isObject:
		return reject(rejectNotObject, "each element of batch must be an object")
	case c.tooDeep:
		return reject(rejectTooDeep, "the call is nested deeper than %d levels", maxDepth)
	}
	if raw.JSON = j.compose.compose(c); len(raw.JSON) > j.h.limits.EventBytes {
		size := len(raw.JSON)
		raw.JSON = nil
		return reject(rejectTooLarge, "the call has %d bytes; at most %d are taken", size, j.h.limits.EventBytes)
	}
	if raw.SentAt.IsZero() {
		if raw.SentAt = j.time(c.fields[fieldSentAt]); raw.SentAt.IsZero() {
			raw.SentAt = j.headerAt
		}
	}
	j.fillClient(c, raw)
	if j.route.kind == kindMerge {
		return reject(rejectType, "merge calls are not supported; send identify or alias")
	}
	if refused = j.otherKey(c); refused != nil {
		return refused
	}
	if raw.Type, refused = j.check.typeOf(c, j.route.callType); refused != nil {
		return refused
	}
	if raw.ID, refused = j.check.check(c, raw.Type); refused == nil && raw.ID == "" {
		raw.ID = j.h.cfg.NewID()
	}
	return refused
}

// time reads a time member, a string or a number.
func (j *job) time(m member) time.Time {
	s, _ := j.check.scalar(m)
	if s == "" {
		return time.Time{}
	}
	return parseTime(s)
}

// fillClient fills address and user agent where the call comes straight from a person's device and says
// neither. Only what a client sent counts otherwise: the address of a server says nothing of its users.
func (j *job) fillClient(c *call, raw *event.Raw) {
	own, batch := &c.facts, &j.env.facts
	hasIP, hasAgent := own.ip || batch.ip, own.userAgent || batch.userAgent
	if hasIP && hasAgent {
		return
	}
	library := own.library
	if !library.present() {
		library = batch.library
	}
	if !j.client && !own.direct && !batch.direct && !isClientLibrary(j.check.text(library)) &&
		!isClientChannel(j.check.text(c.fields[fieldChannel])) {
		return
	}
	if j.address == "" {
		j.address, j.agent = j.h.proxies.ClientIP(j.r), ingest.UserAgent(j.r)
	}
	if !hasIP {
		raw.IP = j.address
	}
	if !hasAgent {
		raw.UserAgent = j.agent
	}
}
