package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"strconv"
	"strings"
	"unicode"

	"github.com/debrief-dev/debrief/internal/destination"
)

// hidden stands for what a reason may not say.
const hidden = "…"

// clean takes out of a reason what is secret, and every word that also stands in a value of the call: places quote
// what they were sent.
func (c *courier) clean(reason string, it *item) string {
	return hideWords(hideSecrets(destination.Shorten(reason), c.secrets), wordsOf(it.call))
}

func hideSecrets(text string, secrets []string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, hidden)
	}
	return text
}

// shortest is the length in bytes of words that may be somebody's.
const shortest = 3

// hideWords replaces words of a text, and merges neighbours.
func hideWords(text string, words map[string]bool) string {
	var b strings.Builder
	for len(text) > 0 {
		inside := strings.IndexFunc(text, isWord)
		if inside < 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:inside])
		text = text[inside:]
		end := strings.IndexFunc(text, func(r rune) bool { return !isWord(r) })
		if end < 0 {
			end = len(text)
		}
		if word := text[:end]; len(word) >= shortest && words[strings.ToLower(word)] {
			b.WriteString(hidden)
		} else {
			b.WriteString(word)
		}
		text = text[end:]
	}
	out := b.String()
	for strings.Contains(out, hidden+" "+hidden) {
		out = strings.ReplaceAll(out, hidden+" "+hidden, hidden)
	}
	return out
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// wordsOf are the words of a call's values, in lower case; its keys, and what is no client's (type, times of
// ours), are not looked at. A call that is no JSON is all words.
func wordsOf(call json.RawMessage) map[string]bool {
	words := map[string]bool{}
	add := func(text string) {
		for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !isWord(r) }) {
			words[strings.ToLower(w)] = true
		}
	}
	d := json.NewDecoder(bytes.NewReader(call))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		add(string(call))
		return words
	}
	if top, ok := value.(map[string]any); ok {
		delete(top, "type")
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			add(v)
		case json.Number:
			add(v.String())
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, m := range v {
				walk(m)
			}
		}
	}
	walk(value)
	return words
}

// codeOf names the kind of an error that is tried again.
func codeOf(err error) string {
	var status *destination.StatusError
	var dns *net.DNSError
	switch {
	case errors.As(err, &status):
		return strconv.Itoa(status.Status)
	case errors.As(err, &dns):
		return "unknown_host"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, destination.ErrUnavailable):
		return "unreachable"
	}
	return "error"
}
