package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// email finds the address around the sign at i.
func (s *Scanner) email(i int) {
	t := s.text
	start, end := localStart(t, i), domainEnd(t, i+1)
	if start < i && end > 0 {
		s.add(Email, start, end)
		return
	}
	// "john.doe @ example.com": the space is a mistake only where the left side is no plain word
	if i > 1 && t[i-1] == ' ' && i+1 < len(t) && t[i+1] == ' ' {
		start, end = localStart(t, i-1), domainEnd(t, i+2)
		if start < i-1 && end > 0 && strings.ContainsAny(t[start:i-1], "._0123456789") {
			s.add(Email, start, end)
		}
	}
}

// spelledEmail finds an address with (at) or [at] for the sign at i.
func (s *Scanner) spelledEmail(i int) {
	t := s.text
	if i+3 >= len(t) || t[i+3] != t[i]+1+t[i]>>6 { // ')' follows '(' by one, ']' follows '[' by two
		return
	}
	left, right := i, i+4
	if left > 0 && t[left-1] == ' ' {
		left--
	}
	if right < len(t) && t[right] == ' ' {
		right++
	}
	start := localStart(t, left)
	if start == left {
		return
	}
	end := domainEnd(t, right)
	if end == 0 {
		end = spelledDomain(t, right)
	}
	if end > 0 {
		s.add(Email, start, end)
	}
}

// spelledDomain reads "example (dot) com".
func spelledDomain(t string, i int) int {
	j := i
	for j < len(t) && (isAlnum(t[j]) || t[j] == '-') {
		j++
	}
	if j == i {
		return 0
	}
	end := 0
	for {
		k := j
		for k < len(t) && t[k] == ' ' {
			k++
		}
		if !hasFold(t, k, "(dot)") && !hasFold(t, k, "[dot]") && !hasFold(t, k, "dot ") {
			return end
		}
		k += 5
		if t[k-1] != ')' && t[k-1] != ']' {
			k--
		}
		for k < len(t) && t[k] == ' ' {
			k++
		}
		if j = k; j >= len(t) || !isLetter(t[j]) {
			return end
		}
		for j < len(t) && (isAlnum(t[j]) || t[j] == '-') {
			j++
		}
		end = j
	}
}

// localStart goes back over the local part of an address that ends at i.
func localStart(t string, i int) int {
	j := i
	for j > 0 {
		c := t[j-1]
		switch {
		case isAlnum(c), c == '.', c == '_', c == '-', c == '+', c == '\'', c == '~':
			j--
			continue
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeLastRuneInString(t[:j])
			if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
				j -= n
				continue
			}
		}
		break
	}
	for j < i && (t[j] == '.' || t[j] == '\'' || t[j] == '-' || t[j] == '~') {
		j++
	}
	return j
}

// domainEnd returns where the domain that begins at i ends; 0 if there is none with a top level of letters.
func domainEnd(t string, i int) int {
	end, dots, label := 0, 0, i
	for j := i; ; {
		c := byte(0)
		if j < len(t) {
			c = t[j]
		}
		switch {
		case isAlnum(c) || c == '-':
			j++
			continue
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(t[j:])
			if unicode.IsLetter(r) || unicode.IsMark(r) {
				j += n
				continue
			}
		}
		if j == label {
			return end
		}
		if dots > 0 && topLevel(t[label:j]) {
			end = j
			for t[end-1] == '-' {
				end--
			}
		}
		if c != '.' {
			if end == 0 && dots > 0 { // "ann@example.com-1": the rest belongs to something else
				k := label
				for k < j && isLetter(t[k]) {
					k++
				}
				if k-label >= 2 {
					return k
				}
			}
			return end
		}
		dots++
		j++
		label = j
	}
}

func topLevel(label string) bool {
	if len(label) > 4 && strings.EqualFold(label[:4], "xn--") {
		return true
	}
	if len(label) < 2 {
		return false
	}
	for i := range len(label) {
		if !isLetter(label[i]) && label[i] < utf8.RuneSelf {
			return false
		}
	}
	return true
}
