package plan

import (
	"regexp"
	"slices"
	"strings"
)

// A plan is written in a small part of YAML that every reader takes alike: blocks, lists of words in one
// line, and strings in double quotes (which are JSON's) unless they are plain words.

var (
	plainWord  = regexp.MustCompile(`^[$A-Za-z_][A-Za-z0-9_ ./()-]*$`)
	notPlain   = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	plainLines = regexp.MustCompile(`^[!-~][ -~]*(\n[!-~][ -~]*)+$`)
)

// lineWidth is how long a list in one line may become.
const lineWidth = 100

// appendYAML writes a node as a block, indented by so many spaces; b ends at the start of a line.
func (n *node) appendYAML(b []byte, indent int) []byte {
	space := strings.Repeat(" ", indent)
	switch {
	case n.kind == '{' && len(n.members) > 0:
		for _, m := range n.members {
			b = append(append(b, space...), yamlWord(m.key)...)
			b = m.value.appendValue(append(b, ':'), indent)
		}
	case n.kind == '[' && len(n.items) > 0:
		for _, item := range n.items {
			b = item.appendItem(b, indent)
		}
	default:
		b = append(append(append(b, space...), n.yamlScalar()...), '\n')
	}
	return b
}

// appendValue writes what follows a key.
func (n *node) appendValue(b []byte, indent int) []byte {
	if line, ok := n.oneLine(); ok && len(line)+indent < lineWidth {
		return append(append(append(b, ' '), line...), '\n')
	}
	if n.kind == '"' && plainLines.MatchString(n.text) && !strings.Contains(n.text, " \n") && !strings.HasSuffix(n.text, " ") {
		b = append(b, " |-\n"...)
		for line := range strings.SplitSeq(n.text, "\n") {
			b = append(b, strings.Repeat(" ", indent+2)+line+"\n"...)
		}
		return b
	}
	if n.kind != '{' && n.kind != '[' {
		return append(append(append(b, ' '), n.yamlScalar()...), '\n')
	}
	return n.appendYAML(append(b, '\n'), indent+2)
}

// appendItem writes an element of a list: "- " takes the place of the first two spaces of its block.
func (n *node) appendItem(b []byte, indent int) []byte {
	at := len(b)
	b = n.appendYAML(b, indent+2)
	b[at+indent] = '-'
	return b
}

// oneLine writes scalars, what is empty, and lists of scalars.
func (n *node) oneLine() (string, bool) {
	switch {
	case n.kind == '"' && strings.Contains(n.text, "\n"):
		return "", false
	case n.kind == '[' && len(n.items) > 0:
		var words []string
		for _, item := range n.items {
			if item.kind == '{' || item.kind == '[' {
				return "", false
			}
			words = append(words, item.yamlScalar())
		}
		return "[" + strings.Join(words, ", ") + "]", true
	case n.kind == '{' && len(n.members) > 0:
		return "", false
	}
	return n.yamlScalar(), true
}

// yamlScalar writes a value that holds no other.
func (n *node) yamlScalar() string {
	if n.kind == '"' {
		return yamlWord(n.text)
	}
	return string(n.appendJSON(nil))
}

func yamlWord(s string) string {
	if plainWord.MatchString(s) && !strings.HasSuffix(s, " ") && !slices.Contains(notPlain, strings.ToLower(s)) {
		return s
	}
	return string(appendString(nil, s))
}
