package gen

import (
	"fmt"
	"go/token"
	"strings"
	"unicode"
)

// words splits a name at what is no letter or digit, and where lower case becomes upper case.
func words(name string) []string {
	var out []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	lower := false
	for _, r := range name {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			lower = false
			continue
		case unicode.IsUpper(r) && lower:
			flush()
		}
		word.WriteRune(r)
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
	}
	flush()
	return out
}

// pascal writes a name as MessageSent; of nothing usable, or where it begins with a digit, with Event
// before it.
func pascal(name string, word func(string) string) string {
	var b strings.Builder
	for _, w := range words(name) {
		b.WriteString(word(w))
	}
	if s := b.String(); s != "" && !unicode.IsDigit(rune(s[0])) {
		return s
	}
	return "Event" + b.String()
}

// capital writes a word with a capital letter first.
func capital(w string) string {
	if strings.ToUpper(w) == w && len(w) > 1 {
		w = strings.ToLower(w)
	}
	return strings.ToUpper(w[:1]) + w[1:]
}

// goWord writes a word as Go's names have it: ID, URL.
func goWord(w string) string {
	switch strings.ToLower(w) {
	case "id", "url", "api", "ui", "ip", "http", "json", "usd", "html":
		return strings.ToUpper(w)
	}
	return capital(w)
}

// decapital writes a name as messageSent; of initials at the front, all: idOfUser.
func decapital(name string) string {
	n := 0
	for n < len(name) && unicode.IsUpper(rune(name[n])) {
		n++
	}
	if n > 1 && n < len(name) && unicode.IsLower(rune(name[n])) {
		n--
	}
	return strings.ToLower(name[:n]) + name[n:]
}

// taken keeps names apart.
type taken map[string]bool

// pick returns the name, with a number behind it if it is taken.
func (t taken) pick(name string) string {
	out := name
	for i := 2; t[out]; i++ {
		out = fmt.Sprintf("%s%d", name, i)
	}
	t[out] = true
	return out
}

// callName is what a function is named after: page and screen calls have their type in front.
func (c *call) callName() string {
	switch {
	case c.typ == "track":
		return c.name
	case c.name == "":
		return c.typ
	}
	return c.typ + " " + c.name
}

func goKeyword(name string) bool { return token.IsKeyword(name) }

// comment breaks a text into lines.
func comment(text string) []string {
	var out []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+len(word) > 98 {
			out, line = append(out, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}
