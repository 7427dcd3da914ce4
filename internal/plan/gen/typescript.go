package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/debrief-dev/debrief/internal/plan"
)

// tsPrelude is the part of a TypeScript file that no plan changes.
const tsPrelude = `
/** Who a call is about. The browser's client knows it by itself. */
export type Who = { userId: string; anonymousId?: string } | { userId?: string; anonymousId: string };

/** The part of @segment/analytics-next that is used. */
export interface BrowserClient {
  track(event: string, properties?: object, options?: object): unknown;
  identify(userId?: string | null, traits?: object, options?: object): unknown;
  group(groupId?: string | null, traits?: object, options?: object): unknown;
  page(category?: string | null, name?: string | null, properties?: object, options?: object): unknown;
  screen(category?: string | null, name?: string | null, properties?: object, options?: object): unknown;
}

/** The part of @segment/analytics-node that is used. */
export interface NodeClient {
  track(call: Who & { event: string; properties?: object; context?: object }): unknown;
  identify(call: Who & { traits?: object; context?: object }): unknown;
  group(call: Who & { groupId: string; traits?: object; context?: object }): unknown;
  page(call: Who & { name?: string; properties?: object; context?: object }): unknown;
  screen(call: Who & { name?: string; properties?: object; context?: object }): unknown;
}

/** One call, on its way to a client. */
export interface Call {
  type: "track" | "identify" | "group" | "page" | "screen";
  name: string;
  members: object;
  userId?: string;
  groupId?: string;
  context?: object;
}

/** Where calls go to: made by browser or node, or by yourself. */
export type Target = (call: Call) => void;

/** Sends calls with the client of a page. */
export function browser(client: BrowserClient): Target {
  return (call) => {
    const options = call.context === undefined ? {} : { context: call.context };
    switch (call.type) {
      case "track":
        client.track(call.name, call.members, options);
        break;
      case "identify":
        client.identify(call.userId, call.members, options);
        break;
      case "group":
        client.group(call.groupId, call.members, options);
        break;
      case "page":
        client.page(undefined, call.name, call.members, options);
        break;
      case "screen":
        client.screen(undefined, call.name, call.members, options);
        break;
    }
  };
}

/** Sends calls about somebody with the client of a server. */
export function node(client: NodeClient, who: Who): Target {
  return (call) => {
    const context = call.context === undefined ? {} : { context: call.context };
    switch (call.type) {
      case "track":
        client.track({ ...who, ...context, event: call.name, properties: call.members });
        break;
      case "identify":
        client.identify({ ...who, ...(call.userId === undefined ? {} : { userId: call.userId }), ...context, traits: call.members });
        break;
      case "group":
        client.group({ ...who, ...context, groupId: call.groupId ?? "", traits: call.members });
        break;
      case "page":
        client.page({ ...who, ...context, name: call.name, properties: call.members });
        break;
      case "screen":
        client.screen({ ...who, ...context, name: call.name, properties: call.members });
        break;
    }
  };
}
`

var tsName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// tsWords are names that the prelude has, and words that name no function.
var tsWords = []string{
	"Who", "BrowserClient", "NodeClient", "Call", "Target", "browser", "node", "break", "case", "catch", "class", "const", "continue", "debugger",
	"default", "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof",
	"new", "null", "return", "super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with", "let", "static",
	"yield", "await", "implements", "interface", "package", "private", "protected", "public", "arguments", "eval", "Record", "Array",
}

// TypeScript writes a module with one function an event. It works with @segment/analytics-next and
// @segment/analytics-node and imports neither.
func TypeScript(p *plan.Plan) ([]byte, error) {
	list, full, err := calls(p)
	if err != nil {
		return nil, fmt.Errorf("generate TypeScript: %w", err)
	}
	w := &tsWriter{names: taken{}}
	for _, word := range tsWords {
		w.names[word] = true
	}
	w.b.WriteString(header(full))
	w.b.WriteString("/* eslint-disable */\n")
	w.b.WriteString(tsPrelude)
	for i := range list {
		w.call(&list[i])
	}
	return w.b.Bytes(), nil
}

type tsWriter struct {
	b     bytes.Buffer
	names taken
}

