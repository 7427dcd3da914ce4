package storetest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/query"
)

// parseFilter reads a filter as Script describes it.
func parseFilter(s string) (*query.Filter, error) {
	p := filterParser{rest: s}
	f, err := p.filter()
	if err == nil && strings.TrimSpace(p.rest) != "" {
		err = fmt.Errorf("%q is left over", p.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("filter %s: %w", s, err)
	}
	return f, nil
}

type filterParser struct{ rest string }

func (p *filterParser) accept(c byte) bool {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// word reads a quoted string, or up to one of the characters of stop.
func (p *filterParser) word(stop string) (string, error) {
	p.rest = strings.TrimLeft(p.rest, " ")
	if quoted, err := strconv.QuotedPrefix(p.rest); err == nil {
		p.rest = p.rest[len(quoted):]
		return strconv.Unquote(quoted)
	}
	end := strings.IndexAny(p.rest, stop)
	if end < 0 {
		end = len(p.rest)
	}
	word := strings.TrimSpace(p.rest[:end])
	p.rest = p.rest[end:]
	if word == "" {
		return "", fmt.Errorf("a word is missing before %q", p.rest)
	}
	return word, nil
}

func (p *filterParser) filter() (*query.Filter, error) {
	if p.accept('!') {
		f, err := p.filter()
		return &query.Filter{Not: f}, err
	}
	name, err := p.word(":(),|")
	if err != nil {
		return nil, err
	}
	if p.accept('(') {
		return p.call(name)
	}
	if !p.accept(':') {
		return nil, fmt.Errorf("no comparison after %s", name)
	}
	cmp, err := p.word(":,)")
	if err != nil {
		return nil, err
	}
	f := query.Is(name, query.Cmp(cmp))
	for sep := byte(':'); p.accept(sep); sep = '|' {
		v, err := p.word("|,)")
		if err != nil {
			return nil, err
		}
		f.Is.Values = append(f.Is.Values, v)
	}
	return f, nil
}

// reached reads the rest of reached(STEP, "FUNNEL").
func (p *filterParser) reached() (*query.Filter, error) {
	step, err := p.word(",")
	if err != nil {
		return nil, err
	}
	p.accept(',')
	text, err := p.word(")")
	if err != nil {
		return nil, err
	}
	p.accept(')')
	f, err := parseFunnel(text)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(step)
	return &query.Filter{Reached: &query.Reached{Funnel: &f.Funnel, Step: n}}, err
}

// call reads the rest of name(FILTER, …).
func (p *filterParser) call(name string) (*query.Filter, error) {
	if name == "reached" {
		return p.reached()
	}
	parts := []*query.Filter{}
	for !p.accept(')') {
		f, err := p.filter()
		if err != nil {
			return nil, err
		}
		parts = append(parts, f)
		p.accept(',')
	}
	switch {
	case name == "and":
		return &query.Filter{And: parts}, nil
	case name == "or":
		return &query.Filter{Or: parts}, nil
	case name == "has" && len(parts) == 1:
		return &query.Filter{Has: parts[0]}, nil
	case name == "in" && len(parts) == 1:
		return &query.Filter{In: parts[0]}, nil
	}
	return nil, fmt.Errorf("no %s of %d filters", name, len(parts))
}

// formatFilter writes a filter as parseFilter reads it.
func formatFilter(f *query.Filter) string {
	call := func(name string, parts ...*query.Filter) string {
		var inner []string
		for _, p := range parts {
			inner = append(inner, formatFilter(p))
		}
		return name + "(" + strings.Join(inner, ", ") + ")"
	}
	switch {
	case f.And != nil:
		return call("and", f.And...)
	case f.Or != nil:
		return call("or", f.Or...)
	case f.Not != nil:
		return "!" + formatFilter(f.Not)
	case f.Has != nil:
		return call("has", f.Has)
	case f.In != nil:
		return call("in", f.In)
	case f.Reached != nil:
		return fmt.Sprintf("reached(%d, %s)", f.Reached.Step, strconv.Quote((&funnel{*f.Reached.Funnel}).text()))
	}
	out := quoted(f.Is.Field) + ":" + string(f.Is.Cmp)
	for i, v := range f.Is.Values {
		out += string(":|"[min(i, 1)]) + quoted(v)
	}
	return out
}

// quoted quotes a text that the syntax of scripts would cut or not show.
func quoted(s string) string {
	plain := s != "" && s != "-" && !strings.ContainsAny(s, " !:(),|\"`'#")
	if q := strconv.Quote(s); !plain || q != `"`+s+`"` {
		return q
	}
	return s
}
