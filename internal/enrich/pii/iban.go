package pii

// ibanLengths are those of the countries in the registry of ISO 13616 (SWIFT, release 96).
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28,
	"CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
	"GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
	"LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18,
	"NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19,
	"SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// iban finds an account number that begins at i, and reports whether there is one.
func (s *Scanner) iban(i int) bool {
	t := s.text
	if !isLetter(t[i]) || !isLetter(t[i+1]) || i > 0 && isAlnum(t[i-1]) {
		return false
	}
	length := ibanLengths[string([]byte{t[i] &^ 0x20, t[i+1] &^ 0x20})]
	if length == 0 {
		return false
	}
	var v [34]byte
	n, j := 0, i
	for ; j < len(t) && n < length; j++ {
		switch c := t[j]; {
		case isLetter(c):
			v[n] = c &^ 0x20
			n++
		case isDigit(c):
			v[n] = c
			n++
		case (c == ' ' || c == '-' || c == '.') && n > 0 && isAlnum(t[j-1]): // one sign between groups
		default:
			return false
		}
	}
	if n < length || j < len(t) && isAlnum(t[j]) || !mod97(v[:n]) {
		return false
	}
	s.add(IBAN, i, j)
	return true
}

// mod97 checks the digits of ISO 7064: the first four signs moved to the end, letters as 10 to 35.
func mod97(v []byte) bool {
	rest := 0
	for k := range v {
		c := v[(k+4)%len(v)]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}
