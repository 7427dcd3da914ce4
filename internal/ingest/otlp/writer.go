package otlp

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/debrief-dev/debrief/internal/event"
)

// writer turns a decoded request into calls. All of them are written one behind the other into one
// buffer, which is used again. It is for one goroutine.
type writer struct {
	out     []byte
	calls   []event.Raw
	ends    []int  // where each call ends in out
	context []byte // of the spans or records of a scope: the member "context"
	seen    map[string]int
	mended  bool // the call under way had text that is not UTF-8
}

// keepBytes is the largest buffer that is kept for the next request.
const keepBytes = 4 << 20

func (w *writer) reset(size int) {
	if cap(w.out) > keepBytes {
		w.out = nil
	}
	clear(w.calls)
	clear(w.seen)
	w.out, w.calls, w.ends = w.out[:0], w.calls[:0], w.ends[:0]
	if cap(w.out) < size { // nothing is written shorter than it was sent, in protobuf at least
		w.out = make([]byte, 0, size+size/4+1024)
	}
}

// finish returns the calls. They are good until the next reset.
func (w *writer) finish() []event.Raw {
	from := 0
	for i, end := range w.ends {
		w.calls[i].JSON = w.out[from:end:end]
		from = end
	}
	return w.calls
}

// begin starts a call of a type.
func (w *writer) begin(typ, name string) {
	w.mended = false
	w.out = append(w.out, `{"type":"`...)
	w.out = append(append(w.out, typ...), '"')
	w.member("name", name)
}

// end finishes the call that was begun.
func (w *writer) end(raw event.Raw) {
	w.out = append(w.out, '}')
	if w.mended {
		raw.Repairs = append(raw.Repairs, event.Repair{Code: "invalid_utf8"})
	}
	w.calls = append(w.calls, raw)
	w.ends = append(w.ends, len(w.out))
}

// scope prepares the context of what follows: the resource, the scope and how it came.
func (w *writer) scope(resource pcommon.Resource, scope pcommon.InstrumentationScope) {
	from := len(w.out)
	w.out = append(w.out, `"context":{"library":{"name":"otlp"},"resource":`...)
	w.attributes(resource.Attributes())
	w.out = append(w.out, `,"scope":{`...)
	w.member("name", scope.Name())
	w.member("version", scope.Version())
	if scope.Attributes().Len() > 0 {
		w.key("attributes")
		w.attributes(scope.Attributes())
	}
	w.out = append(w.out, '}', '}')
	w.context = append(w.context[:0], w.out[from:]...)
	w.out = w.out[:from]
}

// shared appends what calls of either type have: properties and context.
func (w *writer) shared(attributes pcommon.Map) {
	if attributes.Len() > 0 {
		w.key("properties")
		w.attributes(attributes)
	}
	w.comma()
	w.out = append(w.out, w.context...)
}

// dropped says how much the sender's SDK left out by its own limits.
func (w *writer) dropped(k string, n uint32) {
	if n > 0 {
		w.key(k)
		w.out = strconv.AppendUint(w.out, uint64(n), 10)
	}
}
