package profile

import "unicode/utf8"

// tokens counts how many tokens a text is for a model, rather too many than too few: three letters or one sign each,
// every digit, and every byte of other scripts. Vocabularies of models have most English words whole, so that
// ordinary text is about half of it.
func tokens(text string) int {
	n, run := 0, 0
	for _, c := range text {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter {
			run = 0
		}
		switch {
		case letter:
			if run%3 == 0 {
				n++
			}
			run++
		case c == ' ': // goes with the word behind it
		default:
			n += utf8.RuneLen(c)
		}
	}
	return n
}
