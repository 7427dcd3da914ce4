package plan

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// describe puts one finding of the schema library into words. It quotes the rule and never the value, nor its
// length: violations are counted by their words, and a length would make each its own.
func describe(e *jsonschema.ValidationError) (Kind, string) {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return KindTypeMismatch, fmt.Sprintf("expected %s, got %s", alternatives(k.Want), k.Got)
	case *kind.Enum:
		if got := typeName(k.Got); !slices.ContainsFunc(k.Want, func(v any) bool { return typeName(v) == got }) {
			return KindTypeMismatch, fmt.Sprintf("expected one of %s, got %s", values(k.Want), got)
		}
		return KindConstraint, "must be one of " + values(k.Want)
	case *kind.Const:
		if got := typeName(k.Got); typeName(k.Want) != got {
			return KindTypeMismatch, fmt.Sprintf("expected %s, got %s", values([]any{k.Want}), got)
		}
		return KindConstraint, "must be " + values([]any{k.Want})
	case *kind.Required:
		return KindRequiredMissing, "is required: " + strings.Join(k.Missing, ", ")
	case *kind.Dependency:
		return KindRequiredMissing, fmt.Sprintf("is required when %s is there", k.Prop)
	case *kind.DependentRequired:
		return KindRequiredMissing, fmt.Sprintf("is required when %s is there", k.Prop)
	case *kind.AdditionalProperties:
		return KindUnplannedProperty, notInPlan
	case *kind.FalseSchema:
		return KindUnplannedProperty, "is not allowed here"
	case *kind.InvalidJsonValue, *kind.RefCycle:
		return KindUnknown, "cannot be checked"
	}
	if text := describeBounds(e.ErrorKind); text != "" {
		return KindConstraint, text
	}
	return KindConstraint, describeRest(e.ErrorKind)
}

const notInPlan = "is not in the plan"

// describeBounds describes rules on sizes; "" for any other.
func describeBounds(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.MinLength:
		return "must have at least " + count(k.Want, "character")
	case *kind.MaxLength:
		return "must have at most " + count(k.Want, "character")
	case *kind.MinItems:
		return "must have at least " + count(k.Want, "item")
	case *kind.MaxItems:
		return "must have at most " + count(k.Want, "item")
	case *kind.MinProperties:
		return "must have at least " + count(k.Want, "member")
	case *kind.MaxProperties:
		return "must have at most " + count(k.Want, "member")
	case *kind.Minimum:
		return "must be at least " + decimal(k.Want)
	case *kind.Maximum:
		return "must be at most " + decimal(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be more than " + decimal(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be less than " + decimal(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + decimal(k.Want)
	}
	return ""
}

func describeRest(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Pattern:
		return "must match the pattern " + k.Want
	case *kind.Format:
		return "must be a valid " + k.Want
	case *kind.UniqueItems:
		return "must have no item twice"
	case *kind.Contains:
		return "must contain an item that the plan asks for"
	case *kind.MinContains:
		return fmt.Sprintf("must contain at least %d of the items that the plan asks for", k.Want)
	case *kind.MaxContains:
		return fmt.Sprintf("must contain at most %d of the items that the plan speaks of", k.Want)
	case *kind.AdditionalItems:
		return "has more items than the plan takes"
	case *kind.PropertyNames:
		return "has a name that the plan does not allow"
	case *kind.OneOf:
		if len(k.Subschemas) > 1 {
			return "fits more than one of the alternatives, of which it may fit only one"
		}
		return "fits none of the alternatives"
	case *kind.AnyOf:
		return "fits none of the alternatives"
	case *kind.Not:
		return "is what the plan excludes"
	}
	return "does not conform: " + strings.Join(k.KeywordPath(), " ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(9), "0")
}

// alternatives joins words, null last: "string or null".
func alternatives(words []string) string {
	if i := slices.Index(words, "null"); i >= 0 {
		words = append(slices.Delete(slices.Clone(words), i, i+1), "null")
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// values shows what the plan itself names, the first of them if they are many.
func values(list []any) string {
	const most = 12
	var out []string
	for i, v := range list {
		if i == most {
			out = append(out, fmt.Sprintf("… (%d more)", len(list)-most))
			break
		}
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		text := "…"
		if enc.Encode(v) == nil && b.Len() <= 80 {
			text = strings.TrimSpace(b.String())
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "number"
}
