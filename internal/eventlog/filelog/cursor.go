package filelog

import (
	"errors"
	"fmt"
	"io"

	"github.com/debrief-dev/debrief/internal/eventlog"
)

// readBytes is what a cursor reads at once; a larger record makes it read more.
const readBytes = 128 << 10

// cursor reads the frames of one segment file in order.
type cursor struct {
	file file
	off  int64 // in the file, of the bytes not decoded yet
	buf  []byte
	r, w int // buf[r:w] are those bytes, as far as read
}

// reset puts the cursor on the first frame of a file.
func (c *cursor) reset(f file) {
	c.file, c.off, c.r, c.w = f, headerSize, 0, 0
}

// buffered judges the next frame by what has been read, and steps over it if it is a record. It steps
// over padding before that.
func (c *cursor) buffered(want eventlog.Position) (f frame, record []byte, need int, v verdict) {
	for {
		f, need, v = decode(c.buf[c.r:c.w], want)
		if v != whole && v != padding {
			return f, nil, need, v
		}
		start := c.r + frameSize
		c.r += need
		c.off += int64(need)
		if v == whole {
			return f, c.buf[start:c.r:c.r], need, v
		}
	}
}

// next is buffered, reading as much as it takes, but not beyond end.
func (c *cursor) next(want eventlog.Position, end int64) (frame, []byte, verdict, error) {
	for {
		f, record, need, v := c.buffered(want)
		if v != cutShort {
			return f, record, v, nil
		}
		if ok, err := c.fill(need, end); !ok || err != nil {
			return f, nil, v, err
		}
	}
}

// fill reads until need bytes are buffered; false if there are fewer before end. Records handed out
// before are no longer valid.
func (c *cursor) fill(need int, end int64) (bool, error) {
	have := c.w - c.r
	if c.off+int64(need) > end {
		return false, nil
	}
	size := max(need, readBytes)
	switch {
	case len(c.buf) < need, len(c.buf) > 8*readBytes && need <= readBytes:
		buf := make([]byte, size)
		copy(buf, c.buf[c.r:c.w])
		c.buf = buf
	default:
		copy(c.buf, c.buf[c.r:c.w])
	}
	c.r, c.w = 0, have
	n, err := c.file.ReadAt(c.buf[have:min(int64(len(c.buf)), end-c.off)], c.off+int64(have))
	c.w += n
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read event log: %w", err)
	}
	return c.w >= need, nil
}
