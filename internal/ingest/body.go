package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// Bounds of reading.
const (
	firstRead = 4 << 10  // for a body of unknown length
	keepBytes = 1 << 20  // larger buffers are let go with their request
	drainMax  = 32 << 20 // of a body too large, read and forgotten so that the sender sees the answer
)

var (
	errTooLarge = errors.New("body is too large")
	errBusy     = errors.New("no room for the body")
)

// Body reads request bodies into buffers that it uses again: what Read returned is good until the next
// Read. The zero value is ready. It serves one request at a time.
type Body struct {
	sent, plain []byte
	src         bytes.Reader
	gzip        gzip.Reader
	zstd        *zstd.Decoder
}

// Read reads the body of r and undoes its Content-Encoding; the Content-Type means nothing, as SDKs
// send wrong ones. It returns the text and how many bytes were sent.
func (b *Body) Read(r *http.Request, l *Limits, t *Ticket) (text []byte, sent int, f *Failure) {
	encoding, f := contentEncoding(r.Header["Content-Encoding"])
	if f != nil {
		return nil, 0, f
	}
	maxSent := l.BodyBytes
	if encoding == "" {
		maxSent = min(maxSent, l.DecodedBytes)
	}
	if r.ContentLength > int64(maxSent) {
		drain(r)
		return nil, 0, tooLarge(maxSent, "sent")
	}
	var err error
	b.sent, err = readAll(shrunk(b.sent), r.Body, maxSent, int(r.ContentLength), func(n int) bool { return t.Hold(int64(n)) })
	switch {
	case err == errTooLarge:
		drain(r)
		return nil, len(b.sent), tooLarge(maxSent, "sent")
	case err == errBusy:
		return nil, len(b.sent), Busy()
	case err != nil:
		return nil, len(b.sent), &Failure{Status: 400, Code: "incomplete_body", Message: "the request body ended before its announced end"}
	case encoding == "":
		return b.sent, len(b.sent), nil
	}
	b.plain, err = b.decode(encoding, shrunk(b.plain), l.DecodedBytes, func(n int) bool { return t.Hold(int64(len(b.sent) + n)) })
	switch {
	case err == errTooLarge:
		return nil, len(b.sent), tooLarge(l.DecodedBytes, "decompressed")
	case err == errBusy:
		return nil, len(b.sent), Busy()
	case err != nil:
		return nil, len(b.sent), &Failure{Status: 400, Code: "bad_encoding", Message: "the body is not whole, valid " + encoding + " as Content-Encoding says"}
	}
	return b.plain, len(b.sent), nil
}

// Busy is the failure of a request that finds no room. SDKs take 429 for "wait and send again", and some
// of them only 429.
func Busy() *Failure {
	return &Failure{Status: 429, Code: "busy", Message: "the server is busy; send again later", RetryAfter: 1}
}

// tooLarge answers 400 and not 413: Swift's SDK drops a batch for good on 400 alone, and keeps sending
// it else.
func tooLarge(limit int, how string) *Failure {
	return &Failure{Status: 400, Code: "payload_too_large", Message: fmt.Sprintf("the body is larger than %d bytes %s", limit, how)}
}

// contentEncoding returns the one encoding of a body, "" for none.
func contentEncoding(headers []string) (string, *Failure) {
	found := ""
	for _, h := range headers {
		for name := range strings.SplitSeq(h, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			switch {
			case name == "" || name == "identity":
			case found != "":
				return "", &Failure{Status: 400, Code: "bad_encoding", Message: "the body has more than one Content-Encoding; use gzip, deflate, zstd or br alone"}
			case name == "gzip" || name == "x-gzip":
				found = "gzip"
			case name == "deflate" || name == "zstd" || name == "br":
				found = name
			default:
				return "", &Failure{Status: 400, Code: "bad_encoding", Message: "this Content-Encoding is not supported; use gzip, deflate, zstd or br"}
			}
		}
	}
	return found, nil
}

func drain(r *http.Request) {
	if r.ContentLength <= drainMax {
		_, _ = io.CopyN(io.Discard, r.Body, drainMax)
	}
}

// shrunk empties a buffer for use, and lets a large one go.
func shrunk(buf []byte) []byte {
	if cap(buf) > keepBytes {
		return nil
	}
	return buf[:0]
}

// readAll appends what src has to dst, up to max bytes. size is what is expected, or negative. hold is
// asked for room before the buffer grows. One byte of capacity is left over, for the scanner's mark.
func readAll(dst []byte, src io.Reader, max, size int, hold func(int) bool) ([]byte, error) {
	want := firstRead
	if size >= 0 {
		want = size + 2
	}
	for {
		if len(dst)+1 >= cap(dst) || want > cap(dst) {
			want = min(want, max+2)
			if !hold(want) {
				return dst, errBusy
			}
			if want > cap(dst) {
				dst = append(make([]byte, 0, want), dst...)
			}
		}
		n, err := src.Read(dst[len(dst) : cap(dst)-1])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > max:
			return dst, errTooLarge
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, err
		}
		if len(dst)+1 >= cap(dst) {
			want = 2 * cap(dst)
		}
	}
}

// decode undoes an encoding of b.sent.
func (b *Body) decode(encoding string, dst []byte, max int, hold func(int) bool) ([]byte, error) {
	b.src.Reset(b.sent)
	src, err := b.decoder(encoding)
	if err != nil {
		return dst, err
	}
	return readAll(dst, src, max, 4*len(b.sent), hold)
}

func (b *Body) decoder(encoding string) (io.Reader, error) {
	switch encoding {
	case "gzip":
		if err := b.gzip.Reset(&b.src); err != nil {
			return nil, err
		}
		return &b.gzip, nil
	case "zstd":
		if b.zstd == nil {
			// One goroutine, and a window no larger than RFC 8878 asks of every decoder.
			d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
			if err != nil {
				return nil, err
			}
			b.zstd = d
		}
		return b.zstd, b.zstd.Reset(&b.src)
	case "br":
		return brotli.NewReader(&b.src), nil
	}
	// "deflate" is zlib by RFC 9110; some clients send it bare.
	if isZlib(b.sent) {
		return zlib.NewReader(&b.src)
	}
	return flate.NewReader(&b.src), nil
}

// isZlib looks at the header of RFC 1950: method 8, and a check of 31.
func isZlib(data []byte) bool {
	return len(data) >= 2 && data[0]&15 == 8 && (int(data[0])<<8|int(data[1]))%31 == 0
}
