package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"
)

// The first byte of every encoded request. A change of the layout takes a new number, and DecodeRequest
// goes on reading the old ones.
const (
	requestFormat = 1
	replayFormat  = 2 // the same layout, of a replay
	// The same two where a call says what was masked in it: older programs do not know that flag.
	maskedFormat       = 3
	maskedReplayFormat = 4
)

// ErrCorrupt is wrapped by the errors of [DecodeRequest].
var ErrCorrupt = errors.New("request is corrupt")

// Flags of an encoded call.
const (
	flagSame    = 1 << iota // path, times, address and user agent are those of the call before
	flagRetried             // Retried
	flagBody                // body length and hash follow
	flagRepairs             // repairs follow
	flagReject              // a reject follows
	flagMasked              // what was masked follows
	flagsKnown  = 1<<iota - 1
)

// callTypes are written as one byte, their index; other types as 255 and a string. Never reorder.
var callTypes = [...]string{"", "track", "identify", "page", "screen", "group", "alias", "span", "log"}

const otherType = 255

// AppendRequest appends the encoding of r to dst: the record of the event log. Times keep their
// nanoseconds and lose their zone. Equal requests have equal encodings.
func AppendRequest(dst []byte, r *Request) []byte {
	format := byte(requestFormat)
	for i := range r.Calls {
		if len(r.Calls[i].Masked) > 0 {
			format = maskedFormat
			break
		}
	}
	if r.Replay {
		format++
	}
	dst = append(dst, format)
	dst = appendString(dst, r.Workspace)
	dst = appendString(dst, r.Source)
	dst = appendString(dst, r.Protocol)
	dst = appendTime(dst, r.ReceivedAt)
	dst = binary.AppendUvarint(dst, uint64(len(r.Calls)))
	for i := range r.Calls {
		var before *Raw
		if i > 0 {
			before = &r.Calls[i-1]
		}
		dst = appendCall(dst, &r.Calls[i], before)
	}
	return dst
}

func appendCall(dst []byte, c, before *Raw) []byte {
	flags := callFlags(c, before)
	dst = append(dst, flags)
	dst = appendType(dst, c.Type)
	dst = appendString(dst, c.ID)
	if flags&flagSame == 0 {
		dst = appendType(dst, c.Path)
		dst = appendTime(dst, c.SentAt)
		dst = appendString(dst, c.IP)
		dst = appendString(dst, c.UserAgent)
	}
	if flags&flagBody != 0 {
		dst = binary.AppendVarint(dst, c.BodyChars)
		dst = appendString(dst, c.BodyHash)
	}
	if flags&flagRepairs != 0 {
		dst = binary.AppendUvarint(dst, uint64(len(c.Repairs)))
		for i := range c.Repairs {
			dst = appendString(dst, c.Repairs[i].Code)
			dst = appendString(dst, c.Repairs[i].From)
			dst = appendString(dst, c.Repairs[i].To)
		}
	}
	if flags&flagReject != 0 {
		dst = appendString(dst, c.Reject.Code)
		dst = appendString(dst, c.Reject.Message)
	}
	if flags&flagMasked != 0 {
		dst = binary.AppendUvarint(dst, uint64(len(c.Masked)))
		for i := range c.Masked {
			dst = appendString(dst, c.Masked[i].Rule)
			dst = binary.AppendUvarint(dst, uint64(c.Masked[i].N))
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(c.JSON)))
	return append(dst, c.JSON...)
}

func callFlags(c, before *Raw) byte {
	var flags byte
	if before != nil && c.Path == before.Path && c.IP == before.IP && c.UserAgent == before.UserAgent &&
		c.SentAt.Equal(before.SentAt) {
		flags |= flagSame
	}
	if c.Retried {
		flags |= flagRetried
	}
	if c.BodyChars != 0 || c.BodyHash != "" {
		flags |= flagBody
	}
	if len(c.Repairs) > 0 {
		flags |= flagRepairs
	}
	if c.Reject != nil {
		flags |= flagReject
	}
	if len(c.Masked) > 0 {
		flags |= flagMasked
	}
	return flags
}

func appendString(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func appendType(dst []byte, s string) []byte {
	for i, t := range callTypes {
		if s == t {
			return append(dst, byte(i))
		}
	}
	return appendString(append(dst, otherType), s)
}

// appendTime writes 0 for the zero time, else 1, seconds since 1970 and nanoseconds.
func appendTime(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, 0)
	}
	dst = binary.AppendVarint(append(dst, 1), t.Unix())
	return binary.AppendUvarint(dst, uint64(t.Nanosecond()))
}