func (w *tsWriter) call(c *call) {
	typ := w.names.pick(pascal(c.callName(), capital))
	fn := w.names.pick(decapital(typ))
	inner, what := "properties", "Properties of "+c.callName()+"."
	if c.typ == "identify" || c.typ == "group" {
		inner, what = "traits", "Traits of "+c.typ+" calls."
	}
	w.b.WriteString("\n")
	w.doc("", what)
	fmt.Fprintf(&w.b, "export interface %s ", typ)
	w.object(c.members, "")
	w.b.WriteString("\n\n")
	text := c.description
	if text == "" {
		text = "Sends " + c.callName() + "."
	}
	if c.deprecated {
		text += " @deprecated"
	}
	w.doc("", text)
	extra, parameter := "", ""
	switch c.typ {
	case "identify":
		parameter, extra = ", userId?: string", ", ...(userId === undefined ? {} : { userId })"
	case "group":
		parameter, extra = "groupId: string, ", ", groupId"
	}
	if c.version > 0 {
		extra += fmt.Sprintf(", context: { protocols: { event_version: %d } }", c.version)
	}
	optional := " = {}"
	for _, f := range c.members.fields {
		if f.required {
			optional = ""
		}
	}
	before, after := "", parameter
	if c.typ == "group" {
		before, after = parameter, ""
	}
	fmt.Fprintf(&w.b, "export function %s(to: Target, %s%s: %s%s%s): void {\n  to({ type: %q, name: %s, members: %s%s });\n}\n",
		fn, before, inner, typ, optional, after, c.typ, literal(c.name), inner, extra)
}

// doc writes a JSDoc comment.
func (w *tsWriter) doc(indent, text string) {
	lines := comment(strings.ReplaceAll(text, "*/", "* /"))
	switch len(lines) {
	case 0:
	case 1:
		fmt.Fprintf(&w.b, "%s/** %s */\n", indent, lines[0])
	default:
		fmt.Fprintf(&w.b, "%s/**\n", indent)
		for _, line := range lines {
			fmt.Fprintf(&w.b, "%s * %s\n", indent, line)
		}
		fmt.Fprintf(&w.b, "%s */\n", indent)
	}
}

func (w *tsWriter) object(o *object, indent string) {
	w.b.WriteString("{\n")
	for _, f := range o.fields {
		w.doc(indent+"  ", f.description)
		name := f.name
		if !tsName.MatchString(name) {
			name = literal(name)
		}
		mark := "?"
		if f.required {
			mark = ""
		}
		fmt.Fprintf(&w.b, "%s  %s%s: ", indent, name, mark)
		w.shape(f.shape, indent+"  ")
		w.b.WriteString(";\n")
	}
	if o.open {
		fmt.Fprintf(&w.b, "%s  /** Further members are welcome. */\n%s  [name: string]: unknown;\n", indent, indent)
	}
	w.b.WriteString(indent + "}")
}

func (w *tsWriter) shape(s *shape, indent string) {
	switch s.kind {
	case "string", "number", "boolean":
		w.b.WriteString(s.kind)
	case "integer":
		w.b.WriteString("number")
	case "enum":
		for i, v := range s.values {
			if i > 0 {
				w.b.WriteString(" | ")
			}
			w.b.WriteString(literal(v))
		}
	case "object":
		if len(s.object.fields) == 0 {
			w.b.WriteString("Record<string, unknown>")
		} else {
			w.object(s.object, indent)
		}
	case "array":
		w.b.WriteString("Array<")
		if s.elem == nil {
			w.b.WriteString("unknown")
		} else {
			w.shape(s.elem, indent)
		}
		w.b.WriteString(">")
	case "union":
		for i, u := range s.union {
			if i > 0 {
				w.b.WriteString(" | ")
			}
			w.shape(u, indent)
		}
	default:
		w.b.WriteString("unknown")
		return
	}
	if s.nullable {
		w.b.WriteString(" | null")
	}
}

// literal writes a value as JSON, which is TypeScript too.
func literal(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("BUG: encode literal: %v", err))
	}
	return strings.TrimSpace(b.String())
}
