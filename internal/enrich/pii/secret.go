package pii

import "strings"

// form is how keys of one issuer begin, and how many signs follow at least.
type form struct {
	prefix string
	least  int
	only   func(c byte) bool // the signs that follow
}

// forms are the keys that their beginning gives away, as their issuers document them.
var forms = []form{
	{"sk-", 16, keySign}, {"sk_live_", 10, keySign}, {"sk_test_", 10, keySign}, {"rk_live_", 10, keySign}, {"rk_test_", 10, keySign}, {"whsec_", 16, keySign},
	{"AKIA", 16, upperSign}, {"ASIA", 16, upperSign}, {"AGPA", 16, upperSign}, {"AROA", 16, upperSign}, {"AIza", 30, keySign}, {"AGE-SECRET-KEY-", 20, keySign},
	{"ghp_", 20, keySign}, {"gho_", 20, keySign}, {"ghu_", 20, keySign}, {"ghs_", 20, keySign}, {"ghr_", 20, keySign}, {"github_pat_", 20, keySign},
	{"glpat-", 16, keySign}, {"xoxb-", 10, keySign}, {"xoxp-", 10, keySign}, {"xoxa-", 10, keySign}, {"xoxr-", 10, keySign}, {"xoxs-", 10, keySign}, {"xoxe-", 10, keySign}, {"xoxe.", 10, keySign},
	{"xapp-", 10, keySign}, {"xai-", 20, keySign}, {"ya29.", 16, keySign}, {"hf_", 20, keySign}, {"npm_", 20, keySign}, {"SG.", 20, keySign}, {"pypi-", 20, keySign},
	{"gsk_", 20, keySign}, {"shpat_", 20, keySign}, {"shpss_", 20, keySign}, {"dop_v1_", 20, keySign}, {"lin_api_", 20, keySign}, {"r8_", 20, keySign}, {"pplx-", 20, keySign},
	{"ntn_", 20, keySign}, {"secret_", 20, keySign}, {"sntrys_", 20, keySign}, {"dapi", 32, hexSign}, {"eyJ", 16, keySign}, {"key-", 28, hexSign},
	{"sq0atp-", 16, keySign}, {"sq0csp-", 16, keySign}, {"EAACEdEose0cBA", 10, keySign}, {"AccountKey=", 40, base64Sign}, {"SharedAccessKey=", 30, base64Sign},
}

// names are words behind which a secret stands, with a colon, an equals sign, or "is" between.
var names = []string{"password", "passwort", "passwd", "passphrase", "passcode", "pwd", "contraseña", "api_key", "api-key", "api key", "apikey", "access_token", "access token", "refresh_token", "id_token", "auth_token",
	"client_secret", "client secret", "secret_key", "secret key", "secretkey", "secret_access_key", "aws_secret_access_key", "private_key", "secret", "token", "access_key", "account_key", "authorization", "x-api-key", "sig", "signature", "x-amz-signature", "cvv", "cvc"}

// begun says with which three signs forms and names begin, whatever their case, so that nearly all words are
// passed after one look. Other signs may share the place of three letters.
var begun = func() (t [1 << 15]bool) {
	at := func(word string) { t[tripleOf(word, 0)] = true }
	for _, f := range forms {
		at(f.prefix)
	}
	for _, n := range names {
		at(n)
	}
	at("bearer")
	at("basic")
	return t
}()

// tripleOf is the place of the three signs at i in begun.
func tripleOf(t string, i int) int {
	return int(t[i]&31)<<10 | int(t[i+1]&31)<<5 | int(t[i+2]&31)
}

// mayStart reports whether a form or a name may begin at i.
func mayStart(t string, i int) bool { return i+4 <= len(t) && begun[tripleOf(t, i)] }

// started is what begins with two letters.
type started struct {
	forms []form
	names []string
	auth  bool // bearer, basic
}

// starts are by their first two letters.
var starts = func() (t [1024]*started) {
	at := func(word string) *started {
		p := &t[pairOf(word[0], word[1])]
		if *p == nil {
			*p = &started{}
		}
		return *p
	}
	for _, f := range forms {
		x := at(f.prefix)
		x.forms = append(x.forms, f)
	}
	for _, n := range names {
		x := at(n)
		x.names = append(x.names, n)
	}
	at("bearer").auth, at("basic").auth = true, true
	return t
}()

// pairOf is the place of two letters in starts, whatever their case; other signs may share it.
func pairOf(a, b byte) int { return int(a&31)<<5 | int(b&31) }

func keySign(c byte) bool    { return isAlnum(c) || c == '-' || c == '_' || c == '.' }
func upperSign(c byte) bool  { return c >= 'A' && c <= 'Z' || isDigit(c) }
func hexSign(c byte) bool    { return isHex(c) }
func base64Sign(c byte) bool { return isAlnum(c) || c == '+' || c == '/' || c == '=' }

// word looks at the word that begins at i, where one may ([mayStart]), and returns where to go on if there is a
// secret in it or behind it; 0 without one.
func (s *Scanner) word(i int) int {
	t := s.text
	x := starts[pairOf(t[i], t[i+1])]
	if x == nil {
		return 0
	}
	for k := range x.forms {
		f := &x.forms[k]
		from := i + len(f.prefix)
		if !strings.HasPrefix(t[i:], f.prefix) || from < s.plain {
			continue
		}
		end := from
		for end < len(t) && f.only(t[end]) {
			end++
		}
		run := end
		for end > i && (t[end-1] == '.' || t[end-1] == '-') {
			end--
		}
		random := looksRandom(t[from:end])
		if random && end-from >= f.least {
			s.add(Secret, i, end)
			return end
		}
		if !random && (run == len(t) || !keySign(t[run])) {
			s.plain = run // no part of it is random either
		}
	}
	if x.auth {
		if at := s.bearer(i); at > 0 {
			return at
		}
	}
	n := 0
	for _, name := range x.names {
		if len(name) > n && hasFold(t, i, name) && (i+len(name) == len(t) || !isAlnum(t[i+len(name)])) {
			n = len(name)
		}
	}
	if n == 0 {
		return 0
	}
	return s.named(i, n)
}

