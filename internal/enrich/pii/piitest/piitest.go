// Package piitest makes personal data that nobody has, for tests that look for what is left of it.
package piitest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Form makes personal data of one form. It returns what is sent, and the parts that must not be found
// afterwards, of eight bytes at least each.
type Form func(r *rand.Rand) (sent string, parts []string)

// Forms are those that the structured rules know.
var Forms = []Form{
	func(r *rand.Rand) (string, []string) { return whole(card(r, "4", 16)) },
	func(r *rand.Rand) (string, []string) { return separated(card(r, "4", 16), "-", 4, 4, 4, 4) },
	func(r *rand.Rand) (string, []string) { return separated(card(r, "37", 15), " ", 4, 6, 5) },
	func(r *rand.Rand) (string, []string) {
		n := card(r, "52", 16)
		return wide(n), []string{wide(n), n}
	},
	func(r *rand.Rand) (string, []string) {
		return separated(card(r, "6011", 16), ".", 2, 2, 2, 2, 2, 2, 2, 2)
	},
	func(r *rand.Rand) (string, []string) { return whole(email(r)) },
	func(r *rand.Rand) (string, []string) { return written(email(r), "%40") },
	func(r *rand.Rand) (string, []string) { return written(email(r), "\u200b@") },
	func(r *rand.Rand) (string, []string) { return written(email(r), " (at) ") },
	func(r *rand.Rand) (string, []string) {
		s := strings.ToUpper(email(r))
		return "<" + s + ">", []string{s}
	},
	func(r *rand.Rand) (string, []string) { return behind("+49", digits(r, 10)) },
	func(r *rand.Rand) (string, []string) {
		n := "2" + digits(r, 9)
		s := "+1 (" + n[:3] + ") " + n[3:6] + "-" + n[6:]
		return s, []string{s, n[3:6] + "-" + n[6:]}
	},
	func(r *rand.Rand) (string, []string) { return separated("3"+digits(r, 9), "-", 3, 3, 4) },
	func(r *rand.Rand) (string, []string) { return behind("+49 30 ", digits(r, 8)) },
	func(r *rand.Rand) (string, []string) { return behind("0049 30 ", digits(r, 8)) },
	func(r *rand.Rand) (string, []string) { return behind("sk-proj-", Word(r, 40)) },
	func(r *rand.Rand) (string, []string) { return whole("AKIA" + strings.ToUpper(Word(r, 16))) },
	func(r *rand.Rand) (string, []string) { return behind("ghp_", Word(r, 36)) },
	func(r *rand.Rand) (string, []string) {
		s := Word(r, 36)
		return "Bearer " + s, []string{s}
	},
	func(r *rand.Rand) (string, []string) {
		s := Word(r, 12)
		return "https://app:" + s + "@db.example/x", []string{s}
	},
	func(r *rand.Rand) (string, []string) {
		s := "eyJhbGciOiJIUzI1NiJ9." + Word(r, 40) + "." + Word(r, 40)
		return s, []string{s, s[21:61]}
	},
}

// Word makes n letters and digits, some of both; n is at least 10.
func Word(r *rand.Rand, n int) string {
	const signs = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = signs[r.IntN(len(signs))]
	}
	copy(b[n/2:], "a7Bc9")
	return string(b)
}

func whole(s string) (string, []string) { return s, []string{s} }

func behind(prefix, s string) (string, []string) { return prefix + s, []string{prefix + s, s} }

// separated writes digits in groups.
func separated(n, sep string, sizes ...int) (string, []string) {
	var parts []string
	for rest := n; len(sizes) > 0; sizes = sizes[1:] {
		parts, rest = append(parts, rest[:sizes[0]]), rest[sizes[0]:]
	}
	s := strings.Join(parts, sep)
	return s, []string{s, n}
}

// written writes an address with another sign.
func written(address, sign string) (string, []string) {
	s := strings.Replace(address, "@", sign, 1)
	return s, []string{s, address}
}

// wide writes digits in full width.
func wide(n string) string {
	return strings.Map(func(c rune) rune { return c - '0' + '０' }, n)
}

func email(r *rand.Rand) string { return "leak." + strings.ToLower(Word(r, 10)) + "@mail.example.org" }

func digits(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('1' + r.IntN(9))
	}
	return string(b)
}

// card makes a number with a prefix and the right check digit.
func card(r *rand.Rand, prefix string, length int) string {
	n := prefix + digits(r, length-1-len(prefix))
	sum := 0
	for i := range n {
		v := int(n[len(n)-1-i] - '0')
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return n + fmt.Sprint((10-sum%10)%10)
}
