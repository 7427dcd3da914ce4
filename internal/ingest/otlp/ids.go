package otlp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
)

// withoutBadIDs returns a JSON request with the ids left out that are no ids, and whether there were any. The
// collector's decoder gives a whole request up for one of them; left out, it costs its span alone.
func withoutBadIDs(text []byte) ([]byte, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var request any
	if d.Decode(&request) != nil || !dropBadIDs(request) {
		return nil, false
	}
	mended, err := json.Marshal(request)
	return mended, err == nil
}

// dropBadIDs takes ids that are none out of a JSON value, and reports whether it found some.
func dropBadIDs(v any) bool {
	found := false
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = dropBadIDs(e) || found
		}
	case map[string]any:
		for key, e := range v {
			size, isID := idSizes(key)
			if text, ok := e.(string); isID && ok && text != "" {
				if id, err := hex.DecodeString(text); err != nil || len(id) != size {
					delete(v, key)
					found = true
				}
				continue
			}
			found = dropBadIDs(e) || found
		}
	}
	return found
}

// idSizes returns how many bytes the id of a member has.
func idSizes(key string) (bytes int, isID bool) {
	switch key {
	case "traceId":
		return 16, true
	case "spanId", "parentSpanId":
		return 8, true
	}
	return 0, false
}
