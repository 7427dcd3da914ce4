package duckstore

import (
	"encoding/json"
	"strconv"
	"strings"
)

// normalProperties returns properties in a writing that DuckDB's JSON functions read as query.Property
// wants them read, and whether that differs from what was sent. DuckDB rewrites numbers (1.0, 1e3,
// integers beyond 64 bits) in its own way and refuses escapes that are half a surrogate pair. Such numbers
// become strings of the text that they have as values, which is the same value to every question;
// such strings are written as what they are read as.
func normalProperties(sent json.RawMessage) (json.RawMessage, bool) {
	var out []byte // once something differs
	from := 0      // of what is not in out yet
	replace := func(start, end int, with []byte) {
		out = append(append(out, sent[from:start]...), with...)
		from = end
	}
	for i := 0; i < len(sent); {
		switch c := sent[i]; {
		case c == '"':
			end, odd := stringEnd(sent, i)
			if odd {
				var s string
				if json.Unmarshal(sent[i:end], &s) == nil {
					replace(i, end, appendJSONString(nil, s))
				}
			}
			i = end
		case c == '-' || (c >= '0' && c <= '9'):
			end := i + 1
			for end < len(sent) && strings.IndexByte("0123456789+-.eE", sent[end]) >= 0 {
				end++
			}
			if number := sent[i:end]; !plainNumber(number) {
				replace(i, end, appendJSONString(nil, numberText(string(number))))
			}
			i = end
		default:
			i++
		}
	}
	if out == nil {
		return sent, false
	}
	return append(out, sent[from:]...), true
}

// stringEnd returns the index after the string that starts at i, and whether it has escapes of
// surrogates.
func stringEnd(b []byte, i int) (end int, odd bool) {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1, odd
		case '\\':
			if i+3 < len(b) && b[i+1] == 'u' && b[i+2]|0x20 == 'd' && b[i+3] >= '8' {
				odd = true
			}
			i++
		}
	}
	return len(b), odd
}

// plainNumber reports whether a number is sure to be written back by DuckDB as it stands. It may say
// no too often, which costs little.
func plainNumber(n []byte) bool {
	digits, point := 0, -1
	for i, c := range n {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			point = i
		case c != '-':
			return false
		}
	}
	if point < 0 {
		return digits <= 18 && string(n) != "-0"
	}
	integer := strings.TrimPrefix(string(n[:point]), "-")
	fraction := n[point+1:]
	return digits <= 15 && fraction[len(fraction)-1] != '0' && (integer != "0" || fraction[0] != '0')
}

// numberText is the text that a JSON number has as a value: an integer as sent, others by their value.
func numberText(s string) string {
	if s == "-0" {
		return "0"
	}
	if !strings.ContainsAny(s, ".eE") {
		return s
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s // beyond float64
	}
	out, err := json.Marshal(n + 0)
	if err != nil {
		return s
	}
	return string(out)
}
