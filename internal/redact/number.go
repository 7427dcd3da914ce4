package redact

import (
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
)

// number redacts a number.
func (p *pass) number(w *writer, f *frame, from, to int) {
	k := &f.info
	isBody := k.body > 0 && f.object
	if isBody && (p.seen == 0 || k.body < p.seen) {
		p.seen = k.body
	}
	if p.mode.Content == Metadata && (f.blank && !structural(k) || k.text) {
		by := "null"
		if isBody {
			p.body(k.body, alias(w.in[from:to]))
			by = `""`
		}
		p.counts[textRule]++
		w.replace(from, to, []byte(by))
		return
	}
	if p.mode.Level == Off || to-from < 3 && k.whole == pii.None {
		return
	}
	text := alias(w.in[from:to])
	if strings.ContainsAny(text, ".eE") {
		if to-from < 10 {
			return
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v != float64(int64(v)) || v < 1e11 || v >= 1e19 {
			return
		}
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	rule := pii.None
	switch {
	case k.whole == pii.Secret && string(w.in[from:to]) != "0" && to-from >= 3 && to-from <= 12, k.whole != pii.None && k.whole != pii.Secret && looksWhole(k.whole, text):
		rule = k.whole
	case len(text) >= 12:
		for _, found := range p.scan.Structured(text, pii.InID) {
			rule = found.Rule
		}
	}
	if rule == pii.None {
		return
	}
	p.counts[rule]++
	if isBody && (p.changed == 0 || k.body < p.changed) {
		p.body(k.body, alias(w.in[from:to]))
	}
	by := []byte{'"'}
	if k.hint == pii.InID {
		by = appendAlias(by, p.r.alias, rule, text)
	} else {
		by = append(append(append(by, '['), rule.String()...), ']')
	}
	w.replace(from, to, append(by, '"'))
}
