package segment

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/ingest"
)

// onePixel is a transparent image of one pixel.
const onePixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// pixel takes one call from the query. The answer is the image and 200 whatever happens, as nobody reads
// another; what was refused is counted and visible all the same.
func (h *Handler) pixel(w http.ResponseWriter, r *http.Request, rt route) {
	if f := h.takePixel(r, rt); f != nil {
		h.metrics.Refused(f.Code)
	}
	head := w.Header()
	head.Set("Content-Type", "image/gif")
	head.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(onePixel))
	h.metrics.Answered(http.StatusOK)
}

func (h *Handler) takePixel(r *http.Request, rt route) *ingest.Failure {
	ticket, f := h.enter(r)
	if f != nil {
		return f
	}
	defer ticket.Leave()
	j := h.start(r, rt)
	defer j.finish()
	j.client = true
	text, f := pixelCall(r.URL.RawQuery)
	if f == nil {
		f = j.take(text)
	}
	if f != nil {
		j.noteRefusal(f)
	}
	return f
}

// pixelCall returns the call in a query: JSON in base64 or base64url as data, or one parameter a member,
// dots going down ("properties.subject").
func pixelCall(query string) ([]byte, *ingest.Failure) {
	values, err := url.ParseQuery(query)
	if err != nil && len(values) == 0 {
		return nil, &ingest.Failure{Status: 400, Code: "bad_encoding", Message: "the query is not well formed"}
	}
	data, ok := values["data"]
	if !ok {
		return flatCall(values), nil
	}
	text := strings.TrimSpace(data[0])
	if strings.HasPrefix(text, "{") {
		return []byte(text), nil
	}
	// A plus sign of plain base64 arrives as a space.
	text = strings.NewReplacer(" ", "+", "-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	call, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, &ingest.Failure{Status: 400, Code: "bad_encoding", Message: "data is neither base64 nor base64url"}
	}
	return call, nil
}

// flatCall builds a call from parameters. All values are strings.
func flatCall(values url.Values) []byte {
	call := map[string]any{}
	keys := make([]string, 0, len(values))
	for key := range values {
		if key != "writeKey" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		place(call, key, values.Get(key))
	}
	text, err := json.Marshal(call)
	if err != nil {
		panic("BUG: marshal strings: " + err.Error())
	}
	return text
}

// place puts a value where the dots of its key lead. Where another value stands in the way, or the way is
// too deep, the key is taken as it is.
func place(call map[string]any, key, value string) {
	const deepest = 16
	at, path := call, strings.Split(key, ".")
	if len(path) > deepest {
		call[key] = value
		return
	}
	for _, name := range path[:len(path)-1] {
		next, ok := at[name].(map[string]any)
		if !ok {
			if _, taken := at[name]; taken {
				call[key] = value
				return
			}
			next = map[string]any{}
			at[name] = next
		}
		at = next
	}
	at[path[len(path)-1]] = value
}
