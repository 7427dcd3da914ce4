package pii

import "strings"

// Words that say what a number beside them is. They are looked for as whole words in lower case.
var (
	phoneWords = []string{"phone", "telephone", "mobile", "cell", "cellphone", "tel", "fax", "desk", "call", "calls", "called", "ring", "dial", "text",
		"sms", "whatsapp", "answering", "reach", "contact", "landline", "handy", "telefon", "mobil", "nummer", "hotline", "callback", "number is", "number", "contacting", "them at", "registered", "reached", "phone no", "teléfono", "téléphone", "rufnummer", "telefono", "telefone", "numéro"}
	phoneWordsBehind = []string{"office", "fax", "mobile", "cell", "home"}
	otherNumberWords = []string{"order", "reference", "ref", "invoice", "ticket", "tracking", "account", "id", "case", "transaction", "booking", "confirmation",
		"serial", "sku", "isbn", "number #", "no", "code", "policy", "zip", "timestamp", "version", "amount", "price", "total", "usd", "eur", "rs", "inr"}
	cardWords    = []string{"card", "cc", "visa", "mastercard", "amex", "credit", "debit", "maestro", "karte", "kreditkarte", "carte", "tarjeta"}
	ssnWords     = []string{"ssn", "social security", "social sec", "tax id", "taxpayer", "itin"}
	licenceWords = []string{"driver license", "drivers license", "driver's license", "driver licence", "driver's licence", "driving licence", "driving license",
		"driver’s license", "license number", "licence number", "dl number", "dl no"}
)

// near reports whether one of the words stands in text, which is in lower case, as a word of its own.
func near(text string, words []string) bool {
	for _, w := range words {
		for from := 0; ; {
			i := strings.Index(text[from:], w)
			if i < 0 {
				break
			}
			i += from
			end := i + len(w)
			if (i == 0 || !isLetter(text[i-1])) && (end == len(text) || !isLetter(text[end])) {
				return true
			}
			from = i + 1
		}
	}
	return false
}

func cardWord(t string, i int) bool { return near(behind(t, i, 40), cardWords) }
