package plan

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// schemas compiles the schemas of one plan. Each is a resource of its own, with those of the plan's $defs that
// it needs: with all of them, a plan of many rules and definitions would take minutes.
type schemas struct {
	compiler *jsonschema.Compiler
	defs     map[string]any
	count    int
}

// resourceURL is where schemas are said to be; nothing is ever loaded from there.
const resourceURL = "debrief://plan/"

// refuser is the loader of schemas outside of the plan.
type refuser struct{}

var errRemote = errors.New("a plan is complete in itself; copy the schema into $defs")

// Load implements [jsonschema.URLLoader].
func (refuser) Load(string) (any, error) { return nil, errRemote }

func newSchemas(p *Plan) (*schemas, error) {
	s := &schemas{compiler: jsonschema.NewCompiler()}
	s.compiler.DefaultDraft(jsonschema.Draft2020)
	s.compiler.AssertFormat()
	s.compiler.UseLoader(refuser{})
	if len(p.Defs) == 0 {
		return s, nil
	}
	doc, err := readSchema(p.Defs)
	if err != nil {
		return nil, err
	}
	s.defs, _ = doc.(map[string]any)
	return s, s.sound()
}

// sound reports a fault of the definitions, those that no rule needs among them: by the draft that is the
// default, or by the older one that rules may name.
func (s *schemas) sound() error {
	_, err := s.add(map[string]any{"$defs": s.defs})
	if err == nil {
		return nil
	}
	if _, older := s.add(map[string]any{"$schema": draft07, "definitions": s.defs}); older == nil {
		return nil
	}
	return err
}

// faultOfDefs is faultOf for what [newSchemas] reports.
func faultOfDefs(err error) (path, message string) {
	path, message = faultOf(err, "")
	return cmp.Or(path, "$defs"), message
}

func readSchema(raw json.RawMessage) (any, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return doc, nil
}

func (s *schemas) compile(raw json.RawMessage) (*jsonschema.Schema, error) {
	doc, err := readSchema(raw)
	if err != nil {
		return nil, err
	}
	if object, ok := doc.(map[string]any); ok && s.defs != nil {
		defs := s.needed(doc)
		if own, ok := object["$defs"].(map[string]any); ok {
			maps.Copy(defs, own)
		}
		object["$defs"] = defs
	}
	return s.add(doc)
}

// needed returns the definitions that a schema refers to, directly or through others; all of them if it
// refers to something by other means.
func (s *schemas) needed(doc any) map[string]any {
	out := map[string]any{}
	for queue := refs(doc, nil); len(queue) > 0; {
		ref := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		name, ok := strings.CutPrefix(ref, "#/$defs/")
		if !ok || strings.Contains(name, "%") {
			return maps.Clone(s.defs)
		}
		name, _, _ = strings.Cut(name, "/")
		name = unescapePointer(name)
		if def, ok := s.defs[name]; ok && out[name] == nil {
			out[name] = def
			queue = refs(def, queue)
		}
	}
	return out
}

// refs adds what a schema refers to.
func refs(v any, to []string) []string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			to = refs(item, to)
		}
	case map[string]any:
		for key, value := range v {
			if ref, ok := value.(string); ok && (key == "$ref" || key == "$dynamicRef") {
				to = append(to, ref)
			}
			to = refs(value, to)
		}
	}
	return to
}

func (s *schemas) add(doc any) (*jsonschema.Schema, error) {
	url := fmt.Sprintf("%s%d", resourceURL, s.count)
	s.count++
	if err := s.compiler.AddResource(url, doc); err != nil {
		return nil, err
	}
	return s.compiler.Compile(url)
}

// faultOf says where in a schema that does not compile the fault is, as a path below base, and what it is.
func faultOf(err error, base string) (path, message string) {
	var schema *jsonschema.SchemaValidationError
	var regex *jsonschema.InvalidRegexError
	var load *jsonschema.LoadURLError
	switch {
	case errors.As(err, &schema):
		var leaf *jsonschema.ValidationError
		if !errors.As(schema.Err, &leaf) {
			break
		}
		for len(leaf.Causes) > 0 {
			leaf = leaf.Causes[0]
		}
		path = base
		for _, key := range leaf.InstanceLocation {
			path = step(path, key)
		}
		if f, ok := leaf.ErrorKind.(*kind.Format); ok && f.Want == "regex" {
			return path, regexFault(f.Err)
		}
		_, text := describe(leaf)
		return path, text
	case errors.As(err, &regex):
		return below(base, regex.URL), regexFault(regex.Err)
	case errors.As(err, &load):
		return base, fmt.Sprintf("refers to %s: %v", load.URL, load.Err)
	}
	return base, strings.ReplaceAll(err.Error(), resourceURL, "")
}

func regexFault(err error) string {
	return fmt.Sprintf("is no regular expression of RE2 (which has no look-around and no back-references): %v", err)
}

// below adds the fragment of a schema's address to a path: "…#/allOf/0/properties/a" adds
// ".allOf[0].properties.a".
func below(path, url string) string {
	_, fragment, _ := strings.Cut(url, "#")
	for key := range strings.SplitSeq(strings.TrimPrefix(fragment, "/"), "/") {
		if key != "" {
			path = step(path, unescapePointer(key))
		}
	}
	return path
}

// step adds a member's name or an index to a path.
func step(path, key string) string {
	if _, err := strconv.ParseUint(key, 10, 32); err == nil {
		return path + "[" + key + "]"
	}
	return join(path, key)
}
