package webhook

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
)

// receiver is a webhook's other end: it checks every signature by the reference library.
type receiver struct {
	t      *testing.T
	secret string

	mu   sync.Mutex
	ids  []string // of calls
	got  []http.Header
	body [][]byte
}

// ServeHTTP answers 400 to a call named "refuse me".
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	if r.secret != "" {
		r.verify(body, request.Header)
	}
	type call struct{ Event, MessageID string }
	var calls []call
	if err := json.Unmarshal(body, &calls); err != nil {
		calls = make([]call, 1)
		if err := json.Unmarshal(body, &calls[0]); err != nil {
			r.t.Errorf("body is neither a call nor an array of them: %v", err)
		}
	}
	if calls[0].Event == "refuse me" {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.body = append(r.got, request.Header), append(r.body, body)
	for _, c := range calls {
		if !strings.HasPrefix(c.MessageID, "debrief-test-") {
			r.ids = append(r.ids, c.MessageID)
		}
	}
}

func (r *receiver) verify(body []byte, h http.Header) {
	verifier, err := standardwebhooks.NewWebhookRaw([]byte(r.secret))
	if strings.HasPrefix(r.secret, "whsec_") {
		verifier, err = standardwebhooks.NewWebhook(r.secret)
	}
	if err == nil {
		err = verifier.Verify(body, h)
	}
	if err != nil {
		r.t.Errorf("signature %q of %q: %v", h.Get("webhook-signature"), h.Get("webhook-id"), err)
	}
	mac := hmac.New(sha1.New, []byte(r.secret))
	mac.Write(body)
	if want := hex.EncodeToString(mac.Sum(nil)); h.Get("X-Signature") != want {
		r.t.Errorf("X-Signature is %q, want %q", h.Get("X-Signature"), want)
	}
}

func (r *receiver) arrived() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.ids...)
}

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func TestLaws(t *testing.T) {
	for name, more := range map[string]destination.Settings{
		"object": {"secret": secret},
		"array":  {"secret": "any text", "batch_size": "7", "method": "PUT"},
		"plain":  {"headers": "X-Token: 0123456789"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			destinationtest.Run(t, func(t *testing.T) destinationtest.Place {
				r := &receiver{t: t, secret: more["secret"]}
				p := destinationtest.Place{
					Destination: Destination{}, Handler: r, Arrived: r.arrived,
					Settings: func(address string) destination.Settings {
						s := destination.Settings{"url": "http://" + address + "/hook"}
						for key, value := range more {
							s[key] = value
						}
						return s
					},
				}
				if more["batch_size"] == "" {
					p.Refused = func(m *destination.Message) {
						m.Call = []byte(strings.Replace(string(m.Call), "Stock Purchased", "refuse me", 1))
					}
				}
				return p
			})
		})
	}
}

func TestRequestsSayTheSameWhenRepeated(t *testing.T) {
	r := &receiver{t: t, secret: secret}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"url": destinationtest.Serve(t, r), "secret": secret, "batch_size": "2", "headers": "X-One: 1\nx-two: b: c"})
	batch := []destination.Message{destinationtest.Track(1, "a"), destinationtest.Track(2, "b")}
	for range 2 {
		for _, result := range s.Send(t.Context(), batch) {
			if result.Err != nil {
				t.Fatal(result.Err)
			}
		}
	}
	s.Send(t.Context(), batch[:1])
	id := func(i int) string { return r.got[i].Get("webhook-id") }
	if id(0) != id(1) || id(0) == id(2) || string(r.body[0]) != string(r.body[1]) {
		t.Errorf("ids %q %q, then %q of another batch; bodies %s and %s", id(0), id(1), id(2), r.body[0], r.body[1])
	}
	if id(2) != batch[0].ID {
		t.Errorf("a call alone goes as %q, want its event id", id(2))
	}
	if got := r.got[0].Get("X-One") + r.got[0].Get("X-Two"); got != "1b: c" {
		t.Errorf("headers arrive as %q", got)
	}
}

func TestThePayloadIsSentAsItIs(t *testing.T) {
	r := &receiver{t: t}
	s := destinationtest.Open(t, Destination{}, destination.Settings{"url": destinationtest.Serve(t, r)})
	m := destinationtest.Track(1, "a")
	m.Payload = []byte(`{"messageId":"mapped", "n":1.0}`)
	s.Send(t.Context(), []destination.Message{m})
	if string(r.body[0]) != string(m.Payload) {
		t.Errorf("sent %s, want %s", r.body[0], m.Payload)
	}
}

func TestABodyThatIsTooLargeIsHalved(t *testing.T) {
	r := &receiver{t: t}
	small := http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.ContentLength > 1500 {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		r.ServeHTTP(w, request)
	})
	s := destinationtest.Open(t, Destination{}, destination.Settings{"url": destinationtest.Serve(t, small), "batch_size": "10"})
	var batch []destination.Message
	for n := range 9 {
		batch = append(batch, destinationtest.Track(n, "a"))
	}
	batch[4].Payload = []byte(`{"messageId":"x","text":"` + strings.Repeat("x", 2000) + `"}`)
	for i, result := range s.Send(t.Context(), batch) {
		if (result.Err != nil) != (i == 4) {
			t.Errorf("message %d: %v", i, result.Err)
		}
	}
	if len(r.ids) != 8 {
		t.Errorf("%d arrived, want 8", len(r.ids))
	}
}

func TestOpenRefuses(t *testing.T) {
	f := destinationtest.Refused(t, Destination{}, destination.Settings{"url": "http://localhost"})
	f("url", "ftp://example.com")
	f("url", "https://")
	f("method", "GET")
	f("secret", "whsec_no*base64")
	f("secret", "whsec_")
	f("batch_size", "0")
	f("batch_size", "1001")
	f("batch_size", "-1")
	f("headers", "no colon")
	f("headers", "A: 1\nA: 2")
	f("headers", "Bad Name: x")
	f("headers", "Content-Length: 3")
}
