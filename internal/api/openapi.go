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

// document is the description of the API in both forms, and the tag of this version of it.
type document struct {
	yaml, json []byte
	etag       string
}

func loadDocument() (*document, error) {
	j, err := yaml.YAMLToJSON(openapi)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	sum := sha256.Sum256(openapi)
	return &document{yaml: openapi, json: j, etag: `"` + hex.EncodeToString(sum[:8]) + `"`}, nil
}

func (s *server) getSpecJSON(c *call) error {
	return c.static("application/json", s.spec.json, s.spec.etag)
}

func (s *server) getSpecYAML(c *call) error {
	return c.static("application/yaml", s.spec.yaml, s.spec.etag)
}

// static answers bytes that stay the same until the program changes.
func (c *call) static(typ string, data []byte, etag string) error {
	if err := c.done(); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", etag)
	if c.r.Header.Get("If-None-Match") == etag {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", typ)
	writeBytes(c.w, c.r, http.StatusOK, data)
	return nil
}
