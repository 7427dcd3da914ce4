package plan

// Call is one call to check.
type Call struct {
	// Type is the call type after repair, Event the name of track, page and screen calls. When Event is
	// empty it is read from JSON.
	Type, Event string
	// JSON is the whole call in Segment's shape: one object.
	JSON []byte
}

// Checker is a compiled plan. It never changes; many goroutines may use one.
type Checker struct{}

// Compile prepares a plan for checking. It fails on what [Plan.Lint] calls an error.
func Compile(p *Plan) (*Checker, error) { return &Checker{}, nil }

// Check returns every violation of a call, in the order of their fields; nil when it conforms.
func (c *Checker) Check(call Call) []Violation { return nil }

// RatingScale returns the scale that the plan gives to ratings of an event sent without one; "" for none.
func (c *Checker) RatingScale(typ, name string) string { return "" }
