// Package pii finds personal data and secrets in text: what has a form of its own, such as e-mail
// addresses, cards, phone numbers and keys (the structured rules), and what only its surroundings tell, such as names and
// addresses (all rules).
//
// Findings are byte ranges; what becomes of them is the business of package redact at the door, and of
// whoever else asks. Everything here is a pure function of the text. Precision comes before recall where
// a number may as well be a price, a date or an order: such numbers need a word beside them that says more.
package pii

import "slices"

// Rule is one kind of finding. Its text is what stands in the place of what was found: "[email]".
type Rule uint8

// The structured rules, then those that need the surroundings.
const (
	None    Rule = iota
	Email        // an e-mail address
	Card         // a payment card: an issuer's prefix, its length, and the check digit (ISO/IEC 7812)
	IBAN         // a bank account: country, its length, and the check digits (ISO 13616)
	Phone        // a phone number
	SSN          // a United States social security number
	IP           // an address of IPv4 or IPv6
	Licence      // a driving licence beside a word that says so
	Secret       // a key, token, password, or private key
	URL          // a web address or domain; found, but masked by all rules alone

	Person       // a name of a person
	Address      // a street address, or a part of one
	Place        // a city, region or country
	Organisation // a company
	Date         // a date of birth, or any date
	Age          // an age
	Postcode     // a postal code
	Title        // a form of address
	Group        // a nationality, religion or political group
	ruleCount
)

var ruleNames = [ruleCount]string{"", "email", "card", "iban", "phone", "ssn", "ip", "licence", "secret", "url",
	"name", "address", "place", "organisation", "date", "age", "postcode", "title", "group"}

// String is the rule's word: stable, lower case.
func (r Rule) String() string { return ruleNames[r] }

// Structured reports whether the rule needs no more than the form of what it finds.
func (r Rule) Structured() bool { return r >= Email && r <= URL }

// Rules are all of them in their order, None left out.
func Rules() []Rule {
	var out []Rule
	for r := None + 1; r < ruleCount; r++ {
		out = append(out, r)
	}
	return out
}

// About says in words what a rule finds, for the page that lists it.
func (r Rule) About() string {
	switch r {
	case Email:
		return "E-mail addresses, also with full-width signs, percent-encoded, or with (at) for the sign"
	case Card:
		return "Payment cards by issuer, length and check digit, with or without separators"
	case IBAN:
		return "Bank accounts by country, length and check digits"
	case Phone:
		return "Phone numbers: international form, grouped national form, others beside a word such as call or fax"
	case SSN:
		return "United States social security numbers"
	case IP:
		return "Addresses of IPv4 and IPv6; versions of programs are left alone"
	case Licence:
		return "Driving licence numbers beside words that say so"
	case Secret:
		return "API keys, tokens, passwords, private keys"
	case URL:
		return "Web addresses and domains; left alone by the structured rules, what is personal in them is not"
	case Person:
		return "Names of people"
	case Address:
		return "Street addresses"
	case Place:
		return "Cities, regions, countries"
	case Organisation:
		return "Companies"
	case Date:
		return "Dates, as of birth"
	case Age:
		return "Ages"
	case Postcode:
		return "Postal codes"
	case Title:
		return "Forms of address"
	case Group:
		return "Nationalities, religions, political groups"
	}
	return ""
}

// Finding is a part of a text, in bytes.
type Finding struct {
	Rule       Rule
	Start, End int
}

// Hint says what is known of a text beforehand, by the name of the field that it is in.
type Hint uint8

// The hints.
const (
	NoHint  Hint = iota
	InID         // an id: numbers in it that have no more form than their digits mean nothing
	InPhone      // a phone number
)

// resolve puts findings in order and lets none overlap: the earlier begins the pair, unless one is
// within the other; then the larger stays.
func resolve(f []Finding) []Finding {
	if len(f) < 2 {
		return f
	}
	slices.SortFunc(f, func(a, b Finding) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		if a.End != b.End {
			return b.End - a.End
		}
		return int(a.Rule) - int(b.Rule)
	})
	out := f[:1]
	for _, x := range f[1:] {
		last := &out[len(out)-1]
		switch {
		case x.Start >= last.End:
			out = append(out, x)
		case x.End > last.End: // they overlap: cover both
			last.End = x.End
		}
	}
	return out
}
