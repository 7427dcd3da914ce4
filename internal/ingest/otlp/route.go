package otlp

import (
	"mime"
	"strings"
)

// signal is one of the three things that OTLP carries.
type signal uint8

const (
	signalNone signal = iota
	signalTraces
	signalLogs
	signalMetrics
)

// signalOf returns what a path takes. Beside OTLP's own paths there are those of the exporters of Langfuse
// and PostHog, and a base that keeps OTLP apart from the other doors. Doubled and trailing slashes are
// served as they come, since bases are joined to paths by hand.
func signalOf(path string) signal {
	path = strings.Trim(path, "/")
	if strings.Contains(path, "//") {
		path = strings.Join(strings.FieldsFunc(path, func(r rune) bool { return r == '/' }), "/")
	}
	if path == "i/v0/ai/otel" {
		return signalTraces
	}
	for _, base := range [...]string{"otlp/", "api/public/otel/", "i/v0/ai/otel/"} {
		if rest, ok := strings.CutPrefix(path, base); ok {
			path = rest
			break
		}
	}
	switch path {
	case "v1/traces":
		return signalTraces
	case "v1/logs":
		return signalLogs
	case "v1/metrics":
		return signalMetrics
	}
	return signalNone
}

// encoding is how a request is written, and its answer.
type encoding uint8

const (
	encodingJSON encoding = iota
	encodingProto
)

// encodingOf reads a Content-Type. What is not known is answered in JSON.
func encodingOf(contentType string) (e encoding, known bool) {
	name, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		name, _, _ = strings.Cut(contentType, ";")
		name = strings.ToLower(strings.TrimSpace(name))
	}
	switch name {
	case "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf":
		return encodingProto, true
	case "application/json":
		return encodingJSON, true
	}
	return encodingJSON, false
}

func (e encoding) contentType() string {
	if e == encodingProto {
		return "application/x-protobuf"
	}
	return "application/json"
}
