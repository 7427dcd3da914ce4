package words

// Who wrote a turn, as analysers tell them apart.
const (
	User  = "user"
	Agent = "agent"
)

// Turn is one message of a Talk.
type Turn struct {
	Role string // User, Agent, or another for what no analyser reads
	Raw  string
	// Measured is room for what package course measures of the turn; empty is not yet.
	Measured []float32
	// Meaning is room for the vector of its words' meaning; empty is not yet.
	Meaning []float32
	Text
}

// Talk is a conversation, split once, that all analysers read. Its memory is used again by Reset and Add.
type Talk struct {
	Turns []Turn

	joined []byte
	said   Text
}

// Said is all that a role said as one text, a line each message; of it [MaxBytes] are read, as of any text.
// It belongs to the talk until the next call.
func (t *Talk) Said(role string) *Text {
	t.joined = t.joined[:0]
	for i := range t.Turns {
		if t.Turns[i].Role == role {
			t.joined = append(append(t.joined, t.Turns[i].Raw...), '\n')
		}
	}
	t.said.Read(string(t.joined))
	return &t.said
}

// Reset empties the talk.
func (t *Talk) Reset() { t.Turns = t.Turns[:0] }

// Add appends a message.
func (t *Talk) Add(role, text string) {
	if len(t.Turns) < cap(t.Turns) {
		t.Turns = t.Turns[:len(t.Turns)+1]
	} else {
		t.Turns = append(t.Turns, Turn{})
	}
	turn := &t.Turns[len(t.Turns)-1]
	turn.Role, turn.Raw, turn.Measured, turn.Meaning = role, text, turn.Measured[:0], turn.Meaning[:0]
	turn.Read(text)
}

// Before returns the last turn of a role before turn i, and its index; nil and -1 without one.
func (t *Talk) Before(i int, role string) (*Turn, int) {
	for i--; i >= 0; i-- {
		if t.Turns[i].Role == role {
			return &t.Turns[i], i
		}
	}
	return nil, -1
}

// Overlap is how much of the words of a are also in b, 0..1: each word counts by how rare it is likely to
// be, which its length stands for. It compares at most 64 words of each.
func Overlap(a, b *Text) float64 {
	const most = 64
	var all, shared float64
	var before uint64
	other := b.Tokens[:min(len(b.Tokens), most)]
	for i, k := range a.Tokens[:min(len(a.Tokens), most)] {
		own := bit(k.Hash)
		if k.Kind == Mark || before&own != 0 && seen(a.Tokens[:i], k.Hash) {
			continue
		}
		before |= own
		w := float64(min(k.End-k.Start, 8))
		if k.Kind == Character {
			w = 3
		}
		w *= w
		all += w
		if b.bits&own != 0 && seen(other, k.Hash) {
			shared += w
		}
	}
	if all == 0 {
		return 0
	}
	return shared / all
}

func seen(tokens []Token, hash uint32) bool {
	for _, k := range tokens {
		if k.Hash == hash {
			return true
		}
	}
	return false
}

// After returns the next turn of a role after turn i, and its index; nil and -1 without one.
func (t *Talk) After(i int, role string) (*Turn, int) {
	for i++; i < len(t.Turns); i++ {
		if t.Turns[i].Role == role {
			return &t.Turns[i], i
		}
	}
	return nil, -1
}
