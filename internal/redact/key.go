package redact

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
)

// keyInfo is what the name of a field says of its value.
type keyInfo struct {
	hint pii.Hint
	// whole is the rule that masks the whole value, if the value looks the part.
	whole pii.Rule
	// text: free text, as people and models write it.
	text bool
	// keep: a word of the product, an id, or a time; metadata mode keeps it.
	keep bool
	// person: something of a person that the rule all masks whole.
	person pii.Rule
	// body is the rank of the field among those that hold the text of a message, from 1; 0 is none.
	body int8
}

// keyInfos are by name: lower case, without separators, without what stands before the last dot.
var keyInfos = func() map[string]keyInfo {
	t := map[string]keyInfo{}
	set := func(f func(k *keyInfo), names ...string) {
		for _, n := range names {
			k := t[n]
			f(&k)
			t[n] = k
		}
	}
	whole := func(r pii.Rule, names ...string) { set(func(k *keyInfo) { k.whole = r }, names...) }
	whole(pii.Secret, "password", "passwort", "passwd", "passphrase", "passcode", "pwd", "secret", "clientsecret", "apikey", "xapikey", "accesstoken", "refreshtoken", "idtoken",
		"authtoken", "sessiontoken", "bearertoken", "token", "authorization", "proxyauthorization", "cookie", "setcookie", "privatekey", "secretkey", "accesskey", "secretaccesskey", "signingkey",
		"encryptionkey", "credential", "credentials", "cvv", "cvc", "cvn", "csc", "securitycode", "otp", "onetimepassword", "pin", "pincode")
	whole(pii.Card, "cardnumber", "creditcard", "creditcardnumber", "ccnumber", "cardno", "card", "pan", "debitcard")
	whole(pii.SSN, "ssn", "socialsecuritynumber", "socialsecurity", "nationalid", "taxid", "tin")
	whole(pii.IBAN, "iban", "accountnumber", "bankaccount", "bankaccountnumber")
	whole(pii.Licence, "driverlicense", "driverslicense", "driverlicence", "driverlicensenumber", "licensenumber", "dlnumber")
	whole(pii.Phone, "phone", "phonenumber", "mobile", "mobilenumber", "mobilephone", "cell", "cellphone", "tel", "telephone", "telephonenumber", "fax", "faxnumber", "msisdn", "whatsapp", "homephone", "workphone")
	for n, k := range t {
		if k.whole == pii.Phone {
			k.hint = pii.InPhone
			t[n] = k
		}
	}
	set(func(k *keyInfo) { k.hint, k.keep = pii.InID, true }, "id", "uuid", "guid", "userid", "anonymousid", "groupid", "previousid", "messageid", "conversationid", "sessionid", "threadid",
		"chatid", "traceid", "spanid", "parentspanid", "distinctid", "eventid", "requestid", "respondentid", "turnid", "accountid", "orderid", "customerid", "toolcallid", "ids")
	for i, n := range [...]string{"messagebody", "userprompt", "content", "text", "message", "prompt", "response", "body"} {
		set(func(k *keyInfo) { k.text, k.body = true, int8(i+1) }, n)
	}
	set(func(k *keyInfo) { k.text = true }, "messages", "inputmessages", "outputmessages", "title", "subject", "summary", "description", "comment", "comments", "note", "notes", "feedback", "reason", "explanation",
		"question", "answer", "query", "search", "keywords", "answers", "transcript", "snippet", "caption", "alt", "label", "completion", "completions", "choices", "instructions", "systeminstructions", "systemprompt", "negativeprompt",
		"arguments", "args", "input", "inputs", "output", "outputs", "result", "results", "params", "parameters", "data", "documents", "chunks", "quote", "excerpt", "html", "markdown",
		"reasoning", "thinking", "thought", "delta", "error", "errormessage", "exception", "stacktrace", "stack", "statusmessage", "statement", "logrecord", "toolcalls", "parts", "blocks",
		"aiinput", "aioutput", "aioutputchoices", "original", "edited", "suggestion", "suggestions", "selection", "clipboard", "attachments", "llmmessage")
	set(func(k *keyInfo) { k.keep = true }, "type", "event", "role", "action", "subtype", "model", "provider", "status", "kind", "version", "currency", "locale", "timezone", "language", "channel", "mode",
		"timestamp", "sentat", "receivedat", "originaltimestamp", "createdat", "endedat", "startedat", "end", "start", "time", "ratingscale", "finishreason", "finishreasons", "system", "scope", "unit", "platform",
		"useragent", "manufacturer", "library", "lib", "browser", "os", "rating", "score", "severity", "level", "toolname", "modelname", "eventname", "plan", "direction", "url", "referrer", "command", "commandmode", "name")
	person := func(r pii.Rule, names ...string) { set(func(k *keyInfo) { k.person, k.keep = r, false }, names...) }
	person(pii.Person, "firstname", "lastname", "fullname", "givenname", "familyname", "surname", "middlename", "displayname", "username", "nickname", "avatar", "author", "assignee", "customername", "contactname")
	person(pii.Address, "street", "address", "streetaddress", "address1", "address2", "addressline1", "addressline2")
	person(pii.Place, "city", "town", "state", "province", "region", "country", "location")
	person(pii.Postcode, "zip", "zipcode", "postalcode", "postcode")
	person(pii.Date, "birthday", "birthdate", "dateofbirth", "dob")
	person(pii.Age, "age")
	person(pii.Organisation, "company", "companyname", "employer", "organisation", "organization")
	person(pii.Group, "gender", "nationality", "religion", "ethnicity")
	return t
}()

