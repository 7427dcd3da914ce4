package plan

import "errors"

var errNotYet = errors.New("not there yet")

// Lint lists what is wrong or odd in a plan, in the order of the file.
func (p *Plan) Lint() []Problem { return nil }

// Diff lists how calls that conform to one plan fare under another.
func Diff(before, after *Plan) []Change { return nil }

// ImportSegment reads Segment's tracking plans: the Public API's, the older Config API's, typewriter's plan.json.
func ImportSegment(data []byte) (*Plan, []Problem, error) { return nil, nil, errNotYet }

// ExportSegment writes a plan in the shape of Segment's Public API.
func ExportSegment(p *Plan) ([]byte, error) { return nil, errNotYet }