// looksRandom tells a key from words with hyphens: "sk-learn-contrib-package" is none.
func looksRandom(v string) bool {
	digits, upper, lower, run, longest := 0, 0, 0, 0, 0
	for i := range len(v) {
		switch c := v[i]; {
		case isDigit(c):
			digits++
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= 'a' && c <= 'z':
			lower++
		default:
			run = -1
		}
		run++
		longest = max(longest, run)
	}
	return digits >= 2 || upper > 2 && lower > 2 || longest >= 16
}

// bearer finds what follows "Bearer" or "Basic", and returns where that begins; 0 without it.
func (s *Scanner) bearer(i int) int {
	t := s.text
	j := i
	switch {
	case hasFold(t, i, "bearer"):
		j += len("bearer")
	case hasFold(t, i, "basic"):
		j += len("basic")
	default:
		return 0
	}
	from := j
	for j < len(t) && (t[j] == ' ' || t[j] == ':' || t[j] == '\t') {
		j++
	}
	if j == from {
		return 0
	}
	end := j
	for end < len(t) && (keySign(t[end]) || base64Sign(t[end]) || t[end] == '~') {
		end++
	}
	for end > j && t[end-1] == '.' {
		end--
	}
	if end-j < 8 || !strings.ContainsAny(t[j:end], "0123456789=") && end-j < 24 {
		return 0
	}
	s.add(Secret, j, end)
	return j
}

// named finds a secret behind a word of n bytes that announces one, and returns where the secret begins; 0 without it.
func (s *Scanner) named(i, n int) int {
	t := s.text
	if i > 0 && (t[i-1] == '-' || t[i-1] == '_') && !isSecretName(t, i) {
		return 0
	}
	j := i + n
	said := false // by a sign that leaves no doubt
	for ; j < len(t) && j < i+n+6; j++ {
		if t[j] == '"' || t[j] == '\'' || t[j] == ' ' || t[j] == '\\' {
			continue
		}
		if t[j] == ':' || t[j] == '=' {
			said = true
			continue
		}
		break
	}
	if !said {
		if !strings.HasPrefix(t[j:], "is ") && !strings.HasPrefix(t[j:], "is: ") || t[i]|0x20 == 's' {
			return 0
		}
		for j += 2; j < len(t) && (t[j] == ' ' || t[j] == ':' || t[j] == '"' || t[j] == '\''); j++ {
		}
	}
	if j < s.valueEnd || strings.HasPrefix(t[j:], "[") || hasFold(t, j, "bearer") || hasFold(t, j, "basic") {
		return 0
	}
	end := j
	for end < len(t) && t[end] > ' ' && t[end] != '"' && t[end] != '\'' && t[end] != '&' && t[end] != '<' && t[end] != ',' && t[end] != ';' && t[end] != '}' && t[end] != ')' {
		end++
	}
	for end > j && (t[end-1] == '.' || t[end-1] == '?' || t[end-1] == '!' || t[end-1] == '\\' || t[end-1] == ':') {
		end--
	}
	v := t[j:end]
	strong := strings.HasPrefix(strings.ToLower(t[i:i+n]), "pass") || strings.ToLower(t[i:i+n]) == "pwd"
	digit := strings.ContainsAny(v, "0123456789")
	cvv := n == 3 && (t[i+1]|0x20 == 'v')
	switch {
	case cvv && len(v) >= 3 && len(v) <= 4 && isDigit(v[0]):
	case strong && said && len(v) >= 3:
	case strong && len(v) >= 5 && (digit || strings.ContainsAny(v, "!@#$%^*_")):
	case !strong && said && len(v) >= 8 && (digit || len(v) >= 16):
	case !strong && !said && len(v) >= 12 && digit:
	default:
		return 0
	}
	s.add(Secret, j, end)
	s.valueEnd = end
	return j
}

// isSecretName reports whether the word at i, which is a later part of a name, still says that a secret follows: "db_password".
func isSecretName(t string, i int) bool {
	return hasFold(t, i, "pass") || hasFold(t, i, "secret") || hasFold(t, i, "token") || hasFold(t, i, "api") || hasFold(t, i, "access_key") || hasFold(t, i, "signature") || hasFold(t, i, "key")
}

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
)

// dash looks at the dash at i: a private key may begin there. It returns where to go on.
func (s *Scanner) dash(i int) int {
	t := s.text
	if !strings.HasPrefix(t[i:], pemBegin) {
		return i + 1
	}
	head := t[i:min(len(t), i+64)]
	if !strings.Contains(head, "PRIVATE KEY") {
		return i + len(pemBegin)
	}
	end := len(t)
	if j := strings.Index(t[i:], pemEnd); j >= 0 {
		end = i + j + len(pemEnd)
		if k := strings.Index(t[end:], "-----"); k >= 0 && k < 40 {
			end += k + 5
		}
	}
	s.add(Secret, i, end)
	return end
}
