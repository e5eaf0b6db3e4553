package account

// Code is the stable code of a refusal, for programs.
type Code string

// The codes.
const (
	CodeUnauthenticated Code = "not_logged_in"
	CodeForbidden       Code = "not_allowed"
	CodeForeign         Code = "other_unit"
	CodeScope           Code = "scope_missing"
	CodeWrongPassword   Code = "wrong_password"
	CodeLocked          Code = "account_locked"
	CodeInvitation      Code = "invitation_invalid"
	CodeToken           Code = "token_invalid"
	CodeTooMany         Code = "too_many_requests"
	CodeNotFound        Code = "account_not_found"
	CodeTaken           Code = "login_taken"
	CodeLogin           Code = "login_invalid"
	CodeName            Code = "name_of_account_invalid"
	CodeRole            Code = "role_invalid"
	CodeUnit            Code = "unit_of_account_invalid"
	CodeLastAdmin       Code = "last_admin"
	CodePasswordLength  Code = "password_length"
	CodePasswordKinds   Code = "password_too_simple"
	CodePasswordWeak    Code = "password_guessable"
	CodePasswordSame    Code = "password_unchanged"
	CodeTokenLabel      Code = "token_label_invalid"
	CodeTokenScopes     Code = "token_scopes_invalid"
	CodeTokenExpiry     Code = "token_expiry_invalid"
	CodeOnlyPerson      Code = "session_required"
	CodeOIDC            Code = "oidc_failed"
	CodeNoOIDC          Code = "oidc_unavailable"
	CodeOIDCUnreachable Code = "oidc_unreachable"
	CodeNoAccount       Code = "account_not_opened"
	CodeOIDCOnly        Code = "oidc_required"
)

// Error is why something was refused. Its text is Chinese and tells the user what to do.
type Error struct {
	Code Code
}

// Error implements error.
func (e *Error) Error() string { return messages[e.Code] }

// Refuse returns the error of a code.
func Refuse(c Code) error { return &Error{c} }

// KnownCode reports whether the code is one of this package's.
func KnownCode(c Code) bool { return messages[c] != "" }
