package account

import "time"

// Action is what the administrators' log tells of.
type Action string

// The actions.
const (
	Entered          Action = "login"
	EnterFailed      Action = "login_failed"
	AccountLocked    Action = "account_locked"
	Left             Action = "logout"
	AccountCreated   Action = "account_created"
	AccountChanged   Action = "account_changed"
	AccountDisabled  Action = "account_disabled"
	AccountEnabled   Action = "account_enabled"
	AccountUnlocked  Action = "account_unlocked"
	AccountInvited   Action = "account_invited"
	PasswordSet      Action = "password_set"
	PasswordChanged  Action = "password_changed"
	SessionsEnded    Action = "sessions_ended"
	TokenIssued      Action = "token_issued"
	TokenRevoked     Action = "token_revoked"
	FeedIssued       Action = "feed_issued"
	FeedRevoked      Action = "feed_revoked"
	PlanSeeded       Action = "plan_seeded"
	WorkflowsChanged Action = "workflows_changed" // in the Temporal UI
	DossierExported  Action = "dossier_exported"
	TrainingSteered  Action = "training_steered"
	ChannelTested    Action = "channel_tested"
	FaultRepaired    Action = "fault_repaired"
)

// Chinese returns the name that people read.
func (a Action) Chinese() string { return actionNames[a] }

// Operator (本机操作员) stands in the log for who works at the machine itself, at its command line. No account has this login.
const Operator = "operator"

// Entry is one line of the administrators' log, which only grows. Instants are real time, UTC.
type Entry struct {
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	By     string    `json:"by"` // login; Operator; "": nobody who is known
	Action Action    `json:"action"`
	Target string    `json:"target,omitempty"` // the account, token, plan or obligation
	Detail string    `json:"detail,omitempty"`
	Remote string    `json:"remote,omitempty"` // where the request came from
	Hash   string    `json:"-"`                // of this line and, through the one before, of all before it
}
