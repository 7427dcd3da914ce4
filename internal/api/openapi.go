package api

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/goccy/go-yaml"
)

//go:embed openapi.yaml
var openapi []byte

// asset is an answer that stays the same until the program changes, and the tag of this version of it.
type asset struct {
	data []byte
	etag string
}

func newAsset(data []byte) asset {
	sum := sha256.Sum256(data)
	return asset{data: data, etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// loadDocument returns the description of the API in both forms.
func loadDocument() (inYAML, inJSON asset, err error) {
	j, err := yaml.YAMLToJSON(openapi)
	if err != nil {
		return asset{}, asset{}, fmt.Errorf("read openapi.yaml: %w", err)
	}
	return newAsset(openapi), newAsset(j), nil
}

func (s *server) getSpecJSON(c *call) error { return c.static("application/json", s.specJSON) }

func (s *server) getSpecYAML(c *call) error { return c.static("application/yaml", s.specYAML) }

// static answers an asset, or says that the sender has it.
func (c *call) static(typ string, a asset) error {
	if err := c.done(); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Cache-Control", "no-cache") // ask whether it has changed, each time
	h.Set("ETag", a.etag)
	if c.r.Header.Get("If-None-Match") == a.etag {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", typ)
	writeBytes(c.w, c.r, http.StatusOK, a.data)
	return nil
}
