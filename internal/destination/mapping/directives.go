package mapping

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// builder is where in a mapping a directive is being read.
type builder struct {
	at    string
	depth int
}

func (b *builder) fault(format string, args ...any) error {
	return fmt.Errorf("%s: %s", b.at, fmt.Sprintf(format, args...))
}

func (b *builder) compile(v any) (node, error) { return compile(v, b.at, b.depth) }

// options reads the object that a directive takes: known keys, of which some are required.
func (b *builder) options(v any, required, optional string) (map[string]any, error) {
	o, ok := v.(map[string]any)
	if !ok {
		return nil, b.fault("takes an object")
	}
	all := strings.Fields(required + " " + optional)
	for _, key := range sortedKeys(o) {
		if !strings.Contains(" "+strings.Join(all, " ")+" ", " "+key+" ") {
			return nil, b.fault("has no %q; it takes %s", key, strings.Join(all, ", "))
		}
	}
	for _, key := range strings.Fields(required) {
		if _, ok := o[key]; !ok {
			return nil, b.fault("lacks %q", key)
		}
	}
	return o, nil
}

// word reads an option that is one of some words; absent, it is the first.
func (b *builder) word(o map[string]any, key string, words ...string) (string, error) {
	v, ok := o[key]
	if !ok {
		return words[0], nil
	}
	for _, w := range words {
		if v == w {
			return w, nil
		}
	}
	return "", b.fault("%q is none of %s", key, strings.Join(words, ", "))
}

// build reads a directive; the package's comment says what each does.
func (b *builder) build(name string, v any) (node, error) {
	switch name {
	case "@path", "@template":
		text, ok := v.(string)
		if !ok {
			return nil, b.fault("takes text")
		}
		if name == "@path" {
			return parsePath(text), nil
		}
		return parseTemplate(text), nil
	case "@literal":
		return b.compile(v)
	case "@if":
		return b.branch(v)
	case "@case":
		return b.letters(v)
	case "@replace":
		return b.replace(v)
	case "@arrayPath":
		return b.arrayPath(v)
	case "@flatten":
		return b.flatten(v)
	case "@json":
		return b.json(v)
	case "@merge":
		return b.merge(v)
	case "@transform":
		return b.transform(v)
	case "@excludeWhenNull":
		inner, err := b.compile(v)
		return convert{inner, func(v any) (any, error) {
			if v == nil {
				return nothing, nil
			}
			return v, nil
		}}, err
	}
	return nil, b.fault("there is no such directive")
}

// convert changes what another node makes.
type convert struct {
	inner node
	f     func(v any) (any, error)
}

func (c convert) resolve(payload any) (any, error) {
	v, err := c.inner.resolve(payload)
	if err != nil {
		return nil, err
	}
	return c.f(v)
}

// member compiles an option; a missing one makes nothing.
func (b *builder) member(o map[string]any, key string) (node, error) {
	v, ok := o[key]
	if !ok {
		return constant{nothing}, nil
	}
	return b.compile(v)
}

// branching is @if.
type branching struct {
	test, then, otherwise node
	blank                 bool // "" counts as not there
}

func (b *builder) branch(v any) (node, error) {
	o, err := b.options(v, "", "exists blank then else")
	if err != nil {
		return nil, err
	}
	_, exists := o["exists"]
	_, blank := o["blank"]
	if exists == blank {
		return nil, b.fault(`takes either "exists" or "blank"`)
	}
	n := branching{blank: blank}
	key := "exists"
	if blank {
		key = "blank"
	}
	if n.test, err = b.member(o, key); err != nil {
		return nil, err
	}
	if n.then, err = b.member(o, "then"); err != nil {
		return nil, err
	}
	n.otherwise, err = b.member(o, "else")
	return n, err
}

func (n branching) resolve(payload any) (any, error) {
	v, err := n.test.resolve(payload)
	if err != nil {
		return nil, err
	}
	if v != nothing && v != nil && (!n.blank || v != "") {
		return n.then.resolve(payload)
	}
	return n.otherwise.resolve(payload)
}

func (b *builder) letters(v any) (node, error) {
	o, err := b.options(v, "operator value", "")
	if err != nil {
		return nil, err
	}
	operator, err := b.word(o, "operator", "lower", "upper")
	if err != nil {
		return nil, err
	}
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		text, ok := v.(string)
		if !ok {
			return v, nil
		}
		if operator == "upper" {
			return strings.ToUpper(text), nil
		}
		return strings.ToLower(text), nil
	}}, err
}

