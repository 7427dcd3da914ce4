package mapping

import (
	"fmt"
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

// build reads a directive; the package's comment says what each does, and a file of its name how.
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
		return b.excludeWhenNull(v)
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
