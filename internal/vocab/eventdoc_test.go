package vocab

import (
	"strings"
	"testing"
)

func TestEventDocSaysWhatIsWrongWithIt(t *testing.T) {
	good := EventDoc{Name: "A", Kind: "message", Action: "sent", Fields: []string{"text, prompt → body (the text)", "role = user", "plan"}, Dimension: "answer", Weight: new(0.5)}
	if err := good.Check(); err != nil {
		t.Errorf("a sound entry: %v", err)
	}
	f := func(want string, change func(*EventDoc)) {
		t.Helper()
		d := good
		change(&d)
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", d, err, want)
		}
	}
	f("has no name", func(d *EventDoc) { d.Name = "" })
	f("no kind and action", func(d *EventDoc) { d.Action = "rated" })
	f("does not say why", func(d *EventDoc) { d.Kind, d.Action = "", "" })
	f("no dimension", func(d *EventDoc) { d.Dimension = "mood" })
	f("a signal has", func(d *EventDoc) { d.Weight = nil })
	f("a signal has", func(d *EventDoc) { d.Weights = "up +1" })
	f("a signal has", func(d *EventDoc) { d.Dimension = "" })
	f("not in -1..1", func(d *EventDoc) { d.Weight = new(1.5) })
	f(`"prose" is no column`, func(d *EventDoc) { d.Fields = []string{"text → prose"} })
	f(`"rule" is no column`, func(d *EventDoc) { d.Fields = []string{"rule = user"} })
}
