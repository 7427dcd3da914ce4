package otel

import (
	"strings"

	"github.com/debrief-dev/debrief/internal/event"
)

// tool maps a span of a tool, of a retrieval or of the agent's memory.
func (r *reader) tool(op operation) {
	e := r.c.Row
	e.Kind, e.Action, e.Actor = event.KindTool, "called", event.RoleAgent
	e.ToolCallID = r.text(fieldToolCallID)
	e.ToolType, e.ToolName = r.text(fieldToolType), r.text(fieldToolName)
	switch op.class {
	case classRetrieval:
		r.lookup("retrieval")
	case classMemory:
		r.lookup("memory")
	}
	if e.ToolName == "" {
		_, name, found := strings.Cut(r.c.Name, "execute_tool ")
		if !found {
			name = r.c.Name
		}
		e.ToolName = name
		if op.class == classTool && r.slots[fieldOperation].key == "gen_ai.operation.name" {
			r.c.Violation("missing_tool_name")
		}
	}
	if e.ToolArgs == nil {
		e.ToolArgs = r.json(fieldToolArgs)
	}
	if e.ToolResult == nil {
		e.ToolResult = r.json(fieldToolResult)
	}
	failed := r.failure()
	e.ToolOK = new(!failed)
	if failed {
		e.SignalDimension, e.SignalWeight = "tool", new(-0.3)
	}
}

// lookup maps what is particular to a retrieval or a memory.
func (r *reader) lookup(kind string) {
	e := r.c.Row
	if e.ToolType == "" {
		e.ToolType = kind
	}
	if e.ToolName == "" {
		e.ToolName = r.text(fieldSource)
	}
	e.ToolArgs, e.ToolResult = r.json(fieldQuery), r.json(fieldDocuments)
}
