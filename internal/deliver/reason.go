package deliver

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"slices"
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

// hideSecrets takes secrets out of a text, which may have been cut within one.
func hideSecrets(text string, secrets []string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, hidden)
	}
	rest := strings.TrimSuffix(text, hidden)
	for _, s := range secrets {
		for n := min(len(s), len(rest)); n >= leastSecret; n-- {
			if strings.HasSuffix(rest, s[:n]) {
				return rest[:len(rest)-n] + hidden
			}
		}
	}
	return text
}

// leastSecret is the length in bytes of secrets that are long enough to be told from other text.
const leastSecret = 6

// secretsOf are the secret values of a destination, those that are too short aside, what comes after the host of addresses,
// and all of it as Basic authentication and the like write it. The longest are first, for one may be part of another.
func secretsOf(spec *destination.Spec, settings destination.Settings) []string {
	var all []string
	add := func(texts ...string) {
		for _, text := range texts {
			if len(text) >= leastSecret {
				all = append(all, text)
			}
		}
	}
	for _, s := range spec.Settings {
		if !s.Secret {
			continue
		}
		value := settings[s.Key]
		add(value)
		switch s.Type {
		case destination.Map:
			for _, pair := range settings.Pairs(s.Key) {
				add(pair.Value)
				add(strings.Fields(pair.Value)...)
			}
		case destination.URL:
			add(afterHost(value)...)
		}
	}
	for _, s := range all {
		add(inBase64(s)...)
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

// afterHost is what an address holds after its host, whole and in parts.
func afterHost(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	all := append([]string{u.RawQuery}, strings.Split(u.EscapedPath(), "/")...)
	all = append(all, strings.Split(u.Path, "/")...)
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	return all
}

// inBase64 is what stands in the base64 of any text that holds a secret, at each of the places where it may begin.
func inBase64(secret string) []string {
	var all []string
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + secret))
		first, last := (before*8+5)/6, (before+len(secret))*8/6 // of the characters that hang on the secret alone
		all = append(all, text[first:last])
	}
	return all
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
