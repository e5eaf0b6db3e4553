package obligation

// Unheard names what a person had recorded, until its workflow has answered that person. An Update lives in the engine's memory
// before it is carried out; one whose process is killed after the record has its events is lost, and nothing would tell the
// workflow of them before its next step.
type Unheard struct {
	Ledger  string // ID of an obligation, or of an assessment
	Command string // idempotency key
}
