// Package task prints what analysers find in lines of labelled sets, in the format of the scorers of the
// evaluation data, so that anyone can check the table of docs/insights.md. There is one file a task. Labels
// that a line has are not read.
package task

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/debrief-dev/debrief/internal/enrich"
	"github.com/debrief-dev/debrief/internal/event"
)

// Task is one kind of question about lines of JSON.
type Task struct {
	Name    string
	Summary string // one line, lower case
	Reads   string // an example line of input
	Writes  string // an example line of output
	// Run reads all lines and writes what was found, in their order. Tasks that look at one line at a time
	// hold one in memory; the others say so in their summary.
	Run func(in *Reader, out *Writer) error
}

// All is the list of tasks.
func All() []Task {
	return []Task{
		satisfactionTask(),
		sentimentTask(),
		emotionTask(),
		injectionTask(),
		breakdownTask(),
		ratingTask(),
		failedTask(),
		goalTask(),
		languageTask(),
		refusalTask(),
		topicsTask(0),
		rephraseTask(),
		piiTask(),
	}
}

// Find returns the task of a name.
func Find(name string) (Task, bool) {
	for _, t := range All() {
		if t.Name == name {
			return t, true
		}
	}
	return topicsOf(name)
}

// Names lists the tasks for people: "a, b, c".
func Names() string {
	var names []string
	for _, t := range All() {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// maxLine bounds one line of input, in bytes.
const maxLine = 16 << 20

// LineError is a line that cannot be read.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error names the line.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// Reader reads lines of JSON and counts them. Empty lines are passed over.
type Reader struct {
	in   *bufio.Scanner
	line int
}

// NewReader returns a reader of lines.
func NewReader(in io.Reader) *Reader {
	s := bufio.NewScanner(in)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	return &Reader{in: s}
}

// checker is a line that can say what it lacks.
type checker interface{ check() error }

// Next decodes the next line into v, which should be a pointer to a zero struct. It returns io.EOF after the
// last, and a *[LineError] if a line is no such object.
func (r *Reader) Next(v any) error {
	for r.in.Scan() {
		r.line++
		text := r.in.Bytes()
		if len(strings.TrimSpace(string(text))) == 0 {
			continue
		}
		if err := json.Unmarshal(text, v); err != nil {
			return &LineError{r.line, explain(err)}
		}
		if c, ok := v.(checker); ok {
			if err := c.check(); err != nil {
				return &LineError{r.line, err}
			}
		}
		return nil
	}
	if err := r.in.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d MB", maxLine>>20)
		}
		return &LineError{r.line + 1, err}
	}
	return io.EOF
}

// explain says what is wrong in the words of the person who wrote the line, not of the decoder.
func explain(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return errors.New("not a JSON object")
	}
	if wrong.Field == "" {
		return fmt.Errorf("not a JSON object but a %s", wrong.Value)
	}
	return fmt.Errorf("%q cannot be a %s", wrong.Field, wrong.Value)
}

// lines calls each with every line that is left, decoded into a new V.
func lines[V any](in *Reader, each func(line *V) error) error {
	for {
		line := new(V)
		if err := in.Next(line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := each(line); err != nil {
			return err
		}
	}
}

// Line counts the lines read.
func (r *Reader) Line() int { return r.line }

// Writer writes lines of JSON.
type Writer struct {
	out *bufio.Writer
	enc *json.Encoder
}

// NewWriter returns a writer of lines. Flush ends it.
func NewWriter(out io.Writer) *Writer {
	b := bufio.NewWriter(out)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return &Writer{b, enc}
}

// Put writes v as a line.
func (w *Writer) Put(v any) error { return w.enc.Encode(v) }

// Flush writes what is held back.
func (w *Writer) Flush() error { return w.out.Flush() }

// Conversation is a line that has turns.
type Conversation struct {
	ID    string `json:"id"`
	Turns []struct {
		Role string `json:"role"`
		Text string `json:"text"`
	} `json:"turns"`
}

func (c *Conversation) check() error {
	if c.ID == "" {
		return errors.New(`has no "id"`)
	}
	if c.Turns == nil {
		return errors.New(`has no "turns": a list of {"role": "user" or "agent", "text": "…"}`)
	}
	for i, t := range c.Turns {
		if t.Role != event.RoleUser && t.Role != event.RoleAgent {
			return fmt.Errorf(`turn %d: role %q is neither "user" nor "agent"`, i, t.Role)
		}
	}
	return nil
}

// turns are those of the line as analysers take them.
func (c *Conversation) turns() []enrich.Turn {
	turns := make([]enrich.Turn, len(c.Turns))
	for i, t := range c.Turns {
		turns[i] = enrich.Turn{Role: t.Role, Text: t.Text}
	}
	return turns
}

// Message is a line that has one text.
type Message struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

func (m *Message) check() error {
	if m.ID == "" {
		return errors.New(`has no "id"`)
	}
	return nil
}

// conversations is the body of a task that looks at one conversation at a time.
func conversations(each func(c *Conversation, found *enrich.Conversation, out *Writer) error) func(*Reader, *Writer) error {
	return func(in *Reader, out *Writer) error {
		a := enrich.New()
		return lines(in, func(c *Conversation) error {
			found := a.Analyse(c.turns())
			return each(c, &found, out)
		})
	}
}
