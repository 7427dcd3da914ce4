package pii

// Words that say what a number beside them is, in lower case.
var (
	phoneWords = set(`phone phones telephone mobile cell cellphone tel fax desk call calls called ring dial text sms whatsapp answering reach reached contact contacting
		contacted landline handy telefon mobil nummer hotline callback number registered them teléfono téléphone rufnummer telefono telefone numéro`)
	phoneWordsBehind = set(`office fax mobile cell home`)
	otherNumberWords = set(`order reference ref invoice ticket tracking account id case transaction booking confirmation serial sku isbn no code policy zip
		timestamp version amount price total usd eur rs inr`)
	cardWords    = set(`card cards cc visa mastercard amex credit debit maestro karte kreditkarte carte tarjeta`)
	ssnWords     = set(`ssn social tax taxpayer itin`)
	licenceWords = set(`license licence licenses licences licencia dl`)
	versionWords = set(`version v ver release`)
)

// longestContextWord bounds the words that are looked up.
const longestContextWord = 16

// near reports whether one of the words stands in text[from:to], as a word of its own, whatever its case.
func near(text string, from, to int, words map[string]bool) bool {
	from, to = max(0, from), min(len(text), to)
	var buf [longestContextWord]byte
	for i := from; i < to; {
		n := 0
		if i > 0 && isWordByte(text[i-1]) { // the middle of a word
			for i < to && isWordByte(text[i]) {
				i++
			}
		}
		for ; i < to && isWordByte(text[i]); i++ {
			if n < len(buf) {
				c := text[i]
				if c >= 'A' && c <= 'Z' {
					c |= 0x20
				}
				buf[n] = c
			}
			n++
		}
		if n > 0 && n <= len(buf) && words[string(buf[:n])] {
			return true
		}
		if n == 0 {
			i++
		}
	}
	return false
}

func isWordByte(c byte) bool { return classes[c] == classLetter || c >= 0x80 }

func cardWord(t string, i int) bool { return near(t, i-40, i, cardWords) }
