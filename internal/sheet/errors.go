package sheet

// Code is the stable code of a refusal, for programs.
type Code string

// The codes.
const (
	// CodeEmpty: there is nothing in the file, or nothing that is shown.
	CodeEmpty Code = "sheet_empty"
	// CodeNotSheet: no table at all, or one of a kind that is not read.
	CodeNotSheet Code = "sheet_not_a_table"
	// CodeOldFormat: a spreadsheet of another format, which has to be saved as XLSX.
	CodeOldFormat Code = "sheet_old_format"
	// CodeEncrypted: it has a password.
	CodeEncrypted Code = "sheet_encrypted"
	// CodeMacros: it holds a program.
	CodeMacros Code = "sheet_macros"
	// CodeLinks: it takes values from other files, programs or the network.
	CodeLinks Code = "sheet_links"
	// CodeUncalculated: a formula has no result to be read.
	CodeUncalculated Code = "sheet_uncalculated"
	// CodeTooLarge: it is, or expands to, more than is read.
	CodeTooLarge Code = "sheet_too_large"
	// CodeDamaged: it is not what its format prescribes.
	CodeDamaged Code = "sheet_damaged"
	// CodeEncoding: a text in no encoding that is known.
	CodeEncoding Code = "sheet_encoding"
	// CodeNoSuchSheet: the workbook has no sheet of that name.
	CodeNoSuchSheet Code = "sheet_unknown"
)

// Error is why a file is refused. Message is Chinese and tells the person what to do.
type Error struct {
	Code    Code
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

func refuse(c Code, message string) error { return &Error{c, message} }

func damaged() error { return refuse(CodeDamaged, textDamaged) }