// maxKey bounds the names that are looked up.
const maxKey = 40

// nameSlots is the size of names: a power of two, several times as many as there are names.
const nameSlots = 1024

// names are the keyInfos in a table of open addressing: a key is looked up while it is read, several times as fast
// as in a map.
var names = func() (t [nameSlots]struct {
	name string
	info keyInfo
}) {
	for name, info := range keyInfos {
		h := uint32(0)
		for i := range len(name) {
			h = mix(h, name[i])
		}
		at := slot(h)
		for t[at].name != "" {
			at = (at + 1) % nameSlots
		}
		t[at].name, t[at].info = name, info
	}
	return t
}()

func mix(h uint32, c byte) uint32 { return h*31 + uint32(c) }
func slot(h uint32) uint32        { return (h ^ h>>10) % nameSlots }

// What plainSigns holds for signs that are not of a name.
const (
	signLeftOut = iota
	signAnew    // the name begins behind it
)

// plainSigns are the signs of keys as they stand in names.
var plainSigns = func() (t [256]byte) {
	for c := range t {
		t[c] = byte(c)
		if c >= 'A' && c <= 'Z' {
			t[c] |= 0x20
		}
	}
	for _, c := range "\x00\x01_- $" {
		t[c] = signLeftOut
	}
	t['.'], t['/'] = signAnew, signAnew
	return t
}()

// classify says what a key means.
func classify(key string) keyInfo {
	var buf [maxKey]byte
	n, dots, h := 0, 0, uint32(0)
	for i := range len(key) {
		c := plainSigns[key[i]]
		switch {
		case c == signLeftOut:
			continue
		case c == signAnew:
			n, h = 0, 0
			dots++
			continue
		case n == maxKey:
			return keyInfo{}
		}
		buf[n] = c
		n++
		h = mix(h, c)
	}
	k, known := look(buf[:n], h)
	if dots > 0 {
		k.body = 0
		if string(buf[:n]) == "value" { // input.value, output.value
			k.text = true
		}
	}
	if !known && isIDKey(key) {
		return keyInfo{hint: pii.InID, keep: true}
	}
	return k
}

// look finds a name of this hash.
func look(name []byte, h uint32) (keyInfo, bool) {
	for at := slot(h); names[at].name != ""; at = (at + 1) % nameSlots {
		if names[at].name == string(name) {
			return names[at].info, true
		}
	}
	return keyInfo{}, false
}

// isIDKey reports whether a name ends as names of ids do: "orderId", "order_id", "ORDER.ID".
func isIDKey(key string) bool {
	n := len(key)
	if n > 1 && key[n-1] == 's' && n > 3 {
		n--
	}
	if n < 3 || key[n-1]|0x20 != 'd' || key[n-2]|0x20 != 'i' {
		return false
	}
	switch p := key[n-3]; {
	case p == '_', p == '-', p == '.', p == ' ':
		return true
	default:
		return key[n-2] == 'I' && p >= 'a' && p <= 'z'
	}
}

// key masks what is personal in a key, and notes what it says of its value.
func (p *pass) key(w *writer, f *frame, from, to int, escaped bool, depth int) {
	text := p.text(w.in, from, to, escaped, depth)
	f.info, f.next, f.piecesInside = classify(text), areaInside, false
	switch f.area {
	case areaCall:
		switch text {
		case "properties":
			if f.next = areaProperties; p.identifies {
				f.next = areaTraits
			}
		case "traits":
			f.next = areaTraits
		case "context":
			f.next = areaContext
		}
	case areaContext:
		if text == "traits" {
			f.next = areaTraits
		}
	case areaProperties:
		if text == "$llm_message" { // Amplitude's text of a message is in an object
			f.next = areaProperties
		}
	case areaTraits:
		switch text {
		case "name":
			f.info = keyInfo{person: pii.Person}
		case "email": // it says who somebody is, as an id does (ADR 0014)
			f.info = keyInfo{hint: pii.InID, keep: true}
		}
	}
	if f.area != areaCall && f.area != areaProperties {
		f.info.body = 0
	}
	if p.mode.Level == Off || plainName(text) && !f.pieces {
		return
	}
	found := p.scan.Structured(text, pii.NoHint)
	if f.pieces && len(found) == 0 {
		found = []pii.Finding{{Rule: pii.Secret, End: len(text)}}
	}
	if len(found) > 0 {
		p.count(found)
		p.put(w, from, to, mask(text, found))
	}
	f.piecesInside = f.pieces || strings.Contains(text, tokenHead)
}

// tokenHead is how a JSON Web Token begins (RFC 7519: the base64 of {"). Doors that read "a.b.c" in a query
// string as names within names take a token apart at its dots, and its other pieces have no form of
// their own: names below one that begins so are masked.
const tokenHead = "eyJ"

// plainName reports whether a name is short and of letters alone, in which nothing can be found.
func plainName(text string) bool {
	const longest = 18
	if len(text) > longest {
		return false
	}
	for i := range len(text) {
		if c := text[i] | 0x20; (c < 'a' || c > 'z') && text[i] != '_' {
			return false
		}
	}
	return true
}
