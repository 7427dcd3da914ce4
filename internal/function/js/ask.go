package js

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // functions check signatures of others with it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"time"
	"unicode/utf8"
)

// ask are the parameters of questions.
type ask struct {
	URL, Base string
	Method    string
	Headers   [][2]string
	Redirect  string
	Text      *string
	Bytes     *string // base64
	Hash      string
	Key       *string // of a cache; base64 of an HMAC
	Size      int
	TTL       float64 // milliseconds
	MS        float64
	Fatal     bool
}

// now is the answer to a question at once.
type now struct {
	Now   any    `json:"now"`
	Error string `json:"error,omitempty"`
}

func (m *machine) answerNow(msg *message) {
	v, err := m.now(msg.Now, &msg.ask)
	if err != nil {
		m.answer(now{nil, err.Error()})
		return
	}
	m.answer(now{v, ""})
}

func (m *machine) now(op string, a *ask) (any, error) {
	cache, clock := m.run.job.Cache, m.run.e.cfg.Now
	switch op {
	case "decode":
		return decode(a)
	case "url":
		return parseURL(a.URL, a.Base)
	case "hash":
		return digest(a)
	case "random":
		b := make([]byte, min(max(a.Size, 0), 64<<10))
		_, err := io.ReadFull(m.run.e.cfg.Random, b)
		return base64.StdEncoding.EncodeToString(b), err
	case "cached":
		if text, ok := cache.load(text(a.Key), clock()); ok {
			return text, nil
		}
		return nil, nil
	case "cache":
		ttl := time.Duration(min(max(a.TTL, 0), 24*3600e3) * float64(time.Millisecond))
		cache.store(text(a.Key), text(a.Text), clock().Add(ttl))
		return nil, nil
	case "uncache":
		cache.delete(text(a.Key))
		return nil, nil
	}
	return nil, errors.New("there is no such question")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func decode(a *ask) (string, error) {
	b, err := base64.StdEncoding.DecodeString(text(a.Bytes))
	if err != nil {
		return "", errors.New("the bytes are not base64")
	}
	if !utf8.Valid(b) {
		if a.Fatal {
			return "", errors.New("the bytes are not UTF-8")
		}
		return string([]rune(string(b))), nil // one U+FFFD for each byte that is none
	}
	return string(b), nil
}

// digest hashes, or signs when there is a key.
func digest(a *ask) (string, error) {
	makers := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}
	make, ok := makers[a.Hash]
	if !ok {
		return "", errors.New("hashes are sha1, sha256, sha384 and sha512")
	}
	b, err := base64.StdEncoding.DecodeString(text(a.Bytes))
	if err != nil {
		return "", errors.New("the bytes are not base64")
	}
	h := make()
	if a.Key != nil {
		key, err := base64.StdEncoding.DecodeString(*a.Key)
		if err != nil {
			return "", errors.New("the key is not base64")
		}
		h = hmac.New(make, key)
	}
	h.Write(b)
	return base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}

// parts are those of the URL class.
type parts struct {
	Protocol string `json:"protocol"`
	Username string `json:"username"`
	Password string `json:"password"`
	Host     string `json:"host"`
	Hostname string `json:"hostname"`
	Port     string `json:"port"`
	Pathname string `json:"pathname"`
	Search   string `json:"search"`
	Hash     string `json:"hash"`
}

func parseURL(text, base string) (parts, error) {
	u, err := url.Parse(text)
	if err == nil && base != "" {
		var b *url.URL
		if b, err = url.Parse(base); err == nil {
			u = b.ResolveReference(u)
		}
	}
	if err != nil || u.Scheme == "" || (u.Scheme == "http" || u.Scheme == "https") && u.Host == "" {
		return parts{}, errors.New("that is no URL")
	}
	if standard := map[string]string{"http": "80", "https": "443"}[u.Scheme]; u.Port() != "" && u.Port() == standard {
		u.Host = u.Host[:len(u.Host)-len(standard)-1]
	}
	p := parts{Protocol: u.Scheme + ":", Host: u.Host, Hostname: u.Hostname(), Port: u.Port(), Pathname: u.EscapedPath()}
	if u.Opaque != "" {
		p.Pathname = u.Opaque
	} else if p.Pathname == "" {
		p.Pathname = "/"
	}
	if u.User != nil {
		p.Username = url.PathEscape(u.User.Username())
		secret, _ := u.User.Password()
		p.Password = url.PathEscape(secret)
	}
	if u.RawQuery != "" {
		p.Search = "?" + u.RawQuery
	}
	if u.Fragment != "" {
		p.Hash = "#" + u.EscapedFragment()
	}
	return p, nil
}

var errNoNetwork = fmt.Errorf("this server lets no function fetch")
