package webhook

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/destination"
)

// signingKey returns the bytes of a secret: of base64 after "whsec_", else of the text.
func signingKey(secret string) ([]byte, error) {
	coded, ok := strings.CutPrefix(secret, "whsec_")
	if !ok {
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(coded)
	if err != nil || len(key) == 0 {
		return nil, &destination.InvalidSettings{Key: "secret", Reason: `is not base64 after "whsec_"`}
	}
	return key, nil
}

// sign writes the signatures over the exact body. The timestamp is that of the attempt, so that receivers
// may refuse old ones; the id stays the same when a request is repeated.
func (s *sender) sign(h http.Header, id string, body []byte) {
	timestamp := strconv.FormatInt(s.now().Unix(), 10)
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", timestamp)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))

	segments := hmac.New(sha1.New, []byte(s.text))
	segments.Write(body)
	h.Set("X-Signature", hex.EncodeToString(segments.Sum(nil)))
}

// requestID names a request: the event id, or a hash of the event ids where there are several. An id that no
// header can carry is hashed, too.
func requestID(messages []destination.Message) string {
	if id := messages[0].ID; len(messages) == 1 && len(id) <= 256 && id != "" && strings.Trim(id, printable) == "" {
		return id
	}
	hash := sha256.New()
	for i := range messages {
		hash.Write([]byte(strconv.Quote(messages[i].ID)))
	}
	return "batch-" + hex.EncodeToString(hash.Sum(nil)[:16])
}

// printable are the characters of ids as they stand: without the full stop, which parts signed content.
const printable = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:#~"
