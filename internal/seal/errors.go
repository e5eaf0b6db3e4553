package seal

// Code names a reason why something cannot be sealed or opened. Callers compare with errors.Is against the Err variables.
type Code string

// Error is what this package returns. Message is Chinese, meant for the operator, and says what to do.
type Error struct {
	Code    Code
	Message string
	Err     error
}

// The conditions callers may tell apart with errors.Is.
var (
	// ErrNoFile: there is no key file where one must be.
	ErrNoFile = &Error{Code: "keys_missing"}
	// ErrMode: other accounts may read the key file.
	ErrMode = &Error{Code: "keys_mode"}
	// ErrBroken: the key file cannot be read, or is not one.
	ErrBroken = &Error{Code: "keys_broken"}
	// ErrWrite: the key file cannot be written.
	ErrWrite = &Error{Code: "keys_write"}
	// ErrUnknownKey: the ring has not the key that is named.
	ErrUnknownKey = &Error{Code: "key_unknown"}
	// ErrCipher: there is no such cipher.
	ErrCipher = &Error{Code: "key_cipher"}
	// ErrTampered: a payload is not as it was sealed.
	ErrTampered = &Error{Code: "payload_tampered"}
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

// Is compares by code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

func fail(kind *Error, message string, cause error) error {
	return &Error{Code: kind.Code, Message: message, Err: cause}
}