// DecodeRequest reads what [AppendRequest] wrote. Strings and JSON of the result alias data, which
// must not be changed while they are in use. It returns an error that wraps [ErrCorrupt] for anything
// else, and never panics.
func DecodeRequest(data []byte) (Request, error) {
	d := decoder{data: data}
	format := d.byte()
	if !d.failed && (format < requestFormat || format > maskedReplayFormat) {
		return Request{}, fmt.Errorf("decode request: format %d is not known, want %d to %d: %w", format, requestFormat, maskedReplayFormat, ErrCorrupt)
	}
	d.masked = format >= maskedFormat
	r := Request{Replay: format == replayFormat || format == maskedReplayFormat, Workspace: d.string(), Source: d.string(), Protocol: d.string(), ReceivedAt: d.time()}
	n := d.count(minCall)
	if n > 0 {
		r.Calls = make([]Raw, n)
	}
	for i := range r.Calls {
		var before *Raw
		if i > 0 {
			before = &r.Calls[i-1]
		}
		if d.call(&r.Calls[i], before); d.failed {
			return Request{}, fmt.Errorf("decode call %d of request: %w", i, ErrCorrupt)
		}
	}
	if d.failed || len(d.data) != 0 {
		return Request{}, fmt.Errorf("decode request: %w", ErrCorrupt)
	}
	return r, nil
}

// The fewest bytes that a call and a repair take: they bound what a corrupt count can allocate.
const (
	minCall   = 4 // flags, type, id, JSON
	minRepair = 3 // code, from, to
	minMasked = 2 // rule, number
)

// decoder reads fields off the front of data. After the first fault it is failed and reads zeros.
type decoder struct {
	data   []byte
	failed bool
	masked bool // calls may say what was masked
}

func (d *decoder) call(c, before *Raw) {
	flags := d.byte()
	if flags&^byte(flagsKnown) != 0 || flags&flagMasked != 0 && !d.masked || flags&flagSame != 0 && before == nil {
		d.fail()
		return
	}
	c.Type = d.callType()
	c.ID = d.string()
	c.Retried = flags&flagRetried != 0
	if flags&flagSame != 0 {
		c.Path, c.SentAt, c.IP, c.UserAgent = before.Path, before.SentAt, before.IP, before.UserAgent
	} else {
		c.Path, c.SentAt, c.IP, c.UserAgent = d.callType(), d.time(), d.string(), d.string()
	}
	if flags&flagBody != 0 {
		c.BodyChars, c.BodyHash = d.varint(), d.string()
	}
	if flags&flagRepairs != 0 {
		c.Repairs = make([]Repair, d.count(minRepair))
		for i := range c.Repairs {
			c.Repairs[i] = Repair{Code: d.string(), From: d.string(), To: d.string()}
		}
	}
	if flags&flagReject != 0 {
		c.Reject = &Reject{Code: d.string(), Message: d.string()}
	}
	if flags&flagMasked != 0 {
		c.Masked = make([]Masked, d.count(minMasked))
		for i := range c.Masked {
			c.Masked[i] = Masked{Rule: d.string(), N: int(d.uvarint() & (1<<31 - 1))}
		}
	}
	c.JSON = d.bytes()
}

func (d *decoder) fail() { d.data, d.failed = nil, true }

func (d *decoder) byte() byte {
	if len(d.data) == 0 {
		d.fail()
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.data)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[n:]
	return v
}

// count reads the number of things that follow, each of at least size bytes.
func (d *decoder) count(size int) int {
	n := d.uvarint()
	if n > uint64(len(d.data)/size) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) bytes() []byte {
	n := d.count(1)
	if n == 0 {
		return nil
	}
	b := d.data[:n:n]
	d.data = d.data[n:]
	return b
}

func (d *decoder) string() string {
	b := d.bytes()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (d *decoder) callType() string {
	b := d.byte()
	if b == otherType {
		return d.string()
	}
	if int(b) >= len(callTypes) {
		d.fail()
		return ""
	}
	return callTypes[b]
}

func (d *decoder) time() time.Time {
	switch d.byte() {
	case 0:
		return time.Time{}
	case 1:
		sec, nsec := d.varint(), d.uvarint()
		if nsec >= uint64(time.Second) {
			d.fail()
			return time.Time{}
		}
		return time.Unix(sec, int64(nsec)).UTC()
	}
	d.fail()
	return time.Time{}
}
