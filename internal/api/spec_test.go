package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
)

// description is openapi.yaml with its schemas ready to be asked.
type description struct {
	doc     map[string]any
	schemas *jsonschema.Compiler
}

func describe(t *testing.T) *description {
	t.Helper()
	_, inJSON, err := loadDocument()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(inJSON.data))
	if err != nil {
		t.Fatal(err)
	}
	out := &description{doc: doc.(map[string]any), schemas: jsonschema.NewCompiler()}
	out.schemas.AssertFormat()
	if err := out.schemas.AddResource("api.json", doc); err != nil {
		t.Fatal(err)
	}
	return out
}

// at walks the document; references are followed. It returns nil where there is nothing.
func (d *description) at(keys ...string) any {
	var v any = d.doc
	for _, k := range keys {
		m, _ := d.follow(v).(map[string]any)
		v = m[k]
	}
	return d.follow(v)
}

func (d *description) follow(v any) any {
	m, _ := v.(map[string]any)
	ref, ok := m["$ref"].(string)
	if !ok {
		return v
	}
	return d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

// pointer writes keys as a JSON pointer.
func pointer(keys ...string) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(k))
	}
	return b.String()
}

// check validates an answer of an operation against the schema that the description has for it.
func (d *description) check(t *testing.T, method, path string, status int, typ string, body []byte) {
	t.Helper()
	keys := []string{"paths", path, strings.ToLower(method), "responses", fmt.Sprint(status)}
	if status == http.StatusNotModified {
		return
	}
	if status == http.StatusInternalServerError || status == http.StatusRequestEntityTooLarge {
		keys = []string{"components", "responses", "Other"} // said once for all
	}
	if d.at(keys...) == nil {
		t.Errorf("%s %s answers %d, which is not described", method, path, status)
		return
	}
	if ref, ok := d.atRaw(keys...)["$ref"].(string); ok {
		keys = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	}
	d.validate(t, append(keys, "content", typ, "schema"), body)
}

func (d *description) atRaw(keys ...string) map[string]any {
	var v any = d.doc
	for _, k := range keys {
		v = v.(map[string]any)[k]
	}
	m, _ := v.(map[string]any)
	return m
}

func (d *description) validate(t *testing.T, schema []string, body []byte) {
	t.Helper()
	s, err := d.schemas.Compile("api.json#" + pointer(schema...))
	if err != nil {
		t.Errorf("schema %s: %v", pointer(schema...), err)
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Errorf("%s: %v", body, err)
		return
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s is not as described: %v\n%s", pointer(schema...), err, body)
	}
}

// operations lists every operation of the description as "METHOD path".
func (d *description) operations() map[string]map[string]any {
	out := map[string]map[string]any{}
	for path, item := range d.doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			out[strings.ToUpper(method)+" "+path] = op.(map[string]any)
		}
	}
	return out
}

func TestEveryRouteIsDescribedAndViceVersa(t *testing.T) {
	described := describe(t).operations()
	for _, r := range new(server).routes() {
		if _, ok := described[r.method+" "+r.path]; !ok {
			t.Errorf("%s %s is not described", r.method, r.path)
		}
		delete(described, r.method+" "+r.path)
	}
	for op := range described {
		t.Errorf("%s is described and does not exist", op)
	}
}

func TestEveryParameterIsDescribedAndViceVersa(t *testing.T) {
	d := describe(t)
	a := start(t)
	for name, op := range d.operations() {
		method, path, _ := strings.Cut(name, " ")
		var want []string
		list, _ := op["parameters"].([]any)
		for _, p := range list {
			p := d.follow(p).(map[string]any)
			if p["in"] == "query" {
				want = append(want, p["name"].(string))
			}
		}
		_, body := a.send(t, method, strings.NewReplacer("{name}", "events", "{what}", "events").Replace(path)+"?bogus=1", "")
		var e ErrorBody
		if err := json.Unmarshal(body, &e); err != nil || e.Error.Code != "unknown_parameter" || e.Error.Parameter != "bogus" {
			t.Errorf("%s with an unknown parameter: got %s", name, body)
			continue
		}
		_, known, _ := strings.Cut(e.Error.Message, "; this endpoint takes ")
		var got []string
		if known != "none" {
			got = strings.Split(known, ", ")
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s takes %v, described are %v", name, got, want)
		}
	}
}

func TestExamplesAreAsDescribed(t *testing.T) {
	d := describe(t)
	var walk func(v any, at []string)
	walk = func(v any, at []string) {
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		if example, ok := m["example"]; ok && m["schema"] != nil {
			body, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			d.validate(t, append(slices.Clone(at), "schema"), body)
		}
		for k, inner := range m {
			if k != "example" {
				walk(inner, append(slices.Clone(at), k))
			}
		}
	}
	walk(d.doc, nil)
	for name, op := range d.operations() {
		for status, r := range op["responses"].(map[string]any) {
			content, _ := d.follow(r).(map[string]any)["content"].(map[string]any)
			for typ, c := range content {
				if _, ok := c.(map[string]any)["example"]; !ok {
					t.Errorf("%s %s %s has no example", name, status, typ)
				}
			}
		}
		if body, ok := op["requestBody"].(map[string]any); ok {
			if body["content"].(map[string]any)["application/json"].(map[string]any)["example"] == nil {
				t.Errorf("%s has no example of a body", name)
			}
		}
	}
}

func TestSchemasOfRowsAreThoseOfTheModel(t *testing.T) {
	d := describe(t)
	f := func(schema string, row reflect.Type) {
		t.Helper()
		var want []string
		for _, c := range columns(row, nil) {
			want = append(want, c.name)
		}
		if schema == "Event" {
			want = append(want, "raw") // no column of exports
		}
		got := d.at("components", "schemas", schema, "properties").(map[string]any)
		for _, name := range want {
			if got[name] == nil {
				t.Errorf("schema %s lacks %s", schema, name)
			}
			delete(got, name)
		}
		for name := range got {
			t.Errorf("schema %s has %s, which the model lacks", schema, name)
		}
	}
	f("Event", reflect.TypeFor[event.Event]())
	f("Conversation", reflect.TypeFor[eventstore.ConversationRow]())
}

func TestDescriptionIsServedInBothForms(t *testing.T) {
	a := start(t)
	res, body := a.send(t, http.MethodGet, "/api/v1/openapi.yaml", "")
	if res.StatusCode != http.StatusOK || !bytes.Equal(body, openapi) {
		t.Errorf("openapi.yaml: %s, %d bytes; want %d", res.Status, len(body), len(openapi))
	}
	if got := a.get(t, "/api/v1/openapi.json")["openapi"]; got != "3.1.0" {
		t.Errorf("openapi.json says %v", got)
	}
	for _, path := range []string{"/api/v1/openapi.yaml", "/api/v1/openapi.json", "/api/v1/metrics"} {
		res, _ := a.send(t, http.MethodGet, path, "")
		req := a.request(t, http.MethodGet, path, "")
		req.Header.Set("If-None-Match", res.Header.Get("ETag"))
		if res, _ := a.do(t, req); res.StatusCode != http.StatusNotModified {
			t.Errorf("%s with its own tag: got %s", path, res.Status)
		}
	}
}
