package otlp

import (
	"encoding/binary"
	"net/http"
	"strconv"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// result is what became of a request: how much of it was refused one by one, and why.
type result struct {
	rejected int64
	message  string
}

// succeed answers 200 with an Export…ServiceResponse, whose partial_success is left out if nothing was
// refused, as OTLP asks.
func (h *Handler) succeed(w http.ResponseWriter, e encoding, s signal, r result) {
	body := []byte("{}")
	switch {
	case e == encodingProto:
		body = r.appendProto(nil)
	case r != (result{}):
		body = r.appendJSON(nil, s)
	}
	write(w, http.StatusOK, e, body)
	h.in.Answered(http.StatusOK)
}

// appendJSON writes {"partialSuccess":{…}}. Numbers of 64 bits are strings in protobuf's JSON.
func (r result) appendJSON(dst []byte, s signal) []byte {
	name := "rejectedSpans"
	switch s {
	case signalLogs:
		name = "rejectedLogRecords"
	case signalMetrics:
		name = "rejectedDataPoints"
	}
	dst = append(dst, `{"partialSuccess":{"`...)
	dst = append(append(dst, name...), `":"`...)
	dst = strconv.AppendInt(dst, r.rejected, 10)
	dst = append(dst, `","errorMessage":`...)
	dst = ingest.AppendJSONString(dst, r.message)
	return append(dst, `}}`...)
}

// appendProto writes the message partial_success = 1 {rejected_… = 1; error_message = 2}, which has the
// same numbers for all signals; nothing if nothing was refused.
func (r result) appendProto(dst []byte) []byte {
	if r == (result{}) {
		return dst
	}
	var inner []byte
	if r.rejected != 0 {
		inner = binary.AppendUvarint(append(inner, 1<<3), uint64(r.rejected))
	}
	inner = appendProtoText(inner, 2, r.message)
	dst = binary.AppendUvarint(append(dst, 1<<3|2), uint64(len(inner)))
	return append(dst, inner...)
}

func appendProtoText(dst []byte, field byte, s string) []byte {
	if s == "" {
		return dst
	}
	dst = binary.AppendUvarint(append(dst, field<<3|2), uint64(len(s)))
	return append(dst, s...)
}

// fail answers a failure as google.rpc.Status in the request's encoding.
func (h *Handler) fail(w http.ResponseWriter, e encoding, f *ingest.Failure) {
	if f.Code == "payload_too_large" { // Segment's SDKs need 400; OTLP's exporters drop a batch on either
		f = &ingest.Failure{Status: http.StatusRequestEntityTooLarge, Code: f.Code, Message: f.Message + "; send smaller batches"}
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	w.Header().Set("Cache-Control", "no-store")
	code := rpcCode(f.Status)
	var body []byte
	if e == encodingProto {
		body = appendProtoText(binary.AppendUvarint([]byte{1 << 3}, uint64(code)), 2, f.Error())
	} else {
		body = strconv.AppendInt([]byte(`{"code":`), int64(code), 10)
		body = append(ingest.AppendJSONString(append(body, `,"message":`...), f.Error()), '}')
	}
	write(w, f.Status, e, body)
	h.in.Refused(f)
}

// rpcCode is the code of google.rpc.Code that goes with an HTTP status.
func rpcCode(status int) int {
	switch status {
	case http.StatusUnauthorized:
		return 16 // UNAUTHENTICATED
	case http.StatusForbidden:
		return 7 // PERMISSION_DENIED
	case http.StatusNotFound:
		return 5 // NOT_FOUND
	case http.StatusMethodNotAllowed:
		return 12 // UNIMPLEMENTED
	case http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return 8 // RESOURCE_EXHAUSTED
	case http.StatusServiceUnavailable:
		return 14 // UNAVAILABLE
	}
	return 3 // INVALID_ARGUMENT
}

func write(w http.ResponseWriter, status int, e encoding, body []byte) {
	h := w.Header()
	h.Set("Content-Type", e.contentType())
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // an exporter that has gone away is no fault of ours
}
