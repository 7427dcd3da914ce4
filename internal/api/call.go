package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
)

// call is one request on its way through a handler: it reads parameters strictly, and answers. The first
// parameter that is wrong is kept and reported by done.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	values url.Values
	known  []string
	err    error
}

func newCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &insight.ParameterError{Parameter: "query string", Err: errors.New("it is not URL-encoded")}
	}
	w.Header().Set("Cache-Control", "no-store")
	return &call{w: w, r: r, values: values}, nil
}

func quoted(s string) string { return strconv.Quote(s) }

func (c *call) fault(name, format string, args ...any) {
	if c.err == nil {
		c.err = &insight.ParameterError{Parameter: name, Err: fmt.Errorf(format, args...)}
	}
}

// all returns every value of a repeatable parameter.
func (c *call) all(name string) []string {
	c.known = append(c.known, name)
	return c.values[name]
}

// text returns the value of a parameter, "" if it is not given.
func (c *call) text(name string) string {
	v := c.all(name)
	switch {
	case len(v) > 1:
		c.fault(name, "it is given %d times", len(v))
	case len(v) == 1 && v[0] == "":
		c.fault(name, "it is empty; leave it out")
	case len(v) == 1:
		return v[0]
	}
	return ""
}

// list returns the parts of a comma-separated parameter.
func (c *call) list(name string) []string {
	v := c.text(name)
	if v == "" {
		return nil
	}
	parts := strings.Split(v, ",")
	for i, p := range parts {
		if p == "" || slices.Contains(parts[:i], p) {
			c.fault(name, "%q is empty or given twice", p)
		}
	}
	return parts
}

// number returns a parameter between 1 and top.
func (c *call) number(name string, otherwise, top int) int {
	v := c.text(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > top {
		c.fault(name, "%q: it is a number from 1 to %d", v, top)
	}
	return n
}

func (c *call) flag(name string, otherwise bool) bool {
	switch v := c.text(name); v {
	case "":
		return otherwise
	case "true", "false":
		return v == "true"
	default:
		c.fault(name, "%q: it is true or false", v)
		return otherwise
	}
}

// choice returns a parameter that is one of a few words.
func (c *call) choice(name, otherwise string, words ...string) string {
	v := c.text(name)
	if v == "" {
		return otherwise
	}
	if !slices.Contains(words, v) {
		c.fault(name, "%q: it is one of %s", v, strings.Join(words, ", "))
	}
	return v
}

// done reports what was wrong with the parameters, those included that the endpoint does not have. Every
// handler calls it before it does anything.
func (c *call) done() error {
	for name := range c.values {
		if !slices.Contains(c.known, name) {
			return &unknownParameterError{name: name, known: strings.Join(c.known, ", ")}
		}
	}
	return c.err
}

// maxBody bounds request bodies: settings are small.
const maxBody = 64 << 10

// body decodes the request's JSON into v, strictly. An empty body is an error unless optional.
func (c *call) body(v any, optional bool) error {
	if optional && c.r.ContentLength == 0 {
		return nil
	}
	return c.bodyUpTo(v, maxBody)
}

// bodyUpTo decodes a body of at most limit bytes.
func (c *call) bodyUpTo(v any, limit int64) error {
	// A form of another site cannot send this type without being asked for permission first.
	if typ, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || typ != "application/json" {
		return &bodyError{"send JSON with Content-Type: application/json"}
	}
	d := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, limit))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return &bodyError{"the body is not what is expected: " + misread(err)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &bodyError{"something follows the JSON object"}
	}
	return nil
}

// misread says in words what is wrong with a body: errors of decoding name types of this program.
func misread(err error) string {
	var other *json.UnmarshalTypeError
	var notTime *time.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.As(err, &notTime):
		return fmt.Sprintf("%s is no time; write one as 2026-11-21T03:04:05Z", notTime.Value)
	case strings.HasPrefix(err.Error(), "Time.UnmarshalJSON"):
		return "a time is a text such as 2026-11-21T03:04:05Z"
	case !errors.As(err, &other):
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	at := "it"
	if other.Field != "" {
		at = other.Field
	}
	found, _, _ := strings.Cut(other.Value, " ") // "number 1.5": what was sent is known to who sent it
	switch found {
	case "bool":
		found = "true or false"
	case "string":
		found = "a text"
	case "number":
		found = "another number"
		if !isNumber(other.Type) {
			found = "a number"
		}
	case "array":
		found = "a list"
	case "object":
		found = "an object"
	}
	return fmt.Sprintf("%s is to be %s, not %s", at, kindInWords(other.Type), found)
}

func isNumber(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

// kindInWords says what JSON a type is read from.
func kindInWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	if isNumber(t) {
		return "a whole number within bounds"
	}
	return "an object"
}

// answer writes v as JSON.
func (c *call) answer(status int, v any) error {
	return writeJSON(c.w, c.r, status, v)
}
