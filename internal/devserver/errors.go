package devserver

// Code names a reason why the engine cannot be opened. Codes are stable: callers compare with
// errors.Is against the Err variables, never on the message.
type Code string

// Error is what this package returns when the operator can do something about it. Message is Chinese,
// meant for that person, and says what to do; the cause is reached through errors.Unwrap.
type Error struct {
	Code    Code
	Message string
	Err     error
}

// The conditions callers may tell apart with errors.Is.
var (
	// ErrOptions: the options contradict themselves (no data folder, unknown pragma, too many search
	// attributes of one type, …).
	ErrOptions = &Error{Code: "engine_options"}
	// ErrNotLoopback: a listening address other than loopback was asked for. The engine has no login of its
	// own, so it is never offered to the network.
	ErrNotLoopback = &Error{Code: "engine_not_loopback"}
	// ErrPortInUse: somebody else listens on the address.
	ErrPortInUse = &Error{Code: "engine_port_in_use"}
	// ErrLocked: another process has the data folder open.
	ErrLocked = &Error{Code: "engine_locked"}
	// ErrVersion: the data were written by a server this build does not know, or their record is missing or
	// unreadable. Nothing has been changed.
	ErrVersion = &Error{Code: "engine_version"}
	// ErrData: the files of the data folder do not belong together or cannot be read or written.
	ErrData = &Error{Code: "engine_data"}
	// ErrStart: the server did not come up.
	ErrStart = &Error{Code: "engine_start"}
)

// Error gives the message for the operator, then the cause.
func (e *Error) Error() string {
	text := e.Message
	if text == "" {
		text = string(e.Code)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is compares by code, so that errors.Is(err, ErrVersion) holds whatever the message says.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

func fail(kind *Error, message string, cause error) error {
	return &Error{Code: kind.Code, Message: message, Err: cause}
}
