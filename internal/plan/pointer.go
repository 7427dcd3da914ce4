package plan

import "strings"

// JSON Pointers (RFC 6901) name what an omission removes: unlike the fields of a violation they are exact.

func escapePointer(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func unescapePointer(key string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
}

func pointerOf(base string, location []string) string {
	for _, key := range location {
		base += "/" + escapePointer(key)
	}
	return base
}
