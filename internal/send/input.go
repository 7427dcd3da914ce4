package send

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"github.com/valyala/fastjson"
)

// maxLine bounds a line; servers take less.
const maxLine = 32 << 20

// errEnd says that there are no further lines.
var errEnd = errors.New("end of input")

// Input is a stream of calls, one JSON object a line: plain, gzip or zstd, which is found out by its
// first bytes.
type Input struct {
	lines *bufio.Reader
	id    string // of the content, by its beginning
	at    mark
	raw   *countingReader
	size  int64 // of what raw reads; 0 when unknown
	parse fastjson.Parser
	arena fastjson.Arena
	close func()
}

// mark is a place in the decompressed input.
type mark struct {
	Offset int64 `json:"offset"` // bytes
	Line   int64 `json:"line"`   // lines read
}

// Open opens a file, or standard input for "-".
func Open(name string, stdin io.Reader) (*Input, error) {
	if name == "-" {
		return NewInput(stdin, 0)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open calls: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open calls: %w", err)
	}
	in, err := NewInput(f, info.Size())
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open calls %s: %w", name, err)
	}
	in.close = func() { _ = f.Close() }
	return in, nil
}

// identified is how many bytes of the beginning tell one input from another.
const identified = 4096

// NewInput reads calls from r. Size is the number of bytes that r will give, for the progress; 0 is unknown.
func NewInput(r io.Reader, size int64) (*Input, error) {
	raw := &countingReader{r: r}
	in := &Input{raw: raw, size: size, close: func() {}}
	buffered := bufio.NewReaderSize(raw, 256<<10)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var plain io.Reader = buffered
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		plain, err = gzip.NewReader(buffered)
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		plain, err = zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1))
	default:
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	in.lines = bufio.NewReaderSize(plain, 256<<10)
	start, err := in.lines.Peek(identified)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read: %w", err)
	}
	sum := sha256.Sum256(start)
	in.id = hex.EncodeToString(sum[:16])
	return in, nil
}

// Close closes the file that Open opened.
func (in *Input) Close() { in.close() }

// line is a line that was read: a call, a fault, or nothing.
type line struct {
	json  []byte
	fault string
}

// next reads a line. A line without an event id is given one that depends on the beginning of the
// input, its number and its text, so that sending it again is a duplicate.
func (in *Input) next() (line, error) {
	text, tooLong, err := in.readLine()
	if err != nil {
		return line{}, err
	}
	if tooLong {
		return line{fault: fmt.Sprintf("longer than %d bytes", maxLine)}, nil
	}
	text = bytes.TrimSpace(text)
	if in.at.Line == 1 {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	}
	if len(text) == 0 {
		return line{}, nil
	}
	v, err := in.parse.ParseBytes(text)
	if err != nil {
		return line{fault: "not JSON"}, nil // the parser's error quotes the line, which is the user's
	}
	if v.Type() != fastjson.TypeObject {
		return line{fault: "not a JSON object"}, nil
	}
	if id := v.Get("messageId"); id == nil || id.Type() == fastjson.TypeNull || (id.Type() == fastjson.TypeString && len(id.GetStringBytes()) == 0) {
		h := sha256.New()
		fmt.Fprintf(h, "%s %d ", in.id, in.at.Line)
		h.Write(text)
		in.arena.Reset()
		v.Set("messageId", in.arena.NewString("send-"+hex.EncodeToString(h.Sum(nil)[:16])))
		return line{json: v.MarshalTo(nil)}, nil
	}
	return line{json: bytes.Clone(text)}, nil
}

// Read returns the next line that is not empty, for readers that send nothing: its number from 1, and the
// call or what is wrong with the line. At the end it returns [io.EOF].
func (in *Input) Read() (number int64, call []byte, fault string, err error) {
	for {
		l, err := in.next()
		switch {
		case errors.Is(err, errEnd):
			return in.at.Line, nil, "", io.EOF
		case err != nil:
			return in.at.Line, nil, "", fmt.Errorf("read line %d: %w", in.at.Line+1, err)
		case l.json != nil || l.fault != "":
			return in.at.Line, l.json, l.fault, nil
		}
	}
}

// readLine returns the next line, which is valid until the next call, and moves the mark behind it.
func (in *Input) readLine() (text []byte, tooLong bool, err error) {
	for {
		part, err := in.lines.ReadSlice('\n')
		in.at.Offset += int64(len(part))
		if len(text)+len(part) > maxLine {
			text, tooLong = text[:0], true
		}
		if !tooLong {
			if text == nil && err == nil {
				in.at.Line++
				return part, false, nil
			}
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(text) == 0 && !tooLong:
			return nil, false, errEnd
		case err != nil && !errors.Is(err, io.EOF):
			return nil, false, err
		}
		in.at.Line++
		return text, tooLong, nil
	}
}

// skip moves to a mark of an earlier run.
func (in *Input) skip(to mark) error {
	n, err := io.CopyN(io.Discard, in.lines, to.Offset)
	if err != nil {
		return fmt.Errorf("the input ends at byte %d, before byte %d where the last run stopped", n, to.Offset)
	}
	in.at = to
	return nil
}

// share is how much of the input was read, 0 to 1; -1 when its size is unknown.
func (in *Input) share() float64 {
	if in.size <= 0 {
		return -1
	}
	return min(1, float64(in.raw.n.Load())/float64(in.size))
}

// countingReader counts what is read through it, for a reader in another goroutine.
type countingReader struct {
	r io.Reader
	n atomic.Int64
}

// Read counts.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
