package segment

import "strings"

// kind is what a route does.
type kind uint8

const (
	kindNone     kind = iota
	kindSingle        // one call
	kindBatch         // an object with an array of calls
	kindMerge         // RudderStack's seventh call
	kindPixel         // one call in the query, answered by an image whatever happens
	kindDrop          // telemetry of SDKs, answered and forgotten
	kindSettings      // the settings document of Segment's SDKs
	kindConfig        // the same of RudderStack's
	kindScript        // analytics.min.js and its chunks
	kindToken         // OAuth
)

// route is one place that the door serves.
type route struct {
	kind     kind
	callType string // of single calls and pixels
	param    string // write key of settings, file of scripts
	methods  string // for CORS and Allow
}

const (
	methodsPost = "GET,POST,OPTIONS"
	methodsPut  = "GET,POST,PUT,OPTIONS"
)

// serves reports whether the route takes a method; OPTIONS is answered before.
func (rt route) serves(method string) bool {
	switch rt.kind {
	case kindSingle, kindBatch, kindMerge, kindDrop, kindToken:
		return method == "POST" || method == "PUT" && rt.methods == methodsPut
	case kindPixel:
		return true
	}
	return method == "GET" || method == "HEAD"
}

// isIngest reports whether the route takes in calls, so that pages may send it with credentials.
func (rt route) isIngest() bool {
	return rt.kind == kindSingle || rt.kind == kindBatch || rt.kind == kindMerge || rt.kind == kindDrop || rt.kind == kindPixel
}

// fixedRoutes are the routes without a parameter.
func fixedRoutes() map[string]route {
	m := map[string]route{
		// Unity's client uploads with PUT.
		"/v1/b":            {kind: kindBatch, methods: methodsPut},
		"/v1/batch":        {kind: kindBatch},
		"/v1/import":       {kind: kindBatch},
		"/beacon/v1/batch": {kind: kindBatch},
		"/v1/merge":        {kind: kindMerge},
		"/v1/m":            {kind: kindDrop},
		"/sourceConfig":    {kind: kindConfig},
		"/token":           {kind: kindToken},
		"/pixel/v1/track":  {kind: kindPixel, callType: "track"},
		"/pixel/v1/page":   {kind: kindPixel, callType: "page"},
	}
	for name, callType := range callTypes {
		m["/v1/"+name] = route{kind: kindSingle, callType: callType}
	}
	for path, rt := range m {
		if rt.methods == "" {
			rt.methods = methodsPost
			m[path] = rt
		}
	}
	return m
}

// find returns the route of a path. A doubled or trailing slash is looked over and never redirected, since
// SDKs send both and lose the body on a redirect.
func (h *Handler) find(path string) route {
	if rt, ok := h.routes[path]; ok {
		return rt
	}
	path = normalise(path)
	if rt, ok := h.routes[path]; ok {
		return rt
	}
	rt := route{methods: methodsPost}
	switch parts := strings.Split(path, "/")[1:]; {
	case len(parts) == 4 && parts[0] == "v1" && parts[1] == "projects" && parts[3] == "settings":
		rt.kind, rt.param = kindSettings, parts[2]
	case len(parts) == 4 && parts[0] == "analytics.js" && parts[1] == "v1":
		rt.kind, rt.param = kindScript, parts[3]
	case len(parts) == 3 && parts[0] == "analytics-next" && parts[1] == "bundles":
		rt.kind, rt.param = kindScript, parts[2]
	case len(parts) >= 2 && (parts[0] == "v1" && parts[1] == "pixel" || parts[0] == "pixel" && parts[1] == "v1"):
		rt.kind, rt.callType = kindPixel, callTypes[parts[len(parts)-1]]
	}
	return rt
}

// normalise makes runs of slashes one and takes a trailing slash away.
func normalise(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	if !strings.HasPrefix(path, "/") {
		return "/" + path
	}
	return path
}
