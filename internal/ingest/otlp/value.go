package otlp

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/debrief-dev/debrief/internal/jsonscan"
)

// text appends a string. What is not UTF-8 is replaced and remembered.
func (w *writer) text(s string) {
	if !w.mended && !utf8.ValidString(s) {
		w.mended = true
	}
	w.out = jsonscan.AppendQuoted(w.out, s)
}

// key appends a member's key with what separates it from what is before.
func (w *writer) key(k string) {
	w.comma()
	w.text(k)
	w.out = append(w.out, ':')
}

// member appends a member that is plain text, unless it is empty.
func (w *writer) member(k, v string) {
	if v != "" {
		w.key(k)
		w.text(v)
	}
}

// comma separates members and elements.
func (w *writer) comma() {
	if last := w.out[len(w.out)-1]; last != '{' && last != '[' {
		w.out = append(w.out, ',')
	}
}

// attributes appends a map as one flat object.
func (w *writer) attributes(m pcommon.Map) {
	w.out = append(w.out, '{')
	for k, v := range m.All() {
		w.key(k)
		w.value(v)
	}
	w.out = append(w.out, '}')
}

// value appends any value: lists and maps as JSON's own, bytes in base64, whole numbers exactly, and what
// JSON has no number for as text, as protobuf's JSON has it.
func (w *writer) value(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		w.text(v.Str())
	case pcommon.ValueTypeInt:
		w.out = strconv.AppendInt(w.out, v.Int(), 10)
	case pcommon.ValueTypeDouble:
		w.float(v.Double())
	case pcommon.ValueTypeBool:
		w.out = strconv.AppendBool(w.out, v.Bool())
	case pcommon.ValueTypeMap:
		w.attributes(v.Map())
	case pcommon.ValueTypeSlice:
		w.out = append(w.out, '[')
		for _, e := range v.Slice().All() {
			w.comma()
			w.value(e)
		}
		w.out = append(w.out, ']')
	case pcommon.ValueTypeBytes:
		w.out = append(w.out, '"')
		w.out = base64.StdEncoding.AppendEncode(w.out, v.Bytes().AsRaw())
		w.out = append(w.out, '"')
	default:
		w.out = append(w.out, "null"...)
	}
}

func (w *writer) float(f float64) {
	switch {
	case math.IsNaN(f):
		w.out = append(w.out, `"NaN"`...)
	case math.IsInf(f, 1):
		w.out = append(w.out, `"Infinity"`...)
	case math.IsInf(f, -1):
		w.out = append(w.out, `"-Infinity"`...)
	default:
		w.out = strconv.AppendFloat(w.out, f, 'g', -1, 64)
	}
}

// time appends a time as a member, unless it is not set.
func (w *writer) time(k string, t pcommon.Timestamp) {
	if t == 0 {
		return
	}
	w.key(k)
	w.out = append(w.out, '"')
	const second = uint64(time.Second)
	w.out = time.Unix(int64(uint64(t)/second), int64(uint64(t)%second)).UTC().AppendFormat(w.out, time.RFC3339Nano)
	w.out = append(w.out, '"')
}
