package pii

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/pii/piitest"
)

var textSeed = flag.Uint64("seed", 0, "run the random texts of this seed (0: a new one)")

// shown writes findings as "rule:text", separated by bars.
func shown(text string, found []Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s:%s", f.Rule, text[f.Start:f.End]))
	}
	return strings.Join(out, "|")
}

func TestStructuredFinds(t *testing.T) {
	var s Scanner
	f := func(text, want string) {
		t.Helper()
		if got := shown(text, s.Structured(text, NoHint)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	f("mail ann.b+tag@mail.example.co.uk.", "email:ann.b+tag@mail.example.co.uk")
	f("<mailto:ann@example.com>", "email:ann@example.com")
	f("ann@bücher.example and jürgen@example.de", "email:ann@bücher.example|email:jürgen@example.de")
	f("ann (at) example.com, ann [at] example [dot] com", "email:ann (at) example.com|email:ann [at] example [dot] com")
	f("ann.b @ example.com but meet @ noon", "email:ann.b @ example.com")
	f("ann\u200b@exam\u00adple.com", "email:ann\u200b@exam\u00adple.com")
	f("ann%40example.com&x=ann&#64;example.com", "email:ann%40example.com|email:ann&#64;example.com")
	f("@ann lodash@4.17.21 a@b x@localhost", "")

	f("4111111111111111 4111-1111-1111-1111 4111 1111 1111 1111", "card:4111111111111111|card:4111-1111-1111-1111|card:4111 1111 1111 1111")
	f("378282246310005 3782 822463 10005 30569309025904 6011111111111117 3530111333300000", "card:378282246310005|card:3782 822463 10005|card:30569309025904|card:6011111111111117|card:3530111333300000")
	f("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 and 41 11 11 11 11 11 11 11", "card:4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1|card:41 11 11 11 11 11 11 11")
	f("4111\n1111\n1111\n1111", "card:4111\n1111\n1111\n1111")
	f("4111 1111 1111 1111 12/27 123", "card:4111 1111 1111 1111")
	f("٤١١١١١١١١١١١١١١١ ４１１１１１１１１１１１１１１１", "card:٤١١١١١١١١١١١١١١١|card:４１１１１１１１１１１１１１１１")
	f("card4111111111111111x", "")
	f("visa4111 1111 1111 1111 v4111 1111 1111 1111", "card:4111 1111 1111 1111")
	f(`"to\n4111111111111111\t+4930901820\\n0049 30 901820" ann\u0040example.com \x61nn@example.com`, `card:4111111111111111|phone:+4930901820|phone:0049 30 901820|email:ann\u0040example.com|email:\x61nn@example.com`)
	f("card4111111111111111", "card:4111111111111111")
	f("4111111111111112 1234567890123456", "")
	f("my card 501864667909", "card:501864667909")
	f("a94a8fe5ccb19ba61c4c0873d391e987982fbbd3 17637254663340000", "")

	f("DE89 3704 0044 0532 0130 00 and GB29NWBK60161331926819", "iban:DE89 3704 0044 0532 0130 00|iban:GB29NWBK60161331926819")
	f("DE89370400440532013001", "")

	f("+49 30 901820, +1 (415) 555-0123, +44 20 7946 0958", "phone:+49 30 901820|phone:+1 (415) 555-0123|phone:+44 20 7946 0958")
	f("(415) 555-0123 or 415.555.0123 ext. 12 or 415-555-0123x9", "phone:(415) 555-0123|phone:415.555.0123 ext. 12|phone:415-555-0123x9")
	f("+4915112345678", "phone:+4915112345678")
	f("Tel+4915112345678", "phone:+4915112345678")
	f("x+4915112345678", "")
	f("0049 30 901820 and 030/90182000", "phone:0049 30 901820|phone:030/90182000")
	f("call 5550123", "phone:5550123")
	f("order 4155550123, invoice 0301234567, 2026-11-21, 21.11.2026 12, 12:30:45, 1,234,567.89, $1234567890", "")
	f("2026-11-21T03:04:26.334Z 1763725466334 1.2.3 550e8400-e29b-41d4-a716-446655440000", "")

	f("my ssn is 455-99-6622", "ssn:455-99-6622")
	f("455996622 000-12-3456", "")
	f("driver's license number D1234567", "licence:D1234567")

	f("from 203.0.113.7:443 and 2001:db8::1, not 1.2.3 or Chrome/120.0.0.0 or version 1.2.3.4", "ip:203.0.113.7|ip:2001:db8::1")
	f("http://10.0.0.1/x at 12:30:45, std::vector a::b", "ip:10.0.0.1")

	f("key sk-proj-abcDEF1234567890abcd and AKIAIOSFODNN7EXAMPLE", "secret:sk-proj-abcDEF1234567890abcd|secret:AKIAIOSFODNN7EXAMPLE")
	f("ghp_16C7e42F292c6912E7710c838347Ae178B4a xoxb-123456789012-abcdefghijkl", "secret:ghp_16C7e42F292c6912E7710c838347Ae178B4a|secret:xoxb-123456789012-abcdefghijkl")
	f("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "secret:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")
	f("Authorization: Bearer abcdef0123456789", "secret:abcdef0123456789")
	f("postgres://app:hunter2@db/x password=hunter2 and my password is hunter2!", "secret:hunter2|secret:hunter2|secret:hunter2")
	f("https://x.example/cb?access_token=abcdef0123456789&state=1", "secret:abcdef0123456789")
	f("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- rest", "secret:-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----")
	f("password=token: a1b2c3d4e5f6", "secret:token|secret:a1b2c3d4e5f6")
	f("the password is wrong; your token is valid; sk-learn-contrib; basic question; the secret: be kind", "")
}

func TestHints(t *testing.T) {
	var s Scanner
	f := func(text string, hint Hint, want string) {
		t.Helper()
		if got := shown(text, s.Structured(text, hint)); got != want {
			t.Errorf("%q %d: got %q, want %q", text, hint, got, want)
		}
	}
	f("4155550123", NoHint, "phone:4155550123")
	f("4155550123", InID, "")
	f("60 51 81 22", InPhone, "phone:60 51 81 22")
	f("ann@example.com", InID, "email:ann@example.com")
	f("anon-0252-586012", InID, "")
	f("01234567-8901-4abc-8765-123456789012", InID, "")
	f("conv_0049-1715559-12", InID, "")
	f("0171-5559283", InID, "phone:0171-5559283")
	f("tel:0171-5559283", InID, "phone:0171-5559283")
	f("phone-0171-5559283", InID, "phone:0171-5559283")
	f("user-+491715559283", InID, "phone:+491715559283")
	f("user-415-555-0123", InID, "phone:415-555-0123")
	f("demo-20261110-BE68539007547034", InID, "")
	f("BE68 5390 0754 7034", InID, "iban:BE68 5390 0754 7034")
	f("user-+1 415 555 0123", InID, "phone:+1 415 555 0123")
	f("visitor-4111111111111111", InID, "card:4111111111111111")
}

// Whatever stands before and behind, nothing is left: neither of what begins in a web address or a password and
// ends behind it, nor of the second of two numbers that one row of digits may be read as.
func TestNothingIsLeftInAnySurroundings(t *testing.T) {
	seed := cmp.Or(*textSeed, rand.Uint64())
	t.Logf("seed %d", seed)
	heads := []string{"", "it is ", "https://x.example/?", "https://x.example/?q=", "http://", "www.example.com/", "password=", "password is ", "token: ", "api_key=", "Bearer ", "mail bob@example.com ", `{"in":"`, "on 2026-11-21 ", "10.0.0.1 ", "cvv: 123 ", "(", `{"cut": "off\n`, `\u0020`, `\\t`, `C:\`}
	tails := []string{"", ", thanks", `"}`, ".", ")", "&page=2", " ", "/x", "; ok"}
	between := []string{" ", ", ", "; ", "\n", " / ", "|", " and ", "&b="}
	r := rand.New(rand.NewPCG(seed, 0))
	one := func(list []string) string { return list[r.IntN(len(list))] }
	var s Scanner
	tagger := NewTagger()
	const texts = 30_000
	for range texts {
		text, parts := piitest.Forms[r.IntN(len(piitest.Forms))](r)
		if r.IntN(2) == 0 {
			second, more := piitest.Forms[r.IntN(len(piitest.Forms))](r)
			text += one(between) + second
			parts = slices.Concat(parts, more)
		}
		text = one(heads) + text + one(tails)
		check := func(rules string, found []Finding) {
			var left strings.Builder
			at := 0
			for _, f := range found {
				left.WriteString(text[at:f.Start] + "[" + f.Rule.String() + "]")
				at = f.End
			}
			left.WriteString(text[at:])
			for _, part := range parts {
				if strings.Contains(left.String(), part) {
					t.Fatalf("%s rules: %q became %q", rules, text, left.String())
				}
			}
		}
		check("structured", s.Structured(text, NoHint))
		check("all", tagger.All(text))
	}
}

// Texts that begin something at every place: each is read a few times at most. Read to the end from every
// place, one of them takes a quarter of an hour.
func TestHostileTextsComeToAnEnd(t *testing.T) {
	const size = 1 << 20
	tagger := NewTagger()
	for _, unit := range []string{"sk-", "password=", "token=[", "token=bearer", "Bearer ", "a://", "http://a.b/", "www.a.b/", "a@b.cd", "a (at) b (dot) ", "-----BEGIN PRIVATE KEY ", "eyJ.", "1 ", "1.2.", `\`, `\\u0`} {
		for _, f := range tagger.All(strings.Repeat(unit, size/len(unit))) {
			if f.End > size {
				t.Fatalf("%q: found up to %d of %d", unit, f.End, size)
			}
		}
	}
}

func FuzzStructured(f *testing.F) {
	for _, text := range []string{"ann@example.com", "4111 1111 1111 1111", "%34111\u200b1", "&#64;٤", "DE89 37", "+1 (4) x", "-----BEGIN PRIVATE KEY", "a (at) b (dot) c", "::1 1::", "://a:b@", "password is \""} {
		f.Add(text)
	}
	var s Scanner
	f.Fuzz(func(t *testing.T, text string) {
		structured := slices.Clone(s.Structured(text, NoHint))
		phone := slices.Clone(s.Structured(text, InPhone))
		urls := s.WithURLs(text)
		for _, found := range [][]Finding{structured, phone, urls} {
			at := 0
			for _, x := range found {
				if x.Start < at || x.End <= x.Start || x.End > len(text) || !x.Rule.Structured() {
					t.Fatalf("%q: bad findings %+v", text, found)
				}
				at = x.End
			}
		}
		for _, x := range structured {
			if !slices.ContainsFunc(urls, func(u Finding) bool { return u.Start <= x.Start && x.End <= u.End }) {
				t.Fatalf("%q: %+v is not within %+v, found with web addresses", text, x, urls)
			}
		}
	})
}

// What only its surroundings tell: a few sentences that nobody trained on.
func TestAllFindsNamesAndAddresses(t *testing.T) {
	tagger := NewTagger()
	f := func(text, want string) {
		t.Helper()
		if got := shown(text, tagger.All(text)); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q in it", text, got, want)
		}
	}
	f("My name is Brunhilde Okonkwo and I lost my card 4111 1111 1111 1111", "name:Brunhilde Okonkwo")
	f("My name is Brunhilde Okonkwo and I lost my card 4111 1111 1111 1111", "card:4111 1111 1111 1111")
	f("Please send it to 4711 Meadow Lane, thanks", "address:4711 Meadow Lane")
	f("I live in Madagascar", "place:Madagascar")
}

func BenchmarkScanner(b *testing.B) {
	const text = "What's the best stock in the Nasdaq right now? Please answer in one sentence, and say why you think so. I would also like to know what has changed since 2026-11-14."
	var s Scanner
	b.Run("structured", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			s.Structured(text, NoHint)
		}
	})
	tagger := NewTagger()
	b.Run("all", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			tagger.All(text)
		}
	})
}
