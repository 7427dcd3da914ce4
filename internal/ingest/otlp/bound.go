package otlp

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// Bounds of what is decoded. A body of a few megabytes can hold millions of empty messages, or one value
// nested so deep that decoding it takes all memory there is; the decoder checks neither.
const (
	maxMessages = 1 << 20
	maxNesting  = 1024 // of messages; a value in a list is two of them
)

var (
	errTooMany = errors.New("too many messages")
	errTooDeep = errors.New("too deep")
)

// bounded looks over a request before it is decoded.
func bounded(text []byte, e encoding, s signal) error {
	if e == encodingJSON {
		return boundedJSON(text)
	}
	b := bounds{}
	return b.walk(text, request(s), 0)
}

// boundedJSON counts objects and levels, outside strings.
func boundedJSON(text []byte) error {
	objects, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = stringEnd(text, i+1)
		case '{', '[':
			if objects++; objects > maxMessages {
				return errTooMany
			}
			if depth++; depth > 2*maxNesting {
				return errTooDeep
			}
		case '}', ']':
			depth--
		}
	}
	return nil
}

// stringEnd returns where the string that i lies in ends, at its closing quote or the end of the text.
func stringEnd(text []byte, i int) int {
	for i < len(text) {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return len(text)
		}
		i += n
		slashes := 0
		for text[i-1-slashes] == '\\' { // ends at the opening quote at the latest
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
		i++
	}
	return i
}

// shape says which fields of a message are messages: those that matter for bounds.
type shape map[uint64]shape

// request is the shape of a request, whose values may hold values.
func request(s signal) shape {
	value, pair := shape{}, shape{}
	pair[2] = value
	value[5] = shape{1: value} // array_value
	value[6] = shape{1: pair}  // kvlist_value
	var record shape
	switch s {
	case signalTraces:
		record = shape{9: pair, 11: {3: pair}, 13: {4: pair}, 15: {}}
	case signalLogs:
		record = shape{5: value, 6: pair}
	case signalMetrics:
		exemplar := shape{7: pair}
		number := shape{1: {7: pair, 5: exemplar}}
		record = shape{
			5: number, 7: number, // gauge, sum
			9:  {1: {9: pair, 8: exemplar}},                // histogram
			10: {1: {1: pair, 8: {}, 9: {}, 11: exemplar}}, // exponential histogram
			11: {1: {7: pair, 6: {}}},                      // summary
			12: pair,                                       // metadata
		}
	}
	return shape{1: {1: {1: pair, 3: {}}, 2: {1: {3: pair}, 2: record}}}
}

type bounds struct{ messages int }

// walk counts the messages in one, and stops where it does not understand: so will the decoder.
func (b *bounds) walk(text []byte, s shape, depth int) error {
	if depth > maxNesting {
		return errTooDeep
	}
	for len(text) > 0 {
		tag, n := binary.Uvarint(text)
		if n <= 0 {
			return nil
		}
		text = text[n:]
		size := 0
		switch tag & 7 {
		case 0: // varint
			if _, size = binary.Uvarint(text); size <= 0 {
				return nil
			}
		case 1: // 64 bits
			size = 8
		case 5: // 32 bits
			size = 4
		case 2: // length and as many bytes
			length, n := binary.Uvarint(text)
			if n <= 0 || length > uint64(len(text)-n) {
				return nil
			}
			text = text[n:]
			size = int(length)
			inner, ok := s[tag>>3]
			if !ok {
				break
			}
			if b.messages++; b.messages > maxMessages {
				return errTooMany
			}
			if err := b.walk(text[:size], inner, depth+1); err != nil {
				return err
			}
		}
		// What a group holds (3, 4) is read as if the message held it.
		if size > len(text) {
			return nil
		}
		text = text[size:]
	}
	return nil
}
