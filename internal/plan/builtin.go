package plan

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed builtin/*.yaml
var builtinFiles embed.FS

// Builtins returns the built-in plans, by name. The caller owns them.
func Builtins() []*Plan {
	entries, err := builtinFiles.ReadDir("builtin")
	if err != nil {
		panic(fmt.Sprintf("BUG: list built-in plans: %v", err))
	}
	var out []*Plan
	for _, e := range entries {
		if p, ok := Builtin(strings.TrimSuffix(e.Name(), ".yaml")); ok {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *Plan) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Builtin returns a built-in plan. The caller owns it.
func Builtin(name string) (*Plan, bool) {
	text, err := BuiltinFile(name)
	if err != nil {
		return nil, false
	}
	p, err := Parse(text)
	if err != nil {
		panic(fmt.Sprintf("BUG: built-in plan %s: %v", name, err))
	}
	return p, true
}

// BuiltinFile returns a built-in plan as it was written, with its comments and anchors.
func BuiltinFile(name string) ([]byte, error) {
	text, err := builtinFiles.ReadFile("builtin/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no built-in plan %q; \"debrief plan builtin\" lists them", name)
	}
	return text, nil
}
