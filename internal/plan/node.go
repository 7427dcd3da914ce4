package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// node is one value of a file, in the order in which it was written.
type node struct {
	kind    byte     // { [ " 0 t f n: how its JSON begins; 0 for any number
	text    string   // of a string its value; of a number its JSON
	members []member // of an object
	items   []*node  // of an array
	line    int
}

type member struct {
	key   string
	line  int
	value *node
}

// maxDepth bounds the nesting of plans and of calls.
const maxDepth = 256

// get returns a member of an object, the last of that name; nil if there is none.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].key == key {
			return n.members[i].value
		}
	}
	return nil
}

func (n *node) word() string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	}
	return "null"
}

// lineError is a fault at a line of a file.
func lineError(line int, path, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	return fmt.Errorf("line %d: %s", line, text)
}

// jsonReader builds nodes from JSON.
type jsonReader struct {
	data []byte
	dec  *json.Decoder
	at   int64 // offset up to which lines are counted
	line int
}

func parseJSON(data []byte) (*node, error) {
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err == nil {
		if _, err = r.dec.Token(); err == nil {
			err = errors.New("something follows the value")
		} else if errors.Is(err, io.EOF) {
			return n, nil
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("line %d: %w", r.count(), err)
}

// count returns the line of the last token.
func (r *jsonReader) count() int {
	to := min(r.dec.InputOffset(), int64(len(r.data)))
	r.line += bytes.Count(r.data[r.at:to], []byte{'\n'})
	r.at = to
	return r.line
}

func (r *jsonReader) value(depth int) (*node, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &node{line: r.count()}
	switch v := token.(type) {
	case json.Delim:
		if depth++; depth > maxDepth {
			return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
		}
		n.kind = byte(v)
		return n, r.container(n, depth)
	case string:
		n.kind, n.text = '"', v
	case json.Number:
		n.kind, n.text = '0', v.String()
	case bool:
		n.kind = strconv.FormatBool(v)[0]
	default:
		n.kind = 'n'
	}
	return n, nil
}

func (r *jsonReader) container(n *node, depth int) error {
	for r.dec.More() {
		m := member{}
		if n.kind == '{' {
			token, err := r.dec.Token()
			if err != nil {
				return err
			}
			m.key, m.line = token.(string), r.count()
		}
		value, err := r.value(depth)
		if err != nil {
			return err
		}
		if m.value = value; n.kind == '{' {
			n.members = append(n.members, m)
		} else {
			n.items = append(n.items, value)
		}
	}
	_, err := r.dec.Token()
	return err
}

// appendJSON writes a node in one line.
func (n *node) appendJSON(b []byte) []byte {
	switch n.kind {
	case '{':
		b = append(b, '{')
		for i, m := range n.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, m.key), ':')
			b = m.value.appendJSON(b)
		}
		return append(b, '}')
	case '[':
		b = append(b, '[')
		for i, item := range n.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	case '"':
		return appendString(b, n.text)
	case '0':
		return append(b, n.text...)
	case 't':
		return append(b, "true"...)
	case 'f':
		return append(b, "false"...)
	}
	return append(b, "null"...)
}

func appendString(b []byte, s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(fmt.Sprintf("BUG: encode string: %v", err))
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})...)
}

// join adds a member's name to a path.
func join(path, key string) string {
	if strings.ContainsAny(key, " .[]/") || key == "" {
		return path + "[" + strconv.Quote(key) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