// replace is @replace: patterns are plain text. Numbers and booleans are taken as text.
func (b *builder) replace(v any) (node, error) {
	o, err := b.options(v, "pattern value", "replacement pattern2 replacement2 ignorecase global")
	if err != nil {
		return nil, err
	}
	type step struct {
		pattern *regexp.Regexp
		with    string
	}
	var steps []step
	for _, suffix := range []string{"", "2"} {
		pattern, with := asText(o["pattern"+suffix]), asText(o["replacement"+suffix])
		if pattern == "" {
			continue
		}
		flags := ""
		if o["ignorecase"] == true {
			flags = "(?i)"
		}
		steps = append(steps, step{regexp.MustCompile(flags + regexp.QuoteMeta(pattern)), with})
	}
	global := o["global"] != false
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		switch v.(type) {
		case string, json.Number, bool:
		default:
			return v, nil
		}
		text := asText(v)
		for _, s := range steps {
			if global {
				text = s.pattern.ReplaceAllLiteralString(text, s.with)
			} else if at := s.pattern.FindStringIndex(text); at != nil {
				text = text[:at[0]] + s.with + text[at[1]:]
			}
		}
		return text, nil
	}}, err
}

func (b *builder) arrayPath(v any) (node, error) {
	list, ok := v.([]any)
	if !ok || len(list) < 1 || len(list) > 2 {
		return nil, b.fault("takes an array of a path and a shape")
	}
	var root node
	var err error
	if text, ok := list[0].(string); ok {
		root = parsePath(text)
	} else if root, err = b.compile(list[0]); err != nil {
		return nil, err
	}
	shape, ok := any(nil), false
	if len(list) == 2 {
		shape = list[1]
		_, ok = shape.(map[string]any)
	}
	if !ok {
		return root, nil
	}
	inner, err := b.compile(shape)
	return convert{root, func(v any) (any, error) {
		var elements []any
		switch v := v.(type) {
		case []any:
			elements = v
		case map[string]any:
			elements = []any{v}
		default:
			return v, nil
		}
		out := make([]any, 0, len(elements))
		for _, element := range elements {
			made, err := inner.resolve(element)
			if err != nil {
				return nil, err
			}
			out = append(out, made)
		}
		return out, nil
	}}, err
}

func (b *builder) flatten(v any) (node, error) {
	o, err := b.options(v, "value separator", "omitArrays")
	if err != nil {
		return nil, err
	}
	separator, ok := o["separator"].(string)
	if !ok {
		return nil, b.fault(`"separator" is no text`)
	}
	keepArrays := o["omitArrays"] == true
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		out := map[string]any{}
		flattenInto(out, "", separator, keepArrays, v)
		if _, ok := v.(map[string]any); !ok && len(out) <= 1 {
			if _, ok := v.([]any); !ok {
				return v, nil
			}
		}
		return out, nil
	}}, err
}

func flattenInto(out map[string]any, prefix, separator string, keepArrays bool, v any) {
	key := func(k string) string {
		if prefix == "" {
			return k
		}
		return prefix + separator + k
	}
	switch in := v.(type) {
	case map[string]any:
		for k, member := range in {
			flattenInto(out, key(k), separator, keepArrays, member)
		}
		return
	case []any:
		if !keepArrays {
			for i, element := range in {
				flattenInto(out, key(strconv.Itoa(i)), separator, keepArrays, element)
			}
			return
		}
	}
	if v != nothing {
		out[prefix] = v
	}
}

func (b *builder) json(v any) (node, error) {
	o, err := b.options(v, "mode value", "")
	if err != nil {
		return nil, err
	}
	mode, err := b.word(o, "mode", "encode", "decode")
	if err != nil {
		return nil, err
	}
	inner, err := b.compile(o["value"])
	return convert{inner, func(v any) (any, error) {
		if v == nothing {
			return v, nil
		}
		if mode == "encode" {
			text, err := json.Marshal(v)
			return string(text), err
		}
		text, ok := v.(string)
		if !ok {
			return v, nil
		}
		made, err := decode([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: the text is no JSON", b.at)
		}
		return made, nil
	}}, err
}

// merging is @merge.
type merging struct {
	objects []node
	left    bool // the first one wins
}

func (b *builder) merge(v any) (node, error) {
	o, err := b.options(v, "objects", "direction")
	if err != nil {
		return nil, err
	}
	list, ok := o["objects"].([]any)
	if !ok {
		return nil, b.fault(`"objects" is no array`)
	}
	direction, err := b.word(o, "direction", "right", "left")
	n := merging{left: direction == "left"}
	for _, v := range list {
		inner, err := b.compile(v)
		if err != nil {
			return nil, err
		}
		n.objects = append(n.objects, inner)
	}
	return n, err
}

func (n merging) resolve(payload any) (any, error) {
	out := map[string]any{}
	for _, inner := range n.objects {
		v, err := inner.resolve(payload)
		if err != nil {
			return nil, err
		}
		members, ok := v.(map[string]any)
		if !ok {
			continue // nothing to merge
		}
		if n.left {
			members = maps.Clone(members)
			maps.Copy(members, out)
			out = members
			continue
		}
		maps.Copy(out, members)
	}
	return out, nil
}

func (b *builder) transform(v any) (node, error) {
	o, err := b.options(v, "apply mapping", "")
	if err != nil {
		return nil, err
	}
	first, err := b.compile(o["apply"])
	if err != nil {
		return nil, err
	}
	second, err := b.compile(o["mapping"])
	return convert{first, func(v any) (any, error) { return second.resolve(v) }}, err
}
