package plan

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxNodes bounds what a file may grow to when its aliases are written out.
const maxNodes = 200_000

// yamlReader builds nodes from YAML's syntax tree.
type yamlReader struct {
	anchors map[string]ast.Node
	nodes   int
}

func parseYAML(data []byte) (*node, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
			return nil, lineError(syntax.Token.Position.Line, "", "%s", syntax.Message)
		}
		return nil, fmt.Errorf("read YAML: %w", err)
	}
	r := &yamlReader{anchors: map[string]ast.Node{}}
	var root ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			return nil, lineError(lineOf(doc.Body), "", "the file has a second document")
		}
		root = doc.Body
	}
	if root == nil {
		return nil, errors.New("line 1: the file is empty")
	}
	return r.value(root, 0)
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

func (r *yamlReader) value(from ast.Node, depth int) (*node, error) {
	n := &node{line: lineOf(from)}
	if r.nodes++; r.nodes > maxNodes {
		return nil, lineError(n.line, "", "more than %d values", maxNodes)
	}
	if depth++; depth > maxDepth {
		return nil, lineError(n.line, "", "nested deeper than %d levels", maxDepth)
	}
	switch v := from.(type) {
	case *ast.MappingNode:
		n.kind = '{'
		return n, r.mapping(n, v.Values, depth)
	case *ast.MappingValueNode:
		n.kind, n.line = '{', lineOf(v.Key)
		return n, r.mapping(n, []*ast.MappingValueNode{v}, depth)
	case *ast.SequenceNode:
		n.kind = '['
		for _, item := range v.Values {
			value, err := r.value(item, depth)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, value)
		}
		return n, nil
	case *ast.AnchorNode:
		value, err := r.value(v.Value, depth)
		r.anchors[v.Name.String()] = v.Value
		return value, err
	case *ast.AliasNode:
		to, ok := r.anchors[v.Value.String()]
		if !ok {
			return nil, lineError(n.line, "", "there is no anchor %s", v.Value)
		}
		return r.value(to, depth)
	}
	return n, n.scalar(from)
}

func (r *yamlReader) mapping(n *node, values []*ast.MappingValueNode, depth int) error {
	for _, v := range values {
		value, err := r.value(v.Value, depth)
		if err != nil {
			return err
		}
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			if value.kind != '{' {
				return lineError(lineOf(v.Key), "", "<< merges an object, not %s", value.word())
			}
			n.members = append(n.members, value.members...)
			continue
		}
		key := &node{line: lineOf(v.Key)}
		if err := key.scalar(v.Key); err != nil {
			return err
		}
		name := key.text
		if key.kind != '"' {
			name = v.Key.GetToken().Value
		}
		n.members = append(n.members, member{key: name, line: key.line, value: value})
	}
	return nil
}

// scalar fills in a value that holds no other.
func (n *node) scalar(from ast.Node) error {
	switch v := from.(type) {
	case *ast.StringNode:
		n.kind, n.text = '"', v.Value
	case *ast.LiteralNode:
		n.kind, n.text = '"', v.Value.Value
	case *ast.IntegerNode:
		n.kind, n.text = '0', fmt.Sprint(v.Value)
	case *ast.FloatNode:
		if math.IsInf(v.Value, 0) || math.IsNaN(v.Value) {
			return lineError(n.line, "", "JSON has no number %s", v)
		}
		n.kind, n.text = '0', strconv.FormatFloat(v.Value, 'g', -1, 64)
	case *ast.BoolNode:
		n.kind = strconv.FormatBool(v.Value)[0]
	case *ast.NullNode:
		n.kind = 'n'
	default:
		return lineError(n.line, "", "%s has no place in a plan", from.Type())
	}
	return nil
}
