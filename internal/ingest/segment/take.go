package segment

import (
	"net/http"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/ingest"
)

// ingest answers a request that carries calls in its body.
func (h *Handler) ingest(w http.ResponseWriter, r *http.Request, rt route) {
	ticket, f := h.enter(r)
	if f != nil {
		h.fail(w, f)
		return
	}
	defer ticket.Leave()
	j := h.start(r, rt)
	defer j.finish()
	text, sent, f := j.body.Read(r, &h.limits, &ticket)
	h.metrics.Read(sent)
	if f == nil {
		f = j.take(text)
	}
	switch {
	case f != nil:
		j.noteRefusal(f)
		h.fail(w, f)
	case j.rejects == 0:
		h.succeed(w)
	case rt.kind == kindSingle:
		refused := j.request.Calls[0].Reject
		h.fail(w, &ingest.Failure{Status: 400, Code: refused.Code, Message: refused.Message})
	default:
		j.answer = appendPartial(j.answer[:0], &j.request, j.rejects)
		ingest.AnswerJSON(w, http.StatusOK, j.answer)
		h.metrics.Answered(http.StatusOK)
	}
}

// enter lets a request in before its body is read, or says why not now.
func (h *Handler) enter(r *http.Request) (ingest.Ticket, *ingest.Failure) {
	if f := h.log.Refuses(); f != nil {
		return ingest.Ticket{}, f
	}
	ticket, ok := h.gate.Enter(min(max(r.ContentLength, 0), int64(h.limits.BodyBytes)))
	if !ok {
		return ingest.Ticket{}, ingest.Busy()
	}
	return ticket, nil
}

// take makes the calls of a body durable. The refused ones go to the log as well, so that people can see
// what was lost and why.
func (j *job) take(text []byte) *ingest.Failure {
	if f := j.outline(trimMark(text)); f != nil {
		return f
	}
	if f := j.authenticate(); f != nil {
		return f
	}
	if wait := j.h.rate.Take(j.source.ID, j.received); wait > 0 {
		return &ingest.Failure{Status: 429, Code: "rate_limited", Message: "this source sends more requests a second than it may",
			RetryAfter: int((wait + time.Second - 1) / time.Second)}
	}
	if len(j.env.calls) == 0 {
		return nil // an empty batch is no fault
	}
	if f := j.build(); f != nil {
		return f
	}
	if f := j.append(); f != nil {
		return f
	}
	j.h.metrics.Accepted(len(j.request.Calls) - j.rejects)
	return nil
}

// trimMark takes a byte order mark away, which some .NET writers put in front.
func trimMark(text []byte) []byte {
	if len(text) >= 3 && text[0] == 0xef && text[1] == 0xbb && text[2] == 0xbf {
		return text[3:]
	}
	return text
}

// append writes the request to the log and returns when it is durable.
func (j *job) append() *ingest.Failure {
	j.record = event.AppendRequest(j.record[:0], &j.request)
	return j.h.log.Append(j.record)
}

// noteRefusal puts a body that could not be read into the log, without its text, where the source is
// known all the same: its owner then sees that something was refused.
func (j *job) noteRefusal(f *ingest.Failure) {
	if f.Status != http.StatusBadRequest || f.Code == "incomplete_body" {
		return
	}
	if j.source.ID == "" {
		key := ingest.BasicUser(j.r)
		if key == "" {
			key = ingest.QueryKey(j.r)
		}
		var unknown *ingest.Failure
		if j.source, unknown = j.h.keys.Lookup(key); unknown != nil || j.h.rate.Take(j.source.ID, j.received) > 0 {
			return
		}
	}
	j.request.Workspace, j.request.Source, j.request.Protocol, j.request.ReceivedAt = j.source.Workspace, j.source.ID, Protocol, j.received
	j.request.Calls = append(j.request.Calls[:0], event.Raw{Path: j.route.callType, Retried: ingest.IsRetry(j.r),
		Reject: &event.Reject{Code: f.Code, Message: f.Message}})
	_ = j.append() // the sender is refused in any case, and a fault of the log is noted there
}

// appendPartial appends the answer to a batch of which some calls were refused. It is a success: a
// refusal of the whole would make SDKs drop the good ones, or send them for ever.
func appendPartial(dst []byte, r *event.Request, rejects int) []byte {
	dst = append(dst, `{"success":true,"accepted":`...)
	dst = strconv.AppendInt(dst, int64(len(r.Calls)-rejects), 10)
	dst = append(dst, `,"rejected":[`...)
	first := true
	for i := range r.Calls {
		c := &r.Calls[i]
		if c.Reject == nil {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, `{"index":`...)
		dst = strconv.AppendInt(dst, int64(i), 10)
		dst = append(dst, `,"messageId":`...)
		dst = ingest.AppendJSONString(dst, c.ID)
		dst = append(dst, `,"code":`...)
		dst = ingest.AppendJSONString(dst, c.Reject.Code)
		dst = append(dst, `,"message":`...)
		dst = ingest.AppendJSONString(dst, c.Reject.Message)
		dst = append(dst, '}')
	}
	return append(dst, "]}"...)
}
