package tasklist

import (
	"maps"
	"strconv"
	"time"
)

// Choices are what the office says of a list besides the sheet itself.
type Choices struct {
	Sheet    string         `json:"sheet,omitempty"`    // which sheet of the workbook; "": the first one with a list
	Columns  map[int]Field  `json:"columns,omitempty"`  // mapped by hand
	Answers  map[int]Answer `json:"answers,omitempty"`  // by row
	Withdraw []string       `json:"withdraw,omitempty"` // measures of the list's year that are withdrawn, by code
}

// Settling is what the office settles of a list at one time. What is nil stays.
type Settling struct {
	Sheet    *string         // other rows: columns and answers of the sheet before are void
	Columns  map[int]Field   // all that are mapped by hand
	Answers  map[int]*Answer // of these rows; nil takes an answer back
	Withdraw *[]string       // all that are withdrawn
}

// With returns the choices as they stand after something more has been settled. The choices themselves stay as they are.
func (c Choices) With(s Settling) Choices {
	if s.Sheet != nil && *s.Sheet != c.Sheet {
		c = Choices{Sheet: *s.Sheet, Withdraw: c.Withdraw}
	}
	if s.Columns != nil {
		c.Columns = s.Columns
	}
	if s.Withdraw != nil {
		c.Withdraw = *s.Withdraw
	}
	if len(s.Answers) == 0 {
		return c
	}
	c.Answers = maps.Clone(c.Answers)
	if c.Answers == nil {
		c.Answers = map[int]Answer{}
	}
	for row, a := range s.Answers {
		if a == nil {
			delete(c.Answers, row)
		} else {
			c.Answers[row] = *a
		}
	}
	return c
}

// ImportStatus is where an import stands.
type ImportStatus string

// The states of an import.
const (
	Received ImportStatus = "received" // read and shown; nothing of the plan has changed
	Applied  ImportStatus = "applied"
)

// Import is one list that was brought, by its file. The same file for the same year is one import.
type Import struct {
	ID     string
	Plan   string
	Year   int
	Name   string // of the file
	Digest string // SHA-256 of the file, hexadecimal
	Size   int64
	By     string // name
	Login  string
	At     time.Time

	Status                               ImportStatus
	Choices                              Choices   // as applied
	Settled                              Choices   // so far, for whoever goes on with it
	Reason                               string    // of the change
	Applied                              time.Time // the last time
	AppliedBy                            string
	Version                              int // of the definition that holds since
	Created, Updated, Unchanged, Skipped int // rows
}

// ImportID names an import: what is brought again is found again.
func ImportID(year int, digest string) string {
	return strconv.Itoa(year) + "-" + digest[:min(len(digest), 16)]
}
