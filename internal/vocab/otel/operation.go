package otel

import "strings"

// class is what sort of thing a span does.
type class uint8

const (
	classNone class = iota
	classCall       // one call of a model: its tokens count
	classRun        // work around such calls
	classTool
	classRetrieval
	classMemory
)

// operation is what a span does.
type operation struct {
	class class
	name  string // as rows have it: chat, embedding, agent …
	word  string // as the span says it
}

// longestWord bounds what is taken for the name of an operation or event: a dimension, not a text.
const longestWord = 100

// operation finds out what the span does.
func (r *reader) operation() operation {
	word, key := r.text(fieldOperation), r.slots[fieldOperation].key
	word = strings.TrimSpace(word)
	if len(word) > longestWord {
		r.slots[fieldOperation].used = false
		word = ""
	}
	op := operation{word: word}
	switch key {
	case "gen_ai.operation.name":
		op.class, op.name = conventional(strings.ToLower(word))
	case "ai.operationId":
		op.class, op.name = vercel(word)
	default:
		op.class, op.name = spanKind(strings.ToLower(word))
	}
	if op.class != classNone {
		return op
	}
	if key == "gen_ai.operation.name" && word != "" {
		r.c.Repair("unknown_operation", word, "")
	}
	switch {
	case r.has(fieldInput) || r.has(fieldOutput), word == "" && r.has(fieldProvider) && r.has(fieldRequestModel):
		op.class, op.name = classCall, "chat"
		if word == "" {
			r.c.Repair("missing_operation", "", "chat")
		}
	case word == "" && r.slots[fieldToolName].key == "gen_ai.tool.name":
		op.class = classTool
	}
	return op
}

// conventional reads gen_ai.operation.name.
func conventional(word string) (class, string) {
	switch word {
	case "chat", "text_completion", "generate_content", "completion", "responses":
		return classCall, "chat"
	case "embeddings", "embedding":
		return classCall, "embedding"
	case "image_generation", "generate_image":
		return classCall, "image"
	case "text_to_speech", "speech", "transcription":
		return classCall, "speech"
	case "invoke_agent", "create_agent":
		return classRun, "agent"
	case "invoke_workflow":
		return classRun, "workflow"
	case "plan":
		return classRun, "plan"
	case "agent_step":
		return classRun, "step"
	case "execute_tool":
		return classTool, ""
	case "retrieval":
		return classRetrieval, ""
	}
	if strings.HasSuffix(word, "_memory") || strings.HasSuffix(word, "_memory_store") {
		return classMemory, ""
	}
	return classNone, ""
}

// vercel reads ai.operationId: the functions of the AI SDK, and below each the calls that it makes.
func vercel(word string) (class, string) {
	function, call, isCall := strings.Cut(strings.TrimPrefix(word, "ai."), ".")
	kind := "chat"
	switch function {
	case "embed", "embedMany":
		kind = "embedding"
	case "generateImage":
		kind = "image"
	case "generateSpeech", "transcribe":
		kind = "speech"
	case "toolCall":
		return classTool, ""
	case "rerank":
		return classNone, ""
	}
	switch {
	case !strings.HasPrefix(word, "ai."):
		return classNone, ""
	case isCall && strings.HasPrefix(call, "do"):
		return classCall, kind
	case isCall:
		return classNone, ""
	case kind == "chat":
		return classRun, "agent"
	}
	return classRun, "span"
}

// spanKind reads the words of OpenInference, OpenLLMetry and Langfuse.
func spanKind(word string) (class, string) {
	switch word {
	case "llm", "chat", "completion", "generation":
		return classCall, "chat"
	case "embedding":
		return classCall, "embedding"
	case "agent":
		return classRun, "agent"
	case "workflow":
		return classRun, "workflow"
	case "task":
		return classRun, "step"
	case "chain", "span":
		return classRun, "span"
	case "tool":
		return classTool, ""
	case "retriever":
		return classRetrieval, ""
	}
	return classNone, ""
}

// streams reports whether an operation says that its answer comes in pieces.
func streams(word string) bool {
	return strings.HasPrefix(word, "ai.streamText") || strings.HasPrefix(word, "ai.streamObject")
}
