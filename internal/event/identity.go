package event

// Types of ids that rows carry and a person can be decided for.
const (
	IdentityUser      = "user"
	IdentityAnonymous = "anonymous"
)

// Identity says whose an id is where rows alone do not say it, or say it wrongly: ids were merged, a merge
// was undone, an id is none ("null", "test"). It is a fact beside the rows, decided by package identity.
type Identity struct {
	Type string // IdentityUser or IdentityAnonymous
	ID   string
	// Person is the key of the person that the id belongs to: the user id or anonymous id that stands for
	// all ids of the person. Empty with Ignored false: there is no decision (any more).
	Person string
	// Ignored says that the id names nobody: rows are resolved as if they did not have it.
	Ignored bool
}
