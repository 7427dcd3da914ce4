package slack

import (
	"encoding/json"
	"maps"
	"slices"
)

// sortedScalars are the names of fields that hold one value, by their bytes.
func sortedScalars(fields map[string]json.RawMessage) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool {
		first := fields[name][0]
		return first == '{' || first == '[' || first == 'n'
	})
}

// scalar is a value as text.
func scalar(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
