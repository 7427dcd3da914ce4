package destination

import (
	"errors"
	"slices"
)

// Split sends messages together. If the place refuses them with one of the codes of a [Discarded], it sends
// them in halves, in their order, until those that are refused go alone: a body that is too large, or a
// batch that is refused whole for one bad message.
func Split(messages []Message, send func([]Message) Result, codes ...string) []Result {
	if len(messages) == 0 {
		return nil
	}
	r := send(messages)
	var discarded *Discarded
	if half := len(messages) / 2; half > 0 && errors.As(r.Err, &discarded) && slices.Contains(codes, discarded.Code) {
		results := Split(messages[:half], send, codes...)
		if last := results[half-1]; last.Again() {
			return append(results, All(len(messages)-half, last)...) // nobody is overtaken
		}
		return append(results, Split(messages[half:], send, codes...)...)
	}
	return All(len(messages), r)
}
